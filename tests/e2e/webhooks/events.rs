//! All events of the document: taken, routed, and called what they are.

use std::collections::HashSet;

use hookwright_tests::{Sink, until};
use serde_json::{Value, json};

use super::{create, document, plain, start, subscription, wrong};

#[test]
fn every_event_is_delivered_by_its_name() {
    let sink = Sink::start();
    let daemon = start();
    let api = daemon.api();
    let document = document();
    let events: Vec<_> = document["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event.as_str().unwrap())
        .collect();
    assert_eq!(events.iter().collect::<HashSet<_>>().len(), 77);
    // Those that the product has got since.
    let newer = ["create", "update", "delete", "secrets-update"];
    let newer: Vec<_> = newer.iter().map(|verb| format!("app_instance.{verb}")).collect();
    let all = events.into_iter().chain(newer.iter().map(String::as_str));
    let mut wanted = HashSet::new();
    let mut types = HashSet::new();
    for event in all {
        let made = create(&api, &plain(event, &sink.url(&format!("/{event}"))));
        assert_eq!((&made["event"], &made["name"]), (&json!(event), &json!(event)));
        // What other helpdesks tell apart can come as one event.
        for event_type in subscription(&api, &made)["events"].as_array().unwrap() {
            let event_type = event_type.as_str().unwrap();
            assert!(types.insert(event_type.to_owned()), "{event_type} is taken by two");
            let data = json!({ "ticket": { "id": "81" }, "origin": { "kind": "tests" } });
            drop(daemon.send(event_type, &data));
            wanted.insert((format!("/{event}"), made["id"].clone().to_string()));
        }
    }
    assert!(types.len() > 81, "{}", types.len());
    until("all to come", || (sink.count() >= types.len()).then_some(()));
    let came = sink.requests();
    assert_eq!(came.len(), types.len());
    let seen: HashSet<_> = came
        .iter()
        .map(|request| {
            let body = request.json();
            let event = body["event"].as_str().unwrap();
            assert_eq!(request.path, format!("/{event}"), "{body}");
            assert_eq!((&body["name"], &body["object_id"]), (&json!(event), &json!(81)));
            (request.path.clone(), body["webhook_id"].to_string())
        })
        .collect();
    assert_eq!(seen, wanted);
}

#[test]
fn there_are_no_others() {
    let daemon = start();
    let api = daemon.api();
    let post = |event: Value| {
        let wanted = json!({ "event": event, "uri": "https://a.example/" });
        wrong(&api.post_json("/webhooks", &wanted), "event")
    };
    assert!(post(json!("problem.created")).contains("problem.update"));
    assert!(post(json!("Problem.update")).contains("there is no event"));
    assert!(post(json!("ticket.created")).contains("such as `request.create`"));
    assert!(post(json!("webhook.verify")).contains("by itself"));
    assert_eq!(post(json!("")), "it is a text, and is required");
    assert_eq!(post(json!(["problem.update"])), "it is a text, and is required");
    assert_eq!(api.items("/v1/subscriptions").len(), 0);
}
