//! The results as tables: for people at the terminal, and in `docs/benchmarks.md`.

use std::fmt::Write as _;

use comfy_table::{Table, presets};

use super::figure::{Figure, HEAD};
use super::{machine, plot};

/// Between these lines the page is written by `cargo xtask bench --write`.
const START: &str = "<!-- figures, written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of the figures -->";

/// A table for people.
#[must_use]
pub fn table(figures: &[Figure]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(HEAD.map(str::to_uppercase));
    table.add_rows(figures.iter().map(Figure::cells));
    table.to_string()
}

/// Writes the page and its picture.
///
/// # Panics
/// When the page is not as it was, or cannot be written.
pub fn write(figures: &[Figure]) {
    let docs = crate::root().join("docs");
    let page = docs.join("benchmarks.md");
    let text = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, with(&text, &section(&machine::facts(), figures))).unwrap();
    std::fs::write(docs.join("benchmarks.svg"), plot::draw(figures)).unwrap();
}

/// The page with these figures in place of its own.
#[must_use]
pub fn with(page: &str, figures: &str) -> String {
    let parts = page.split_once(START).zip(page.split_once(END));
    let ((before, _), (_, after)) = parts.expect("docs/benchmarks.md has no place for figures");
    format!("{before}{START}\n\n{figures}\n{END}{after}")
}

/// What was measured on, the picture, and the table.
#[must_use]
pub fn section(facts: &[(&str, String)], figures: &[Figure]) -> String {
    let mut text = String::new();
    for (name, fact) in facts {
        let _ = writeln!(text, "- {name}: {fact}");
    }
    let _ = writeln!(text, "\n![Results of the benchmarks](benchmarks.svg)\n");
    let row = |cells: [String; 7]| format!("| {} |\n", cells.join(" | "));
    text.push_str(&row(HEAD.map(str::to_owned)));
    text.push_str(&row(HEAD.map(|_| "---".to_owned())));
    for figure in figures {
        text.push_str(&row(figure.cells().map(|cell| cell.replace('|', "\\|"))));
    }
    text
}
