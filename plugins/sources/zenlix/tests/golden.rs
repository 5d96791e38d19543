//! What Zenlix posts becomes the events that its documentation says.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use hookwright_sdk::serde_json::{Value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Inbound, ParsedEvent, Rejection, Source};
use source_zenlix::{Settings, Zenlix};

/// Seed 000, zenlix-webhooks (ru), the sample.
const SEED: &str = include_str!("../../../../tests/data/seeds/000-zenlix.json");

fn host() -> FakeHost {
    let times = [
        ("2019-06-11 11:24:18", 1_560_241_458_000),
        ("2019-06-07 10:01:46", 1_559_890_906_000),
        ("2019-06-09 22:57:33", 1_560_110_253_000),
    ];
    let times = times.map(|(text, time)| (text.to_owned(), time)).to_vec();
    FakeHost { times, ..FakeHost::default() }
}

fn seed() -> Value {
    hookwright_sdk::serde_json::from_str(SEED).unwrap()
}

fn post(body: &[u8]) -> Inbound {
    Inbound { method: "POST".into(), query: Vec::new(), headers: Vec::new(), body: body.to_vec() }
}

fn parse(body: &Value) -> (ParsedEvent, Value) {
    let inbound = post(body.to_string().as_bytes());
    let mut events = Zenlix::parse(&inbound, &Settings {}, &host()).unwrap();
    assert_eq!(events.len(), 1);
    let event = events.remove(0);
    let data = hookwright_sdk::serde_json::from_str(&event.data).unwrap();
    (event, data)
}

#[test]
fn the_documents_sample() {
    let (event, data) = parse(&seed());
    // The sample itself has the placeholder words `action` and `message`.
    assert_eq!(event.event_type, "ticket.other");
    assert_eq!(event.upstream_name.as_deref(), Some("action"));
    assert_eq!(event.subject.as_deref(), Some("E3XK"));
    assert_eq!(event.occurred_at, Some(1_560_241_458_000));
    assert_eq!(event.dedupe_key, None);
    let system = json!({
        "id": "test111@zenlix.com", "name": "System Account", "email": "test111@zenlix.com",
        "kind": "agent"
    });
    let client = json!({
        "id": "test111@zenlix.com", "name": "System Account", "email": "test111@zenlix.com",
        "kind": "customer"
    });
    let expected = json!({
        "ticket": {
            "id": "E3XK",
            "number": "E3XK",
            "title": "Message with attachments",
            "text": "Body text with attachments.\nРусский текст.",
            "state": "lock",
            "priority": "normal",
            "group": "Default group",
            "assignees": [system],
            "customer": client,
            "tags": ["from_mail"],
            "created_at": "1559890906000 ms after 1970"
        },
        "actor": client,
        "origin": {"kind": "zenlix", "event": "action", "description": "message"}
    });
    assert_eq!(data, expected);
}

#[test]
fn every_action_has_its_event() {
    // Seed 000 lists twelve in words; the names are those of the product's log and source.
    for (action, expected) in [
        ("create", "ticket.created"),
        ("refer", "ticket.assigned"),
        ("lock", "ticket.locked"),
        ("unlock", "ticket.unlocked"),
        ("ok", "ticket.resolved"),
        ("unok", "ticket.reopened"),
        ("waitok", "ticket.review_requested"),
        ("approve", "ticket.approved"),
        ("aprrove", "ticket.approved"),
        ("delete", "ticket.deleted"),
        ("restore", "ticket.restored"),
        ("comment", "ticket.commented"),
        ("edit", "ticket.updated"),
        ("noapprove", "ticket.rejected"),
        ("arch", "ticket.archived"),
        ("lockNext", "ticket.locked"),
        ("unokNext", "ticket.reopened"),
        ("что-то", "ticket.other"),
    ] {
        let mut body = seed();
        body["action"] = json!(action);
        let (event, data) = parse(&body);
        assert_eq!(event.event_type, expected, "{action}");
        assert_eq!(data["origin"]["event"], action);
        assert_eq!(data.get("comment").is_some(), action == "comment", "{action}");
    }
}

#[test]
fn a_comment_gets_its_time_from_the_log() {
    let mut body = seed();
    body["action"] = json!("comment");
    let (_, data) = parse(&body);
    assert_eq!(
        data["comment"],
        json!({
            "visibility": "unknown",
            "author": {
                "id": "info@zenlix.com", "name": "r", "email": "info@example.com",
                "kind": "unknown"
            },
            "text": "Ok!",
            "created_at": "1560110253000 ms after 1970"
        })
    );
    // Without the same number of entries there is nothing to pair.
    body["ticket"]["logs"].as_array_mut().unwrap().pop();
    let (_, data) = parse(&body);
    assert_eq!(data["comment"].get("created_at"), None);
    assert_eq!(data["comment"]["text"], "Ok!");
}

#[test]
fn empty_things_come_as_lists() {
    let mut body = seed();
    for field in ["client", "target_user", "comments", "logs"] {
        body["ticket"][field] = json!([]);
    }
    body["initial_user"] = json!(null);
    body["action"] = json!("comment");
    let (event, data) = parse(&body);
    assert_eq!(event.event_type, "ticket.commented");
    assert_eq!(data.get("comment"), None);
    assert_eq!(data["ticket"].get("customer"), None);
}

#[test]
fn bad_posts_are_refused_with_a_place() {
    let refuse = |body: &[u8]| match Zenlix::parse(&post(body), &Settings {}, &host()) {
        Err(Rejection::Malformed(problem)) => problem.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(refuse(b"action=create").starts_with("not JSON"));
    assert!(refuse(b"{}").starts_with("/action: no `action`"));
    assert!(refuse(br#"{"action":"create","ticket":"E3XK"}"#).starts_with("/ticket: "));
    assert!(refuse(br#"{"action":"create","dt":"11.06.2019"}"#).starts_with("/dt: "));
    assert!(refuse(b"{\"action\":\"\xd0\"}").starts_with("not UTF-8"));
    let list = br#"{"action":"create","ticket":{"comments":[{"author":[]}]}}"#;
    assert!(Zenlix::parse(&post(list), &Settings {}, &host()).is_ok(), "PHP's empty object");
}

/// What is served to people, kept with the model.
const CATALOGUE: &str = include_str!("../../../../host/model/catalogue/zenlix.json");

#[test]
fn the_catalogue_says_the_same() {
    let catalogue: Value = hookwright_sdk::serde_json::from_str(CATALOGUE).unwrap();
    let rows = catalogue["events"].as_array().unwrap();
    assert_eq!(rows.len(), 16);
    for row in rows {
        let mut body = seed();
        body["action"] = row["upstream"].clone();
        assert_eq!(parse(&body).0.event_type, row["type"], "{row}");
    }
}
