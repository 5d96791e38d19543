//! Lists of what is set up: in part, and never of something else than what was asked for. Switching
//! what is in them. Mistakes in words of the document.

use hookwright_tests::{Api, Daemon, Sink};
use serde_json::{Value, json};

use super::{patch, start, subscription};

fn names(api: &Api, path: &str) -> Vec<String> {
    let items = api.items(path);
    items.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn subscriptions_are_listed_in_part() {
    let (daemon, sink) = (start(), Sink::start());
    let api = daemon.api();
    daemon.apply("[[plugin]]\nfile = \"target/plugins/destination-ntfy.wasm\"", &[]);
    for (name, more) in [
        ("all", json!({})),
        ("off", json!({"enabled": false})),
        ("one", json!({"sources": ["desk"]})),
        ("two", json!({"sources": ["desk", "shop"], "enabled": false})),
    ] {
        let mut wanted = subscription(name, &sink);
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        drop(api.post_json("/v1/subscriptions", &wanted).expect(201));
    }
    let pager =
        json!({"name": "pager", "events": ["*"], "plugin": "ntfy", "settings": {"topic": "x"}});
    drop(api.post_json("/v1/subscriptions", &pager).expect(201));
    for (query, found) in [
        ("", &["all", "off", "one", "pager", "two"][..]),
        ("?plugin=ntfy", &["pager"]),
        ("?enabled=false", &["off", "two"]),
        ("?source=shop", &["all", "off", "pager", "two"]),
        ("?source=shop&enabled=true&plugin=misbehave", &["all"]),
        ("/enabled", &["all", "one", "pager"]),
        ("/disabled", &["off", "two"]),
        ("/disabled?source=desk", &["off", "two"]),
        ("/enabled?plugin=fax", &[]),
    ] {
        assert_eq!(names(&api, &format!("/v1/subscriptions{query}")), found, "{query}");
    }
    for query in
        ["?limit=2", "?nonsense=1", "?enabled=2", "/enabled?enabled=false", "?plugin=A%20B"]
    {
        let problem = api.get(&format!("/v1/subscriptions{query}")).problem(400);
        let detail = problem["detail"].as_str().unwrap();
        let (_, asked) = query.split_once('?').unwrap();
        assert!(detail.contains(asked.split('=').next().unwrap()), "{query}: {detail}");
    }
    for list in ["sources", "connections", "policies", "secrets", "plugins", "tokens", "users"] {
        drop(api.get(&format!("/v1/{list}")).expect(200));
        let problem = api.get(&format!("/v1/{list}?nonsense=1")).problem(400);
        assert!(problem["detail"].as_str().unwrap().contains("nonsense"), "{problem}");
    }
    // Nobody is to be hidden behind such a list.
    for name in ["enabled", "disabled", "match"] {
        let problem = api.post_json("/v1/subscriptions", &subscription(name, &sink)).problem(422);
        assert_eq!(problem["errors"][0]["pointer"], "/name", "{problem}");
    }
}

#[test]
fn sources_connections_and_policies_are_switched() {
    let daemon = Daemon::start();
    let api = daemon.api();
    for plugin in ["source-zammad", "destination-zammad-api"] {
        daemon.apply(&format!("[[plugin]]\nfile = \"target/plugins/{plugin}.wasm\""), &[]);
    }
    daemon.apply(
        "[[secret]]\nname = \"key\"\nenv = \"KEY\"\n\
         [[policy]]\nname = \"prod\"\nalgorithm = \"es256\"\n\
         [[source]]\nname = \"desk\"\nplugin = \"zammad\"\nauth = { kind = \"none\" }\n\
         [[connection]]\nname = \"desk-api\"\nplugin = \"zammad-api\"\n\
         settings = { base_url = \"https://desk.example\" }\nsecrets = { token = \"key\" }\n",
        &[("KEY", "0123456789")],
    );
    let key = api.get("/v1/policies/prod").expect(200).json()["kid"].clone();
    assert!(key.is_string());
    for (kind, name, field, when_on) in [
        ("source", "desk", "enabled", true),
        ("connection", "desk-api", "enabled", true),
        ("policy", "prod", "disabled", false),
    ] {
        let list = if kind == "policy" { "policies".to_owned() } else { format!("{kind}s") };
        for (action, is_on) in [("disable", false), ("enable", true)] {
            for _ in 0..2 {
                let path = format!("/v1/{list}/{name}/{action}");
                drop(api.post(&path, &[], b"").expect(204));
            }
            let shown = api.get(&format!("/v1/{list}/{name}")).expect(200).json();
            assert_eq!(shown[field], json!(is_on == when_on), "{kind} {action}");
            let entries = api.items(&format!("/v1/audit?action={kind}.{action}"));
            assert_eq!(entries.len(), 1, "once, and not when it is so already: {entries:?}");
        }
        drop(api.post(&format!("/v1/{list}/none/disable"), &[], b"").problem(404));
    }
    assert_eq!(api.get("/v1/policies/prod").expect(200).json()["kid"], key);
    // A source that is disabled takes nothing.
    drop(api.post("/v1/sources/desk/disable", &[], b"").expect(204));
    assert_ne!(api.anonymous().post_json("/in/desk", &json!({})).status, 202);
}

#[test]
fn mistakes_are_told_in_words_of_the_document() {
    let (daemon, sink) = (start(), Sink::start());
    let api = daemon.api();
    drop(api.post_json("/v1/subscriptions", &subscription("duty", &sink)).expect(201));
    for (change, pointer, words) in [
        (json!({"timeout_s": "abc"}), "/timeout_s", "invalid type: a text, expected a number"),
        (json!({"tls": 5}), "/tls", "invalid type: a whole number, expected an object"),
        (json!({"enabled": "yes"}), "/enabled", "invalid type: a text, expected true or false"),
        (json!({"sources": {}}), "/sources", "invalid type: an object, expected a list"),
    ] {
        let problem = patch(&api, "/v1/subscriptions/duty", &change).problem(422);
        assert_eq!(problem["errors"], json!([{"pointer": pointer, "detail": words}]));
    }
    // What is in the wrong place may be a secret.
    let secret = json!({"secrets": ["S3NTINEL-of-somebody"]});
    let problem = api.post_json("/v1/apply", &secret).problem(422);
    assert!(!problem.to_string().contains("S3NTINEL"), "{problem}");
    assert_eq!(problem["errors"][0]["detail"], "invalid type: a text, expected an object");
    assert_eq!(problem["errors"][0]["pointer"], Value::from("/secrets/0"));
}
