//! Tables, facts and JSON.

use std::io::{IsTerminal, Write as _};

use anyhow::Context as _;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;

use super::exit;
use super::paint::{self, Tone, inert, inert_json};

/// Marks within a table where colours begin and end. They take no place, so that the table is
/// laid out without them, and nothing that is shown contains them: see `inert`.
const BEGIN: [(char, Tone); 5] = [
    ('\u{2061}', Tone::Good),
    ('\u{2062}', Tone::Middling),
    ('\u{2063}', Tone::Bad),
    ('\u{2064}', Tone::Quiet),
    ('\u{206a}', Tone::Head),
];
const END: char = '\u{2060}';

/// Prints a table as wide as the terminal.
pub(super) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    print_lines(&render(head, rows, width(), paint::colours()));
}

/// Whoever reads the output, as `head` does, may have enough.
fn print_lines(lines: &str) {
    drop(std::io::stdout().lock().write_all(lines.as_bytes()));
}

/// None if it is not a terminal: then lines are as long as they are, for programs to read.
fn width() -> Option<u16> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    terminal_size::terminal_size_of(stdout).map(|(width, _)| width.0.max(40))
}

fn render(
    head: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    width: Option<u16>,
    colours: bool,
) -> String {
    let mark = |tone: Option<Tone>, text: String| match tone {
        Some(tone) if colours => {
            let begin = BEGIN.iter().find(|(_, known)| *known == tone).map(|(mark, _)| *mark);
            begin.map_or(text.clone(), |begin| format!("{begin}{text}{END}"))
        }
        _ => text,
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table.set_header(head.iter().map(|name| mark(Some(Tone::Head), name.to_uppercase())));
    table.add_rows(rows.into_iter().map(|row| {
        let cells = row.into_iter().enumerate().map(|(number, cell)| {
            let cell = inert(&cell).into_owned();
            let column = head.get(number).copied().unwrap_or_default();
            mark(Tone::of(column, &cell), cell)
        });
        cells.collect::<Vec<_>>()
    }));
    let mut text = String::new();
    for line in table.lines() {
        let mut shown = line.trim_end().to_owned();
        for (begin, tone) in BEGIN {
            shown = shown.replace(begin, &paint::begin(tone));
        }
        text.push_str(&shown.replace(END, &paint::end()));
        text.push('\n');
    }
    text
}

/// Prints what is known of one thing, a line for each that is known.
pub(super) fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, String)>) {
    let facts: Vec<_> = facts.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
    let widest = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let indent = format!("\n{:1$}", "", widest + 3);
    for (name, value) in facts {
        let value = inert(value.trim_end()).replace('\n', &indent);
        println!("  {name:<widest$} {value}");
    }
}

/// Prints JSON for programs.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    print_lines(&format!("{}\n", inert_json(&serde_json::to_string_pretty(value)?)));
    Ok(())
}

/// A value as people write it: texts as they are, what is not there as nothing.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            items.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        Value::Array(_) | Value::Object(_) => {
            serde_json::to_string_pretty(value).unwrap_or_default()
        }
        other => other.to_string(),
    }
}

/// A text in one line of at most so many characters.
pub(super) fn short(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= most && !text.trim_end().contains('\n') {
        return line.to_owned();
    }
    let kept: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Asks on the terminal whether to go on.
///
/// # Errors
/// When it is denied, or there is nobody to ask and `--yes` was not given.
pub(super) fn confirm(question: &str, yes: bool) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        let text = format!("{question} There is nobody to ask: give --yes if it is meant.");
        return Err(exit::usage(text));
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("cannot read the answer")?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(exit::usage("not confirmed; nothing was changed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        let text = "a reason that is rather long, with\u{1b}[2J and 日本語 in it".to_owned();
        vec![vec!["dlv_1".into(), "failed".into(), text], vec!["dlv_2".into(), "x".into()]]
    }

    #[test]
    fn tables_fit_the_terminal_and_are_whole_without_one() {
        let head = ["id", "state", "reason"];
        let whole = render(&head, rows(), None, false);
        assert_eq!(whole.lines().count(), 3, "{whole}");
        assert!(whole.contains("with\\u{1b}[2J and 日本語 in it"), "{whole}");
        let narrow = render(&head, rows(), Some(40), false);
        assert!(narrow.lines().count() > 3, "{narrow}");
        assert!(narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
    }

    #[test]
    fn colours_change_nothing_else() {
        let head = ["id", "state", "reason"];
        for width in [None, Some(60)] {
            let plain = render(&head, rows(), width, false);
            let coloured = render(&head, rows(), width, true);
            assert!(coloured.contains("\u{1b}[31mfailed\u{1b}[0m"), "{coloured:?}");
            let mut stripped = String::new();
            let mut rest = coloured.as_str();
            while let Some((before, after)) = rest.split_once('\u{1b}') {
                stripped += before;
                rest = after.split_once('m').unwrap().1;
            }
            stripped += rest;
            let lines = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
            assert_eq!(lines(&stripped), lines(&plain));
        }
    }
}
