//! Every route, asked by everyone.

use std::collections::BTreeSet;

use hookwright_tests::{Api, Daemon, until};
use serde_json::json;

use super::with_roles;

/// What each route needs, as people have thought it out: a role, or nothing that tokens are about.
const ROUTES: &str = "
    nothing  GET    /.well-known/jwks.json
    nothing  GET    /docs
    nothing  POST   /in/{source}
    nothing  POST   /in/{source}/{token}
    nothing  GET    /livez
    nothing  GET    /openapi.json
    nothing  GET    /readyz
    nothing  GET    /webhook_policies/{name}/.well-known/jwks.json
    nothing  GET    /webhook_policies/{name}/.well-known/openid-configuration
    nothing  GET    /webhooks/{id}/verify
    nothing  POST   /webhooks/{id}/verify
    poster   POST   /v1/events
    reader   GET    /v1/connections
    reader   GET    /v1/connections/{name}
    reader   GET    /v1/deliveries
    reader   GET    /v1/deliveries/{id}
    reader   GET    /v1/deliveries/{id}/attempts
    reader   GET    /v1/attention
    reader   GET    /v1/destinations
    reader   GET    /v1/event-types
    reader   GET    /v1/events
    reader   GET    /v1/events/{id}
    reader   GET    /v1/events/{id}/original
    reader   GET    /v1/export/deliveries
    reader   GET    /v1/export/events
    reader   GET    /v1/journal
    reader   GET    /v1/mail
    reader   GET    /v1/plugins
    reader   GET    /v1/plugins/{digest}
    reader   GET    /v1/plugins/{digest}/component
    reader   GET    /v1/policies
    reader   GET    /v1/policies/{name}
    reader   GET    /v1/rejects
    reader   GET    /v1/rejects/{id}
    reader   GET    /v1/rejects/{id}/original
    reader   GET    /v1/replays
    reader   GET    /v1/replays/{id}
    reader   GET    /v1/schemas/{name}/{version}
    reader   GET    /v1/secrets
    reader   GET    /v1/secrets/{name}
    reader   GET    /v1/settings
    reader   GET    /v1/setup
    reader   GET    /v1/sources
    reader   GET    /v1/sources/{name}
    reader   GET    /v1/statistics
    reader   GET    /v1/subscriptions
    reader   GET    /v1/subscriptions/disabled
    reader   GET    /v1/subscriptions/enabled
    reader   POST   /v1/subscriptions/match
    reader   GET    /v1/subscriptions/{name}
    operator GET    /v1/audit
    operator POST   /v1/deliveries/{id}/cancel
    operator POST   /v1/deliveries/{id}/retry
    operator POST   /v1/mail/test
    operator POST   /v1/plugins/{digest}/resume
    operator DELETE /v1/rejects/{id}
    operator POST   /v1/rejects/{id}/retry
    operator POST   /v1/replays
    operator DELETE /v1/replays/{id}
    operator POST   /v1/replays/{id}/cancel
    operator POST   /v1/replays/{id}/pause
    operator POST   /v1/replays/{id}/resume
    operator POST   /v1/replays/{id}/start
    operator POST   /v1/subscriptions/{name}/disable
    operator POST   /v1/subscriptions/{name}/enable
    operator POST   /v1/subscriptions/{name}/test
    operator POST   /v1/subscriptions/{name}/dry-run
    operator POST   /v1/dry-run
    operator POST   /v1/subscriptions/{name}/verify
    admin    POST   /v1/apply
    admin    POST   /v1/connections
    admin    DELETE /v1/connections/{name}
    admin    PATCH  /v1/connections/{name}
    admin    PUT    /v1/connections/{name}
    admin    POST   /v1/connections/{name}/disable
    admin    POST   /v1/connections/{name}/enable
    admin    POST   /v1/erasures
    admin    POST   /v1/plugins
    admin    DELETE /v1/plugins/{digest}
    admin    POST   /v1/policies
    admin    DELETE /v1/policies/{name}
    admin    PATCH  /v1/policies/{name}
    admin    PUT    /v1/policies/{name}
    admin    POST   /v1/policies/{name}/disable
    admin    POST   /v1/policies/{name}/enable
    admin    POST   /v1/policies/{name}/rotate
    admin    DELETE /v1/secrets/{name}
    admin    PUT    /v1/secrets/{name}
    admin    PATCH  /v1/settings
    admin    PUT    /v1/settings
    admin    POST   /v1/sources
    admin    DELETE /v1/sources/{name}
    admin    PATCH  /v1/sources/{name}
    admin    PUT    /v1/sources/{name}
    admin    POST   /v1/sources/{name}/disable
    admin    POST   /v1/sources/{name}/enable
    admin    POST   /v1/subscriptions
    admin    DELETE /v1/subscriptions/{name}
    admin    PATCH  /v1/subscriptions/{name}
    admin    PUT    /v1/subscriptions/{name}
    admin    GET    /v1/tokens
    admin    POST   /v1/tokens
    admin    DELETE /v1/tokens/{id}
    admin    GET    /v1/users
    admin    POST   /v1/users
    admin    DELETE /v1/users/{name}
    admin    GET    /v1/users/{name}
    admin    PATCH  /v1/users/{name}
    admin    GET    /webhook_policies
    admin    POST   /webhook_policies
    admin    GET    /webhook_policies/disabled
    admin    GET    /webhook_policies/enabled
    admin    DELETE /webhook_policies/{name}
    admin    GET    /webhook_policies/{name}
    admin    PATCH  /webhook_policies/{name}
    admin    GET    /webhooks
    admin    POST   /webhooks
    admin    GET    /webhooks/disabled
    admin    GET    /webhooks/enabled
    admin    DELETE /webhooks/{id}
    admin    GET    /webhooks/{id}
    admin    PATCH  /webhooks/{id}
    admin    POST   /webhooks/{id}/test
";

struct Route {
    needs: &'static str,
    method: &'static str,
    path: &'static str,
}

fn routes() -> Vec<Route> {
    let lines = ROUTES.lines().map(str::trim).filter(|line| !line.is_empty());
    let routes = lines.map(|line| match *line.split_whitespace().collect::<Vec<_>>() {
        [needs, method, path] => Route { needs, method, path },
        _ => panic!("{line}"),
    });
    routes.collect()
}

/// Who asks, and what is open to them.
fn askers(daemon: &Daemon) -> Vec<(&'static str, Api, &'static [&'static str])> {
    let brief = json!({ "name": "brief", "roles": ["admin"], "expires_at": soon() });
    let brief = daemon.api().post_json("/v1/tokens", &brief).expect(201).json();
    let brief = daemon.api().with_token(brief["secret"].as_str().unwrap());
    until("the token to expire", || (brief.get("/v1/journal").status == 401).then_some(()));
    vec![
        ("nobody", daemon.api().anonymous(), &[]),
        ("a made up token", daemon.api().with_token("hwt_wrong"), &[]),
        ("an admin whose token has expired", brief, &[]),
        ("a poster", with_roles(daemon, &["poster"]), &["poster"]),
        ("a reader", with_roles(daemon, &["reader"]), &["reader"]),
        ("both", with_roles(daemon, &["poster", "reader"]), &["poster", "reader"]),
        ("an operator", with_roles(daemon, &["operator"]), &["poster", "reader", "operator"]),
        ("an admin", daemon.api(), &["poster", "reader", "operator", "admin"]),
    ]
}

/// Not too soon: a busy machine has to have made the token by then.
fn soon() -> String {
    let later = jiff::Span::new().seconds(3);
    jiff::Timestamp::now().checked_add(later).unwrap().to_string()
}

#[test]
fn every_route_is_open_to_some_and_closed_to_others() {
    let daemon = Daemon::start();
    for (name, client, open) in askers(&daemon) {
        for Route { needs, method, path: template } in routes() {
            let answer = client.try_send(method, &path(template), &[], b"").unwrap();
            let is_open = needs == "nothing" || open.contains(&needs);
            let what = format!("{method} {template} as {name}: {}", answer.text());
            // What is open goes on to say what else is wrong.
            assert!(answer.status < 500, "{} {what}", answer.status);
            assert_eq!(!matches!(answer.status, 401 | 403), is_open, "{} {what}", answer.status);
            if is_open {
                continue;
            }
            let problem = answer.problem(if open.is_empty() { 401 } else { 403 });
            let detail = problem["detail"].as_str().unwrap();
            match name {
                "nobody" => {
                    assert!(detail.contains(&format!("with the role {needs} as")), "{detail}");
                    assert_eq!(answer.headers["www-authenticate"], "Bearer");
                }
                "an admin whose token has expired" => {
                    assert!(detail.contains("the token `brief` expired at 20"), "{detail}");
                }
                _ if open.is_empty() => assert!(detail.contains("not valid"), "{detail}"),
                _ => assert!(detail.ends_with(&format!("; this needs {needs}")), "{detail}"),
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
fn the_table_has_every_route_and_the_description_says_the_same() {
    let daemon = Daemon::start();
    let routes = routes();
    let table: BTreeSet<_> = routes
        .iter()
        .map(|Route { needs, method, path }| format!("{needs} {method} {path}"))
        .collect();
    assert_eq!(table.len(), routes.len(), "one is there twice");
    let document = daemon.api().anonymous().get("/openapi.json").expect(200).json();
    let methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            let there = methods.into_iter().filter_map(|method| Some((method, item.get(method)?)));
            there.map(move |(method, operation)| {
                let needs = operation["x-required-role"].as_str().unwrap_or("nothing");
                format!("{needs} {} {path}", method.to_uppercase())
            })
        })
        .collect();
    let differing: Vec<_> = table.symmetric_difference(&described).collect();
    assert!(
        differing.is_empty(),
        "in the table or in the description, not in both: {differing:#?}"
    );
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

    let removed = daemon.cli(&["token", "remove", desk["id"].as_str().unwrap(), "--yes"]);
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
