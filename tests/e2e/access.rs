//! Who may do what.

use hookwright_tests::Daemon;
use serde_json::json;

#[test]
fn every_route_asks_for_its_scope() {
    let daemon = Daemon::start();
    let admin = daemon.api();
    let token = |scope: &str| {
        let wanted = json!({"name": scope, "scopes": [scope]});
        let created = admin.post_json("/v1/tokens", &wanted).expect(201).json();
        created["secret"].as_str().unwrap().to_owned()
    };
    let clients = [
        ("none", admin.anonymous()),
        ("wrong", admin.with_token("hwt_wrong")),
        ("post-events", admin.with_token(&token("post-events"))),
        ("read", admin.with_token(&token("read"))),
        ("admin", admin.clone()),
    ];
    let delivery = "/v1/deliveries/dlv_01234567890123456789012345678901";
    let event = "/v1/events/evt_01234567890123456789012345678901";
    // The status that each of them gets; what is allowed goes on to say what else is wrong.
    let routes: [(&str, &str, [u16; 5]); 18] = [
        ("POST", "/v1/events", [401, 401, 415, 403, 415]),
        ("GET", "/v1/events", [401, 401, 403, 200, 200]),
        ("GET", event, [401, 401, 403, 404, 404]),
        (
            "GET",
            "/v1/events/evt_01234567890123456789012345678901/original",
            [401, 401, 403, 404, 404],
        ),
        ("GET", "/v1/deliveries", [401, 401, 403, 200, 200]),
        ("GET", delivery, [401, 401, 403, 404, 404]),
        (
            "GET",
            "/v1/deliveries/dlv_01234567890123456789012345678901/attempts",
            [401, 401, 403, 404, 404],
        ),
        (
            "POST",
            "/v1/deliveries/dlv_01234567890123456789012345678901/retry",
            [401, 401, 403, 403, 404],
        ),
        (
            "POST",
            "/v1/deliveries/dlv_01234567890123456789012345678901/cancel",
            [401, 401, 403, 403, 404],
        ),
        ("GET", "/v1/plugins", [401, 401, 403, 200, 200]),
        ("POST", "/v1/plugins", [401, 401, 403, 403, 422]),
        ("GET", "/v1/sources", [401, 401, 403, 200, 200]),
        ("POST", "/v1/apply", [401, 401, 403, 403, 400]),
        ("GET", "/v1/tokens", [401, 401, 403, 403, 200]),
        ("POST", "/v1/subscriptions/none/test", [401, 401, 403, 403, 404]),
        ("POST", "/v1/subscriptions/none/verify", [401, 401, 403, 403, 404]),
        ("POST", "/v1/tokens", [401, 401, 403, 403, 400]),
        ("DELETE", "/v1/tokens/tok_01234567890123456789012345678901", [401, 401, 403, 403, 404]),
    ];
    for (method, path, expected) in routes {
        for ((name, client), expected) in clients.iter().zip(expected) {
            let answer = client.try_send(method, path, &[], b"").unwrap();
            assert_eq!(answer.status, expected, "{method} {path} as {name}: {}", answer.text());
            if expected >= 400 {
                drop(answer.problem(expected));
            }
        }
    }
    for path in ["/livez", "/readyz"] {
        drop(admin.anonymous().get(path).expect(200));
    }
}

#[test]
fn tokens_come_and_go() {
    let daemon = Daemon::start();
    let made = daemon.cli(&["token", "create", "--name", "desk", "--scope", "read,post-events"]);
    let secret = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let reader = daemon.api().with_token(&secret);
    drop(reader.get("/v1/events").expect(200));
    let tokens = daemon.api().items("/v1/tokens");
    let desk = tokens.iter().find(|token| token["name"] == "desk").unwrap();
    assert!(desk.get("hash").is_none() && desk.get("secret").is_none(), "{desk}");
    let removed = daemon.cli(&["token", "remove", desk["id"].as_str().unwrap()]);
    assert!(removed.status.success());
    drop(reader.get("/v1/events").problem(401));
}
