//! Who changes something knows what it was.

use std::sync::Barrier;

use hookwright_tests::Sink;
use serde_json::{Value, json};

use super::{delete, header, put, send, start, subscription};

#[test]
fn of_two_writers_one_has_to_look_again() {
    let (daemon, sink) = (start(), Sink::start());
    let api = daemon.api();
    let wanted = subscription("duty", &sink);
    let made = api.post_json("/v1/subscriptions", &wanted).expect(201);
    let path = "/v1/subscriptions/duty";
    let tag = header(&made, "etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    // Many at once, each of the version that all have seen: one is made.
    for round in 0..5 {
        let tag = header(&api.get(path), "etag").to_owned();
        let together = Barrier::new(4);
        let statuses = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (api, tag, together) = (api.clone(), tag.clone(), &together);
                    let document = json!({"description": format!("{round}, {writer}")});
                    scope.spawn(move || {
                        together.wait();
                        let headers = [("If-Match", tag.as_str())];
                        send(&api, "PATCH", path, &headers, &document).status
                    })
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect::<Vec<_>>()
        });
        let count = |status| statuses.iter().filter(|one| **one == status).count();
        assert_eq!((count(200), count(412)), (1, 3), "{statuses:?}");
    }
    let headers = [("If-Match", tag.as_str())];
    for (method, body) in [("PUT", wanted.clone()), ("DELETE", Value::Null)] {
        drop(send(&api, method, path, &headers, &body).problem(412));
    }
    drop(send(&api, "PUT", path, &[("If-Match", "no quotes")], &wanted).problem(400));
    let now = header(&api.get(path), "etag").to_owned();
    drop(send(&api, "PUT", path, &[("If-Match", &format!("\"x\", {now}"))], &wanted).expect(200));
    drop(send(&api, "DELETE", path, &[("If-Match", "*")], &Value::Null).expect(204));
}

/// Set-ups that are made at the same time do not undo each other.
#[test]
fn nothing_is_lost_between_looking_and_changing() {
    let (daemon, sink) = (start(), Sink::start());
    let api = daemon.api();
    drop(api.post_json("/v1/subscriptions", &subscription("duty", &sink)).expect(201));
    let fields = ["description", "time_zone", "timeout_s", "max_concurrent"];
    let values = [json!("At night"), json!("Europe/Berlin"), json!(7.0), json!(3)];
    for _ in 0..3 {
        std::thread::scope(|scope| {
            for (field, value) in fields.iter().zip(&values) {
                let api = api.clone();
                scope.spawn(move || {
                    for value in [&Value::Null, value] {
                        let document = json!({*field: value});
                        drop(
                            send(&api, "PATCH", "/v1/subscriptions/duty", &[], &document)
                                .expect(200),
                        );
                    }
                });
            }
        });
        let shown = api.get("/v1/subscriptions/duty").expect(200).json();
        for (field, value) in fields.iter().zip(&values) {
            assert_eq!(shown[field], *value, "{shown}");
        }
    }
    // Of many that make the same, one makes it.
    let statuses = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..4)
            .map(|_| {
                let (api, wanted) = (api.clone(), subscription("other", &sink));
                scope.spawn(move || api.post_json("/v1/subscriptions", &wanted).status)
            })
            .collect();
        makers.into_iter().map(|maker| maker.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(api.items("/v1/subscriptions").len(), 2);
}

#[test]
fn who_looks_again_gets_it_only_if_it_is_new() {
    let (daemon, sink) = (start(), Sink::start());
    let api = daemon.api();
    drop(api.post_json("/v1/subscriptions", &subscription("duty", &sink)).expect(201));
    drop(put(&api, "/v1/secrets/key", &json!({"value": "a-secret"})).expect(201));
    let plugin = api.items("/v1/plugins")[0]["digest"].as_str().unwrap().to_owned();
    for path in [
        "/v1/subscriptions/duty",
        "/v1/settings",
        "/v1/secrets/key",
        &format!("/v1/plugins/{plugin}"),
    ] {
        let tag = header(&api.get(path).expect(200), "etag").to_owned();
        let again = send(&api, "GET", path, &[("If-None-Match", &tag)], &Value::Null).expect(304);
        assert!(again.body.is_empty());
        assert_eq!(header(&again, "etag"), tag);
        drop(send(&api, "GET", path, &[("If-None-Match", "\"x\"")], &Value::Null).expect(200));
    }
    // A failure is news, and no change.
    let tag = header(&api.get("/v1/subscriptions/duty"), "etag").to_owned();
    let url = json!({"settings": {"url": "http://127.0.0.1:1/"}, "retry": "off"});
    drop(send(&api, "PATCH", "/v1/subscriptions/duty", &[("If-Match", &tag)], &url).expect(200));
    let tag = header(&api.get("/v1/subscriptions/duty"), "etag").to_owned();
    let event = daemon.send("test.duty", &json!({"do": "nothing"}));
    assert_eq!(daemon.ended(&event, "duty")["state"], "failed");
    let known = [("If-None-Match", tag.as_str())];
    let shown = send(&api, "GET", "/v1/subscriptions/duty", &known, &Value::Null).expect(200);
    assert_eq!(shown.json()["consecutive_failures"], 1);
    let seen = [("If-Match", tag.as_str())];
    let document = json!({"description": "fails"});
    drop(send(&api, "PATCH", "/v1/subscriptions/duty", &seen, &document).expect(200));

    // Only if there is none; only if it is the one that was seen.
    let new = [("If-None-Match", "*")];
    let value = json!({"value": "another"});
    drop(send(&api, "PUT", "/v1/secrets/key", &new, &value).problem(412));
    drop(send(&api, "PUT", "/v1/secrets/new", &new, &value).expect(201));
    drop(send(&api, "PUT", "/v1/secrets/none", &[("If-Match", "*")], &value).problem(412));
    let tag = header(&api.get("/v1/secrets/new"), "etag").to_owned();
    std::thread::sleep(std::time::Duration::from_millis(2));
    drop(put(&api, "/v1/secrets/new", &json!({"value": "changed"})).expect(200));
    drop(send(&api, "DELETE", "/v1/secrets/new", &[("If-Match", &tag)], &Value::Null).problem(412));
    drop(delete(&api, "/v1/secrets/new").expect(204));
}
