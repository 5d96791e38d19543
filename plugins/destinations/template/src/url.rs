//! The URL: values stand in segments of the path and in values of the query.

use hookwright_sdk::{Encoding, Part};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::fault::Fault;
use crate::piece::{Filled, Piece, Writer};

/// Everything but what means nothing in a URL (RFC 3986, unreserved).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What cannot stand in a URL at all.
const WRITTEN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

#[derive(Clone, Copy, PartialEq)]
enum At {
    Path,
    QueryName,
    QueryValue,
}

struct Scan {
    out: Writer,
    at: At,
    /// The segment of the path that is being written, and a tag in it.
    segment: String,
    tag: Option<String>,
}

/// Writes the URL.
pub(crate) fn write(pieces: &[Piece]) -> Result<Vec<Part>, Fault> {
    let mut scan = Scan { out: Writer::default(), at: At::Path, segment: String::new(), tag: None };
    let rest = match pieces.split_first() {
        // The address of a chat's webhook is a secret as a whole.
        Some((Piece::Secret(slot), rest)) => {
            scan.out.secret(slot, Encoding::Raw);
            scan.segment.push_str(slot);
            rest
        }
        Some((Piece::Text(text), rest)) => {
            let path = scan.origin(text, rest.is_empty())?;
            scan.text(path)?;
            rest
        }
        Some((Piece::Value(filled), _)) => return Err(no_host(&filled.tag)),
        None => return Err(Fault::settings("the URL is empty")),
    };
    for piece in rest {
        match piece {
            Piece::Text(text) => scan.text(text)?,
            Piece::Value(filled) => scan.value(filled)?,
            Piece::Secret(slot) => scan.secret(slot)?,
        }
    }
    scan.end_segment()?;
    Ok(scan.out.finish())
}

fn no_host(tag: &str) -> Fault {
    Fault::Settings(format!(
        "`{tag}` stands in the scheme or host: a ticket could choose who is called; write the \
         address out, as in https://example.com/"
    ))
}

impl Scan {
    /// Copies scheme and host; gives what follows.
    fn origin<'a>(&mut self, text: &'a str, is_all: bool) -> Result<&'a str, Fault> {
        let lower = text.to_ascii_lowercase();
        let start = ["https://", "http://"].into_iter().find(|scheme| lower.starts_with(scheme));
        let Some(start) = start else {
            return Err(Fault::settings("the URL must begin with https:// or http://"));
        };
        let host_and_path = text.get(start.len()..).unwrap_or_default();
        let end = host_and_path.find(['/', '?', '#', '\\']);
        if end.is_none() && !is_all {
            return Err(no_host("a tag"));
        }
        let (host, path) = host_and_path.split_at(end.unwrap_or(host_and_path.len()));
        if host.contains('@') {
            let message = "take the user name and password out of the URL and set `auth` to basic";
            return Err(Fault::settings(message));
        }
        if host.is_empty() {
            return Err(Fault::settings("the URL has no host"));
        }
        self.out.push_str(start);
        self.out.push_str(host);
        Ok(path)
    }

    /// Copies what the admin wrote and encodes what cannot stand in a URL.
    fn text(&mut self, text: &str) -> Result<(), Fault> {
        for c in text.chars() {
            match (self.at, c) {
                (_, '#') => {
                    let message = "a `#` is never sent; write %23, or take away what follows it";
                    return Err(Fault::settings(message));
                }
                (At::Path, '/') => self.end_segment()?,
                (At::Path, '?') => {
                    self.end_segment()?;
                    self.at = At::QueryName;
                }
                (At::Path, c) => self.segment.push(c),
                (_, '&') => self.at = At::QueryName,
                (At::QueryName, '=') => self.at = At::QueryValue,
                _ => {}
            }
        }
        let written = utf8_percent_encode(&lone_percents(text), WRITTEN).to_string();
        self.out.push_str(&written);
        Ok(())
    }

    fn value(&mut self, filled: &Filled) -> Result<(), Fault> {
        let text = filled.text();
        match self.at {
            At::Path => {
                self.segment.push_str(&text);
                self.tag = Some(filled.tag.clone());
            }
            At::QueryName => return Err(in_name(&filled.tag)),
            At::QueryValue => {}
        }
        self.out.push_str(&utf8_percent_encode(&text, VALUE).to_string());
        Ok(())
    }

    fn secret(&mut self, slot: &str) -> Result<(), Fault> {
        let encoding = match self.at {
            // As it is: `:` in Telegram's tokens and `/` in those of chats belong to the path.
            At::Path => {
                self.segment.push_str(slot);
                Encoding::Raw
            }
            At::QueryName => return Err(in_name(&format!("{{secret:{slot}}}"))),
            At::QueryValue => Encoding::Percent,
        };
        self.out.secret(slot, encoding);
        Ok(())
    }

    /// A value cannot make a segment go away: `.` and `..` are taken out of a path by whoever
    /// reads it, and without its id `/tickets/5` is `/tickets/`.
    fn end_segment(&mut self) -> Result<(), Fault> {
        let segment = std::mem::take(&mut self.segment);
        let Some(tag) = self.tag.take() else { return Ok(()) };
        let dots = segment.replace("%2e", ".").replace("%2E", ".");
        match dots.as_str() {
            "" => Err(Fault::Event(format!(
                "`{tag}` has no value in this event, so that the URL would mean something else"
            ))),
            "." | ".." => Err(Fault::Event(format!(
                "`{tag}` is `{segment}` in this event, which would change the path of the URL"
            ))),
            _ => Ok(()),
        }
    }
}

fn in_name(tag: &str) -> Fault {
    Fault::Settings(format!(
        "`{tag}` stands in the name of a parameter: a ticket could choose which parameter it is; \
         write `name={tag}`"
    ))
}

/// `%` that begins no escape is one itself.
pub(crate) fn lone_percents(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let digits = text.as_bytes().get(at + 1..at + 3);
        let is_escape = digits.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
        out.push_str(if c == '%' && !is_escape { "%25" } else { "" });
        if c != '%' || is_escape {
            out.push(c);
        }
    }
    out
}
