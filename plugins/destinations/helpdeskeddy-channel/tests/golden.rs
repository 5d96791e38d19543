//! What HelpDeskEddy's outgoing channel posts, as far as seed 002 (outgoing channel, in Russian)
//! says it: twelve events, and the value `ticket_answer` of `event_type`. All other names are the
//! guesses of the source plugin.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../standard-webhooks/tests/common/mod.rs"]
mod common;

use common::{KyivHost, Sample, body, header, headers_are_clean, hostile, samples};
use destination_helpdeskeddy_channel::{HelpDeskEddyChannel, Settings};
use hookwright_sdk::serde_json::{Value, from_str, from_value, json};
use hookwright_sdk::{
    CheckSettings, Decision, Destination, Encoding, Event, Failure, Part, Request, SecretUse,
};
use proptest::prelude::*;

fn settings(more: &Value) -> Settings {
    let mut set = json!({"url": "https://example.com/hde"});
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    from_value(set).unwrap()
}

/// The request, or why nothing is sent.
fn transform(event: &Event, more: &Value, host: &KyivHost) -> Result<Request, String> {
    match HelpDeskEddyChannel::transform(event, &settings(more), host) {
        Ok(Decision::Deliver(mut requests)) if requests.len() == 1 => Ok(requests.remove(0)),
        Ok(Decision::Skip(reason)) => Err(reason),
        other => panic!("{other:?}"),
    }
}

fn request(event: &Event) -> Request {
    transform(event, &json!({}), &KyivHost::default()).unwrap()
}

fn posted(event: &Event) -> Value {
    from_str(body(&request(event))).unwrap()
}

/// The same event, as if another helpdesk had said it.
fn from_elsewhere(sample: &Sample) -> Event {
    let mut data = sample.data();
    data["origin"]["kind"] = json!("elsewhere");
    Event { data: data.to_string(), ..sample.event.clone() }
}

fn channel_samples() -> Vec<Sample> {
    let samples = samples().into_iter();
    let samples: Vec<_> =
        samples.filter(|sample| sample.name.starts_with("helpdeskeddy-channel/")).collect();
    assert_eq!(samples.len(), 7);
    samples
}

fn read_again(request: &Request) -> Sample {
    let inbound = common::post(body(request).as_bytes().to_vec());
    common::parse::<source_helpdeskeddy_channel::HelpDeskEddyChannel>("again", &inbound, json!({}))
        .remove(0)
}

#[test]
fn a_channels_own_post_comes_out_byte_for_byte() {
    for sample in channel_samples() {
        // Spaces and all.
        let original = format!(" {}\r\n", String::from_utf8(sample.original.clone()).unwrap());
        let original_body = original.clone().into_bytes();
        let host = KyivHost { original_body, ..KyivHost::default() };
        let request = transform(&sample.event, &json!({}), &host).unwrap();
        assert_eq!(body(&request), original, "{}", sample.name);
        assert_eq!(request.method, "POST");
        assert_eq!(header(&request, "Content-Type"), Some("application/json"));
    }
}

/// Seed 002: "в event_type отображается событие ticket_answer". The rest is our guess.
#[test]
fn an_answer_made_anew() {
    let samples = channel_samples();
    let found = samples.iter().find(|sample| sample.name.ends_with("/answer-nested")).unwrap();
    let expected = json!({
        "event_type": "ticket_answer",
        "event_date": "12:30:00 01.03.2024",
        "ticket": {
            "id": 1234,
            "unique_id": "ABC-123",
            "title": "Принтер",
            "status": "open",
            "priority": "2",
            "department": "Support",
            "owner_id": 5,
            "owner_name": "Иван Коваль",
            "user_id": 77,
            "user_name": "Мария",
            "user_email": "maria@example.com",
            "tags": ["касса", "срочно"],
            "date_created": "12:00:00 01.03.2024",
            "date_updated": "12:30:01 01.03.2024",
            "custom_fields": [
                {"id": 25, "field_value": "x"},
                {"id": "department.id", "field_value": 3},
                {"id": "pid", "field_value": 0},
                {"id": "source", "field_value": "web"}
            ]
        },
        "answer": {
            "id": 9001,
            "text": "<p>Порт <b>5555</b></p>",
            "date_created": "12:30:00 01.03.2024",
            "user_id": 77,
            "user_name": "Мария",
            "user_email": "maria@example.com",
            "files": [{"name": "Счёт.pdf", "link": "https://files.example.com/1"}]
        },
        "initiator": {"id": 77, "name": "Мария", "email": "maria@example.com"}
    });
    assert_eq!(posted(&from_elsewhere(found)), expected);
}

#[test]
fn what_the_source_reads_is_what_was_written() {
    for sample in channel_samples() {
        let Ok(request) = transform(&from_elsewhere(&sample), &json!({}), &KyivHost::default())
        else {
            panic!("{}", sample.name);
        };
        let again = read_again(&request);
        assert_eq!(again.event.event_type, sample.event.event_type, "{}", sample.name);
        assert_eq!(again.event.subject, sample.event.subject, "{}", sample.name);
        assert_eq!(again.event.occurred_at, sample.event.occurred_at, "{}", sample.name);
        let (mut read, mut said) = (again.data(), sample.data());
        for value in [&mut read, &mut said] {
            // Fields of one helpdesk are custom fields of the other.
            value["ticket"].as_object_mut().unwrap().remove("fields");
            // The name, where the settings had another; and who did it, where nobody said.
            value.as_object_mut().unwrap().remove("origin");
            value.as_object_mut().unwrap().remove("actor");
        }
        assert_eq!(read, said, "{}", sample.name);
    }
}

#[test]
fn every_subscription_has_its_event() {
    // Seed 002, the list of subscriptions.
    for (event_type, channel, expected) in [
        ("ticket.created", "", "ticket_create"),
        ("ticket.replied", "classic", "ticket_answer"),
        ("ticket.replied", "", "ticket_answer"),
        ("ticket.replied", "omni", "ticket_chat_answer"),
        ("ticket.commented", "", "ticket_comment"),
        ("ticket.status_changed", "", "ticket_status"),
        ("ticket.priority_changed", "", "ticket_priority"),
        ("ticket.type_changed", "", "ticket_type"),
        ("ticket.assigned", "", "ticket_owner"),
        ("ticket.closed", "", "ticket_close"),
        ("ticket.department_changed", "", "ticket_department"),
        ("ticket.sla_reached", "", "ticket_sla"),
        ("ticket.rated", "", "ticket_rate"),
        // What other helpdesks have.
        ("ticket.resolved", "", "ticket_close"),
        ("ticket.locked", "", "ticket_status"),
        ("ticket.team_changed", "", "ticket_department"),
        // The host tries out a subscription: a channel has no test messages.
        ("subscription.test", "", "ticket_create"),
    ] {
        let data = json!({"comment": {"text": "x", "channel": channel}});
        let event = common::event(event_type, &data);
        assert_eq!(posted(&event)["event_type"], expected, "{event_type} {channel}");
    }
}

#[test]
fn what_changed_and_who_can_see_it_decide() {
    let name = |event_type: &str, data: &Value| {
        posted(&common::event(event_type, data))["event_type"].clone()
    };
    let changed = |field: &str| json!({"changes": [{"field": "x"}, {"field": field}]});
    assert_eq!(name("ticket.updated", &changed("priority")), "ticket_priority");
    assert_eq!(name("ticket.updated", &changed("assignees")), "ticket_owner");
    let comment = |visibility: &str| json!({"comment": {"text": "x", "visibility": visibility}});
    assert_eq!(name("ticket.commented", &comment("public")), "ticket_answer");
    assert_eq!(name("ticket.commented", &comment("internal")), "ticket_comment");
    let data = comment("public");
    let public = posted(&common::event("ticket.commented", &data));
    assert_eq!(public["answer"]["text"], "x");
}

#[test]
fn what_a_channel_does_not_know_is_skipped_and_can_be_named() {
    for event_type in ["ticket.merged", "ticket.updated", "ticket.other", "problem.created"] {
        let event = common::event(event_type, &json!({}));
        let reason = transform(&event, &json!({}), &KyivHost::default()).unwrap_err();
        assert!(reason.contains(event_type) && reason.contains("`event_types`"), "{reason}");
        let more = json!({"event_types": {"own_name": event_type}});
        let request = transform(&event, &more, &KyivHost::default()).unwrap();
        assert_eq!(from_str::<Value>(body(&request)).unwrap()["event_type"], "own_name");
    }
    // The settings come before the table, for what is near to a type too.
    let more = json!({"event_types": {"closed": "ticket.closed"}});
    let event = common::event("ticket.resolved", &json!({}));
    let request = transform(&event, &more, &KyivHost::default()).unwrap();
    assert_eq!(from_str::<Value>(body(&request)).unwrap()["event_type"], "closed");
}

#[test]
fn fields_have_the_places_of_the_settings() {
    let data = json!({
        "ticket": {"id": "7", "state": "open", "fields": {"project": "x", "other": "y"}},
        "comment": {"text": "plain", "html": "<p>plain</p>"}
    });
    let more = json!({"fields": {
        "ticket.state": "/ticket/status_id",
        "ticket.fields.project": "custom_field_5",
        "comment.text": "/answer/plain",
        "event.id": "id",
        "ticket.title": "/nowhere"
    }});
    let event = common::event("ticket.replied", &data);
    let request = transform(&event, &more, &KyivHost::default()).unwrap();
    let expected = json!({
        "event_type": "ticket_answer",
        "event_date": "11:24:18 11.06.2019",
        "id": "evt_0199f5e0a8c07c3e8d2f1a2b3c4d5e6f",
        "custom_field_5": "x",
        "ticket": {
            "id": 7,
            "status_id": "open",
            "custom_fields": [{"id": "other", "field_value": "y"}]
        },
        "answer": {"plain": "plain", "text": "<p>plain</p>"}
    });
    assert_eq!(from_str::<Value>(body(&request)).unwrap(), expected);
}

#[test]
fn places_in_each_others_way_are_refused() {
    let problems = |fields: Value| {
        let problems = HelpDeskEddyChannel::check(&settings(&json!({ "fields": fields })));
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(problems(json!({"ticket.id": "/ticket/text", "ticket.title": "title"})).is_empty());
    let bad = json!({"ticket.id": "/ticket", "ticket.title": "/ticket/title"});
    let found = problems(bad.clone());
    assert!(found[0].starts_with("/fields/ticket.title: `/ticket/title` is in the way"));
    let event = common::event("ticket.created", &json!({"ticket": {"id": "1", "title": "x"}}));
    let set = settings(&json!({ "fields": bad }));
    let failure = HelpDeskEddyChannel::transform(&event, &set, &KyivHost::default());
    assert!(matches!(failure, Err(Failure::Misconfigured(_))), "{failure:?}");
    // Known places give way.
    let more = json!({"fields": {"ticket.title": "ticket"}});
    let request = transform(&event, &more, &KyivHost::default()).unwrap();
    assert_eq!(from_str::<Value>(body(&request)).unwrap()["ticket"], "x");
}

#[test]
fn events_of_every_helpdesk() {
    let (mut sent, mut skipped) = (0, 0);
    for sample in samples() {
        let event = from_elsewhere(&sample);
        let request = match transform(&event, &json!({}), &KyivHost::default()) {
            Ok(request) => request,
            Err(reason) => {
                assert!(reason.contains(&event.event_type), "{}: {reason}", sample.name);
                skipped += 1;
                continue;
            }
        };
        sent += 1;
        headers_are_clean(&request);
        let post: Value = from_str(body(&request)).unwrap();
        let data = sample.data();
        assert_eq!(post["ticket"]["title"], data["ticket"]["title"], "{}", sample.name);
        let mut texts = Vec::new();
        common::texts(&post, &mut texts);
        let comment = &data["comment"];
        let said = [comment.get("html").unwrap_or(&comment["text"]), &data["ticket"]["text"]];
        for said in said.into_iter().filter_map(Value::as_str) {
            assert!(texts.iter().any(|text| text == said), "{}: {said}", sample.name);
        }
        let again = read_again(&request);
        assert_ne!(again.event.event_type, "ticket.other", "{}", sample.name);
        assert_eq!(again.event.subject.is_some(), sample.event.subject.is_some());
    }
    assert!(sent > 20 && skipped > 3, "{sent} sent, {skipped} skipped");
}

#[test]
fn events_with_hardly_anything() {
    let mut event = common::event("ticket.created", &json!({}));
    event.subject = None;
    let expected = r#"{"event_date":"11:24:18 11.06.2019","event_type":"ticket_create"}"#;
    assert_eq!(body(&request(&event)), expected);
}

#[test]
fn without_the_original_it_is_made_anew() {
    let samples = channel_samples();
    let sample = samples.iter().find(|sample| sample.name.ends_with("/comment")).unwrap();
    for original in [&b""[..], b"{}", b"[]", b"\xff", b"{\"event_type\":"] {
        let host = KyivHost { original_body: original.to_vec(), ..KyivHost::default() };
        let request = transform(&sample.event, &json!({}), &host).unwrap();
        let post: Value = from_str(body(&request)).unwrap();
        assert_eq!(post["comment"]["text"], "Позвонить утром");
        assert!(host.fake.lines.borrow()[0].contains("made anew"));
    }
}

#[test]
fn the_token_stands_in_the_address() {
    let event = common::event("ticket.created", &json!({}));
    let more = json!({"url": "https://example.com/hde?key={token}"});
    let request = transform(&event, &more, &KyivHost::default()).unwrap();
    let token = Part::Secret(SecretUse { slot: "token".into(), encoding: Encoding::Percent });
    assert_eq!(request.url, [Part::Text("https://example.com/hde?key=".into()), token]);
}

#[test]
fn what_is_no_ticket_is_rejected() {
    let mut event = common::event("ticket.created", &json!({}));
    for (data, expected) in
        [("7", "the event has no origin: "), (r#"{"ticket":7}"#, "the event is not a ticket/1: ")]
    {
        event.data = data.into();
        let set = settings(&json!({}));
        let failure = HelpDeskEddyChannel::transform(&event, &set, &KyivHost::default());
        assert!(
            matches!(&failure, Err(Failure::Rejected(text)) if text.starts_with(expected)),
            "{failure:?}"
        );
    }
}

#[test]
fn the_data_says_what_is_a_guess_and_what_can_be_set() {
    let table: Value = from_str(include_str!("../data/fields.json")).unwrap();
    let schema: Value = from_str(HelpDeskEddyChannel::describe().settings_schema).unwrap();
    let named = &schema["properties"]["fields"]["propertyNames"]["anyOf"][0]["enum"];
    for (field, place) in table["fields"].as_object().unwrap() {
        assert_eq!(place.as_str().unwrap().starts_with("?/"), field != "event.name", "{field}");
        let is_settable = named.as_array().unwrap().contains(&json!(field));
        assert_eq!(is_settable, field != "event.name", "{field}");
    }
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["title"].is_string() && property["description"].is_string(), "{name}");
        for example in property["examples"].as_array().unwrap() {
            let set = settings(&json!({ name: example }));
            assert!(HelpDeskEddyChannel::check(&set).is_empty(), "{name}");
        }
    }
}

fn comes_back(text: &str) {
    let person = json!({"id": text, "name": text, "email": text, "phone": text});
    let data = json!({
        "ticket": {
            "id": text, "number": text, "title": text, "text": text, "state": text,
            "group": text, "assignees": [person], "customer": person, "tags": [text],
            "created_at": text, "fields": {text: text}
        },
        "comment": {"text": text, "author": person, "attachments": [{"name": text}]},
        "actor": person,
        "changes": [{"field": text, "from": text}],
        "origin": {"kind": text, "event": text}
    });
    let request = request(&common::event("ticket.replied", &data));
    headers_are_clean(&request);
    let post: Value = from_str(body(&request)).unwrap();
    let same = |value: &Value| assert_eq!(value, text);
    let ticket = &post["ticket"];
    [&ticket["unique_id"], &ticket["title"], &ticket["text"], &ticket["department"]]
        .into_iter()
        .for_each(same);
    same(&ticket["tags"][0]);
    same(&ticket["custom_fields"][0]["field_value"]);
    same(&post["answer"]["text"]);
    same(&post["answer"]["files"][0]["name"]);
    same(&post["initiator"]["name"]);
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
    let decision =
        HelpDeskEddyChannel::transform(&event, &settings(&json!({})), &KyivHost::default());
    let Ok(Decision::Skip(reason)) = decision else { panic!("{decision:?}") };
    assert!(reason.contains("of no ticket"), "{reason}");
}
