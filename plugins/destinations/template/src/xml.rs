//! XML: values stand in the text of elements, in attributes and in CDATA.

use hookwright_sdk::{Encoding, Part};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::fault::{Fault, line_and_column};
use crate::piece::{Piece, Writer, without_secrets};

/// Where the writing is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Content,
    /// Between `<` and `>`, outside of quotes.
    Tag,
    Attribute(char),
    Comment,
    CData,
    /// `<?xml … ?>` and the like.
    Instruction,
}

struct Scan {
    at: At,
    /// After `&`, before `;`.
    in_reference: bool,
}

/// Writes the body.
pub(crate) fn write(pieces: &[Piece]) -> Result<Vec<Part>, Fault> {
    let mut out = Writer::default();
    let mut scan = Scan { at: At::Content, in_reference: false };
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                scan.text(text);
                out.push_str(text);
            }
            Piece::Value(filled) => {
                let at = scan.place(&filled.tag)?;
                between(at, &mut out, |out| out.push_str(&escape(&filled.text(), at)));
            }
            Piece::Secret(slot) => {
                let at = scan.place(&format!("{{secret:{slot}}}"))?;
                between(at, &mut out, |out| out.secret(slot, Encoding::Xml));
            }
        }
    }
    let parts = out.finish();
    check(&without_secrets(&parts))?;
    Ok(parts)
}

/// Closes a CDATA section before a value and opens it again after it: so there is one way to
/// escape, and what ends a section cannot come together out of pieces.
fn between(at: At, out: &mut Writer, value: impl FnOnce(&mut Writer)) {
    let in_cdata = at == At::CData;
    out.push_str(if in_cdata { "]]>" } else { "" });
    value(out);
    out.push_str(if in_cdata { "<![CDATA[" } else { "" });
}

/// Characters that XML 1.0 cannot hold become U+FFFD; those that a parser would change become
/// references.
fn escape(text: &str, at: At) -> String {
    let in_attribute = matches!(at, At::Attribute(_));
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#13;"),
            '\n' if in_attribute => out.push_str("&#10;"),
            '\t' if in_attribute => out.push_str("&#9;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

impl Scan {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let mut used = c.len_utf8();
            match (self.at, c) {
                (At::Content, '<') => {
                    let marks =
                        [("<!--", At::Comment), ("<![CDATA[", At::CData), ("<?", At::Instruction)];
                    let mark = marks.into_iter().find(|(mark, _)| rest.starts_with(mark));
                    let (mark, at) = mark.unwrap_or(("<", At::Tag));
                    used = mark.len();
                    self.at = at;
                }
                (At::Tag, '>') => self.at = At::Content,
                (At::Tag, '"' | '\'') => self.at = At::Attribute(c),
                (At::Attribute(quote), c) if c == quote => self.at = At::Tag,
                (At::Content | At::Attribute(_), '&') => self.in_reference = true,
                (At::Content | At::Attribute(_), ';') => self.in_reference = false,
                (At::Comment, _) => used = self.until(rest, "-->"),
                (At::CData, _) => used = self.until(rest, "]]>"),
                (At::Instruction, _) => used = self.until(rest, "?>"),
                _ => {}
            }
            rest = rest.get(used..).unwrap_or_default();
        }
    }

    fn until(&mut self, rest: &str, end: &str) -> usize {
        match rest.find(end) {
            Some(at) => {
                self.at = At::Content;
                at + end.len()
            }
            None => rest.len(),
        }
    }

    /// Where a value would stand, if one can.
    fn place(&self, tag: &str) -> Result<At, Fault> {
        let wrong = match self.at {
            At::Content | At::Attribute(_) if self.in_reference => {
                "stands after a `&` that is not written as `&amp;`"
            }
            At::Content | At::Attribute(_) | At::CData => return Ok(self.at),
            At::Tag => {
                "stands inside a tag of the XML, outside of quotes; values can stand in the text \
                 of an element or in a quoted attribute"
            }
            At::Comment => "stands in a comment, which nobody reads; take it out",
            At::Instruction => "stands in `<? … ?>`; take it out",
        };
        Err(Fault::Settings(format!("`{tag}` {wrong}")))
    }
}

/// Says what is not well-formed, and where.
fn check(text: &str) -> Result<(), Fault> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots) = (0_usize, 0_usize);
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or_default();
        let wrong = |what: &str| {
            let at = line_and_column(text, start);
            Err(Fault::Settings(format!("the body is not XML at {at}: {what}")))
        };
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or_default();
                let at = line_and_column(text, at);
                return Err(Fault::Settings(format!("the body is not XML at {at}: {error}")));
            }
        };
        let is_outside = depth == 0;
        match event {
            Event::Start(tag) => {
                if let Err(what) = element(&tag) {
                    return wrong(&what);
                }
                roots += usize::from(is_outside);
                depth += 1;
            }
            Event::Empty(tag) => {
                if let Err(what) = element(&tag) {
                    return wrong(&what);
                }
                roots += usize::from(is_outside);
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) if is_outside && !text.trim_ascii().is_empty() => {
                return wrong("text outside of the root element");
            }
            Event::CData(_) | Event::GeneralRef(_) if is_outside => {
                return wrong("text outside of the root element");
            }
            Event::GeneralRef(name) if !is_known(&name) => {
                return wrong(
                    "only &lt; &gt; &amp; &quot; &apos; and numbers such as &#160; are known",
                );
            }
            Event::DocType(_) => return wrong("a DOCTYPE cannot be used; take it out"),
            Event::Decl(declaration) => {
                let encoding = declaration.encoding();
                let is_utf8 = |name: &str| name.eq_ignore_ascii_case("utf-8");
                if encoding.is_some_and(|name| !name.is_ok_and(|name| is_utf8(name.as_ref()))) {
                    return wrong("the body is sent as UTF-8; write encoding=\"UTF-8\"");
                }
            }
            Event::Eof if depth > 0 => return wrong("an element is not closed"),
            Event::Eof if roots == 0 => return wrong("there is no element"),
            Event::Eof => return Ok(()),
            _ => {}
        }
        if roots > 1 {
            return wrong("more than one root element");
        }
    }
}

fn element(tag: &BytesStart<'_>) -> Result<(), String> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.value.contains('<') {
            return Err("`<` in an attribute; write &lt;".to_owned());
        }
    }
    Ok(())
}

fn is_known(name: &str) -> bool {
    matches!(name, "lt" | "gt" | "amp" | "quot" | "apos") || name.starts_with('#')
}
