//! Every route, asked by everyone.

use std::collections::{BTreeMap, BTreeSet};

use hookwright_tests::{Api, Daemon, until};
use serde_json::json;

use super::with_roles;

/// What a route needs: a role, or nothing that the API's tokens are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Nothing,
    Poster,
    Reader,
    Operator,
    Admin,
}

use Needs::{Admin, Nothing, Operator, Poster, Reader};

const ROUTES: &[(Needs, &str, &str)] = &[
    (Nothing, "POST", "/in/{source}"),
    (Nothing, "POST", "/in/{source}/{token}"),
    (Nothing, "GET", "/.well-known/jwks.json"),
    (Nothing, "GET", "/webhook_policies/{name}/.well-known/jwks.json"),
    (Nothing, "GET", "/webhook_policies/{name}/.well-known/openid-configuration"),
    (Nothing, "GET", "/webhooks/{id}/verify"),
    (Nothing, "POST", "/webhooks/{id}/verify"),
    (Nothing, "GET", "/livez"),
    (Nothing, "GET", "/readyz"),
    (Poster, "POST", "/v1/events"),
    (Reader, "GET", "/v1/events"),
    (Reader, "GET", "/v1/events/{id}"),
    (Reader, "GET", "/v1/events/{id}/original"),
    (Reader, "GET", "/v1/deliveries"),
    (Reader, "GET", "/v1/deliveries/{id}"),
    (Reader, "GET", "/v1/deliveries/{id}/attempts"),
    (Reader, "GET", "/v1/export/deliveries"),
    (Reader, "GET", "/v1/export/events"),
    (Reader, "GET", "/v1/destinations"),
    (Reader, "GET", "/v1/event-types"),
    (Reader, "GET", "/v1/schemas/{name}/{version}"),
    (Reader, "GET", "/v1/rejects"),
    (Reader, "GET", "/v1/rejects/{id}"),
    (Reader, "GET", "/v1/rejects/{id}/original"),
    (Reader, "GET", "/v1/replays"),
    (Reader, "GET", "/v1/replays/{id}"),
    (Reader, "GET", "/v1/journal"),
    (Reader, "GET", "/v1/plugins"),
    (Reader, "GET", "/v1/connections"),
    (Reader, "GET", "/v1/connections/{name}"),
    (Reader, "GET", "/v1/policies"),
    (Reader, "GET", "/v1/policies/{name}"),
    (Reader, "GET", "/v1/sources"),
    (Reader, "GET", "/v1/subscriptions"),
    (Reader, "POST", "/v1/subscriptions/match"),
    (Operator, "GET", "/v1/audit"),
    (Operator, "POST", "/v1/deliveries/{id}/retry"),
    (Operator, "POST", "/v1/deliveries/{id}/cancel"),
    (Operator, "DELETE", "/v1/rejects/{id}"),
    (Operator, "POST", "/v1/rejects/{id}/retry"),
    (Operator, "POST", "/v1/replays"),
    (Operator, "DELETE", "/v1/replays/{id}"),
    (Operator, "POST", "/v1/replays/{id}/start"),
    (Operator, "POST", "/v1/replays/{id}/pause"),
    (Operator, "POST", "/v1/replays/{id}/resume"),
    (Operator, "POST", "/v1/replays/{id}/cancel"),
    (Operator, "POST", "/v1/plugins/{digest}/resume"),
    (Operator, "POST", "/v1/subscriptions/{name}/enable"),
    (Operator, "POST", "/v1/subscriptions/{name}/test"),
    (Operator, "POST", "/v1/subscriptions/{name}/dry-run"),
    (Operator, "POST", "/v1/dry-run"),
    (Operator, "POST", "/v1/subscriptions/{name}/verify"),
    (Admin, "POST", "/v1/plugins"),
    (Admin, "DELETE", "/v1/policies/{name}"),
    (Admin, "POST", "/v1/policies/{name}/rotate"),
    (Admin, "POST", "/v1/apply"),
    (Admin, "POST", "/v1/erasures"),
    (Admin, "GET", "/v1/tokens"),
    (Admin, "POST", "/v1/tokens"),
    (Admin, "DELETE", "/v1/tokens/{id}"),
    (Admin, "GET", "/v1/users"),
    (Admin, "POST", "/v1/users"),
    (Admin, "GET", "/v1/users/{name}"),
    (Admin, "PATCH", "/v1/users/{name}"),
    (Admin, "DELETE", "/v1/users/{name}"),
];

/// Who asks, and what is open to them.
fn askers(daemon: &Daemon) -> Vec<(&'static str, Api, &'static [Needs])> {
    let brief = json!({ "name": "brief", "roles": ["admin"], "expires_at": in_a_second() });
    let brief = daemon.api().post_json("/v1/tokens", &brief).expect(201).json();
    let brief = daemon.api().with_token(brief["secret"].as_str().unwrap());
    until("the token to expire", || (brief.get("/v1/journal").status == 401).then_some(()));
    vec![
        ("nobody", daemon.api().anonymous(), &[]),
        ("a made up token", daemon.api().with_token("hwt_wrong"), &[]),
        ("an admin whose token has expired", brief, &[]),
        ("a poster", with_roles(daemon, &["poster"]), &[Poster]),
        ("a reader", with_roles(daemon, &["reader"]), &[Reader]),
        ("both", with_roles(daemon, &["poster", "reader"]), &[Poster, Reader]),
        ("an operator", with_roles(daemon, &["operator"]), &[Poster, Reader, Operator]),
        ("an admin", daemon.api(), &[Poster, Reader, Operator, Admin]),
    ]
}

fn in_a_second() -> String {
    let second = jiff::Span::new().seconds(1);
    jiff::Timestamp::now().checked_add(second).unwrap().to_string()
}

#[test]
fn every_route_is_open_to_some_and_closed_to_others() {
    let daemon = Daemon::start();
    for (name, client, open) in askers(&daemon) {
        for &(needs, method, template) in ROUTES {
            let answer = client.try_send(method, &path(template), &[], b"").unwrap();
            let is_open = needs == Nothing || open.contains(&needs);
            let what = format!("{method} {template} as {name}: {}", answer.text());
            // What is open goes on to say what else is wrong.
            assert!(answer.status < 500, "{} {what}", answer.status);
            assert_eq!(!matches!(answer.status, 401 | 403), is_open, "{} {what}", answer.status);
            if is_open {
                continue;
            }
            let problem = answer.problem(if open.is_empty() { 401 } else { 403 });
            let detail = problem["detail"].as_str().unwrap();
            let needed = format!("{needs:?}").to_lowercase();
            match name {
                "nobody" => {
                    assert!(detail.contains(&format!("with the role {needed} as")), "{detail}");
                    assert_eq!(answer.headers["www-authenticate"], "Bearer");
                }
                "an admin whose token has expired" => {
                    assert!(detail.contains("the token `brief` expired at 20"), "{detail}");
                }
                _ if open.is_empty() => assert!(detail.contains("not valid"), "{detail}"),
                _ => assert!(detail.ends_with(&format!("; this needs {needed}")), "{detail}"),
            }
        }
    }
}

/// Names and ids of what is not there.
fn path(template: &str) -> String {
    let mut path = String::new();
    let mut rest = template;
    while let Some((before, parameter)) = rest.split_once('{') {
        path.push_str(before);
        path.push_str("none");
        rest = parameter.split_once('}').unwrap().1;
    }
    path + rest
}

/// A route that is not in the table is a route that nobody has thought about.
#[test]
fn the_table_has_every_route() {
    let daemon = Daemon::start();
    let table: BTreeSet<_> =
        ROUTES.iter().map(|(_, method, path)| format!("{method} {path}")).collect();
    assert_eq!(table.len(), ROUTES.len(), "one is there twice");
    let document = daemon.api().get("/openapi.json");
    let there = if document.status == 200 {
        documented(&document.json())
    } else {
        written(&hookwright_tests::root().join("host/daemon/src/server/mod.rs"))
    };
    let differing: Vec<_> = table.symmetric_difference(&there).collect();
    assert!(differing.is_empty(), "in the table or in the router, and not in both: {differing:#?}");
}

fn documented(document: &serde_json::Value) -> BTreeSet<String> {
    let methods = ["get", "put", "post", "delete", "patch", "head", "options"];
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let there = methods.into_iter().filter(|method| item.get(*method).is_some());
        there.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    all.collect()
}

/// As the router's source says.
fn written(file: &std::path::Path) -> BTreeSet<String> {
    let source = std::fs::read_to_string(file).unwrap();
    let mut found = BTreeMap::<String, BTreeSet<&str>>::new();
    for part in source.split(".route(").skip(1) {
        let path = part.split('"').nth(1).unwrap();
        let handlers = part.split('"').nth(2).unwrap();
        let end = [".route_layer(", ".merge("].iter().filter_map(|end| handlers.find(end)).min();
        let handlers = &handlers[..end.unwrap_or(handlers.len())];
        for method in ["get", "put", "post", "delete", "patch"] {
            let called = format!("{method}(");
            let mut places = handlers.match_indices(&called).map(|(at, _)| &handlers[..at]);
            if places.any(|before| before.ends_with(['.', ' '])) {
                found.entry(path.to_owned()).or_default().insert(method);
            }
        }
    }
    let all = found.into_iter().flat_map(|(path, methods)| {
        methods.into_iter().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    all.collect()
}

#[test]
fn tokens_come_are_used_and_go() {
    let daemon = Daemon::start();
    let made = daemon.cli(&[
        "token",
        "create",
        "--name",
        "desk",
        "--role",
        "reader,poster",
        "--expires-in",
        "90d",
    ]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let secret = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let shown = || {
        let tokens = daemon.api().items("/v1/tokens");
        tokens.into_iter().find(|token| token["name"] == "desk").unwrap()
    };
    let desk = shown();
    assert!(desk.get("hash").is_none() && desk.get("secret").is_none(), "{desk}");
    assert_eq!(desk["roles"], json!(["reader", "poster"]));
    assert!(desk.get("used_at").is_none(), "{desk}");
    let time =
        |value: &serde_json::Value| -> jiff::Timestamp { value.as_str().unwrap().parse().unwrap() };
    let days = time(&desk["expires_at"]).duration_since(time(&desk["created_at"])).as_hours();
    assert!((90 * 24 - 1..=90 * 24).contains(&days), "{desk}");

    let reader = daemon.api().with_token(&secret);
    drop(reader.get("/v1/events").expect(200));
    let used = until("its use to be noted", || shown().get("used_at").cloned());
    drop(reader.get("/v1/events").expect(200));
    drop(reader.get("/v1/journal").expect(200));
    assert_eq!(shown()["used_at"], used, "at most once a minute");
    let listed = String::from_utf8(daemon.cli(&["token", "list"]).stdout).unwrap();
    let line = listed.lines().find(|line| line.contains("desk")).unwrap();
    assert!(line.contains("reader, poster") && line.contains(used.as_str().unwrap()), "{listed}");

    let removed = daemon.cli(&["token", "remove", desk["id"].as_str().unwrap()]);
    assert!(removed.status.success());
    drop(reader.get("/v1/events").problem(401));
}

#[test]
fn tokens_that_make_no_sense() {
    let daemon = Daemon::start();
    for (document, pointer) in [
        (json!({ "name": "a", "roles": [] }), "/roles"),
        (json!({ "name": "a", "roles": ["root"] }), "/roles/0"),
        (json!({ "name": "No Name", "roles": ["reader"] }), "/name"),
        (
            json!({ "name": "a", "roles": ["reader"], "expires_at": "2020-01-01T00:00:00Z" }),
            "/expires_at",
        ),
        (json!({ "name": "a", "roles": ["reader"], "expires_at": "soon" }), "/expires_at"),
    ] {
        let problem = daemon.api().post_json("/v1/tokens", &document).problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{document}: {problem}");
    }
    for args in [
        &["--role", "root"][..],
        &["--role", "admin", "--expires-in", "soon"],
        &["--role", "admin", "--expires-at", "2020-01-01T00:00:00Z"],
        &["--role", "admin", "--expires-in", "1d", "--expires-at", "2099-01-01T00:00:00Z"],
        &[],
    ] {
        let made = daemon.cli(&[&["token", "create", "--name", "a"], args].concat());
        assert!(!made.status.success(), "{args:?}");
    }
    // As scripts from before say it.
    let made = daemon.cli(&["token", "create", "--name", "old", "--scope", "post-events,read"]);
    assert!(made.status.success());
    let old = json!({ "name": "older", "scopes": ["read"] });
    let old = daemon.api().post_json("/v1/tokens", &old).expect(201).json();
    assert_eq!(old["roles"], json!(["reader"]));
}
