//! Finding a value in XML by the names on the way to it. Read as a stream: entities of the
//! document's own and what they could grow to are not looked at.

use std::borrow::Cow;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Elements nested deeper than this are not looked into.
const MAX_DEPTH: usize = 64;

/// Names of elements from the root on, and maybe an attribute of the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct XmlPath {
    elements: Vec<String>,
    attribute: Option<String>,
}

impl XmlPath {
    /// Reads `reply/code`, or `reply/@code` for an attribute. A name without a prefix fits also
    /// where there is one.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut elements: Vec<_> =
            text.strip_prefix('/').unwrap_or(text).split('/').map(str::to_owned).collect();
        let attribute = match elements.last().and_then(|last| last.strip_prefix('@')) {
            Some(name) => {
                let name = name.to_owned();
                elements.pop();
                Some(name)
            }
            None => None,
        };
        if elements.is_empty() {
            return Err("it begins with the name of an element, as in `reply/code`".to_owned());
        }
        if elements.len() > MAX_DEPTH {
            return Err(format!("it has at most {MAX_DEPTH} names"));
        }
        match elements.iter().chain(&attribute).find(|name| !is_name(name)) {
            None => Ok(Self { elements, attribute }),
            Some(bad) => Err(format!(
                "`{bad}` is not the name of an element: write names with `/` between them, as in \
                 `reply/code`"
            )),
        }
    }

    /// The text of the first element at this path, or the attribute's value; nothing if there is
    /// none, or the document ends or goes wrong before the end of it.
    pub(super) fn find(&self, xml: &str) -> Option<String> {
        let mut reader = Reader::from_str(xml);
        let (mut depth, mut fitting) = (0, 0);
        loop {
            let event = reader.read_event().ok()?;
            match &event {
                Event::Start(element) | Event::Empty(element) => {
                    let is_empty = matches!(event, Event::Empty(_));
                    let fits = fitting == depth
                        && self.elements.get(depth).is_some_and(|name| is_called(element, name));
                    if fits && depth + 1 == self.elements.len() {
                        match &self.attribute {
                            Some(name) => {
                                if let Some(value) = attribute(element, name) {
                                    return Some(value);
                                }
                            }
                            None if is_empty => return Some(String::new()),
                            None => return text(&mut reader),
                        }
                    }
                    if !is_empty {
                        depth += 1;
                        fitting += usize::from(fits);
                    }
                    if depth > MAX_DEPTH {
                        return None;
                    }
                }
                Event::End(_) => {
                    depth = depth.checked_sub(1)?;
                    fitting = fitting.min(depth);
                }
                Event::Eof => return None,
                _ => {}
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

/// With its prefix, or without where the path has none.
fn is_called(element: &BytesStart<'_>, name: &str) -> bool {
    element.name().into_inner() == name || element.local_name().into_inner() == name
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = element.attributes().filter_map(Result::ok);
    let found = all.find(|attribute| attribute.key.into_inner() == name)?;
    found.normalized_value(XmlVersion::default()).ok().map(Cow::into_owned)
}

/// All text up to the end of the element that was just begun.
fn text(reader: &mut Reader<&[u8]>) -> Option<String> {
    let mut text = String::new();
    let mut depth = 0_usize;
    loop {
        match reader.read_event().ok()? {
            Event::Start(_) => depth += 1,
            Event::End(_) => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some(text.trim().to_owned()),
            },
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(entity) => text.push_str(&resolve(&entity)?),
            Event::Eof => return None,
            _ => {}
        }
        if depth > MAX_DEPTH {
            return None;
        }
    }
}

fn resolve(entity: &BytesRef<'_>) -> Option<String> {
    match entity.resolve_char_ref() {
        Ok(Some(c)) => Some(c.to_string()),
        _ => quick_xml::escape::resolve_predefined_entity(entity).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn find(path: &str, xml: &str) -> Option<String> {
        XmlPath::parse(path).unwrap().find(xml)
    }

    #[test]
    fn the_first_at_the_path_is_meant() {
        // From SMS Traffic's document, and its shape for errors.
        let reply = "<?xml version=\"1.0\"?><reply><result>OK</result><code>0</code>\
                     <description>queued 1 messages</description><message_infos><message_info>\
                     <phone>79051112233</phone><sms_id>1000472891</sms_id></message_info>\
                     <message_info><sms_id>2</sms_id></message_info></message_infos></reply>";
        assert_eq!(find("reply/result", reply).as_deref(), Some("OK"));
        let ids = "/reply/message_infos/message_info/sms_id";
        assert_eq!(find(ids, reply).as_deref(), Some("1000472891"));
        assert_eq!(find("reply/sms_id", reply), None, "each step is one level");
        assert_eq!(find("result", reply), None, "paths begin at the root");
        assert_eq!(find("reply/code", "<reply><x><code>1</code></x><code/></reply>").unwrap(), "");
        assert_eq!(find("a/b/c", "<a><b/><b><c> 2 </c></b></a>").as_deref(), Some("2"));
    }

    #[test]
    fn text_is_what_a_reader_of_xml_sees() {
        let xml = "<a n='1 &lt; 2'><b>x &amp; &#1071;<i>y</i><![CDATA[<z>]]></b></a>";
        assert_eq!(find("a/b", xml).as_deref(), Some("x & Яy<z>"));
        assert_eq!(find("a/@n", xml).as_deref(), Some("1 < 2"));
        assert_eq!(find("a/@m", xml), None);
        let soap = "<s:Envelope><s:Body><r>1</r></s:Body></s:Envelope>";
        assert_eq!(find("Envelope/Body/r", soap).as_deref(), Some("1"));
        assert_eq!(find("s:Envelope/s:Body/r", soap).as_deref(), Some("1"));
        assert_eq!(find("t:Envelope/Body/r", soap), None);
    }

    #[test]
    fn what_is_broken_or_cut_off_has_no_value() {
        for xml in ["", "ok", "{}", "<a><b>1", "<a><b>1</a>", "<a><b>&own;</b></a>", "<b>1</b>"] {
            assert_eq!(find("a/b", xml), None, "{xml}");
        }
        // What comes after the value does not matter, as when a long answer was cut.
        assert_eq!(find("a/b", "<a><b>1</b><c").as_deref(), Some("1"));
        let deep = "<a>".repeat(100_000);
        assert_eq!(find("a/b", &deep), None);
        assert_eq!(find("a", &deep), None);
    }

    #[test]
    fn paths_that_are_none_are_told() {
        for bad in ["", "/", "a//b", "@id", "a/b[1]", "//a", "a/@b/c", "a b", "*"] {
            assert!(XmlPath::parse(bad).is_err(), "{bad}");
        }
        assert!(XmlPath::parse(&["a"; 65].join("/")).is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(xml in "(<[a-b/!?][a-b ='\"&;]{0,4}>?|[ab&#;<\\[\\]-]){0,40}") {
            find("a/b", &xml);
            find("a/@b", &xml);
        }
    }
}
