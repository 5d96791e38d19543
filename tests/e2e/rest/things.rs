//! Everything that is set up is made, seen, changed and removed by itself.

use hookwright_tests::{Daemon, Options, Sink, until};
use serde_json::{Value, json};

use super::{delete, header, patch, put, send, start, subscription};

fn install_zammad(daemon: &Daemon) {
    daemon.apply("[[plugin]]\nfile = \"target/plugins/source-zammad.wasm\"", &[]);
}

#[test]
fn subscriptions() {
    let (daemon, sink) = (start(), Sink::start());
    let api = daemon.api();
    let wanted = subscription("duty", &sink);
    let made = api.post_json("/v1/subscriptions", &wanted).expect(201);
    assert_eq!(header(&made, "location"), "/v1/subscriptions/duty");
    let shown = made.json();
    assert_eq!((&shown["name"], &shown["state"]), (&json!("duty"), &json!("active")));
    assert_eq!(shown["settings"], wanted["settings"]);
    // By its name and by its id, the same with the same version.
    let by_name = api.get("/v1/subscriptions/duty").expect(200);
    let by_id = api.get(&format!("/v1/subscriptions/{}", shown["id"].as_str().unwrap()));
    assert_eq!(by_name.json(), by_id.json());
    assert_eq!(header(&by_name, "etag"), header(&by_id, "etag"));
    assert_eq!(by_name.json(), shown);
    assert_eq!(api.items("/v1/subscriptions"), std::slice::from_ref(&shown));

    let problem = api.post_json("/v1/subscriptions", &wanted).problem(409);
    assert_eq!(problem["instance"], "/v1/subscriptions/duty");

    // A patch changes what it names; null takes away.
    let changed = patch(
        &api,
        "/v1/subscriptions/duty",
        &json!({"description": "At night", "timeout_s": 9.5}),
    );
    let changed = changed.expect(200).json();
    assert_eq!((&changed["description"], &changed["timeout_s"]), (&json!("At night"), &json!(9.5)));
    assert_eq!(changed["settings"], shown["settings"]);
    assert_eq!(changed["id"], shown["id"]);
    let changed = patch(
        &api,
        "/v1/subscriptions/duty",
        &json!({"description": null, "settings": {"url": "http://127.0.0.1:1/"}}),
    );
    let changed = changed.expect(200).json();
    assert!(changed.get("description").is_none());
    assert_eq!(changed["settings"], json!({"url": "http://127.0.0.1:1/"}));
    assert_eq!(changed["timeout_s"], 9.5);
    // What a new document leaves out is as is usual.
    let replaced = put(&api, "/v1/subscriptions/duty", &wanted).expect(200).json();
    assert_eq!((&replaced["timeout_s"], &replaced["id"]), (&Value::Null, &shown["id"]));
    let mut nameless = wanted.clone();
    nameless.as_object_mut().unwrap().remove("name");
    drop(put(&api, "/v1/subscriptions/duty", &nameless).expect(200));

    for (action, state) in [("disable", "disabled"), ("enable", "active")] {
        for _ in 0..2 {
            drop(api.post(&format!("/v1/subscriptions/duty/{action}"), &[], b"").expect(204));
        }
        assert_eq!(api.get("/v1/subscriptions/duty").json()["state"], state);
    }
    drop(delete(&api, "/v1/subscriptions/duty").expect(204));
    for (method, body) in [("GET", Value::Null), ("DELETE", Value::Null), ("PUT", wanted)] {
        drop(send(&api, method, "/v1/subscriptions/duty", &[], &body).problem(404));
    }
    drop(patch(&api, "/v1/subscriptions/duty", &json!({})).problem(404));
    assert!(api.items("/v1/subscriptions").is_empty());
}

/// Mistakes are told where they are in the document that was sent.
#[test]
fn pointers() {
    let (daemon, sink) = (start(), Sink::start());
    let api = daemon.api();
    let wanted = subscription("duty", &sink);
    drop(api.post_json("/v1/subscriptions", &wanted).expect(201));
    let with = |name: &str, more: Value| {
        let mut document = subscription(name, &sink);
        let more = more.as_object().unwrap().clone();
        document.as_object_mut().unwrap().extend(more);
        document
    };
    let at = |problem: &Value| problem["errors"][0]["pointer"].as_str().unwrap().to_owned();
    for (more, pointer) in [
        (json!({"plugin": "none"}), "/plugin"),
        (json!({"condition": "event.typ == 'x'"}), "/condition"),
        (json!({"events": ["ticket*"]}), "/events/0"),
        (json!({"signing": [{"scheme": "jwt", "policy": "none"}]}), "/signing/0/policy"),
        (json!({"retry": {"attempts": 0}}), "/retry/attempts"),
        (json!({"timeout": 1}), "/timeout"),
        (json!({"secrets": {"key": "none"}}), "/secrets/key"),
    ] {
        let problem = api.post_json("/v1/subscriptions", &with("other", more.clone())).problem(422);
        assert_eq!(at(&problem), pointer, "{problem}");
        let problem = patch(&api, "/v1/subscriptions/duty", &more).problem(422);
        assert_eq!(at(&problem), pointer, "{problem}");
        let problem = put(&api, "/v1/subscriptions/duty", &with("duty", more)).problem(422);
        assert_eq!(at(&problem), pointer, "{problem}");
    }
    let problem = patch(&api, "/v1/subscriptions/duty", &json!({"name": "other"})).problem(422);
    assert_eq!(at(&problem), "/name");
    assert_eq!(at(&patch(&api, "/v1/subscriptions/duty", &json!({"name": null})).problem(422)), "");
    for body in [json!([1]), json!("x"), json!(7)] {
        drop(patch(&api, "/v1/subscriptions/duty", &body).problem(422));
    }
    let kind = [("Content-Type", "application/json-patch+json")];
    drop(send(&api, "PATCH", "/v1/subscriptions/duty", &kind, &json!([])).problem(415));
    drop(api.post("/v1/subscriptions", &[], b"{").problem(400));
    // Nothing of all this was taken over.
    assert_eq!(api.get("/v1/subscriptions/duty").json()["events"], wanted["events"]);
}

#[test]
fn sources_connections_policies_and_secrets() {
    let daemon = start();
    install_zammad(&daemon);
    let api = daemon.api();
    // A secret comes in and never goes out.
    let made = put(&api, "/v1/secrets/hub", &json!({"value": "a-secret-for-tests"})).expect(201);
    assert_eq!((&made.json()["name"], &made.json()["used_by"]), (&json!("hub"), &json!([])));
    assert!(made.json()["set_at"].is_string() && !made.text().contains("a-secret"));
    drop(put(&api, "/v1/secrets/hub", &json!({"value": "another-secret"})).expect(200));
    let problem = put(&api, "/v1/secrets/hub", &json!({"value": "abc"})).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/value");
    drop(put(&api, "/v1/secrets/No", &json!({"value": "abcdef"})).problem(400));

    let source = json!({
        "name": "desk", "plugin": "zammad", "auth": {"kind": "hub_signature", "secret": "hub"},
    });
    let made = api.post_json("/v1/sources", &source).expect(201);
    assert_eq!(header(&made, "location"), "/v1/sources/desk");
    let policy = json!({"name": "prod", "algorithm": "HS256", "secret": "hub"});
    let problem = api.post_json("/v1/policies", &policy).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/secret");
    let policy = json!({"name": "prod", "algorithm": "es256"});
    let made = api.post_json("/v1/policies", &policy).expect(201).json();
    let kid = made["kid"].clone();
    let changed = patch(&api, "/v1/policies/prod", &json!({"audience": "desk"})).expect(200).json();
    assert_eq!((&changed["audience"], &changed["kid"]), (&json!("desk"), &kid));
    let connection = json!({
        "name": "back", "plugin": "misbehave", "settings": {"url": "http://127.0.0.1:1/"},
    });
    drop(api.post_json("/v1/connections", &connection).expect(201));
    let problem = patch(&api, "/v1/connections/back", &json!({"plugin": "none"})).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/plugin");
    drop(delete(&api, "/v1/connections/back").expect(204));

    let users = json!([{"kind": "source", "name": "desk"}]);
    assert_eq!(api.items("/v1/secrets")[0]["used_by"], users);
    assert_eq!(api.get("/v1/secrets/hub").expect(200).json()["used_by"], users);
    let problem = delete(&api, "/v1/secrets/hub").problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("the source `desk`"), "{problem}");
    let changed =
        patch(&api, "/v1/sources/desk", &json!({"auth": {"kind": "none", "secret": null}}));
    assert_eq!(changed.expect(200).json()["auth"], json!({"kind": "none"}));
    drop(delete(&api, "/v1/secrets/hub").expect(204));
    drop(delete(&api, "/v1/secrets/hub").problem(404));
    drop(delete(&api, "/v1/sources/desk").expect(204));
    drop(delete(&api, "/v1/policies/prod").expect(204));
    assert!(api.items("/v1/sources").is_empty() && api.items("/v1/policies").is_empty());
    assert!(!daemon.log().contains("a-secret") && !daemon.log().contains("another-secret"));
}

#[test]
fn connections() {
    let daemon = Daemon::start();
    daemon.apply("[[plugin]]\nfile = \"target/plugins/destination-zammad-api.wasm\"", &[]);
    let api = daemon.api();
    drop(put(&api, "/v1/secrets/desk", &json!({"value": "zammad-token"})).expect(201));
    let wanted = json!({
        "name": "desk", "plugin": "zammad-api", "secrets": {"token": "desk"},
        "settings": {"base_url": "http://127.0.0.1:9/"},
    });
    let made = api.post_json("/v1/connections", &wanted).expect(201);
    let path = header(&made, "location").to_owned();
    let changed = patch(&api, &path, &json!({"writes_per_ticket_per_hour": 7})).expect(200).json();
    assert_eq!(changed["writes_per_ticket_per_hour"], 7);
    assert_eq!(put(&api, &path, &wanted).expect(200).json()["writes_per_ticket_per_hour"], 60);
    let users = json!([{"kind": "connection", "name": "desk"}]);
    assert_eq!(api.items("/v1/secrets")[0]["used_by"], users);
    drop(delete(&api, &path).expect(204));
    drop(api.get(&path).problem(404));
}

#[test]
fn plugins_and_settings() {
    let (daemon, sink) = (start(), Sink::start());
    install_zammad(&daemon);
    let api = daemon.api();
    drop(api.post_json("/v1/subscriptions", &subscription("duty", &sink)).expect(201));
    let plugins = api.items("/v1/plugins");
    let of = |name: &str| {
        let found = plugins.iter().find(|one| one["key"]["name"] == name).unwrap();
        format!("/v1/plugins/{}", found["digest"].as_str().unwrap())
    };
    let used = api.get(&of("misbehave")).expect(200).json();
    assert_eq!(used["used_by"], json!([{"kind": "subscription", "name": "duty"}]));
    let problem = delete(&api, &of("misbehave")).problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("the subscription `duty`"), "{problem}");
    drop(delete(&api, &of("zammad")).expect(204));
    drop(delete(&api, &of("zammad")).problem(404));
    assert_eq!(api.items("/v1/plugins").len(), 1);
    drop(api.get("/v1/plugins/abc").problem(400));
    // It is gone for good, and can be installed again.
    let source = json!({"name": "desk", "plugin": "zammad", "auth": {"kind": "none"}});
    let problem = api.post_json("/v1/sources", &source).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/plugin");
    install_zammad(&daemon);
    drop(api.post_json("/v1/sources", &source).expect(201));

    let settings = api.get("/v1/settings").expect(200).json();
    assert_eq!(settings["journal"]["keep_for"], "90d");
    let changed = patch(&api, "/v1/settings", &json!({"journal": {"keep_for": "7d"}}));
    assert_eq!(changed.expect(200).json()["journal"]["keep_for"], "7d");
    assert_eq!(api.get("/v1/journal").json()["settings"]["keep_for"], "7d");
    let problem =
        patch(&api, "/v1/settings", &json!({"journal": {"keep_for": "soon"}})).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/journal/keep_for");
    let problem = put(&api, "/v1/settings", &json!({"journal": {"keep_bytes": 1}})).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/journal/keep_bytes");
    assert_eq!(put(&api, "/v1/settings", &json!({})).expect(200).json(), settings);
}

/// What a subscription has to deliver ends with it, and the journal says why.
#[test]
fn what_is_removed_delivers_no_more() {
    let (daemon, sink) = (start(), Sink::start());
    let api = daemon.api();
    drop(api.post_json("/v1/subscriptions", &subscription("duty", &sink)).expect(201));
    drop(api.post("/v1/subscriptions/duty/disable", &[], b"").expect(204));
    // A backfill makes deliveries also for one that is about to go; here it is a retry that waits.
    drop(api.post("/v1/subscriptions/duty/enable", &[], b"").expect(204));
    drop(patch(&api, "/v1/subscriptions/duty", &json!({"settings": {"url": "http://127.0.0.1:1/"}, "retry": {"every_s": 600, "for_s": 6000}})).expect(200));
    let event = daemon.send("test.duty", &json!({"do": "nothing"}));
    let pending = until("a first try", || {
        let all = daemon.deliveries(&format!("event={event}"));
        all.into_iter().find(|one| one["attempts"] == 1 && one["state"] == "pending")
    });
    drop(delete(&api, "/v1/subscriptions/duty").expect(204));
    let path = format!("/v1/deliveries/{}", pending["id"].as_str().unwrap());
    let ended = api.get(&path).expect(200).json();
    assert_eq!(
        (&ended["state"], &ended["reason"]),
        (&json!("canceled"), &json!("the subscription was removed"))
    );
    assert_eq!(ended["subscription"], Value::Null);
}

#[test]
fn who_may_do_what() {
    let daemon = Daemon::with(Options::default());
    let api = daemon.api();
    let made =
        api.post_json("/v1/tokens", &json!({"name": "reader", "scopes": ["read"]})).expect(201);
    let reader = api.with_token(made.json()["secret"].as_str().unwrap());
    for path in ["subscriptions", "sources", "connections", "policies", "secrets", "plugins"] {
        drop(reader.get(&format!("/v1/{path}")).expect(200));
        drop(api.anonymous().get(&format!("/v1/{path}")).problem(401));
    }
    drop(reader.get("/v1/settings").expect(200));
    for path in ["subscriptions", "sources", "connections", "policies", "secrets"] {
        for method in ["PUT", "DELETE"] {
            drop(send(&reader, method, &format!("/v1/{path}/x"), &[], &json!({})).problem(403));
        }
    }
    drop(send(&reader, "PATCH", "/v1/settings", &[], &json!({})).problem(403));
    // The description is for all.
    let anyone = api.anonymous();
    assert_eq!(anyone.get("/openapi.json").expect(200).json()["openapi"], "3.1.0");
    let page = anyone.get("/docs").expect(200);
    assert!(header(&page, "content-security-policy").starts_with("default-src 'none';"));
    assert!(page.text().contains("/v1/subscriptions") && !page.text().contains("<script"));
}
