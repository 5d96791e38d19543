//! Names, formats, settings, and posts that are wrong.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use hookwright_sdk::serde_json::{self, Value, json};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Inbound, ParsedEvent, Rejection, Source};
use source_eddydesk::{EddyDesk, Settings};

fn settings(json: Value) -> Settings {
    serde_json::from_value(json).unwrap()
}

fn post(content_type: &str, body: &[u8]) -> Inbound {
    let headers = vec![("content-type".to_owned(), content_type.as_bytes().to_vec())];
    Inbound { method: "POST".into(), query: Vec::new(), headers, body: body.to_vec() }
}

fn read(inbound: &Inbound, set: Value) -> Result<(ParsedEvent, Value), Rejection> {
    let mut events = EddyDesk::parse(inbound, &settings(set), &FakeHost::default())?;
    assert_eq!(events.len(), 1);
    let event = events.remove(0);
    let data = serde_json::from_str(&event.data).unwrap();
    Ok((event, data))
}

fn json_post(body: &Value) -> Inbound {
    post("application/json", body.to_string().as_bytes())
}

fn event_type(name: &str) -> String {
    let body = json!({"event": name, "ticket_id": 1, "message": "x", "user_name": "y"});
    let (event, data) = read(&json_post(&body), json!({})).unwrap();
    assert_eq!(event.upstream_name.as_deref(), Some(name));
    assert_eq!(data["origin"]["event"], name);
    event.event_type
}

#[test]
fn every_condition_of_the_dispatcher_has_its_event() {
    // public templates
    for (name, expected) in [
        ("Новая заявка", "ticket.created"),
        ("Новый ответ", "ticket.replied"),
        ("Новый комментарий", "ticket.commented"),
        ("Изменения в заявке", "ticket.updated"),
        ("Изменение создателя", "ticket.requester_changed"),
        ("Достигнут SLA", "ticket.sla_reached"),
        ("Заявка объединена", "ticket.merged"),
        ("Разморозка", "ticket.unfrozen"),
        ("Заморозка до первого ответа", "ticket.frozen"),
        ("Минут от…", "ticket.reminder_reached"),
        // Names in public templates, public templates
        ("assigned_on_create", "ticket.assigned"),
        ("owner_changed", "ticket.assigned"),
        ("ticket_updated", "ticket.updated"),
        ("client_reply", "ticket.replied"),
        ("staff_reply", "ticket.replied"),
        ("ticket_closed", "ticket.closed"),
        ("sla_alert", "ticket.sla_reached"),
        ("new_message", "ticket.replied"),
        // Canonical types.
        ("ticket.department_changed", "ticket.department_changed"),
        ("TicketCreated", "ticket.created"),
        ("status-changed", "ticket.status_changed"),
        // What is not known.
        ("что-то", "ticket.other"),
        ("user.created", "ticket.other"),
        ("ticket.exploded", "ticket.other"),
        ("{event}", "ticket.other"),
    ] {
        assert_eq!(event_type(name), expected, "{name}");
    }
    assert_eq!(event_type(&"x".repeat(1_000_000)), "ticket.other");
}

#[test]
fn the_author_follows_from_the_name() {
    for (name, kind, author) in [
        ("client_reply", "customer", json!("Олена")),
        ("staff_reply", "agent", Value::Null),
        ("new_message", "customer", json!("Олена")),
    ] {
        let body = json!({"event": name, "ticket_id": 1, "message": "x", "user_name": "Олена"});
        let (_, data) = read(&json_post(&body), json!({})).unwrap();
        assert_eq!(data["comment"]["author"]["kind"], kind, "{name}");
        assert_eq!(data["comment"]["author"]["name"], author, "{name}");
    }
}

#[test]
fn settings_say_what_happened() {
    let body = json!({"event": "x", "what": "y", "type": "Інцидент", "ticket_id": 1});
    let kind = |set: Value| read(&json_post(&body), set).unwrap().0.event_type;
    assert_eq!(kind(json!({})), "ticket.other");
    assert_eq!(kind(json!({"event": "ticket.merged"})), "ticket.merged");
    assert_eq!(kind(json!({"event_types": {"X": "ticket.merged"}})), "ticket.merged");
    let set = json!({"event_field": "what", "event_types": {"y": "ticket.frozen"}});
    assert_eq!(kind(set), "ticket.frozen");
    let set = json!({"event_field": "/what", "event_types": {"x": "ticket.frozen"}});
    assert_eq!(kind(set), "ticket.other");
    // `type` is an event only if it names one.
    let (event, data) = read(&json_post(&json!({"type": "Новая заявка"})), json!({})).unwrap();
    assert_eq!(
        (event.event_type.as_str(), &data["ticket"]["type"]),
        ("ticket.created", &Value::Null)
    );
    let (event, data) = read(&json_post(&json!({"type": "Інцидент"})), json!({})).unwrap();
    assert_eq!(
        (event.event_type.as_str(), &data["ticket"]["type"]),
        ("ticket.other", &json!("Інцидент"))
    );
    assert_eq!(event.upstream_name, None);
}

#[test]
fn the_format_is_found_out() {
    let id = |content_type: &str, body: &str, set: Value| {
        let mut inbound = post(content_type, body.as_bytes());
        if content_type.is_empty() {
            inbound.headers.clear();
        }
        read(&inbound, set).map(|(event, _)| event.subject.unwrap_or_default())
    };
    let (json, xml, form) =
        (r#"{"ticket_id": 7}"#, "<t><ticket_id>7</ticket_id></t>", "ticket_id=7&x=y");
    for (content_type, body) in [
        ("application/json", json),
        ("application/vnd.api+json; charset=UTF-8", json),
        ("", json),
        ("text/plain", json),
        ("application/x-www-form-urlencoded", json),
        ("APPLICATION/JSON", "\u{feff} {\"ticket_id\":7}"),
        ("text/xml", xml),
        ("application/soap+xml", xml),
        ("", xml),
        ("application/x-www-form-urlencoded", xml),
        ("text/plain", "<?xml version=\"1.0\"?><t><ticket_id>7</ticket_id></t>"),
        ("application/x-www-form-urlencoded", form),
        ("", form),
    ] {
        assert_eq!(id(content_type, body, json!({})).unwrap(), "7", "{content_type} {body}");
    }
    assert_eq!(id("text/plain", form, json!({})).unwrap(), "");
    assert_eq!(id("text/plain", form, json!({"format": "form"})).unwrap(), "7");
    assert_eq!(id("", "<b>7</b>", json!({"format": "text"})).unwrap(), "");
    let multipart = id("multipart/form-data; boundary=x", "--x", json!({}));
    assert!(matches!(multipart, Err(Rejection::Unsupported(_))), "{multipart:?}");
}

#[test]
fn an_unread_time_is_no_reason_to_lose_an_event() {
    let body = json!({"event": "ticket.updated", "ticket_id": 1, "date_update": "вчора"});
    let host = FakeHost::default();
    let events = EddyDesk::parse(&json_post(&body), &settings(json!({})), &host).unwrap();
    assert_eq!(events[0].occurred_at, None);
    assert!(host.lines.borrow()[0].contains("the time of arrival is used instead"));
    let data: Value = serde_json::from_str(&events[0].data).unwrap();
    assert_eq!(data["ticket"]["updated_at"], "вчора");
}

#[test]
fn bad_posts_are_refused() {
    let malformed =
        |content_type: &str, body: &[u8]| match read(&post(content_type, body), json!({})) {
            Err(Rejection::Malformed(problem)) => problem.to_string(),
            other => panic!("{other:?}"),
        };
    assert!(malformed("application/json", b"").starts_with("nothing is in the body"));
    assert!(malformed("application/json", b"{}").starts_with("nothing is in the body"));
    assert!(malformed("application/json", b"{\"a\":null,\"b\":\" \"}").starts_with("nothing is"));
    assert!(malformed("application/json", b"hello").starts_with("not JSON: "));
    assert!(malformed("application/json", b"[1]").starts_with("a list as JSON"));
    assert!(malformed("application/json", b"{\"a\":\"\xd0\"}").starts_with("not UTF-8 at byte 6"));
    assert!(malformed("text/plain", b"\xff").starts_with("not UTF-8 at byte 0"));
    assert!(malformed("application/xml", b"<t>").starts_with("not XML: "));
    assert!(malformed("application/x-www-form-urlencoded", b"hello you").starts_with("not a form"));
    for open in ["{\"a\":", "[", "<a>", "{\"a\":[", "{\"a\":\"\n"] {
        let deep = post("", open.repeat(200_000).as_bytes());
        assert!(read(&deep, json!({})).is_err(), "{open}");
    }
    let broken = read(&post("application/json", br#"{"a":"x","a":"y"}"#), json!({}));
    assert!(matches!(broken, Err(Rejection::BrokenTemplate(_))), "{broken:?}");
}

#[test]
fn strange_values_do_no_harm() {
    for strange in [
        json!(null),
        json!(true),
        json!(-1.5),
        json!(1e300),
        json!([]),
        json!({}),
        json!([[[1]], {"id": []}]),
        json!({"id": {"id": {"id": {}}}}),
        json!("\u{0}\u{202e}\n"),
        json!("ы".repeat(1_000_000)),
    ] {
        let mut body = json!({"event": "client_reply"});
        for name in [
            "ticket_id",
            "ticket_name",
            "message",
            "user",
            "owner",
            "files",
            "status",
            "custom_fields",
            "date_update",
            "last_post_date",
            "tags",
            "event_key",
        ] {
            body[name] = strange.clone();
        }
        let (event, _) = read(&json_post(&body), json!({})).unwrap();
        assert_eq!(event.event_type, "ticket.replied");
        // An event's name of the wrong type is no name.
        read(&json_post(&json!({"event": strange, "ticket_id": 1})), json!({})).unwrap();
    }
}

#[test]
fn tables_and_schema_agree() {
    let schema: Value = serde_json::from_str(EddyDesk::describe().settings_schema).unwrap();
    let named = &schema["properties"]["fields"]["propertyNames"]["anyOf"][0]["enum"];
    let named: Vec<&str> = named.as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    let table: Value = serde_json::from_str(include_str!("../data/fields.json")).unwrap();
    for field in table["fields"].as_object().unwrap().keys() {
        let is_set_elsewhere = field == "event.name" || field.ends_with(".perhaps");
        assert!(is_set_elsewhere || named.contains(&field.as_str()), "{field}");
    }
    let table: Value = serde_json::from_str(include_str!("../data/event_types.json")).unwrap();
    for (name, entry) in table["event_types"].as_object().unwrap() {
        assert!(entry["from"].is_string() != (entry["guess"] == true), "{name}: from or guess");
        // Found by name, and a type of the closed list.
        assert_eq!(event_type(name), entry["type"].as_str().unwrap());
        assert_eq!(event_type(entry["type"].as_str().unwrap()), entry["type"].as_str().unwrap());
    }
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["title"].is_string() && property["description"].is_string(), "{name}");
        for example in property["examples"].as_array().into_iter().flatten() {
            settings(json!({ name: example }));
        }
    }
}

/// What is served to people, kept with the model.
const CATALOGUE: &str = include_str!("../../../../host/model/catalogue/eddydesk.json");

#[test]
fn the_catalogue_says_the_same() {
    let catalogue: Value = serde_json::from_str(CATALOGUE).unwrap();
    let rows = catalogue["events"].as_array().unwrap();
    assert_eq!(rows.len(), 17);
    for row in rows {
        assert_eq!(event_type(row["upstream"].as_str().unwrap()), row["type"], "{row}");
    }
}
