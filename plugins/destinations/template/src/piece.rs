//! A template with its tags filled in, before anything is escaped.
//!
//! What the admin wrote and what the ticket holds stay apart until a writer that knows the place
//! puts them together. So text of a ticket is never read as a tag, a secret or markup.

use hookwright_sdk::serde_json::Value;
use hookwright_sdk::{Encoding, Part, secret, text};

use crate::SECRETS;
use crate::fault::{Fault, did_you_mean, line_and_column};
use crate::settings::Syntax;

/// A stretch of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// The admin's words.
    Text(String),
    /// What stands for a tag.
    Value(Filled),
    /// A slot.
    Secret(&'static str),
}

/// What stands for a tag.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filled {
    /// The tag as the admin wrote it, for messages.
    pub(crate) tag: String,
    pub(crate) value: Value,
    pub(crate) syntax: Syntax,
}

impl Filled {
    /// The value as text.
    pub(crate) fn text(&self) -> String {
        match (&self.value, self.syntax) {
            (Value::Null, _) => String::new(),
            (Value::String(text), _) => text.clone(),
            (Value::Array(_) | Value::Object(_), Syntax::Zammad) => inspect(&self.value),
            (Value::Array(items), Syntax::EddyDesk) => {
                let items = items.iter().map(|item| match item {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                items.collect::<Vec<_>>().join(", ")
            }
            (other, _) => other.to_string(),
        }
    }
}

/// A list or an object as Ruby writes it into a text.
fn inspect(value: &Value) -> String {
    match value {
        Value::Null => "nil".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(inspect).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let key = |key: &str| Value::from(key);
            let members = members.iter().map(|(name, value)| (key(name), inspect(value)));
            let members: Vec<_> =
                members.map(|(name, value)| format!("{name} => {value}")).collect();
            format!("{{{}}}", members.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

const OPEN: &str = "{secret:";

/// Finds the secrets in what the admin wrote, and joins texts that follow each other.
pub(crate) fn with_secrets(template: &str, pieces: Vec<Piece>) -> Result<Vec<Piece>, Fault> {
    let mut found = Vec::with_capacity(pieces.len());
    for piece in joined(pieces) {
        let Piece::Text(text) = piece else {
            found.push(piece);
            continue;
        };
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(OPEN) {
            let Some((name, after)) = after.split_once('}') else {
                return Err(at(template, OPEN, "`{secret:` has no `}`"));
            };
            let Some(slot) = SECRETS.iter().find(|slot| slot.name == name) else {
                return Err(at(template, &format!("{OPEN}{name}"), &unknown(name)));
            };
            if !before.is_empty() {
                found.push(Piece::Text(before.to_owned()));
            }
            found.push(Piece::Secret(slot.name));
            rest = after;
        }
        if !rest.is_empty() {
            found.push(Piece::Text(rest.to_owned()));
        }
    }
    Ok(found)
}

fn at(template: &str, what: &str, message: &str) -> Fault {
    match template.find(what) {
        Some(at) => Fault::settings(message).of(&line_and_column(template, at)),
        None => Fault::settings(message),
    }
}

fn unknown(name: &str) -> String {
    let known = || SECRETS.iter().map(|slot| slot.name);
    let known_names: Vec<_> = known().collect();
    match did_you_mean(name, known()) {
        Some(meant) => format!("there is no secret `{name}`; did you mean `{{secret:{meant}}}`?"),
        None => format!("there is no secret `{name}`; there are {}", known_names.join(", ")),
    }
}

fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, Piece::Text(text)) if text.is_empty() => {}
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

/// Parts of a request that are being written.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    parts: Vec<Part>,
    text: String,
}

impl Writer {
    pub(crate) fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) fn push(&mut self, c: char) {
        self.text.push(c);
    }

    /// Takes the last character back, if it is of a text.
    pub(crate) fn pop(&mut self) {
        self.text.pop();
    }

    pub(crate) fn secret(&mut self, slot: &str, encoding: Encoding) {
        self.flush();
        self.parts.push(secret(slot, encoding));
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(text(std::mem::take(&mut self.text)));
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Part> {
        self.flush();
        self.parts
    }
}

/// What is sent, with a letter for each secret: for checking that it is well-formed.
pub(crate) fn without_secrets(parts: &[Part]) -> String {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        _ => "x",
    });
    texts.collect()
}
