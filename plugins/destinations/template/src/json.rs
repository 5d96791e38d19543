//! JSON: values stand inside strings, or outside as values of their own.

use hookwright_sdk::serde_json::{self, Value};
use hookwright_sdk::{Encoding, Part};
use serde::de::IgnoredAny;

use crate::fault::Fault;
use crate::piece::{Filled, Piece, Writer, without_secrets};
use crate::settings::Syntax;

/// Where the writing is.
#[derive(Default)]
struct Scan {
    in_string: bool,
    /// Characters of an escape that are still to come.
    escape: u8,
    /// Whether anything stands in the string already.
    string_has_content: bool,
    /// The tag in the string that is open or was closed last, while it can still be a name.
    tag: Option<String>,
    /// A quote that a typed value replaces.
    skip_quote: bool,
}

/// Writes the body.
pub(crate) fn write(pieces: &[Piece]) -> Result<Vec<Part>, Fault> {
    let mut out = Writer::default();
    let mut scan = Scan::default();
    for (number, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => scan.text(text, &mut out)?,
            Piece::Value(filled) => {
                let next = match pieces.get(number + 1) {
                    Some(Piece::Text(text)) => text.as_str(),
                    _ => "",
                };
                scan.value(filled, next, &mut out)?;
            }
            Piece::Secret(slot) => {
                scan.no_escape(slot)?;
                if !scan.in_string {
                    let message = format!("put quotes around the secret: \"{{secret:{slot}}}\"");
                    return Err(Fault::Settings(message));
                }
                scan.string_has_content = true;
                scan.tag = Some(format!("{{secret:{slot}}}"));
                out.secret(slot, Encoding::Json);
            }
        }
    }
    let parts = out.finish();
    let whole = without_secrets(&parts);
    match serde_json::from_str::<IgnoredAny>(&whole) {
        Ok(_) => Ok(parts),
        Err(error) => Err(Fault::Settings(format!("the body is not JSON: {error}"))),
    }
}

/// The inside of a JSON string.
pub(crate) fn escape(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}

impl Scan {
    /// Copies what the admin wrote.
    fn text(&mut self, text: &str, out: &mut Writer) -> Result<(), Fault> {
        for c in text.chars() {
            if std::mem::take(&mut self.skip_quote) {
                continue;
            }
            out.push(c);
            if self.in_string {
                match (self.escape, c) {
                    (0, '\\') => self.escape = 1,
                    (0, '"') => {
                        self.in_string = false;
                        continue;
                    }
                    (0, _) => {}
                    // `\u` and four digits.
                    (1, 'u') => self.escape = 4,
                    (left, _) => self.escape = left - 1,
                }
                self.string_has_content = true;
            } else {
                self.outside(c)?;
            }
        }
        Ok(())
    }

    fn outside(&mut self, c: char) -> Result<(), Fault> {
        match c {
            ' ' | '\t' | '\r' | '\n' => {}
            ':' => {
                if let Some(tag) = self.tag.take() {
                    return Err(Fault::Settings(format!(
                        "`{tag}` stands in the name of a field: a ticket could choose which field \
                         it is, or replace another; tags can only stand in values"
                    )));
                }
            }
            '"' => {
                self.in_string = true;
                self.string_has_content = false;
                self.tag = None;
            }
            _ => self.tag = None,
        }
        Ok(())
    }

    fn value(&mut self, filled: &Filled, next: &str, out: &mut Writer) -> Result<(), Fault> {
        self.no_escape(&filled.tag)?;
        if !self.in_string {
            self.tag = Some(filled.tag.clone());
            out.push_str(&outside(filled)?);
        } else if self.is_typed(filled, next) {
            out.pop();
            out.push_str(&filled.value.to_string());
            self.in_string = false;
            self.skip_quote = true;
        } else {
            self.tag = Some(filled.tag.clone());
            self.string_has_content = true;
            out.push_str(&escape(&filled.text()));
        }
        Ok(())
    }

    /// Zammad gives a placeholder that is a whole string the type of its value.
    fn is_typed(&self, filled: &Filled, next: &str) -> bool {
        let is_whole = !self.string_has_content && next.starts_with('"');
        let is_name = || next.get(1..).unwrap_or_default().trim_start().starts_with(':');
        filled.syntax == Syntax::Zammad && !filled.value.is_string() && is_whole && !is_name()
    }

    fn no_escape(&self, tag: &str) -> Result<(), Fault> {
        if self.escape == 0 {
            return Ok(());
        }
        Err(Fault::Settings(format!(
            "`{tag}` stands inside an escape; write `\\\\` for a backslash"
        )))
    }
}

/// A value outside of strings.
fn outside(filled: &Filled) -> Result<String, Fault> {
    let Value::String(text) = &filled.value else { return Ok(filled.value.to_string()) };
    // Jinja's values have types; tags of the others are text that is put in.
    if filled.syntax == Syntax::Jinja {
        return Ok(filled.value.to_string());
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Null | Value::Bool(_) | Value::Number(_)) => Ok(text.trim().to_owned()),
        _ => {
            let shown: String = text.chars().take(40).collect();
            Err(Fault::Event(format!(
                "`{tag}` stands in the JSON without quotes and is `{shown}`, which is neither a \
                 number nor true, false or null; write \"{tag}\"",
                tag = filled.tag
            )))
        }
    }
}
