use hookwright_model::{
    Connection, Digest, EventId, Source, SourceAuth, SourceId, Subscription, SubscriptionId,
    Timestamp,
};
use hookwright_sandbox::TimeZone;
use serde_json::{Value, json};

use super::*;
use crate::delivery::write_back::WriteBacks;
use crate::proof::Proof;
use crate::registry::SourceEntry;

const DATA: &str = r#"{"ticket": {"id":"81", "title":"Привет",  "n": 1.50}, "comment": {}}"#;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn event(data: &str) -> Arc<Event> {
    Arc::new(Event {
        id: EventId::new(),
        source: name("desk"),
        event_type: "ticket.created".parse().unwrap(),
        subject: Some("81".into()),
        occurred_at: Timestamp::from_millis(1),
        received_at: Timestamp::from_millis(2),
        data_schema: "ticket/1".into(),
        data: data.into(),
        upstream_name: Some("Новая заявка".into()),
        dedupe_key: Some("x".into()),
    })
}

/// A source that has this connection, and the connections that there are.
fn snapshot(of_source: Option<&str>, connections: &[Connection]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let source = Source {
        id: SourceId::new(),
        name: name("desk"),
        enabled: true,
        plugin: name("eddydesk"),
        settings: "{}".into(),
        auth: SourceAuth::None {},
        time_zone: None,
        repeat_window_s: 0,
        track_changes: false,
        connection: of_source.map(name),
        updated_at: Timestamp::default(),
    };
    let proof = Proof::new(&source.auth, None);
    let entry = SourceEntry {
        source,
        plugin: Err("none".into()),
        limits: hookwright_model::Limits::default(),
        time_zone: TimeZone::UTC,
        proof,
    };
    snapshot.sources.insert(name("desk"), Arc::new(entry));
    for connection in connections {
        let target = Arc::new(Target::idle(connection.name.as_str()));
        let entry = ConnectionEntry { connection: connection.clone(), target };
        snapshot.connections.insert(connection.name.clone(), Arc::new(entry));
    }
    snapshot
}

fn connection(text: &str) -> Connection {
    Connection::new(name(text), name("helpdeskeddy-api"), Digest::of(b""))
}

fn entry() -> SubscriptionEntry {
    SubscriptionEntry {
        subscription: Subscription::new(name("sms"), name("sms-traffic"), Digest::of(b"")),
        target: Arc::new(Target::idle("the subscription's")),
        condition: None,
        address: None,
        write_backs: WriteBacks::default(),
    }
}

fn delivery(event: &Event, follow_up: Option<FollowUp>) -> Delivery {
    let new = Delivery::new(event.id, SubscriptionId::new(), Timestamp::now());
    Delivery { follow_up, ..new }
}

fn field(value: &str) -> FollowUp {
    FollowUp::SetField { field: "custom_field_12".into(), value: value.into() }
}

fn failure(result: Result<Means, Stopped>) -> String {
    match result {
        Err(Stopped::Failed(reason)) => reason,
        Err(Stopped::Held(reason)) => panic!("held: {reason}"),
        Ok(_) => panic!("it can go on"),
    }
}

#[test]
fn what_the_connections_plugin_is_given() {
    let event = event(DATA);
    let snapshot = snapshot(Some("api"), &[connection("api")]);
    let brake = Brake::default();
    let ask = |follow_up: FollowUp| {
        let mut delivery = delivery(&event, Some(follow_up));
        let means = means(&mut delivery, &event, &entry(), &snapshot, &brake).ok().unwrap();
        assert_eq!(means.target.plugin.as_ref().unwrap_err(), "api");
        assert_eq!(delivery.connection, Some(name("api")));
        means.event
    };
    let asked = ask(field("\"1000472891\""));
    assert_eq!(asked.event_type.as_str(), "connection.set_field");
    assert_eq!(asked.data_schema.as_ref(), "write/1");
    let same =
        |a: &Event| (a.id, a.source.clone(), a.subject.clone(), a.occurred_at, a.received_at);
    assert_eq!(same(&asked), same(&event));
    // The ticket is what it was, to the byte.
    assert_eq!(
        asked.data.as_ref(),
        r#"{"ticket":{"id":"81", "title":"Привет",  "n": 1.50},"field":{"name":"custom_field_12","value":"1000472891"}}"#
    );
    let asked = ask(FollowUp::AddComment { internal: true, text: "a \"b\"\n".into() });
    assert_eq!(asked.event_type.as_str(), "connection.add_comment");
    let data: Value = serde_json::from_str(&asked.data).unwrap();
    assert_eq!(data["comment"], json!({"text": "a \"b\"\n", "visibility": "internal"}));
    let asked = ask(FollowUp::AddComment { internal: false, text: "x".into() });
    assert!(asked.data.contains(r#""visibility":"public""#), "{}", asked.data);
}

#[test]
fn an_event_without_a_ticket_has_an_empty_one() {
    for data in ["{}", "[]", "\"text\"", r#"{"ticket":"81"}"#, r#"{"ticket":null}"#] {
        let asked = write_event(&event(data), &field("1")).unwrap();
        let data: Value = serde_json::from_str(&asked.data).unwrap();
        assert_eq!(data, json!({"ticket": {}, "field": {"name": "custom_field_12", "value": 1}}));
    }
    let told = write_event(&event("{}"), &field("{")).unwrap_err();
    assert!(told.starts_with("the value of the field `custom_field_12` is not JSON"), "{told}");
}

#[test]
fn everything_else_goes_the_subscriptions_way() {
    let event = event(DATA);
    let request = hookwright_model::Request {
        method: "GET".into(),
        url: hookwright_model::Template::text("https://example.com/"),
        headers: Vec::new(),
        body: hookwright_model::Template::default(),
    };
    for follow_up in [None, Some(FollowUp::Send(request))] {
        let mut delivery = delivery(&event, follow_up);
        let snapshot = snapshot(Some("api"), &[connection("api")]);
        let means =
            means(&mut delivery, &event, &entry(), &snapshot, &Brake::default()).ok().unwrap();
        assert_eq!(means.target.plugin.as_ref().unwrap_err(), "the subscription's");
        assert!(Arc::ptr_eq(&means.event, &event));
        assert_eq!(delivery.connection, None);
    }
}

#[test]
fn without_a_connection_it_fails_and_without_leave_it_waits() {
    let event = event(DATA);
    let brake = Brake::default();
    let try_with = |snapshot: &Snapshot, fixed: Option<&str>| {
        let mut delivery = delivery(&event, Some(field("1")));
        delivery.connection = fixed.map(name);
        means(&mut delivery, &event, &entry(), snapshot, &brake)
    };
    let reason = failure(try_with(&snapshot(None, &[connection("api")]), None));
    assert_eq!(reason, "the source `desk` has no connection to write back through");
    let reason = failure(try_with(&snapshot(Some("gone"), &[]), None));
    assert_eq!(reason, "there is no connection `gone` to write back through");
    let none = failure(try_with(&Snapshot::default(), None));
    assert_eq!(none, "the source `desk` has no connection to write back through");
    let disabled = Connection { enabled: false, ..connection("api") };
    let held = try_with(&snapshot(Some("api"), &[disabled]), None);
    assert!(matches!(held, Err(Stopped::Held(why)) if why == "the connection `api` is disabled"));
    // What was meant for one never goes through another.
    let other = snapshot(Some("api"), &[connection("api"), connection("old")]);
    let means = try_with(&other, Some("old")).ok().unwrap();
    assert_eq!(means.target.plugin.as_ref().unwrap_err(), "old");
}

#[test]
fn a_ticket_is_written_to_so_often_and_no_more() {
    let event = event(DATA);
    let brake = Brake::default();
    let api = Connection { writes_per_ticket_per_hour: 2, ..connection("api") };
    let snapshot = snapshot(Some("api"), &[api]);
    let mut first = delivery(&event, Some(field("1")));
    let go = |delivery: &mut Delivery| means(delivery, &event, &entry(), &snapshot, &brake);
    assert!(go(&mut first).is_ok());
    assert!(go(&mut delivery(&event, Some(field("2")))).is_ok());
    let reason = failure(go(&mut delivery(&event, Some(field("3")))));
    assert!(reason.starts_with("the ticket 81 was written to 2 times within an hour"), "{reason}");
    assert!(reason.contains("`api` allows (writes_per_ticket_per_hour)"), "{reason}");
    // A retry is no other write.
    assert!(go(&mut first).is_ok());
}
