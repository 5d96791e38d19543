//! Texts and templates that mean harm, or are mistaken.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use hookwright_sdk::serde_json::{Value, from_str, json};

const URL: &str = "https://example.com/";

fn body(syntax: &str, format: &str, body: &str) -> Value {
    json!({ "url": URL, "syntax": syntax, "format": format, "body": body })
}

#[test]
fn a_text_is_never_a_tag_or_a_secret() {
    for hostile in
        ["{secret:token}", "{user_email}", "#{ticket.id}", "{{ ticket.id }}", "{% raw %}"]
    {
        for (syntax, tag) in [
            ("eddydesk", "{ticket_name}"),
            ("zammad", "#{ticket.title}"),
            ("jinja", "{{ ticket.title }}"),
        ] {
            let request = send(&saying(hostile), body(syntax, "text", tag)).unwrap();
            assert_eq!(request.body, [text(hostile)], "{syntax}");
        }
    }
}

#[test]
fn jinja_cannot_call_a_text_safe() {
    let why = refused(&saying("\""), body("jinja", "json", "[\"{{ ticket.title|safe }}\"]"));
    assert!(why.starts_with("body: line 1: unknown filter"), "{why}");
    let title = "\"], \"x\": [\"";
    for template in [
        "[\"{% autoescape false %}{{ ticket.title }}{% endautoescape %}\"]",
        "[\"{% autoescape false %}{% set a %}{{ ticket.title }}{% endset %}{{ a ~ \"\" }}{% endautoescape %}\"]",
        "[\"{% set a %}{{ ticket.title }}{% endset %}{{ a }}\"]",
        "[\"{% set a %}{% endset %}{{ a ~ ticket.title }}\"]",
        "[\"{{ [ticket.title]|join('') }}\"]",
        "[\"{% set a %}X{% endset %}{{ a|replace('X', ticket.title) }}\"]",
        "[\"{% filter trim %}{{ ticket.title }}{% endfilter %}\"]",
    ] {
        let request = send(&saying(title), body("jinja", "json", template)).unwrap();
        let back: Value = from_str(&shown(&request.body)).unwrap();
        assert_eq!(back, json!([title]), "{template}");
    }
}

#[test]
fn a_captured_block_cannot_be_cut() {
    let template = "{% set a %}{{ ticket.title }}{% endset %}{{ a[:2] }}";
    let why = refused(&saying("abc"), body("jinja", "text", template));
    assert!(why.contains("a captured block or a macro's text was cut"), "{why}");
}

#[test]
fn names_are_the_admins() {
    for (format, template) in [
        ("json", "{\"{ticket_name}\": 1}"),
        ("json", "{\"a{ticket_name}\" : 1}"),
        ("form", "{ticket_name}=1"),
        ("form", "a=1&{ticket_name}"),
        ("xml", "<{ticket_name}/>"),
        ("xml", "<a {ticket_name}=\"1\"/>"),
        ("xml", "<a b={ticket_name}/>"),
    ] {
        let why = refused(&saying("x"), body("eddydesk", format, template));
        assert!(why.contains("`{ticket_name}` stands in"), "{why}");
        assert_eq!(check(body("eddydesk", format, template)).len(), 1, "{template}");
    }
    let why = refused(&saying("x"), body("jinja", "json", "{ {{ ticket.title }}: 1}"));
    assert!(why.contains("stands in the name of a field"), "{why}");
    for url in ["https://example.com/?{ticket_name}", "https://example.com/?a=1&{ticket_name}=2"] {
        assert!(refused(&saying("x"), json!({"url": url})).contains("in the name of a parameter"));
    }
}

#[test]
fn values_do_not_complete_what_the_template_began() {
    let why = refused(&saying("n"), body("eddydesk", "json", r#"["\{ticket_name}"]"#));
    assert!(why.contains("stands inside an escape"), "{why}");
    let why = refused(&saying("0041"), body("eddydesk", "json", r#"["\u{ticket_name}"]"#));
    assert!(why.contains("stands inside an escape"), "{why}");
    let why = refused(&saying("lt"), body("eddydesk", "xml", "<a>&{ticket_name};</a>"));
    assert!(why.contains("after a `&` that is not written as `&amp;`"), "{why}");
}

#[test]
fn a_ticket_does_not_choose_who_is_called() {
    for url in [
        "{custom_field_1}",
        "https://{custom_field_1}/x",
        "https://example.com{custom_field_1}",
        "https://example.com:{custom_field_1}/",
        "https://{secret:token}/x",
    ] {
        let why = refused(&saying("x"), json!({"url": url}));
        assert!(why.starts_with("url: "), "{why}");
        assert!(why.contains("scheme or host"), "{why}");
    }
    assert!(
        refused(&saying("x"), json!({"url": "https://a:b@example.com/"})).contains("set `auth`")
    );
    assert!(
        refused(&saying("x"), json!({"url": "ftp://example.com/"})).contains("must begin with")
    );
    assert!(refused(&saying("x"), json!({"url": "https://example.com/#x"})).contains("never sent"));
}

#[test]
fn a_ticket_does_not_move_the_path() {
    for (value, template) in [
        ("..", "/a/{ticket_name}/b"),
        (".", "/a/{ticket_name}"),
        (".", "/a/.{ticket_name}?x=1"),
        (".", "/a/%2E{ticket_name}/"),
        ("", "/tickets/{ticket_name}"),
        ("", "/tickets/{ticket_name}/comments"),
    ] {
        let set = json!({"method": "DELETE", "url": format!("https://example.com{template}")});
        let why = rejected(&saying(value), set);
        assert!(why.starts_with("url: `{ticket_name}` "), "{why}");
    }
    let set = json!({"url": "https://example.com/{ticket_name}?{secret:token}"});
    assert!(refused(&saying("a"), set).contains("in the name of a parameter"));
}

#[test]
fn line_breaks_stay_out_of_headers() {
    let set = |value: &str| json!({"url": URL, "headers": { "X-A": value }});
    let request = send(&saying("a\r\nX-Admin: 1\0"), set("{ticket_name}")).unwrap();
    assert_eq!(request.headers[0].1, [text("a  X-Admin: 1 ")]);
    assert!(refused(&saying("a"), set("a\r\nX-B: c")).contains("line break"));
    assert_eq!(check(set("a\nb")).len(), 1);
}

#[test]
fn xml_is_checked() {
    for (template, why) in [
        ("<a>{ticket_name}</b>", "line 1"),
        ("<a>{ticket_name}", "an element is not closed"),
        ("{ticket_name}<a/>", "text outside of the root element"),
        ("<a/><b/>", "more than one root element"),
        ("", "there is no element"),
        ("<a><!-- {ticket_name} --></a>", "stands in a comment"),
        ("<?x {ticket_name}?><a/>", "stands in `<? … ?>`"),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "DOCTYPE"),
        ("<a>&nbsp;</a>", "only &lt;"),
        ("<a>\n  <b x=\"1\" x=\"2\"/></a>", "line 2"),
        ("<?xml version=\"1.0\" encoding=\"windows-1251\"?><a/>", "UTF-8"),
    ] {
        let problem = refused(&saying("x"), body("eddydesk", "xml", template));
        assert!(problem.contains(why), "{template}: {problem}");
        assert_eq!(check(body("eddydesk", "xml", template)).len(), 1, "{template}");
    }
}

#[test]
fn large_and_deep_does_no_harm() {
    let large = "\"<&>{ticket_id}".repeat(20_000);
    for (format, template) in [
        ("json", "[\"{ticket_name}\"]"),
        ("xml", "<a>{ticket_name}</a>"),
        ("form", "a={ticket_name}"),
    ] {
        send(&saying(&large), body("eddydesk", format, template)).unwrap();
    }
    let deep = "[".repeat(100_000);
    assert!(refused(&saying("x"), body("eddydesk", "json", &deep)).contains("not JSON"));
}
