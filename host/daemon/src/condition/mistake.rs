//! What is wrong in a condition, and where.

use std::fmt;

/// From one character of a condition to before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The first character, counted from 0.
    pub start: u32,
    /// The first that is not part of it any more.
    pub end: u32,
}

impl Place {
    /// From the beginning of one to the end of the other.
    pub(super) fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// What is wrong at a place of a condition: when it is saved, or with an event. Shown with line,
/// column and the line itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    detail: String,
    line: usize,
    column: usize,
    /// The line, and carets below what is meant.
    excerpt: String,
}

/// Longer lines are cut around the mistake.
const WIDTH: usize = 72;

impl Mistake {
    pub(super) fn new(source: &str, at: Place, detail: impl Into<String>) -> Self {
        let start = usize::try_from(at.start).unwrap_or(usize::MAX);
        let before: Vec<char> = source.chars().take(start).collect();
        let line = before.iter().filter(|c| **c == '\n').count();
        let column = before.iter().rev().take_while(|c| **c != '\n').count();
        let text: Vec<char> =
            source.split('\n').nth(line).unwrap_or_default().trim_end().chars().collect();
        let length = usize::try_from(at.end.saturating_sub(at.start)).unwrap_or(1);
        let length = length.min(text.len().saturating_sub(column)).max(1);
        let first = if text.len() <= WIDTH { 0 } else { column.saturating_sub(WIDTH / 2) };
        // What would move the carets, or the terminal, is shown as a space.
        let shown = text.iter().skip(first).take(WIDTH);
        let shown: String = shown.map(|c| if c.is_control() { ' ' } else { *c }).collect();
        let carets = "^".repeat(length.min(WIDTH));
        let excerpt = format!("  {shown}\n  {}{carets}", " ".repeat(column - first));
        Self { detail: detail.into(), line: line + 1, column: column + 1, excerpt }
    }

    /// The line it is in, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The character of the line it begins with, counted from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// In one line, for logs and tables.
    #[must_use]
    pub fn one_line(&self) -> String {
        format!("line {}, column {}: {}", self.line, self.column, self.detail)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}\n{}", self.line, self.column, self.detail, self.excerpt)
    }
}

impl std::error::Error for Mistake {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_excerpt_points_at_the_mistake() {
        let source = "true &&\n  'ü' == event.ticket.prio";
        let at = Place { start: 30, end: 34 };
        let mistake = Mistake::new(source, at, "no");
        assert_eq!((mistake.line(), mistake.column()), (2, 23));
        let expected = "line 2, column 23: no\n    'ü' == event.ticket.prio\n";
        assert_eq!(mistake.to_string(), format!("{expected}  {}^^^^", " ".repeat(22)));
        // Beyond the end, and in a long line.
        assert_eq!(Mistake::new("a", Place { start: 9, end: 9 }, "no").column(), 2);
        let long = "x".repeat(1_000);
        let shown = Mistake::new(&long, Place { start: 900, end: 901 }, "no").to_string();
        assert!(shown.lines().all(|line| line.len() < 80), "{shown}");
        assert_eq!(shown.lines().last().map(str::len), Some(2 + 36 + 1));
    }
}
