//! Taking out of JSON, and leaving the rest as it was written: the order of keys, numbers of any
//! length, spaces.

use std::ops::Range;

use hookwright_model::REDACTED;

use super::rule::Step;
use super::text::Active;

/// Deeper documents are taken for plain text.
const MAX_DEPTH: usize = 128;

/// What became of a document.
pub(super) enum Redacted {
    /// It is none.
    NotJson,
    /// Nothing was to be taken out.
    Unchanged,
    /// Something was.
    Changed(String),
}

/// Takes out of a document what the rules say; by their pointers only if this is the document they
/// are for. `depth` bounds documents within its texts.
pub(super) fn redact(text: &str, rules: &Active<'_>, by_pointer: bool, depth: u32) -> Redacted {
    let mut scanner = Scanner { text, at: 0, rules, depth, edits: Vec::new(), nesting: 0 };
    let pointers = if by_pointer { rules.pointers() } else { &[] };
    let open: Vec<&[Step]> = pointers.to_vec();
    if scanner.value(&open).is_none() || scanner.peek().is_some() {
        return Redacted::NotJson;
    }
    if scanner.edits.is_empty() {
        return Redacted::Unchanged;
    }
    let mut new = String::with_capacity(text.len());
    let mut from = 0;
    for (range, instead) in scanner.edits {
        new.push_str(&text[from..range.start]);
        new.push_str(&instead);
        from = range.end;
    }
    new.push_str(&text[from..]);
    Redacted::Changed(new)
}

/// Reads a document once from its start to its end. None means that it is not JSON.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    rules: &'a Active<'a>,
    depth: u32,
    /// What is written in place of what, in order.
    edits: Vec<(Range<usize>, String)>,
    nesting: usize,
}

impl Scanner<'_> {
    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let skipped = rest.iter().take_while(|byte| space(byte)).count();
        self.at += skipped;
        rest.get(skipped).copied()
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.at += 1)
    }

    /// A value, with what is left of the pointers that lead to it or through it.
    fn value(&mut self, open: &[&[Step]]) -> Option<()> {
        let first = self.peek()?;
        let start = self.at;
        if open.iter().any(|steps| steps.is_empty()) {
            let before = self.edits.len();
            self.any(first, &[])?;
            // What was found inside goes with it.
            self.edits.truncate(before);
            let quoted = format!("\"{REDACTED}\"");
            if self.text[start..self.at] != quoted {
                self.edits.push((start..self.at, quoted));
            }
            return Some(());
        }
        self.any(first, open)
    }

    fn any(&mut self, first: u8, open: &[&[Step]]) -> Option<()> {
        match first {
            b'{' => self.container(open, b'}', true),
            b'[' => self.container(open, b']', false),
            b'"' => self.string().map(drop),
            _ => self.scalar(),
        }
    }

    fn container(&mut self, open: &[&[Step]], end: u8, is_object: bool) -> Option<()> {
        self.nesting += 1;
        if self.nesting > MAX_DEPTH {
            return None;
        }
        self.at += 1;
        if self.peek()? == end {
            self.at += 1;
            self.nesting -= 1;
            return Some(());
        }
        for number in 0_usize.. {
            let name = if is_object {
                self.peek().filter(|byte| *byte == b'"')?;
                let name = self.string()?;
                self.take(b':')?;
                name
            } else if open.is_empty() {
                String::new()
            } else {
                number.to_string()
            };
            let further: Vec<&[Step]> = open
                .iter()
                .filter_map(|steps| match steps.split_first()? {
                    (Step::Any, further) => Some(further),
                    (Step::Named(wanted), further) => (*wanted == name).then_some(further),
                })
                .collect();
            self.value(&further)?;
            match self.peek()? {
                b',' => self.at += 1,
                byte if byte == end => {
                    self.at += 1;
                    self.nesting -= 1;
                    return Some(());
                }
                _ => return None,
            }
        }
        None
    }

    /// A text, or a name, as it is meant.
    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let mut escaped = false;
        let inside = self.text.as_bytes()[start + 1..].iter().position(|&byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        self.at = start + inside + 2;
        let text: String = serde_json::from_str(&self.text[start..self.at]).ok()?;
        if let Some(new) = self.rules.nested(&text, self.depth) {
            self.edits.push((start..self.at, serde_json::Value::from(new).to_string()));
        }
        Some(text)
    }

    /// A number, `true`, `false` or `null`.
    fn scalar(&mut self) -> Option<()> {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        self.at += rest.iter().take_while(part).count();
        let scalar = &self.text[start..self.at];
        serde_json::from_str::<serde_json::Value>(scalar).ok()?;
        let is_number = !matches!(scalar, "true" | "false" | "null");
        if is_number && self.rules.nested(scalar, 0).is_some() {
            self.edits.push((start..self.at, format!("\"{REDACTED}\"")));
        }
        Some(())
    }
}
