//! XML, as a template makes it: values are put in as they are, with their `&`, their `<` and
//! their HTML.

mod mend;
mod tree;

use hookwright_sdk::{Problem, Rejection};

use crate::document::{Document, broken};
use mend::Outcome;
use tree::Error;

/// Reads a document. What stands in the root element is the object; an element with others in
/// it is an object too, one with only text a string, and several with one name are a list. An
/// element with HTML in it is a string of HTML.
pub(crate) fn read(text: &str) -> Result<Document, Rejection> {
    let strict_error = match tree::read(text) {
        Ok(value) => return Ok(Document { value, mended: Vec::new() }),
        Err(error) => error,
    };
    match mend::mend(text) {
        Outcome::Mended { text, count } => {
            let what = format!("unescaped `&` or `<` ({count})");
            let value = tree::read(&text).map_err(refusal)?;
            Ok(Document { value, mended: vec![what] })
        }
        Outcome::Ambiguous => Err(broken(
            None,
            "a text has both `&` or `<` of its own and proper escapes, which can be its own too",
        )),
        Outcome::Undamaged => Err(refusal(strict_error)),
    }
}

fn refusal(error: Error) -> Rejection {
    match error {
        Error::Markup(error) => broken(
            None,
            &format!(
                "a text may have brought an element of its own ({error}); use a tag without \
                      HTML, or write <![CDATA[ ]]> around the tag"
            ),
        ),
        Error::NotXml(error) => Rejection::Malformed(Problem::new(format!("not XML: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use hookwright_sdk::serde_json::{Value, json};

    use super::*;

    fn plain(text: &str) -> Value {
        let document = read(text).unwrap();
        assert!(document.mended.is_empty(), "{text}");
        document.value
    }

    fn mended(text: &str) -> Value {
        let document = read(text).unwrap();
        assert_eq!(document.mended.len(), 1, "{text}");
        document.value
    }

    #[test]
    fn elements_become_members() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n<ticket id=\"7\">\n \
                    <title>Принтер &amp; &#x441;&#1082;&lt;</title><user><name>A</name></user>\
                    <tag>a</tag><tag>b</tag><tag>c</tag><empty/><text><![CDATA[<b> & ]]></text>\
                    <file name=\"x\">y</file></ticket>\n";
        let expected = json!({
            "id": "7", "title": "Принтер & ск<", "user": {"name": "A"}, "tag": ["a", "b", "c"],
            "empty": "", "text": "<b> & ", "file": {"name": "x", "#text": "y"}
        });
        assert_eq!(plain(text), expected);
        assert_eq!(plain("<a/>"), json!({}));
        assert_eq!(plain("<a>text</a>"), json!({"#text": "text"}));
    }

    #[test]
    fn html_in_an_element_is_text() {
        let html = "<p>Не <b>печатает</b><br/>A &amp; B</p><ul><li>1</li></ul>";
        let text = format!("<t><id>7</id><answer>{html}</answer><code>E3</code></t>");
        assert_eq!(plain(&text), json!({"id": "7", "answer": html, "code": "E3"}));
        assert_eq!(plain("<t><a>see <x>this</x></a></t>"), json!({"a": "see <x>this</x>"}));
    }

    #[test]
    fn what_cannot_be_markup_is_text() {
        for text in
            ["Tom & Jerry", "AT&T", "a < b", "I <3 you", "x &nbsp; y", "a & b; c", "<>", "&#0;"]
        {
            assert_eq!(
                mended(&format!("<t><a>{text}</a><b>x</b></t>")),
                json!({"a": text, "b": "x"})
            );
        }
        assert_eq!(
            mended("<t><a>x & y</a><b>p &amp; q</b></t>"),
            json!({"a": "x & y", "b": "p & q"})
        );
        assert_eq!(
            mended("<t x=\"1>2\"><a>R&D</a><!-- & --><b><![CDATA[&]]></b></t>"),
            json!({"x": "1>2", "a": "R&D", "b": "&"})
        );
    }

    #[test]
    fn what_can_be_markup_is_refused() {
        let refused = |text: &str| match read(text) {
            Err(Rejection::BrokenTemplate(problem)) => problem.message,
            other => panic!("{text}: {other:?}"),
        };
        for text in [
            "<t><a>one<br>two</a></t>",
            "<t><a><p>one</a></t>",
            "<t><a>a <b and c</a></t>",
            "<t><a>x</b></a></t>",
            "<t><a>AT&T</a><b>one<br>two</b></t>",
            "<t><a href=\"/x?a&b\">x</a></t>",
            "<t a=\"ООО \"Р\"\"/>",
        ] {
            let why = refused(text);
            assert!(why.starts_with("unescaped value: a text may have brought"), "{why}");
        }
        assert!(refused("<t><a>AT&T &amp; more</a></t>").contains("proper escapes"));
    }

    #[test]
    fn what_is_wrong_in_another_way_is_not_xml() {
        let malformed = |text: &str| match read(text) {
            Err(Rejection::Malformed(problem)) => problem.message,
            other => panic!("{text}: {other:?}"),
        };
        for text in
            ["", "<", "<a", "<a>", "<a><b></b>", "text", "<a/><b/>", "<a/>text", "<!-- <a/>"]
        {
            assert!(malformed(text).starts_with("not XML: "), "{text}");
        }
        assert!(malformed("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>").contains("DOCTYPE"));
        assert!(malformed(&"<a>".repeat(100_000)).contains("nested"));
    }
}
