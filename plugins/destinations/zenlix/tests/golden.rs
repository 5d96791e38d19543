//! Zenlix-style web-hooks, as seed 000 (Zenlix webhooks, in Russian) has them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../standard-webhooks/tests/common/mod.rs"]
mod common;

use common::{KyivHost, Sample, body, header, headers_are_clean, hostile, samples, zenlix};
use destination_zenlix::{Settings, Zenlix};
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::{
    CheckSettings, Decision, Destination, Encoding, Event, Failure, Part, Request, SecretUse,
};
use proptest::prelude::*;

fn transform(event: &Event, more: &Value, host: &KyivHost) -> Result<Request, Failure> {
    let mut set = json!({"url": "https://example.com/zenlix"});
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings: Settings = from_value(set).unwrap();
    match Zenlix::transform(event, &settings, host)? {
        Decision::Deliver(mut requests) if requests.len() == 1 => Ok(requests.remove(0)),
        other => panic!("{other:?}"),
    }
}

fn request(event: &Event) -> Request {
    transform(event, &json!({}), &KyivHost::default()).unwrap()
}

fn payload(event: &Event) -> Value {
    from_str(body(&request(event))).unwrap()
}

/// The same event, as if another helpdesk had said it.
fn from_elsewhere(sample: &Sample) -> Event {
    let mut data = sample.data();
    data["origin"]["kind"] = json!("elsewhere");
    Event { data: data.to_string(), ..sample.event.clone() }
}

#[test]
fn zenlixs_own_post_comes_out_byte_for_byte() {
    let seed = common::zenlix_bytes();
    let inbound = common::post(seed.clone());
    let sample = common::parse::<source_zenlix::Zenlix>("zenlix", &inbound, json!({})).remove(0);
    let host = KyivHost { original_body: seed.clone(), ..KyivHost::default() };
    let request = transform(&sample.event, &json!({}), &host).unwrap();
    assert_eq!(body(&request).as_bytes(), seed);
    assert_eq!(request.method, "POST");
    // "Content type: 'json'=>'application/json'".
    assert_eq!(header(&request, "Content-Type"), Some("application/json"));
    assert_eq!(request.url, [Part::Text("https://example.com/zenlix".into())]);
    assert!(host.fake.lines.borrow().is_empty());
}

/// The sample's values in the sample's order, of what the canonical event keeps of them.
#[test]
fn the_samples_structure_made_anew() {
    let system = r#"{"email":"test111@zenlix.com","profile":{"full_name":"System Account","lang":"ru"},"contacts":{"email":"test111@zenlix.com"}}"#;
    let r = r#"{"email":"info@zenlix.com","profile":{"full_name":"r","lang":"ru"},"contacts":{"email":"info@example.com"}}"#;
    let expected = [
        r#"{"ticket":{"code":"E3XK","prio":"normal","status":"lock","#,
        r#""text":"Body text with attachments.\r\nРусский текст.","#,
        r#""subject":"Message with attachments","tags":"from_mail","urlhash":"E3XK","#,
        r#""created_at":"2019-06-07 10:01:46","inspect_after_ok":"false","#,
        r#""individual_ok":"false","deadline_time":null,"sla":[],"client":["#,
        system,
        r#"],"fields":[],"watched":[],"comments":[{"author":"#,
        r,
        r#","text":"Ok!"}],"author":"#,
        system,
        r#","target_group":"Default group","target_user":["#,
        system,
        r#"],"logs":[{"author":"#,
        system,
        r#","action":"comment","dt":"2019-06-09 22:57:33"}]},"initial_user":"#,
        system,
        r#","action":"comment","description":"message","dt":"2019-06-11 11:24:18"}"#,
    ];
    let event = from_elsewhere(&zenlix("comment"));
    assert_eq!(body(&request(&event)), expected.concat());
}

#[test]
fn what_the_source_reads_is_what_was_written() {
    for action in ["action", "create", "comment", "refer", "arch"] {
        let sample = zenlix(action);
        let written = body(&request(&from_elsewhere(&sample))).as_bytes().to_vec();
        let inbound = common::post(written);
        let again = common::parse::<source_zenlix::Zenlix>("again", &inbound, json!({})).remove(0);
        assert_eq!(again.event.occurred_at, sample.event.occurred_at);
        assert_eq!(again.event.subject, sample.event.subject);
        let (mut read, mut said) = (again.data(), sample.data());
        if action == "action" {
            // The placeholder of the sample is no action; a change of no kind is an `edit`.
            assert_eq!(read["origin"]["event"], "edit");
            read["origin"]["event"] = json!("action");
        } else {
            assert_eq!(again.event.event_type, sample.event.event_type);
        }
        // `author` is the client, whom the payload does not name twice.
        for value in [&mut read, &mut said] {
            value["actor"]["kind"] = json!("unknown");
        }
        assert_eq!(read, said, "{action}");
    }
}

#[test]
fn every_action_comes_back() {
    // Seed 000 lists twelve in words; the names are those of the product's log and source, as
    // are the last two.
    for action in [
        "create",
        "refer",
        "lock",
        "unlock",
        "ok",
        "unok",
        "waitok",
        "approve",
        "delete",
        "restore",
        "comment",
        "edit",
        "noapprove",
        "arch",
    ] {
        let payload = payload(&from_elsewhere(&zenlix(action)));
        assert_eq!(payload["action"], action);
        assert_eq!(payload["ticket"]["logs"][0]["action"], action);
    }
}

#[test]
fn what_zenlix_does_not_have_gets_its_nearest_word() {
    for (event_type, expected) in [
        ("ticket.replied", "comment"),
        ("ticket.closed", "ok"),
        ("ticket.team_changed", "refer"),
        ("ticket.department_changed", "refer"),
        ("ticket.status_changed", "edit"),
        ("ticket.merged", "edit"),
        ("ticket.other", "edit"),
        ("problem.created", "create"),
        ("subscription.test", "edit"),
        ("odd", "edit"),
    ] {
        let event = common::event(event_type, &json!({}));
        assert_eq!(payload(&event)["action"], expected, "{event_type}");
        let more = json!({"actions": {event_type: "approve"}});
        let request = transform(&event, &more, &KyivHost::default()).unwrap();
        assert_eq!(from_str::<Value>(body(&request)).unwrap()["action"], "approve");
    }
}

/// Seed 001 (Zammad), the sample: its ticket and its article in Zenlix's fields.
#[test]
fn zammads_sample() {
    let sample = samples().into_iter().find(|sample| sample.name == "zammad").unwrap();
    let data = sample.data();
    let payload = payload(&sample.event);
    let ticket = &payload["ticket"];
    assert_eq!(payload["action"], "create");
    assert_eq!(ticket["code"], data["ticket"]["number"]);
    assert_eq!(ticket["urlhash"], "81");
    assert_eq!(ticket["prio"], "normal");
    assert_eq!(ticket["status"], "free");
    assert_eq!(ticket["subject"], "Webhook-Test");
    assert_eq!(ticket["created_at"], "2020-11-13 17:34:35");
    // The article that a ticket begins with is its text, and no comment.
    assert_eq!(ticket["text"], data["comment"]["text"]);
    assert_eq!(ticket["comments"], json!([]));
    assert_eq!(ticket["client"][0]["profile"]["full_name"], "Emily Adams");
    assert_eq!(ticket["client"][0]["contacts"]["phone"], "0061 2 1234 7777");
    assert_eq!(ticket["target_group"], "Service Desk");
}

#[test]
fn events_of_every_helpdesk() {
    let seed: Value = from_str(&String::from_utf8(common::zenlix_bytes()).unwrap()).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for sample in samples() {
        let request = request(&sample.event);
        headers_are_clean(&request);
        let payload: Value = from_str(body(&request)).unwrap();
        assert_eq!(keys(&payload), keys(&seed), "{}", sample.name);
        assert_eq!(keys(&payload["ticket"]), keys(&seed["ticket"]), "{}", sample.name);
        for field in ["sla", "client", "fields", "watched", "comments", "target_user", "logs"] {
            assert!(payload["ticket"][field].is_array(), "{}: {field}", sample.name);
        }
        let data = sample.data();
        assert_eq!(payload["ticket"]["subject"], data["ticket"]["title"], "{}", sample.name);
        let mut texts = Vec::new();
        common::texts(&payload, &mut texts);
        let said = [&data["comment"]["text"], &data["ticket"]["text"]];
        for said in said.into_iter().filter_map(Value::as_str) {
            let is_there = texts.iter().any(|text| text.replace("\r\n", "\n") == said);
            assert!(is_there, "{}: {said}", sample.name);
        }
        // Another Hookwright takes it for a post of Zenlix.
        let inbound = common::post(body(&request).as_bytes().to_vec());
        let again = common::parse::<source_zenlix::Zenlix>(&sample.name, &inbound, json!({}));
        assert_eq!(again.len(), 1);
    }
}

#[test]
fn events_with_hardly_anything() {
    let mut event = common::event("ticket.created", &json!({}));
    event.subject = None;
    let nobody =
        r#"{"email":null,"profile":{"full_name":null,"lang":"ru"},"contacts":{"email":null}}"#;
    let expected = [
        r#"{"ticket":{"code":null,"prio":null,"status":null,"text":null,"subject":null,"#,
        r#""tags":"","urlhash":null,"created_at":null,"inspect_after_ok":"false","#,
        r#""individual_ok":"false","deadline_time":null,"sla":[],"client":[],"fields":[],"#,
        r#""watched":[],"comments":[],"author":"#,
        nobody,
        r#","target_group":null,"target_user":[],"logs":[{"author":"#,
        nobody,
        r#","action":"create","dt":"2019-06-11 11:24:18"}]},"initial_user":"#,
        nobody,
        r#","action":"create","description":"ticket.created","dt":"2019-06-11 11:24:18"}"#,
    ];
    assert_eq!(body(&request(&event)), expected.concat());
}

#[test]
fn changes_are_said_in_words() {
    let changes = json!([{"field": "state", "from": "open", "to": "closed"}, {"field": "group"}]);
    let event = common::event("ticket.updated", &json!({ "changes": changes }));
    assert_eq!(payload(&event)["description"], "state: open -> closed; group: ? -> ?");
    let event = common::event("ticket.updated", &json!({"origin": {"event": "task.update"}}));
    assert_eq!(payload(&event)["description"], "task.update");
}

#[test]
fn without_the_original_the_payload_is_made_anew() {
    let sample = zenlix("create");
    for original in [&b""[..], b"{}", b"\xff", b"[]", b"{\"action\":"] {
        let host = KyivHost { original_body: original.to_vec(), ..KyivHost::default() };
        let request = transform(&sample.event, &json!({}), &host).unwrap();
        assert!(body(&request).starts_with(r#"{"ticket":{"code":"E3XK","#));
        assert!(host.fake.lines.borrow()[0].contains("is not there"));
    }
    // What another helpdesk posted is never taken for Zenlix's.
    let host = KyivHost { original_body: common::zenlix_bytes(), ..KyivHost::default() };
    let request = transform(&from_elsewhere(&sample), &json!({}), &host).unwrap();
    assert!(body(&request).starts_with(r#"{"ticket":{"code":"E3XK","#));
}

#[test]
fn the_token_stands_in_the_address() {
    let url = |url: &str| {
        let event = common::event("ticket.created", &json!({}));
        transform(&event, &json!({ "url": url }), &KyivHost::default()).unwrap().url
    };
    let token = Part::Secret(SecretUse { slot: "token".into(), encoding: Encoding::Percent });
    let text = |text: &str| Part::Text(text.into());
    assert_eq!(
        url("https://example.com/{token}/hook?key={token}"),
        [text("https://example.com/"), token.clone(), text("/hook?key="), token]
    );
    // What a ticket says is never a reference.
    let event = common::event("ticket.created", &json!({"ticket": {"title": "{token}"}}));
    assert!(body(&request(&event)).contains(r#""subject":"{token}""#));
}

#[test]
fn what_is_no_ticket_is_rejected() {
    let mut event = common::event("ticket.created", &json!({}));
    for (data, expected) in [
        ("7", "the event has no origin: "),
        ("{", "the event has no origin: "),
        (r#"{"ticket":7}"#, "the event is not a ticket/1: "),
    ] {
        event.data = data.into();
        let failure = transform(&event, &json!({}), &KyivHost::default()).unwrap_err();
        assert!(
            matches!(&failure, Failure::Rejected(text) if text.starts_with(expected)),
            "{failure:?}"
        );
    }
}

#[test]
fn the_schemas_examples_are_settings() {
    let schema: Value = from_str(Zenlix::describe().settings_schema).unwrap();
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["title"].is_string() && property["description"].is_string(), "{name}");
        for example in property["examples"].as_array().unwrap() {
            let event = common::event("ticket.created", &json!({}));
            transform(&event, &json!({ name: example }), &KyivHost::default()).unwrap();
        }
    }
}

fn comes_back(text: &str) {
    let person = json!({"name": text, "email": text, "phone": text});
    let data = json!({
        "ticket": {
            "id": text, "number": text, "title": text, "text": text, "state": text,
            "priority": text, "group": text, "assignees": [person], "customer": person,
            "tags": [text], "created_at": text, "due_at": text
        },
        "comment": {"text": text, "author": person, "created_at": text},
        "actor": person,
        "origin": {"kind": text, "event": text, "description": text}
    });
    let request = request(&common::event("ticket.commented", &data));
    headers_are_clean(&request);
    let payload: Value = from_str(body(&request)).unwrap();
    let ticket = &payload["ticket"];
    let same = |value: &Value| assert_eq!(value, text);
    [&ticket["code"], &ticket["subject"], &ticket["urlhash"], &ticket["target_group"]]
        .into_iter()
        .for_each(same);
    same(&ticket["comments"][0]["text"]);
    same(&ticket["tags"]);
    same(&payload["description"]);
    same(&payload["initial_user"]["contacts"]["phone"]);
    let lines = |text: &str| text.replace("\r\n", "\n");
    assert_eq!(lines(ticket["text"].as_str().unwrap()), lines(text));
}

#[test]
fn hostile_texts_come_back() {
    hostile().iter().for_each(|text| comes_back(text));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_comes_back(text in any::<String>()) {
        comes_back(&text);
    }
}

#[test]
fn an_address_with_a_password_in_it_is_told() {
    let problems = |url: &str| {
        let settings = hookwright_sdk::serde_json::json!({ "url": url });
        let settings: Settings = hookwright_sdk::serde_json::from_value(settings).unwrap();
        Zenlix::check(&settings).len()
    };
    assert_eq!(problems("https://example.com/hook"), 0);
    assert_eq!(problems("https://user:password@example.com/hook"), 1);
}

/// The host tells of itself: there is no ticket to say anything of.
#[test]
fn what_happens_to_the_host_is_skipped() {
    let event = Event {
        id: "evt_1".into(),
        source: "hookwright".into(),
        event_type: "plugin.suspended".into(),
        subject: Some("telegram".into()),
        occurred_at: 0,
        data_schema: "operation/1".into(),
        data: r#"{"summary":"The plugin telegram is suspended","url":"https://h.example"}"#.into(),
    };
    let decision = Zenlix::transform(
        &event,
        &from_value(json!({"url": "https://example.com/zenlix"})).unwrap(),
        &KyivHost::default(),
    );
    let Ok(Decision::Skip(reason)) = decision else { panic!("{decision:?}") };
    assert!(reason.contains("of no ticket"), "{reason}");
}
