//! What changes, for people to read before it does.

use hookwright_model::FieldChange;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::super::output;
use super::super::paint::{Tone, inert, paint};
use crate::setup::{Action, Change};

/// What is longer is shown line by line.
const ONE_LINE: usize = 100;
/// Unchanged lines shown around changed ones.
const CONTEXT: usize = 2;

/// Prints what is not unchanged. What `more` says of something new or something that goes is
/// added to it.
pub(in crate::cli) fn show(changes: &[Change], more: &dyn Fn(&Change) -> Option<String>) {
    for change in changes.iter().filter(|change| change.action != Action::Unchanged) {
        print!("{}", one(change, more(change).as_deref()));
    }
}

/// How many of each, in a line.
pub(in crate::cli) fn summary(changes: &[Change]) -> String {
    let count = |action| changes.iter().filter(|change| change.action == action).count();
    let counts = [
        (count(Action::Create), "to create"),
        (count(Action::Update), "to update"),
        (count(Action::Remove), "to remove"),
        (count(Action::Unchanged), "unchanged"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

fn one(change: &Change, more: Option<&str>) -> String {
    let (sign, tone) = match change.action {
        Action::Create => ("+", Tone::Good),
        Action::Update => ("~", Tone::Middling),
        Action::Remove => ("-", Tone::Bad),
        Action::Unchanged => (" ", Tone::Quiet),
    };
    let Change { kind, name, action, fields } = change;
    let head = if kind == name { kind.clone() } else { format!("{kind} {name}") };
    let mut text = format!("{}\n", paint(tone, &format!("{sign} {action} {}", inert(&head))));
    for field in fields {
        text.push_str(&one_field(field));
    }
    if kind == "secret" && *action == Action::Update {
        text.push_str("    its value changes\n");
    }
    for line in more.unwrap_or_default().lines() {
        let line = inert(line);
        let line = if *action == Action::Create && !line.is_empty() {
            format!("    {}", paint(Tone::Good, &format!("+ {line}")))
        } else {
            format!("    {line}")
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn one_field(field: &FieldChange) -> String {
    let FieldChange { pointer, from, to } = field;
    let (before, after) = (compact(pointer, from), compact(pointer, to));
    let is_short = before.chars().count() + after.chars().count() <= ONE_LINE;
    if is_short && !is_long_text(from) && !is_long_text(to) {
        let (before, after) = (paint(Tone::Bad, &before), paint(Tone::Good, &after));
        return format!("    {}: {before} → {after}\n", inert(pointer));
    }
    let mut text = format!("    {}:\n", inert(pointer));
    let (before, after) = (lines(from), lines(to));
    let diff = TextDiff::from_lines(&before, &after);
    for (number, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if number > 0 {
            text.push_str("        …\n");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, tone) = match change.tag() {
                ChangeTag::Delete => ("-", Some(Tone::Bad)),
                ChangeTag::Insert => ("+", Some(Tone::Good)),
                ChangeTag::Equal => (" ", None),
            };
            let line = inert(change.value().trim_end_matches('\n')).into_owned();
            let line = format!("{sign} {line}");
            let line = tone.map_or(line.clone(), |tone| paint(tone, &line).into_owned());
            text.push_str(format!("      {line}").trim_end());
            text.push('\n');
        }
    }
    text
}

fn is_long_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('\n'))
}

/// In one line. Digests of plugins are known by their start.
fn compact(pointer: &str, value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if pointer == "/digest" && text.len() == 64 => text[..12].to_owned(),
        other => inert(&other.to_string()).into_owned(),
    }
}

/// In lines, a value or a line of text on each.
fn lines(value: &Value) -> String {
    let mut text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    text.push('\n');
    text
}

/// The same as [`show`] for what one command changed.
pub(in crate::cli) fn report(changes: &[Change], dry_run: bool) {
    let meant: Vec<_> =
        changes.iter().filter(|change| change.action != Action::Unchanged).cloned().collect();
    show(&meant, &|_| None);
    match (meant.is_empty(), dry_run) {
        (true, _) => println!("Nothing to change."),
        (false, true) => println!("Nothing was changed (--dry-run)."),
        (false, false) => {}
    }
}

/// A list of names for a sentence, not too long.
pub(in crate::cli) fn named(names: &[String]) -> String {
    output::short(&names.join(", "), 200)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(pointer: &str, from: Value, to: Value) -> String {
        one_field(&FieldChange { pointer: pointer.into(), from, to })
    }

    #[test]
    fn short_values_stand_in_a_line_and_long_ones_below_each_other() {
        let short = field("/settings/url", json!("http://a"), json!("http://b\u{1b}"));
        assert_eq!(short, "    /settings/url: \"http://a\" → \"http://b\\u001b\"\n");
        assert_eq!(field("/tls", json!(null), json!(true)), "    /tls: nothing → true\n");
        let digests = field("/digest", json!("a".repeat(64)), json!("b".repeat(64)));
        assert_eq!(digests, format!("    /digest: {} → {}\n", "a".repeat(12), "b".repeat(12)));

        let before: Vec<_> = (1..=20).map(|number| format!("line {number}")).collect();
        let mut after = before.clone();
        after[9] = "line ten\u{202e}".to_owned();
        let text = field("/settings/text", json!(before.join("\n")), json!(after.join("\n")));
        assert_eq!(
            text,
            "    /settings/text:\n        line 8\n        line 9\n      - line 10\n      + line \
             ten\\u{202e}\n        line 11\n        line 12\n"
        );
    }

    #[test]
    fn secrets_say_only_that_they_change() {
        let change = |action| Change {
            kind: "secret".into(),
            name: "bot".into(),
            action,
            fields: Vec::new(),
        };
        assert_eq!(
            one(&change(Action::Update), None),
            "~ update secret bot\n    its value changes\n"
        );
        assert_eq!(one(&change(Action::Create), None), "+ create secret bot\n");
    }
}
