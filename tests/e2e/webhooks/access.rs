//! For administrators; and what there is without the plugin.

use hookwright_tests::Daemon;
use serde_json::json;

use super::{plain, start};

#[test]
fn only_administrators_may() {
    let daemon = start();
    let admin = daemon.api();
    let token = |scope: &str| {
        let wanted = json!({ "name": scope, "scopes": [scope] });
        let created = admin.post_json("/v1/tokens", &wanted).expect(201).json();
        admin.with_token(created["secret"].as_str().unwrap())
    };
    let made = admin.post_json("/webhooks", &plain("ci.create", "https://a.example/"));
    drop(made.expect(200));
    drop(admin.post_json("/webhook_policies", &json!({ "jwt_alg": "es256" })).expect(201));
    let clients = [
        (admin.anonymous(), 401),
        (admin.with_token("hwt_wrong"), 401),
        (token("post-events"), 403),
        (token("read"), 403),
    ];
    for (client, status) in clients {
        for (method, path) in [
            ("GET", "/webhooks"),
            ("GET", "/webhooks/enabled"),
            ("GET", "/webhooks/disabled"),
            ("POST", "/webhooks"),
            ("GET", "/webhooks/1"),
            ("PATCH", "/webhooks/1"),
            ("DELETE", "/webhooks/1"),
            ("POST", "/webhooks/1/test"),
            ("GET", "/webhook_policies"),
            ("POST", "/webhook_policies"),
            ("GET", "/webhook_policies/1"),
            ("PATCH", "/webhook_policies/1"),
            ("DELETE", "/webhook_policies/1"),
        ] {
            let problem = client.try_send(method, path, &[], b"{}").unwrap().problem(status);
            assert_eq!(problem["message"], problem["detail"], "{method} {path}");
        }
    }
    drop(admin.get("/webhooks/1").expect(200));
    drop(admin.get("/webhook_policies/1").expect(200));
}

#[test]
fn what_is_not_there_is_said_in_their_words_too() {
    let daemon = start();
    let api = daemon.api();
    for (method, path, status) in [
        ("PUT", "/webhooks", 405),
        ("PUT", "/webhooks/1", 405),
        ("GET", "/webhooks/1/test", 405),
        ("DELETE", "/webhook_policies", 405),
        ("GET", "/webhooks/1/nothing", 404),
        ("GET", "/webhook_policies/1/nothing", 404),
        ("GET", "/webhooks/", 404),
    ] {
        let problem = api.try_send(method, path, &[], b"{}").unwrap().problem(status);
        assert_eq!(problem["message"], problem["detail"], "{method} {path}");
    }
    // Elsewhere problems are as RFC 9457 has them.
    for path in ["/webhooks-of-mine", "/v1/nothing", "/v1/sources/nothing"] {
        let problem = api.get(path).problem(404);
        assert!(problem.get("message").is_none(), "{path}: {problem}");
    }
}

#[test]
fn without_the_plugin_nothing_is_called() {
    let daemon = Daemon::start();
    let api = daemon.api();
    assert_eq!(api.get("/webhooks").expect(200).json(), json!([]));
    let problem =
        api.post_json("/webhooks", &plain("ci.create", "https://a.example/")).problem(409);
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains("hookwright plugin install"), "{message}");
}
