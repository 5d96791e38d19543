//! The comment that seed 004 (EddyDesk webhooks, in Ukrainian) puts on a parent. Each case is a
//! file in `data/` and names the document that it comes from.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;
use std::path::Path;

use common::*;
use destination_parent_comment::ParentComment;
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{
    BasicCredentials, CheckSettings, Credential, Destination, Failure, Inbound, Part, Source,
};
use serde::Deserialize;
use source_eddydesk::EddyDesk;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    document: String,
    /// A case of the source plugin.
    #[serde(default)]
    source: Option<String>,
    /// Or what the helpdesk posts.
    #[serde(default)]
    post: Value,
    settings: Value,
    expected: Expected,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    url: String,
    form: Vec<(String, String)>,
}

/// The body of the event that the source plugin makes of a post.
fn read(post: &Value, settings: &Value) -> Value {
    let body = match &post["body"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let kind = post["content_type"].as_str().unwrap();
    let inbound = Inbound {
        method: "POST".into(),
        query: from_value(post["query"].clone()).unwrap_or_default(),
        headers: vec![("content-type".into(), kind.into())],
        body: body.into_bytes(),
    };
    let settings = from_value(settings.clone()).unwrap();
    let events = EddyDesk::parse(&inbound, &settings, &FakeHost::default()).unwrap();
    assert_eq!(events.len(), 1);
    from_str(&events[0].data).unwrap()
}

fn json_of(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

#[test]
fn the_documents_cases() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in fs::read_dir(here.join("tests/data")).unwrap() {
        let path = entry.unwrap().path();
        let case: Case = from_value(json_of(&path)).unwrap();
        let data = match &case.source {
            Some(name) => {
                let file = format!("../../sources/eddydesk/tests/data/{name}.json");
                let case = json_of(&here.join(file));
                read(&case["post"], &case["settings"])
            }
            None => read(&case.post, &json!({})),
        };
        let request = sent(&data, &case.settings);
        let found = Expected { url: url(&request).to_owned(), form: form(&request) };
        assert_eq!(found, case.expected, "{path:?} ({})", case.document);
        count += 1;
    }
    assert_eq!(count, 3);
}

/// Seed 004: "до: (двокрапки) ім'я користувача - електронна поштова адреса, після: (двокрапки)
/// пароль".
#[test]
fn the_request_is_a_form_of_somebody_with_a_key() {
    let request = sent(&child(&json!({})), &json!({}));
    assert_eq!(request.method, "POST");
    let pair = Part::Basic(BasicCredentials {
        username: Credential::Secret("email".into()),
        password: Credential::Secret("api_key".into()),
    });
    let form = vec![Part::Text("application/x-www-form-urlencoded".into())];
    assert_eq!(
        request.headers,
        [
            ("Authorization".to_owned(), vec![Part::Text("Basic ".into()), pair]),
            ("Content-Type".to_owned(), form)
        ]
    );
    let required: Vec<_> = ParentComment::describe().secrets.iter().map(|s| s.required).collect();
    assert_eq!(required, [true, true]);
}

#[test]
fn what_is_not_known_is_left_out() {
    let text = |more: Value| {
        let request = sent(&child(&more), &json!({}));
        form(&request).remove(0).1
    };
    assert_eq!(text(json!({})), "#1234\n\nГотово");
    assert_eq!(text(json!({"ticket": {"id": null}})), "Готово");
    assert_eq!(text(json!({"ticket": {"id": null, "title": "Принтер"}})), "Принтер\n\nГотово");
    assert_eq!(text(json!({"comment": {"author": {"email": "a@b.c"}}})), "a@b.c, #1234\n\nГотово");
    assert_eq!(text(json!({"actor": {"name": "Олена"}})), "Олена, #1234\n\nГотово");
    let html = json!({"comment": {"text": null, "html": "<p>a<br>b &lt; c</p>"}});
    assert_eq!(text(html), "#1234\n\na\nb < c");
    let file = json!({"comment": {"text": " ", "attachments": [{"url": "https://e.com/1.pdf"}]}});
    assert_eq!(text(file), "#1234\n\nhttps://e.com/1.pdf");
}

#[test]
fn tickets_without_a_parent_are_skipped() {
    for none in [json!(null), json!(""), json!(" "), json!("0"), json!(0), json!(false)] {
        let reason =
            skipped(&child(&json!({"ticket": {"fields": {"parent_ticket_id": none}}})), &json!({}));
        assert_eq!(
            reason,
            "the ticket has no parent: there is nothing in its field `parent_ticket_id` or `pid`"
        );
    }
    let reason = skipped(&child(&json!({})), &json!({"parent_field": "custom_field_12"}));
    assert!(reason.ends_with("its field `custom_field_12`"), "{reason}");
    let reason =
        skipped(&child(&json!({"ticket": {"fields": {"parent_ticket_id": 1234}}})), &json!({}));
    assert!(reason.starts_with("the ticket is its own parent"), "{reason}");
}

#[test]
fn the_parents_field_can_be_named() {
    let data = child(&json!({"ticket": {"fields": {
        "parent_ticket_id": "", "pid": 1300, "custom_field_12": " 1400 ", "unique": "ABC-123"
    }}}));
    for (more, parent) in [
        (json!({}), "1300"),
        (json!({"parent_field": "custom_field_12"}), "1400"),
        (json!({"parent_field": "unique"}), "ABC-123"),
    ] {
        let request = sent(&data, &more);
        assert_eq!(url(&request), format!("{BASE}/api/v2/tickets/{parent}/comments/"));
    }
}

#[test]
fn a_parents_id_that_is_none_fails() {
    for id in [
        json!("{parent_ticket_id}"),
        json!("1/../../users/1"),
        json!(".."),
        json!("1?x=y"),
        json!("1#x"),
        json!("%2e%2e"),
        json!("１２"),
        json!("1 2"),
        json!("1\r\nX: y"),
        json!(1.5),
        json!(["1"]),
        json!({"id": 1}),
        json!("1".repeat(41)),
    ] {
        let failure =
            transform(&child(&json!({"ticket": {"fields": {"parent_ticket_id": id}}})), &json!({}));
        let Err(Failure::Rejected(reason)) = failure else { panic!("{id}: {failure:?}") };
        assert!(reason.contains("`parent_ticket_id`") && reason.len() < 300, "{reason}");
        assert!(!reason.contains('\n'));
    }
}

#[test]
fn events_without_a_comment_are_skipped() {
    let mut data = child(&json!({}));
    data.as_object_mut().unwrap().remove("comment");
    let reason = skipped(&data, &json!({}));
    assert_eq!(reason, "there is no answer or comment in this `ticket.replied`");
    for comment in [json!({"text": " \n"}), json!({"text": null, "html": "<p></p>"})] {
        let reason = skipped(&child(&json!({ "comment": comment })), &json!({}));
        assert_eq!(reason, "the comment has neither a text nor files");
    }
}

/// Seed 004: "тільки якщо відповідь у підзаявку надійшла з боку клієнта".
#[test]
fn only_the_customers_answers_if_that_is_wanted() {
    let customer = json!({"ticket": {"customer": {"id": "77", "email": "olena@example.com"}}});
    let by = |author: Value| {
        let mut data = child(&customer);
        data["comment"]["author"] = author;
        data
    };
    let only = json!({"only_customer": true});
    for author in [
        json!({"kind": "customer"}),
        json!({"id": "77"}),
        json!({"email": "olena@example.com", "kind": "unknown"}),
    ] {
        sent(&by(author), &only);
    }
    for (author, who) in [
        (json!({"kind": "agent", "id": "77"}), "an agent"),
        (json!({"kind": "system"}), "a machine"),
        (json!({"id": "78"}), "not known"),
        (json!({"name": "Олена"}), "not known"),
        (json!(null), "not known"),
    ] {
        let data = by(author);
        let reason = skipped(&data, &only);
        assert!(reason.contains(who) && reason.contains("`only_customer`"), "{reason}");
        sent(&data, &json!({}));
    }
    // Who did it, where nobody is said to have written it.
    let mut data = by(json!(null));
    data["actor"] = json!({"kind": "customer"});
    sent(&data, &only);
}

#[test]
fn what_is_internal_stays_internal() {
    let public = json!({"visibility": "public"});
    let with = |visibility: &str| child(&json!({"comment": {"visibility": visibility}}));
    let reason = skipped(&with("internal"), &public);
    assert!(reason.contains("internal") && reason.contains("customers"), "{reason}");
    for visibility in ["public", "unknown"] {
        let request = sent(&with(visibility), &public);
        assert!(url(&request).ends_with("/tickets/1200/posts/"));
    }
    assert!(url(&sent(&with("internal"), &json!({}))).ends_with("/tickets/1200/comments/"));
}

#[test]
fn settings_that_cannot_work_are_named() {
    let problems = |more: Value| {
        let problems = ParentComment::check(&settings(&more));
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(problems(json!({})).is_empty());
    assert!(problems(json!({"base_url": "https://example.com:8443/"})).is_empty());
    let found = problems(json!({"base_url": "https://example.com/api/v2/"}));
    assert!(found[0].starts_with("/base_url: `/api/v2` is too much"), "{found:?}");
    let found = problems(json!({"base_url": "https://a@b.c:key@example.com"}));
    assert!(found[0].contains("`email` and `api_key`"), "{found:?}");
    assert!(!found[0].contains("key@"), "{found:?}");
    let found = problems(json!({"template": "{author}: {answer}"}));
    assert!(found[0].starts_with("/template: unknown tag `{answer}`"), "{found:?}");
    let failure = transform(&child(&json!({})), &json!({"template": "{answer}"}));
    assert!(matches!(failure, Err(Failure::Misconfigured(_))), "{failure:?}");
}

#[test]
fn the_schema_says_what_can_be_set() {
    let schema: Value = from_str(ParentComment::describe().settings_schema).unwrap();
    assert_eq!(schema["x-hookwright"], json!({"preset": "helpdeskeddy-api"}));
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["title"].is_string() && property["description"].is_string(), "{name}");
        for example in property["examples"].as_array().unwrap() {
            let set = settings(&json!({ name: example }));
            assert!(ParentComment::check(&set).is_empty(), "{name}");
        }
    }
    let defaults = json!({
        "visibility": schema["properties"]["visibility"]["default"],
        "only_customer": schema["properties"]["only_customer"]["default"],
    });
    let data = child(&json!({}));
    assert_eq!(transform(&data, &defaults), transform(&data, &json!({})));
}

#[test]
fn what_is_no_ticket_is_rejected() {
    for data in [json!(7), json!({"ticket": 7})] {
        let failure = transform(&data, &json!({}));
        assert!(
            matches!(&failure, Err(Failure::Rejected(text)) if text.starts_with("the event is not")),
            "{failure:?}"
        );
    }
}
