//! What the audit log says, and what it does not.

use hookwright_tests::{Daemon, Options, Reply, Sink, until};
use serde_json::{Value, json};

use super::{audit, send, with_roles};
use crate::misbehave;

/// Actions and targets, in order.
fn said(entries: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    entries
        .iter()
        .map(|entry| {
            let target = &entry["target"];
            (text(&entry["action"]), format!("{}/{}", text(&target["kind"]), text(&target["name"])))
        })
        .collect()
}

fn one(daemon: &Daemon, query: &str) -> Value {
    let mut entries = audit(daemon, query);
    assert_eq!(entries.len(), 1, "{query}: {entries:#?}");
    entries.remove(0)
}

#[test]
fn a_set_up_is_told_thing_by_thing() {
    let daemon = Daemon::start();
    let setup = |more: &str| {
        format!(
            r#"
            [[plugin]]
            file = "target/plugins/misbehave.wasm"
            [[plugin]]
            file = "target/plugins/source-zammad.wasm"
            [[secret]]
            name = "desk-key"
            env = "DESK_KEY"
            [[policy]]
            name = "prod"
            algorithm = "es256"
            [[source]]
            name = "helpdesk"
            plugin = "zammad"
            auth = {{ kind = "hub_signature", secret = "desk-key" }}
            [[subscription]]
            name = "desk"
            events = ["test.desk"]
            plugin = "misbehave"
            settings = {{ url = "https://hooks.example/desk" }}
            {more}
            "#
        )
    };
    let secret = [("DESK_KEY", "hunter2-hunter2-hunter2")];
    let output = daemon.try_apply(&setup(""), &secret);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let entries = audit(&daemon, "actor=token");
    let mut made = said(&entries);
    made.sort();
    let expected = [
        ("plugin.install", "plugin/destination/misbehave"),
        ("plugin.install", "plugin/source/zammad"),
        ("policy.create", "policy/prod"),
        ("secret.create", "secret/desk-key"),
        ("source.create", "source/helpdesk"),
        ("subscription.create", "subscription/desk"),
    ];
    assert_eq!(made, expected.map(|(action, target)| (action.to_owned(), target.to_owned())));
    for entry in &entries {
        assert_eq!(entry["actor"], json!({ "kind": "token", "name": "tests" }), "{entry}");
        assert_eq!(entry["address"], "127.0.0.1");
    }
    let created = one(&daemon, "action=subscription.create");
    assert_eq!(created["changes"][0]["pointer"], "");
    assert_eq!(created["changes"][0]["from"], Value::Null);
    assert_eq!(created["changes"][0]["to"]["settings"]["url"], "https://hooks.example/desk");
    assert!(one(&daemon, "action=secret.create").get("changes").is_none());

    // What stays as it is, is not there again.
    daemon.apply(&setup("timeout_s = 9"), &secret);
    let updated = one(&daemon, "action=subscription.update");
    let change = json!([{ "pointer": "/timeout_s", "from": null, "to": 9.0 }]);
    assert_eq!(updated["changes"], change);
    daemon.apply(&setup("timeout_s = 9"), &[("DESK_KEY", "another-hunter2-hunter2")]);
    assert!(one(&daemon, "action=secret.update").get("changes").is_none());
    let before = audit(&daemon, "").len();
    drop(daemon.api().post_json(
        "/v1/apply?dry_run=true",
        &json!({
            "remove": { "subscriptions": ["desk"] },
        }),
    ));
    drop(
        daemon
            .api()
            .post_json("/v1/apply", &json!({ "journal": { "keep_bytes": 1 } }))
            .problem(422),
    );
    assert_eq!(audit(&daemon, "").len(), before, "nothing was done");

    let rotated = daemon.api().post("/v1/policies/prod/rotate", &[], b"").expect(200).json();
    let rotation = one(&daemon, "action=policy.rotate");
    assert_eq!(rotation["changes"][0]["to"], rotated["kid"]);
    drop(send(&daemon.api(), "DELETE", "/v1/policies/prod", &Value::Null).expect(204));
    let gone = json!({ "remove": { "subscriptions": ["desk"], "sources": ["helpdesk"],
                                   "secrets": ["desk-key"] },
                       "journal": { "keep_for": "10d" } });
    drop(daemon.api().post_json("/v1/apply", &gone).expect(200));
    let removed = one(&daemon, "action=subscription.remove");
    assert_eq!(removed["changes"][0]["from"]["timeout_s"], 9.0);
    assert_eq!(removed["changes"][0]["to"], Value::Null);
    assert_eq!(one(&daemon, "action=policy.remove")["changes"][0]["from"]["name"], "prod");
    let journal = one(&daemon, "target=journal/journal");
    let change = json!([{ "pointer": "/keep_for", "from": "90d", "to": "10d" }]);
    assert_eq!((&journal["action"], &journal["changes"]), (&json!("journal.update"), &change));
    for action in ["source.remove", "secret.remove"] {
        one(&daemon, &format!("action={action}"));
    }
    let all = serde_json::to_string(&audit(&daemon, "")).unwrap();
    assert!(!all.contains("hunter2") && !all.contains("PRIVATE"), "{all}");
}

#[test]
fn what_operators_do_is_theirs() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/gone" => Reply::status(410),
        _ => Reply::status(500),
    });
    let daemon = Daemon::start();
    daemon.apply(&misbehave("desk", &sink.url("/desk"), "retry = { attempts = 1 }"), &[]);
    daemon.apply(
        &misbehave(
            "gone",
            &sink.url("/gone"),
            "answers = [{ status = \"410\", verdict = \"failed\" }]",
        ),
        &[],
    );
    let operator = with_roles(&daemon, &["operator"]);
    let event = daemon.send("test.desk", &json!({}));
    let id = daemon.ended(&event, "desk")["id"].as_str().unwrap().to_owned();
    let post = |path: &str, document: Value| operator.post_json(path, &document);

    drop(post(&format!("/v1/deliveries/{id}/retry"), json!({})).expect(202));
    drop(daemon.ended(&event, "desk"));
    drop(post(&format!("/v1/deliveries/{id}/cancel"), json!({})).problem(409));
    drop(post("/v1/subscriptions/desk/test", json!({})).expect(202));
    drop(post("/v1/subscriptions/desk/verify", json!({})).problem(409));
    let replay = json!({ "redeliver": { "subscription": "desk" } });
    let replay = post("/v1/replays", replay).expect(201).json();
    let replay = replay["id"].as_str().unwrap();
    drop(post(&format!("/v1/replays/{replay}/cancel"), json!({})).expect(200));
    drop(send(&operator, "DELETE", &format!("/v1/replays/{replay}"), &Value::Null).expect(204));
    drop(post("/v1/subscriptions/desk/enable", json!({})).expect(204));

    // The receiver wants no more: the daemon disables the subscription, and a person enables it.
    drop(daemon.send("test.gone", &json!({})));
    until("the subscription to be disabled", || {
        let all = daemon.api().items("/v1/subscriptions");
        all.iter().any(|one| one["name"] == "gone" && one["enabled"] == false).then_some(())
    });
    drop(post("/v1/subscriptions/gone/enable", json!({})).expect(204));

    let entries = audit(&daemon, "actor=token/operator");
    let entry = |action: &str, target: &str| (action.to_owned(), target.to_owned());
    let expected = [
        entry("delivery.retry", &format!("delivery/{id}")),
        entry("subscription.test", "subscription/desk"),
        entry("replay.create", &format!("replay/{replay}")),
        entry("replay.cancel", &format!("replay/{replay}")),
        entry("replay.remove", &format!("replay/{replay}")),
        entry("subscription.enable", "subscription/gone"),
    ];
    assert_eq!(said(&entries), expected);
    let enabled = json!([{ "pointer": "/enabled", "from": false, "to": true }]);
    assert_eq!(entries[5]["changes"], enabled);
    assert_eq!(entries[2]["changes"][0]["to"]["asked_by"], "operator");

    let disabled = until("the daemon's word", || audit(&daemon, "actor=daemon").pop());
    assert_eq!(
        said(std::slice::from_ref(&disabled)),
        [entry("subscription.disable", "subscription/gone")]
    );
    assert_eq!(disabled["changes"][0], json!({ "pointer": "/enabled", "from": true, "to": false }));
    assert!(disabled.get("address").is_none(), "{disabled}");
}

#[test]
fn rejects_and_tokens_are_in_it() {
    let daemon = Daemon::start();
    daemon.apply(
        r#"
        [[plugin]]
        file = "target/plugins/source-zammad.wasm"
        [[source]]
        name = "helpdesk"
        plugin = "zammad"
        auth = { kind = "none" }
        "#,
        &[],
    );
    let refused = daemon.api().post("/in/helpdesk", &[], b"{\"no\": \"ticket\"}");
    let reject = refused.json()["instance"].as_str().unwrap().to_owned();
    drop(daemon.api().post_json(&format!("{reject}/retry"), &json!({})).problem(400));
    drop(send(&daemon.api(), "DELETE", &reject, &Value::Null).expect(204));
    let id = reject.rsplit('/').next().unwrap();
    assert_eq!(one(&daemon, "action=reject.*")["target"]["name"], id);

    let made = json!({ "name": "brief", "roles": ["reader"] });
    let made = daemon.api().post_json("/v1/tokens", &made).expect(201).json();
    let path = format!("/v1/tokens/{}", made["id"].as_str().unwrap());
    drop(send(&daemon.api(), "DELETE", &path, &Value::Null).expect(204));
    drop(send(&daemon.api(), "DELETE", &path, &Value::Null).problem(404));
    let entries = audit(&daemon, "target=token/brief");
    let actions: Vec<_> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["token.create", "token.remove"]);
    assert_eq!(entries[0]["changes"][0]["to"]["roles"], json!(["reader"]));
    let all = serde_json::to_string(&entries).unwrap();
    assert!(!all.contains("hwt_") && !all.contains("hash"), "{all}");
}

#[test]
fn looking_for_something() {
    let daemon = Daemon::start();
    let api = daemon.api();
    for number in 0..7 {
        let user = json!({ "name": format!("u{number}"), "role": "reader", "disabled": true });
        drop(api.post_json("/v1/users", &user).expect(201));
    }
    // In pages, newest first.
    let mut names = Vec::new();
    let mut path = "/v1/audit?action=user.create&limit=3".to_owned();
    loop {
        let answer = api.get(&path).expect(200);
        let page = answer.json();
        names.extend(
            page["items"].as_array().unwrap().iter().map(|one| one["target"]["name"].clone()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/audit?action=user.create&limit=3&cursor={next}");
        assert!(answer.headers["link"].to_str().unwrap().contains(&path), "{:?}", answer.headers);
    }
    assert_eq!(names, ["u6", "u5", "u4", "u3", "u2", "u1", "u0"]);
    for (query, count) in [
        ("", 8),
        ("actor=tests", 7),
        ("actor=token/tests", 7),
        ("actor=user", 0),
        ("actor=command_line", 1),
        ("action=user.*", 7),
        ("action=us*", 7),
        ("action=user", 0),
        ("target=u3", 1),
        ("target=user/", 7),
        ("target=token/u3", 0),
        ("since=1h", 8),
        ("until=1h", 0),
        ("since=1h&target=u3&actor=tests&action=user.create", 1),
    ] {
        assert_eq!(audit(&daemon, query).len(), count, "{query}");
    }
    for wrong in ["actor=ghost/a", "since=yesterday", "cursor=x", "limit=0", "who=me"] {
        drop(api.get(&format!("/v1/audit?{wrong}")).problem(400));
    }
    let shown = daemon.cli(&["audit", "--target", "user/u3"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    let line = shown.lines().nth(1).unwrap();
    assert!(line.contains("token/tests") && line.contains("user.create"), "{shown}");
    let json = daemon.cli(&["audit", "--limit", "2", "--json"]);
    let json: Vec<Value> = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json.len(), 2);
}

#[test]
fn what_is_erased_is_erased_here_too() {
    let daemon = Daemon::start();
    let with = |person: &str| {
        let url = format!("https://hooks.example/?to={person}");
        daemon.apply(&misbehave("desk", &url, "timeout_s = 9"), &[]);
    };
    with("jo.doe%40example.com");
    with("somebody");
    let wanted = json!({ "person": "Jo.Doe@example.com", "dry_run": true });
    let report = daemon.api().post_json("/v1/erasures", &wanted).expect(200).json();
    assert_eq!(report["audit"], 2, "{report}");
    let wanted = json!({ "person": "Jo.Doe@example.com" });
    let report = daemon.api().post_json("/v1/erasures", &wanted).expect(200).json();
    assert_eq!(report["audit"], 2, "{report}");
    let update = one(&daemon, "action=subscription.update");
    assert_eq!(update["changes"][0]["from"], "[redacted]");
    assert!(update["changes"][0]["to"].as_str().unwrap().ends_with("somebody"), "{update}");
    let all = serde_json::to_string(&audit(&daemon, "")).unwrap();
    assert!(!all.to_lowercase().contains("jo.doe"), "{all}");
    let erasure = one(&daemon, "action=journal.erase");
    let by = json!({ "pointer": "/by", "from": null, "to": "person" });
    assert_eq!(erasure["changes"][0], by);
    for (file, bytes) in crate::all_bytes(daemon.data()) {
        assert!(!bytes.windows(6).any(|window| window == b"jo.doe"), "{file}");
    }
}

#[test]
fn where_a_request_came_from_is_what_trusted_proxies_say() {
    for (proxies, address) in [("127.0.0.0/8", "198.51.100.7"), ("10.0.0.0/8", "127.0.0.1")] {
        let args = ["--trusted-proxy", proxies].map(str::to_owned).to_vec();
        let daemon = Daemon::with(Options { args, ..Options::default() });
        let headers = [
            ("Content-Type", "application/json"),
            ("X-Forwarded-For", "203.0.113.1, 198.51.100.7"),
        ];
        let user = json!({ "name": "anna", "role": "reader" }).to_string();
        drop(daemon.api().post("/v1/users", &headers, user.as_bytes()).expect(201));
        assert_eq!(one(&daemon, "target=user/anna")["address"], address);
    }
}
