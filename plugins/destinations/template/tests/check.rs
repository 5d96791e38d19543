//! What the settings check says, and where.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::*;
use hookwright_sdk::Destination;
use hookwright_sdk::serde_json::{Value, from_str, json};

fn with(syntax: &str, body: &str) -> Value {
    json!({ "url": "https://example.com/", "syntax": syntax, "body": body })
}

/// One problem, and how it begins and goes on.
fn problem(set: Value, start: &str, rest: &str) {
    let problems = check(set);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with(start) && problems[0].contains(rest), "{problems:?}");
}

#[test]
fn the_examples_of_the_schema_are_good() {
    let descriptor = destination_template::Template::describe();
    let schema: Value = from_str(descriptor.settings_schema).unwrap();
    let examples = schema["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 3);
    let data = saying("\"<&>\r\n");
    for example in examples {
        assert_eq!(check(example.clone()), [""; 0], "{example}");
        send(&data, example.clone()).unwrap();
    }
}

#[test]
fn the_example_of_the_readme_is_good() {
    let readme = include_str!("../README.md");
    let example = readme.split("```jinja").nth(1).unwrap().split("```").next().unwrap();
    let set = with("jinja", example);
    assert_eq!(check(set.clone()), [""; 0]);
    let request = send(&saying("a \"b\"\n"), set).unwrap();
    let sent: Value = from_str(&shown(&request.body)).unwrap();
    assert_eq!(
        sent,
        json!({
            "id": 81, "title": "a \"b\"\n", "tags": ["a \"b\"\n", "a \"b\"\n"],
            "text": "a \"b\"\n", "new": true
        })
    );
}

#[test]
fn unknown_tags_are_found_with_their_place() {
    problem(
        with("eddydesk", "{\n  \"a\": \"{tickt_id}\"}"),
        "/body: line 2, column 9: ",
        "did you mean `{ticket_id}`?",
    );
    problem(with("eddydesk", "[\"{colour}\"]"), "/body: line 1, column 3: ", "`{fields.colour}`");
    problem(with("eddydesk", "[\"$strip_tags(a)\"]"), "/body: line 1, column 3: ", "takes one tag");
    problem(with("eddydesk", "[\"{secret:tokn}\"]"), "/body: line 1, column 3: ", "{secret:token}");
    problem(
        with("zammad", "[\"#{tickets.id}\"]"),
        "/body: line 1, column 3: ",
        "did you mean `ticket`?",
    );
    problem(
        with("zammad", "[\"#{ticket.titel}\"]"),
        "/body: line 1, column 3: ",
        "#{ticket.title}",
    );
    problem(with("zammad", "[\"#{ticket.group}\"]"), "/body: line 1, column 3: ", "say what of it");
    problem(with("jinja", "[\n\"{{ ticket.titel }}\"]"), "/body: line 2, column 5: ", "`title`");
    problem(with("jinja", "[\"{{ tickets }}\"]"), "/body: line 1, column 6: ", "`ticket`");
    problem(with("jinja", "[\n\"{{ ticket.title \"]"), "/body: line 2: ", "syntax error");
    let document = json!({"url": "https://example.com/", "syntax": "jinja", "body": {"a/b": ["{{ tickets }}"]}});
    problem(document, "/body/a~1b/0: ", "`ticket`");
}

#[test]
fn known_names_are_good() {
    for (syntax, body) in [
        (
            "eddydesk",
            "[{ticket_id}, \"{custom_field_7} {fields.x} $strip_tags( {answer_last} )\", {}]",
        ),
        (
            "zammad",
            "[\"#{ticket.id}\", \"#{ticket.owner.fullname} #{} #{ a }\", \"#{ticket.my_field}\"]",
        ),
        (
            "jinja",
            "[{% for c in changes %}{{ c.field }}, {% endfor %} {{ range(3)|length }}, \
             \"{{ ticket.fields.x.y|default('-') }} {{ ticket.tags[0] }}\"]",
        ),
    ] {
        assert_eq!(check(with(syntax, body)), [""; 0], "{body}");
    }
}

#[test]
fn bodies_are_read_in_their_format() {
    problem(
        with("eddydesk", "{\n  \"a\": \"{ticket_id}\",\n}"),
        "/body: the body is not JSON",
        "line 3 column 1",
    );
    problem(with("eddydesk", "{\"a\": {secret:token}}"), "/body: ", "put quotes around the secret");
    let fields = json!({"url": "https://example.com/", "format": "form", "body": {"a": ["b"]}});
    problem(fields, "/body: a: ", "a field is a text");
    let document = json!({"url": "https://example.com/", "format": "xml", "body": {"a": 1}});
    problem(document, "/body: ", "only JSON can be a document");
}

#[test]
fn headers_and_addresses() {
    let headers = |name: &str, auth: Value| json!({"url": "https://example.com/", "headers": { name: "x" }, "auth": auth});
    problem(headers("a b", json!({"kind": "none"})), "/headers/a b: ", "cannot be the name");
    problem(headers("Host", json!({"kind": "none"})), "/headers/Host: ", "set by the host");
    problem(
        headers("authorization", json!({"kind": "bearer"})),
        "/headers/authorization: ",
        "`auth`",
    );
    problem(
        headers("x-key", json!({"kind": "header", "name": "X-Key"})),
        "/headers/x-key: ",
        "`auth`",
    );
    problem(json!({"url": "example.com"}), "/url: ", "must begin with https://");
    problem(json!({"url": "https://{ticket_id}.example.com/"}), "/url: ", "scheme or host");
}
