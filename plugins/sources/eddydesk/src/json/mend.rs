//! Mending a document that is not JSON because values in it are not escaped.
//!
//! A document is mended if there is one reading of it, given that names and structure are the
//! template's and written correctly, and that no text contains the end of a string and another
//! member (`", "name":`):
//!
//! * Line breaks and other control characters in a string belong to the text.
//! * Quotes are judged by what follows them, see [`super::quote`].
//! * Backslashes that begin no escape belong to the text. What a proper escape means beside any
//!   of these marks, in the same string or in another, is not certain: values are put in as
//!   they are, so it is the template's or a text's own. The admin can say that it is the
//!   template's.
//! * A value that is missing where a tag stands without quotes is `null`.
//! * Quotes in a text mostly come in pairs. If several strings have quotes in them and one has
//!   an odd number, a text may contain the end of a string after all.

use std::fmt;

use hookwright_sdk::serde_json;
use serde::de::IgnoredAny;

use super::frame::{Frame, end_of_name, escape, pointer, skip_space};
use super::quote::{Quote, judge};

/// As deep as the parser reads.
const DEPTH: usize = 128;

/// What came of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// There is one reading, and this is it.
    Mended { text: String, damage: Vec<Damage> },
    /// There is a mark of an unescaped value here, and more than one reading or none.
    Ambiguous(String, String),
    /// There is no mark of an unescaped value: the document is wrong in another way.
    Undamaged,
}

/// What was wrong in one value.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    at: String,
    quotes: usize,
    controls: usize,
    backslashes: usize,
    missing: bool,
}

impl Damage {
    /// Whether it shows that texts are put in as they are.
    fn is_in_text(&self) -> bool {
        self.quotes + self.controls + self.backslashes > 0
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.at)?;
        if self.missing {
            return f.write_str(" no value, read as null");
        }
        let counts = [
            (self.quotes, "quotes"),
            (self.controls, "line breaks or other control characters"),
            (self.backslashes, "backslashes"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts.map(|(count, what)| format!("{what} ({count})")).collect();
        write!(f, " unescaped {}", counts.join(", "))
    }
}

/// Mends a document that is not JSON. `template_escapes` says that escapes are the template's
/// own, also in strings that are damaged.
pub(crate) fn mend(text: &str, template_escapes: bool) -> Outcome {
    let mut mender = Mender {
        text,
        bytes: text.as_bytes(),
        at: 0,
        out: String::with_capacity(text.len() + text.len() / 8),
        open: Vec::new(),
        damage: Vec::new(),
        escape: None,
        escaped_end: None,
    };
    match mender.document() {
        Ok(()) => mender.outcome(template_escapes),
        Err(Stop::Ambiguous(why)) => Outcome::Ambiguous(pointer(&mender.open), why.to_owned()),
        Err(Stop::NotJson) => match mender.damage.pop() {
            Some(damage) => Outcome::Ambiguous(damage.at, NO_END.to_owned()),
            None => Outcome::Undamaged,
        },
    }
}

const NO_END: &str = "it cannot be told where this text ends";
const COLON: &str = "a quote in this text is followed by a colon and a value, as a name in JSON is";
const BARE: &str = "a value that is no number stands without quotes; write quotes around the tag";
const ESCAPE: &str = "there are characters that are not escaped, so the backslash in this text can \
                      be its own or the template's; if it is the template's, set `template_escapes`";
const ODD: &str = "quotes are in several texts, and here their number is odd, so a text may contain \
                   what looks like the end of one";

/// Why mending ends.
enum Stop {
    Ambiguous(&'static str),
    NotJson,
}

/// What may stand next.
#[derive(Clone, Copy)]
enum Next {
    Value,
    /// The first name of an object, or its end.
    NameOrEnd,
    Name,
    /// The first value of a list, or its end.
    ValueOrEnd,
    CommaOrEnd,
}

struct Mender<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    out: String,
    open: Vec<Frame<'a>>,
    damage: Vec<Damage>,
    /// The first text with an escape in it.
    escape: Option<String>,
    /// The first text with an escaped quote that would end it if it were not escaped.
    escaped_end: Option<String>,
}

impl<'a> Mender<'a> {
    fn document(&mut self) -> Result<(), Stop> {
        let mut next = Next::Value;
        loop {
            self.copy_to(skip_space(self.bytes, self.at));
            let Some(&byte) = self.bytes.get(self.at) else {
                let is_whole = self.open.is_empty() && matches!(next, Next::CommaOrEnd);
                return if is_whole { Ok(()) } else { Err(Stop::NotJson) };
            };
            next = match (next, byte, self.open.last()) {
                (Next::Value | Next::ValueOrEnd, b'{', _) => {
                    self.enter(Frame::Object { name: "" })?;
                    Next::NameOrEnd
                }
                (Next::Value | Next::ValueOrEnd, b'[', _) => {
                    self.enter(Frame::List { item: 0 })?;
                    Next::ValueOrEnd
                }
                (Next::NameOrEnd | Next::CommaOrEnd, b'}', Some(Frame::Object { .. }))
                | (Next::ValueOrEnd | Next::CommaOrEnd, b']', Some(Frame::List { .. })) => {
                    self.open.pop();
                    self.copy_to(self.at + 1);
                    Next::CommaOrEnd
                }
                (Next::CommaOrEnd, b',', Some(frame)) => {
                    let next = match *frame {
                        Frame::Object { .. } => Next::Name,
                        Frame::List { item } => {
                            self.open.pop();
                            self.open.push(Frame::List { item: item + 1 });
                            Next::Value
                        }
                    };
                    self.copy_to(self.at + 1);
                    next
                }
                (Next::NameOrEnd | Next::Name, b'"', Some(_)) => {
                    self.name()?;
                    Next::Value
                }
                (Next::Value, b',' | b'}', Some(Frame::Object { .. })) => {
                    self.out.push_str("null");
                    let at = pointer(&self.open);
                    self.damage.push(Damage { at, missing: true, ..Damage::default() });
                    Next::CommaOrEnd
                }
                (Next::Value | Next::ValueOrEnd, b'"', Some(_)) => {
                    self.string()?;
                    Next::CommaOrEnd
                }
                (Next::Value | Next::ValueOrEnd, _, Some(_)) => {
                    self.bare()?;
                    Next::CommaOrEnd
                }
                _ => return Err(Stop::NotJson),
            };
        }
    }

    fn outcome(self, template_escapes: bool) -> Outcome {
        let text_damage = || self.damage.iter().filter(|damage| damage.is_in_text());
        if text_damage().next().is_some() {
            let has_backslashes = text_damage().any(|damage| damage.backslashes > 0);
            let escape =
                if template_escapes && !has_backslashes { self.escaped_end } else { self.escape };
            if let Some(at) = escape {
                return Outcome::Ambiguous(at, ESCAPE.to_owned());
            }
        }
        let quoted = || self.damage.iter().filter(|damage| damage.quotes > 0);
        let odd = quoted().find(|damage| damage.quotes % 2 == 1);
        match odd {
            Some(odd) if quoted().count() > 1 => Outcome::Ambiguous(odd.at.clone(), ODD.to_owned()),
            _ if self.damage.is_empty() => Outcome::Undamaged,
            _ => Outcome::Mended { text: self.out, damage: self.damage },
        }
    }

    /// Copies what needs no mending.
    fn copy_to(&mut self, end: usize) {
        self.out.push_str(self.text.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    fn enter(&mut self, frame: Frame<'a>) -> Result<(), Stop> {
        if self.open.len() >= DEPTH {
            return Err(Stop::NotJson);
        }
        self.open.push(frame);
        self.copy_to(self.at + 1);
        Ok(())
    }

    /// A name and the colon after it.
    fn name(&mut self) -> Result<(), Stop> {
        let start = self.at + 1;
        let end = end_of_name(self.bytes, start).ok_or(Stop::NotJson)?;
        let name = self.text.get(start..end).unwrap_or_default();
        self.open.pop();
        self.open.push(Frame::Object { name });
        let colon = skip_space(self.bytes, end + 1);
        if self.bytes.get(colon) != Some(&b':') {
            return Err(Stop::NotJson);
        }
        self.copy_to(colon + 1);
        Ok(())
    }

    /// A value without quotes.
    fn bare(&mut self) -> Result<(), Stop> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find([',', '}', ']', '\n']).unwrap_or(rest.len());
        let token = rest.get(..end).unwrap_or_default();
        if token.trim().is_empty() {
            return Err(Stop::NotJson);
        }
        if serde_json::from_str::<IgnoredAny>(token).is_err() {
            return Err(Stop::Ambiguous(BARE));
        }
        self.copy_to(self.at + end);
        Ok(())
    }

    /// A string value, in which anything may stand.
    fn string(&mut self) -> Result<(), Stop> {
        let mut damage = Damage::default();
        self.copy_to(self.at + 1);
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let plain = rest.iter().take_while(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\'));
            self.copy_to(self.at + plain.count());
            match self.bytes.get(self.at) {
                Some(b'"') => match judge(self.bytes, self.at, &self.open) {
                    Quote::End => break,
                    Quote::Inside => {
                        damage.quotes += 1;
                        self.keep();
                    }
                    Quote::Unclear => return Err(Stop::Ambiguous(COLON)),
                },
                Some(b'\\') => match escape(self.bytes, self.at) {
                    Some(length) => self.escape(length),
                    None => {
                        damage.backslashes += 1;
                        self.keep();
                    }
                },
                Some(control) => {
                    damage.controls += 1;
                    self.out.push_str(&format!("\\u{control:04x}"));
                    self.at += 1;
                }
                // Cut off, or the quote that ends it stands after a backslash of the text.
                None if damage.is_in_text() || self.escaped_end.is_some() => {
                    return Err(Stop::Ambiguous(NO_END));
                }
                None => return Err(Stop::NotJson),
            }
        }
        self.copy_to(self.at + 1);
        if damage.is_in_text() {
            damage.at = pointer(&self.open);
            self.damage.push(damage);
        }
        Ok(())
    }

    /// A quote or a backslash that belongs to the text.
    fn keep(&mut self) {
        self.out.push('\\');
        self.copy_to(self.at + 1);
    }

    /// An escape of this length.
    fn escape(&mut self, length: usize) {
        let quote = self.at + 1;
        let is_quote = self.bytes.get(quote) == Some(&b'"');
        if is_quote && judge(self.bytes, quote, &self.open) == Quote::End {
            self.escaped_end.get_or_insert_with(|| pointer(&self.open));
        }
        self.escape.get_or_insert_with(|| pointer(&self.open));
        self.copy_to(self.at + length);
    }
}
