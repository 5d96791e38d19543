//! Whatever text the ticket holds, the result parses in its format and gives that text back, in
//! all three syntaxes.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use hookwright_sdk::serde_json::{Value, from_str, json};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

const TAGS: [(&str, &str); 3] =
    [("eddydesk", "{ticket_name}"), ("zammad", "#{ticket.title}"), ("jinja", "{{ ticket.title }}")];

/// Any text, and texts made of what means something somewhere.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\"",
        "\\",
        "'",
        "<",
        ">",
        "&",
        "]]>",
        "<![CDATA[",
        "-->",
        "&amp;",
        "%41",
        "%",
        "+",
        "=",
        ";",
        "/",
        "?",
        "#",
        "..",
        "\r",
        "\n",
        "\t",
        "\0",
        "\u{7f}",
        "\u{2028}",
        "\u{feff}",
        "\u{fdd0}",
        "\u{e000}",
        "0",
        "1",
        "\u{e000}0\u{e000}",
        "{ticket_id}",
        "#{ticket.id}",
        "{{ ticket.id }}",
        "{% if",
        "{secret:token}",
        "$strip_tags(",
        "null",
        "ж",
        "😀",
        "a",
        " ",
    ]);
    let mixed = prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![mixed, any::<String>()]
}

fn sent(text: &str, syntax: &str, format: &str, body: &Value) -> String {
    let set = json!({
        "url": "https://example.com/", "syntax": syntax, "format": format, "body": body
    });
    let request = send(&saying(text), set).unwrap();
    // One piece: nothing of it became a secret.
    assert_eq!(request.body.len(), 1, "{:?}", request.body);
    shown(&request.body)
}

/// What the document's elements and attributes say, in order.
fn xml_texts(document: &str) -> Vec<String> {
    let mut reader = Reader::from_str(document);
    let mut texts = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                for attribute in tag.attributes() {
                    let value = attribute.unwrap().value.into_owned();
                    texts.push(quick_xml::escape::unescape(&value).unwrap().into_owned());
                }
                texts.push(String::new());
            }
            Event::Text(text) => texts.last_mut().unwrap().push_str(&text),
            Event::CData(text) => texts.last_mut().unwrap().push_str(&text),
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &*name);
                let text = quick_xml::escape::unescape(&reference).unwrap();
                texts.last_mut().unwrap().push_str(&text);
            }
            Event::Eof => return texts,
            _ => {}
        }
    }
}

/// What XML 1.0 has no way to write is U+FFFD.
fn in_xml(text: &str) -> String {
    let cannot = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars().map(|c| if cannot(c) { '\u{fffd}' } else { c }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn json(text in texts()) {
        for (syntax, tag) in TAGS {
            let written = format!("{{\"a\": \"<{tag}>\", \"b\": [\"{tag}\"], \"c\": 1}}");
            let document = json!({ "a": format!("<{tag}>"), "b": [tag], "c": 1 });
            for body in [json!(written), document] {
                let back: Value = from_str(&sent(&text, syntax, "json", &body)).unwrap();
                prop_assert_eq!(back, json!({ "a": format!("<{text}>"), "b": [text], "c": 1 }));
            }
        }
    }

    /// Jinja's values can stand outside of quotes; those of the others only if they are no text.
    #[test]
    fn json_without_quotes(text in texts()) {
        for (syntax, tag) in TAGS {
            let set = json!({
                "url": "https://example.com/", "syntax": syntax, "body": format!("[{tag}, 1]")
            });
            match send(&saying(&text), set) {
                Ok(request) => {
                    let back: Value = from_str(&shown(&request.body)).unwrap();
                    prop_assert_eq!(back.as_array().unwrap().len(), 2);
                    if syntax == "jinja" {
                        prop_assert_eq!(&back[0], &json!(text));
                    } else {
                        prop_assert!(!back[0].is_array() && !back[0].is_object());
                    }
                }
                Err(_) => prop_assert!(syntax != "jinja"),
            }
        }
    }

    #[test]
    fn xml(text in texts()) {
        for (syntax, tag) in TAGS {
            let body = format!(
                "<t a=\"{tag}\" b='{tag}'>{tag}<!-- c --><u><![CDATA[]]{tag}>{tag}]]></u></t>"
            );
            let sent = sent(&text, syntax, "xml", &json!(body));
            let text = in_xml(&text);
            let cdata = format!("]]{text}>{text}");
            prop_assert_eq!(xml_texts(&sent), [text.clone(), text.clone(), text, cdata]);
        }
    }

    #[test]
    fn form(text in texts()) {
        for (syntax, tag) in TAGS {
            let written = format!("a=1&b=<{tag}>%4{tag}&c={tag}");
            let fields = json!({ "a": 1, "b": format!("<{tag}>%4{tag}"), "c": tag });
            for body in [json!(written), fields] {
                let sent = sent(&text, syntax, "form", &body);
                prop_assert!(sent.is_ascii());
                let back: Vec<_> = form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
                let pair = |name: &str, value: String| (name.to_owned(), value);
                let b = format!("<{text}>%4{text}");
                prop_assert_eq!(back, [pair("a", "1".into()), pair("b", b), pair("c", text.clone())]);
            }
        }
    }

    #[test]
    fn url(text in texts()) {
        for (syntax, tag) in TAGS {
            let url = format!("https://example.com/x{tag}/y?a={tag}&b=%4{tag}");
            let set = json!({ "url": url, "syntax": syntax });
            let request = send(&saying(&text), set).unwrap();
            prop_assert_eq!(request.url.len(), 1);
            let url = shown(&request.url);
            prop_assert!(url.is_ascii() && !url.contains(|c: char| c.is_control() || c == '#'));
            let (path, query) = url.split_once('?').unwrap();
            let segments: Vec<_> = path.split('/').collect();
            prop_assert_eq!(segments.len(), 5);
            let back = percent_encoding::percent_decode_str(segments[3]).decode_utf8().unwrap();
            prop_assert_eq!(back, format!("x{text}"));
            let back: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let pair = |name: &str, value: String| (name.to_owned(), value);
            prop_assert_eq!(back, [pair("a", text.clone()), pair("b", format!("%4{text}"))]);
        }
    }

    /// A segment that is a value as a whole is that value, or nothing is sent.
    #[test]
    fn whole_segments(text in texts()) {
        for (syntax, tag) in TAGS {
            let set = json!({ "url": format!("https://example.com/{tag}"), "syntax": syntax });
            match send(&saying(&text), set) {
                Ok(request) => {
                    let url = shown(&request.url);
                    let segment = url.strip_prefix("https://example.com/").unwrap();
                    let back = percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
                    prop_assert_eq!(back, text.as_str());
                }
                Err(_) => prop_assert!(matches!(text.as_str(), "" | "." | "..") || text.starts_with("%2")),
            }
        }
    }

    #[test]
    fn headers(text in texts()) {
        for (syntax, tag) in TAGS {
            let set = json!({
                "url": "https://example.com/", "syntax": syntax,
                "headers": { "X-Title": format!("<{tag}>") }
            });
            let request = send(&saying(&text), set).unwrap();
            prop_assert_eq!(request.headers.len(), 1);
            let visible = |c: char| if c.is_control() { ' ' } else { c };
            let expected: String = format!("<{text}>").chars().map(visible).collect();
            prop_assert_eq!(&request.headers[0].1, &[common::text(&expected)]);
        }
    }

    #[test]
    fn plain_text(text in texts()) {
        for (syntax, tag) in TAGS {
            let sent = sent(&text, syntax, "text", &json!(format!("<{tag}>")));
            prop_assert_eq!(sent, format!("<{text}>"));
        }
    }

    /// No template, and no text of a ticket, brings the plugin down.
    #[test]
    fn any_template(template in texts(), text in texts()) {
        for (syntax, _) in TAGS {
            for format in ["json", "xml", "form", "text"] {
                let set = json!({
                    "url": format!("https://example.com/{template}"), "syntax": syntax,
                    "format": format, "body": template, "headers": { "X-A": template }
                });
                let _ = send(&saying(&text), set.clone());
                let _ = check(set);
            }
        }
    }
}
