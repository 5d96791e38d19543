//! New secrets of forms get names that are free: what something else has is never replaced.

use hookwright_tests::{Browser, Daemon, Sink};
use serde_json::{Value, json};

const SLACK: &str = "[[plugin]]\nfile = \"target/plugins/destination-slack.wasm\"\n";
const ZAMMAD: &str = "[[plugin]]\nfile = \"target/plugins/destination-zammad-api.wasm\"\n";

fn secrets(daemon: &Daemon) -> Vec<String> {
    let all = daemon.api().items("/v1/secrets");
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

fn bound(daemon: &Daemon, path: &str) -> Value {
    daemon.api().get(path).expect(200).json()["secrets"].clone()
}

/// Makes a subscription to slack, or changes it, with a new value of its one secret.
fn save(browser: &Browser, name: &str, is_new: bool, value: &str) {
    let path = match is_new {
        true => "/console/subscriptions/new?plugin=slack".to_owned(),
        false => format!("/console/subscriptions/{name}/edit"),
    };
    let page = browser.get(&path).expect(200);
    let version = page.field("version").unwrap_or_default();
    let fields = [
        ("/name", name),
        ("/enabled", "true"),
        ("/events.more", "ticket.*"),
        ("version", version.as_str()),
        ("/secrets/webhook_url.new", value),
    ];
    drop(browser.post(&path, &fields).expect(303));
}

/// Where an event goes that all take, in order.
fn paths(daemon: &Daemon, sink: &Sink, subscriptions: &[&str]) -> Vec<String> {
    let before = sink.count();
    let event = daemon.send("ticket.created", &json!({"ticket": {"title": "Hello"}}));
    for name in subscriptions {
        assert_eq!(daemon.ended(&event, name)["state"], "delivered");
    }
    let requests = sink.requests().split_off(before);
    let mut paths: Vec<_> = requests.into_iter().map(|request| request.path).collect();
    paths.sort();
    paths
}

#[test]
fn the_secret_of_another_subscription_keeps_its_value() {
    let (sink, daemon) = (Sink::answering(|_| hookwright_tests::Reply::ok("ok")), Daemon::start());
    let other = format!(
        r#"
        {SLACK}
        [[secret]]
        name = "pager-webhook-url"
        env = "URL"
        [[subscription]]
        name = "other"
        events = ["ticket.*"]
        plugin = "slack"
        secrets = {{ webhook_url = "pager-webhook-url" }}
        "#
    );
    daemon.apply(&other, &[("URL", &sink.url("/other"))]);
    let admin = Browser::logged_in(&daemon, "admin");
    save(&admin, "pager", true, &sink.url("/pager"));
    assert_eq!(
        bound(&daemon, "/v1/subscriptions/pager"),
        json!({"webhook_url": "pager-webhook-url-2"})
    );
    assert_eq!(paths(&daemon, &sink, &["pager", "other"]), ["/other", "/pager"]);
    // Another value for what is its own: no other secret is made.
    save(&admin, "pager", false, &sink.url("/again"));
    assert_eq!(secrets(&daemon), ["pager-webhook-url", "pager-webhook-url-2"]);
    assert_eq!(paths(&daemon, &sink, &["pager", "other"]), ["/again", "/other"]);
    // It is shared by now, so it keeps its value.
    let third = other
        .replace("\"other\"", "\"third\"")
        .replace("\"pager-webhook-url\" }", "\"pager-webhook-url-2\" }");
    daemon.apply(&third, &[("URL", &sink.url("/other"))]);
    save(&admin, "pager", false, &sink.url("/last"));
    assert_eq!(
        bound(&daemon, "/v1/subscriptions/pager"),
        json!({"webhook_url": "pager-webhook-url-3"})
    );
    let all = paths(&daemon, &sink, &["pager", "other", "third"]);
    assert_eq!(all, ["/again", "/last", "/other"]);
}

#[test]
fn subscriptions_connections_and_sources_of_one_name_have_secrets_of_their_own() {
    let daemon = Daemon::start();
    daemon.apply(ZAMMAD, &[]);
    let admin = Browser::logged_in(&daemon, "admin");
    for kind in ["subscriptions", "connections"] {
        let path = format!("/console/{kind}/new?plugin=zammad-api");
        let fields = [
            ("/name", "desk"),
            ("/enabled", "true"),
            ("/events.more", if kind == "subscriptions" { "ticket.*" } else { "" }),
            ("/settings/base_url", "https://desk.example.com"),
            ("/secrets/token.new", "some value"),
        ];
        let page = admin.post(&path, &fields);
        assert_eq!(page.status, 303, "{kind}: {}", page.text());
    }
    assert_eq!(bound(&daemon, "/v1/subscriptions/desk"), json!({"token": "desk-token"}));
    assert_eq!(bound(&daemon, "/v1/connections/desk"), json!({"token": "desk-token-2"}));
    // Who uses a secret leads to its page, and so does who uses a plugin.
    let pages = ["/console/subscriptions/desk", "/console/connections/desk"];
    let digest = daemon.api().items("/v1/plugins")[0]["digest"].as_str().unwrap().to_owned();
    let here = ["/console/secrets", "/console/plugins", &format!("/console/plugins/{digest}")];
    for path in here {
        let page = admin.get(path).expect(200);
        super::frame::check(path, &page);
        for link in pages {
            assert_eq!(page.links(link), [link], "{path}");
            drop(admin.get(link).expect(200));
        }
    }
}
