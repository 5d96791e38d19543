//! Taking values out of answers.

use std::borrow::Cow;
use std::cell::OnceCell;

use encoding_rs::{Encoding, UTF_8};
use hookwright_model::extract::Whole;
use hookwright_model::{Extract, Received};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::xml::XmlPath;

/// The most that a regular expression may take when it is compiled, in bytes. Searching takes
/// time in proportion to it and to the answer, which is bounded too.
const MAX_REGEX: usize = 256 << 10;

/// A place in answers, ready for use.
#[derive(Clone, Debug)]
pub enum Extractor {
    /// A JSON Pointer.
    Json(String),
    /// A path in XML.
    Xml(Path),
    /// A header.
    Header(String),
    /// Its first group, or all that it matches.
    Regex(Regex),
    /// All of it.
    Body,
}

/// A path in XML.
#[derive(Clone, Debug)]
pub struct Path(XmlPath);

impl Extractor {
    /// Makes it ready.
    ///
    /// # Errors
    /// When there can be no such place; says what is wrong and what to do.
    pub fn new(extract: &Extract) -> Result<Self, String> {
        Ok(match extract {
            Extract::Json(pointer) => Self::Json(json_pointer(pointer)?.to_owned()),
            Extract::Xml(path) => Self::Xml(Path(XmlPath::parse(path)?)),
            Extract::Header(name) => Self::Header(header_name(name)?),
            Extract::Regex(pattern) => Self::Regex(regex(pattern)?),
            Extract::Body(Whole) => Self::Body,
        })
    }

    /// The value, if it is there: anything for JSON, text for all others.
    #[must_use]
    pub fn read(&self, reading: &Reading<'_>) -> Option<Value> {
        match self {
            Self::Json(pointer) => reading.json()?.pointer(pointer).cloned(),
            Self::Xml(Path(path)) => path.find(reading.text()).map(Value::String),
            Self::Header(name) => reading.header(name).map(Into::into),
            Self::Regex(regex) => {
                let captures = regex.captures(reading.text())?;
                let found = if captures.len() > 1 { captures.get(1) } else { captures.get(0) };
                found.map(|found| found.as_str().into())
            }
            Self::Body => Some(reading.text().into()),
        }
    }
}

/// An answer that values are taken out of; it is decoded and parsed at most once.
#[derive(Debug)]
pub struct Reading<'a> {
    received: &'a Received,
    text: OnceCell<Cow<'a, str>>,
    json: OnceCell<Option<Value>>,
}

impl<'a> Reading<'a> {
    /// An answer as it is kept: without secrets, and cut at the host's limit.
    #[must_use]
    pub fn new(received: &'a Received) -> Self {
        Self { received, text: OnceCell::new(), json: OnceCell::new() }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.received.status
    }

    /// The first header of that name; the name is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.received.headers.iter();
        headers.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text. What is no text of its encoding becomes U+FFFD.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let body = self.received.body.as_ref();
            let (encoding, mark) = match Encoding::for_bom(body) {
                Some((encoding, mark)) => (encoding, mark),
                None => (self.encoding(), 0),
            };
            encoding.decode_without_bom_handling(&body[mark..]).0
        })
    }

    /// As the headers say, or the XML declaration; else UTF-8.
    fn encoding(&self) -> &'static Encoding {
        let by_header = self.header("content-type").and_then(|value| label(value, "charset="));
        let by_header = by_header.and_then(|label| Encoding::for_label(label.as_bytes()));
        by_header.or_else(|| self.declared()).unwrap_or(UTF_8)
    }

    fn declared(&self) -> Option<&'static Encoding> {
        let body = &self.received.body;
        let declaration = body.starts_with(b"<?xml").then(|| {
            let end = body.iter().take(200).position(|&byte| byte == b'>').unwrap_or(0);
            String::from_utf8_lossy(&body[..end])
        })?;
        Encoding::for_label(label(&declaration, "encoding=")?.as_bytes())
    }

    /// The body as JSON, if that is what it is.
    #[must_use]
    pub fn json(&self) -> Option<&Value> {
        self.json.get_or_init(|| serde_json::from_str(self.text()).ok()).as_ref()
    }
}

/// What stands after a name, with or without quotation marks.
fn label<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let start = text.to_ascii_lowercase().find(name)? + name.len();
    let rest = text[start..].trim_start_matches(['"', '\'']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+');
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// The pointer, if it is one.
///
/// # Errors
/// Says how they begin.
pub(super) fn json_pointer(pointer: &str) -> Result<&str, String> {
    let mut escapes = pointer.split('~').skip(1);
    if !pointer.is_empty() && !pointer.starts_with('/') {
        Err(format!("`{pointer}` is not a JSON Pointer: it begins with `/`, as in `/result/id`"))
    } else if escapes.any(|rest| !rest.starts_with(['0', '1'])) {
        Err(format!("`{pointer}` is not a JSON Pointer: write `~` as `~0`"))
    } else {
        Ok(pointer)
    }
}

/// The name in lower case, if it is one.
///
/// # Errors
/// Says that it is none.
pub(super) fn header_name(name: &str) -> Result<String, String> {
    let parsed = http::HeaderName::from_bytes(name.as_bytes());
    parsed
        .map(|name| name.as_str().to_owned())
        .map_err(|_| format!("`{name}` is not the name of a header"))
}

/// The expression, if it is one and not too large.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).size_limit(MAX_REGEX).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            r"it is too large: use fewer repetitions such as {50}, and [0-9] and [a-z] in place of \d and \w".to_owned()
        }
        // The last line says what is wrong; the others draw the expression.
        error => {
            let text = error.to_string();
            text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn answer(headers: &[(&str, &str)], body: &[u8]) -> Received {
        let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        let body = body.to_vec().into();
        Received { status: 200, headers: headers.collect(), body, complete: true }
    }

    fn read(extract: &Extract, received: &Received) -> Option<Value> {
        Extractor::new(extract).unwrap().read(&Reading::new(received))
    }

    #[test]
    fn each_place() {
        let received = answer(&[("x-id", "7")], br#"{"result":{"id":81,"a/b":[null]}}"#);
        assert_eq!(read(&Extract::Json("/result/id".into()), &received), Some(json!(81)));
        assert_eq!(read(&Extract::Json("/result/a~1b/0".into()), &received), Some(Value::Null));
        assert_eq!(read(&Extract::Json("/result/none".into()), &received), None);
        assert_eq!(read(&Extract::Header("X-ID".into()), &received), Some(json!("7")));
        assert_eq!(read(&Extract::Header("x-other".into()), &received), None);
        assert_eq!(read(&Extract::Regex(r#""id":(\d+)"#.into()), &received), Some(json!("81")));
        assert_eq!(read(&Extract::Regex("id.:8".into()), &received), Some(json!("id\":8")));
        assert_eq!(read(&Extract::Regex("(x)?id".into()), &received), None, "no such group");
        assert_eq!(read(&Extract::Xml("a/b".into()), &received), None);
        let text = read(&Extract::Body(Whole), &received).unwrap();
        assert_eq!(text.as_str().unwrap().as_bytes(), received.body);
        let cut = answer(&[], br#"{"ok":true,"#);
        assert_eq!(read(&Extract::Json("/ok".into()), &cut), None);
    }

    /// "Привет" in windows-1251, by its table.
    const HELLO: &[u8] = b"\xcf\xf0\xe8\xe2\xe5\xf2";

    #[test]
    fn encodings_are_obeyed() {
        let xml = |declaration: &str| {
            [declaration.as_bytes(), b"<reply><description>", HELLO, b"</description></reply>"]
                .concat()
        };
        let declared = xml("<?xml version=\"1.0\" encoding='Windows-1251' ?>");
        let path = Extract::Xml("reply/description".into());
        assert_eq!(read(&path, &answer(&[], &declared)), Some(json!("Привет")));
        let kind = [("content-type", "text/xml; Charset=\"windows-1251\"; x=1")];
        assert_eq!(read(&path, &answer(&kind, &xml(""))), Some(json!("Привет")));
        let unknown = [("content-type", "text/xml; charset=klingon")];
        assert_eq!(read(&path, &answer(&unknown, &declared)), Some(json!("Привет")));
        let lossy = "\u{fffd}".repeat(6);
        assert_eq!(read(&path, &answer(&[], &xml(""))), Some(json!(lossy)));
        let marked = answer(&[], "\u{feff}{\"a\":1}".as_bytes());
        assert_eq!(read(&Extract::Json("/a".into()), &marked), Some(json!(1)));
    }

    #[test]
    fn mistakes_are_told() {
        for (bad, words) in [
            (Extract::Json("a".into()), "it begins with `/`"),
            (Extract::Json("/a~b".into()), "write `~` as `~0`"),
            (Extract::Xml("a//b".into()), "is not the name of an element"),
            (Extract::Header("X Id".into()), "is not the name of a header"),
            (Extract::Regex("(".into()), "unclosed group"),
            (Extract::Regex(r"\w{1000}".into()), "it is too large"),
        ] {
            let told = Extractor::new(&bad).unwrap_err();
            assert!(told.contains(words), "{bad:?}: {told}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(
            body in proptest::collection::vec(any::<u8>(), 0..200),
            kind in "(text/xml; ?charset=)?[a-z0-9\"' -]{0,12}",
            place in "[/~a@01.*()|]{0,6}",
        ) {
            let received = answer(&[("content-type", &kind)], &body);
            let make = [Extract::Json, Extract::Xml, Extract::Header, Extract::Regex];
            for make in make {
                if let Ok(extractor) = Extractor::new(&make(place.clone())) {
                    drop(extractor.read(&Reading::new(&received)));
                }
            }
        }
    }
}
