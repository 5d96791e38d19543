//! XML by the letter, as a JSON value.

use hookwright_sdk::serde_json::{Map, Value};
use quick_xml::errors::{Error as XmlError, IllFormedError};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// No template nests deeper.
const DEPTH: usize = 64;

/// Elements of HTML that the product's editor and mails make, and templates do not.
const HTML: [&str; 30] = [
    "a",
    "b",
    "big",
    "blockquote",
    "br",
    "center",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strong",
    "table",
    "tbody",
    "u",
    "ul",
];

/// Why a text is not read.
#[derive(Debug)]
pub(crate) enum Error {
    /// Tags do not fit together.
    Markup(String),
    /// It is not XML.
    NotXml(String),
}

impl From<XmlError> for Error {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::IllFormed(
                IllFormedError::MismatchedEndTag { .. } | IllFormedError::UnmatchedEndTag(_),
            )
            | XmlError::InvalidAttr(_)
            | XmlError::Escape(_) => Self::Markup(error.to_string()),
            error => Self::NotXml(error.to_string()),
        }
    }
}

/// An element that is open.
struct Element {
    name: String,
    members: Map<String, Value>,
    text: String,
    /// Where its content begins.
    start: usize,
    /// Whether all elements in it are of HTML.
    is_html: bool,
}

/// Reads a document into the object that its root element is.
pub(crate) fn read(text: &str) -> Result<Value, Error> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event()?;
        // The document is a string, so a position in it is an index.
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            Event::Start(_) | Event::Empty(_) if open.is_empty() && root.is_some() => {
                return Err(not_xml("more than one root element"));
            }
            Event::Start(_) if open.len() >= DEPTH => {
                return Err(not_xml("nested too deeply"));
            }
            Event::Start(tag) => open.push(element(&tag, at)?),
            Event::Empty(tag) => {
                let element = element(&tag, at)?;
                let name = element.name.clone();
                close(&mut open, &mut root, &name, value(element, ""));
            }
            Event::End(_) => {
                let Some(element) = open.pop() else { return Err(not_xml("an end too many")) };
                let content = text.get(element.start..at).unwrap_or_default();
                let content = content.rsplit_once("</").map_or("", |(content, _)| content);
                let name = element.name.clone();
                let value = if open.is_empty() { object(element) } else { value(element, content) };
                close(&mut open, &mut root, &name, value);
            }
            Event::Text(found) => add(&mut open, &found)?,
            Event::CData(found) => add(&mut open, &found)?,
            Event::GeneralRef(name) => match reference(&name) {
                Some(text) => add(&mut open, &text)?,
                None => return Err(Error::NotXml(format!("nothing is called `&{};`", &*name))),
            },
            Event::DocType(_) => return Err(not_xml("a DOCTYPE, which no template needs")),
            Event::Eof if open.is_empty() => return root.ok_or_else(|| not_xml("no element")),
            Event::Eof => return Err(not_xml("it is cut off")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn not_xml(why: &str) -> Error {
    Error::NotXml(why.to_owned())
}

/// What a reference such as `&amp;` stands for, without a DTD.
pub(crate) fn reference(name: &str) -> Option<String> {
    let number = quick_xml::events::BytesRef::new(name).resolve_char_ref();
    match number {
        Ok(Some(c)) => Some(c.to_string()),
        Ok(None) => quick_xml::escape::resolve_predefined_entity(name).map(str::to_owned),
        Err(_) => None,
    }
}

fn element(tag: &BytesStart<'_>, start: usize) -> Result<Element, Error> {
    let mut members = Map::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| Error::Markup(error.to_string()))?;
        let name: &str = attribute.key.as_ref();
        if name != "xmlns" && !name.starts_with("xmlns:") {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
            members.insert(name.to_owned(), Value::String(value.into_owned()));
        }
    }
    let name = tag.name().as_ref().to_owned();
    Ok(Element { name, members, text: String::new(), start, is_html: true })
}

fn add(open: &mut [Element], text: &str) -> Result<(), Error> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(not_xml("text outside of the root element")),
    }
    Ok(())
}

/// What an element is, if it is not the root.
fn value(element: Element, content: &str) -> Value {
    let has_text = !element.text.trim().is_empty();
    let has_elements = content.contains('<') && !element.members.is_empty();
    if has_elements && (has_text || element.is_html) && !content.contains("<![CDATA[") {
        return Value::String(content.to_owned());
    }
    if element.members.is_empty() { Value::String(element.text) } else { object(element) }
}

fn object(element: Element) -> Value {
    let mut members = element.members;
    if !element.text.trim().is_empty() {
        members.insert("#text".to_owned(), Value::String(element.text));
    }
    Value::Object(members)
}

/// Puts an element that has ended into the one around it.
fn close(open: &mut [Element], root: &mut Option<Value>, name: &str, value: Value) {
    let Some(parent) = open.last_mut() else {
        *root = Some(if value.is_object() { value } else { Value::Object(Map::new()) });
        return;
    };
    parent.is_html &= HTML.contains(&name.to_ascii_lowercase().as_str());
    match parent.members.get_mut(name) {
        None => {
            parent.members.insert(name.to_owned(), value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}
