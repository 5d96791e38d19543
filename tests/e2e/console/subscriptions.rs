//! Subscriptions and connections, made with their forms, and removed.

use std::collections::BTreeMap;

use hookwright_tests::{Browser, Daemon, until};
use serde_json::{Value, json};

use super::Desk;
use super::form::{form, post, with};
use super::frame::check;

/// The shipped destinations, and what their forms need at least.
const NEEDED: [(&str, &[(&str, &str)]); 18] = [
    ("cloudevents", &[("/settings/url", "https://example.com/in")]),
    (
        "helpdeskeddy-api",
        &[
            ("/settings/base_url", "https://desk.example.com"),
            ("/secrets/email.new", "agent@example.com"),
            ("/secrets/api_key.new", "key-of-the-agent"),
        ],
    ),
    ("helpdeskeddy-channel", &[("/settings/url", "https://example.com/hde")]),
    ("mattermost", &[("/secrets/*", "https://chat.example.com/hooks/x")]),
    ("ms-teams", &[("/secrets/*", "https://teams.example.com/hooks/x")]),
    ("ntfy", &[("/settings/topic", "helpdesk-x7Gd2")]),
    (
        "parent-comment",
        &[
            ("/settings/base_url", "https://desk.example.com"),
            ("/secrets/email.new", "agent@example.com"),
            ("/secrets/api_key.new", "key-of-the-agent"),
        ],
    ),
    ("r-service", &[("/settings/uri", "https://example.com/in")]),
    ("rocket-chat", &[("/secrets/*", "https://chat.example.com/hooks/x")]),
    ("slack", &[("/secrets/*", "https://hooks.example.com/services/x")]),
    (
        "sms-traffic",
        &[
            ("/settings/phones", "+7 905 111-22-33"),
            ("/secrets/login.new", "sms-user-7Gd2"),
            ("/secrets/password.new", "sms-pass-7Gd2"),
        ],
    ),
    ("standard-webhooks", &[("/settings/url", "https://example.com/in")]),
    ("telegram", &[("/settings/chat_id", "@support"), ("/secrets/token.new", "123:abc-def")]),
    ("template", &[("/settings/url", "https://example.com/in")]),
    ("xurrent-api", &[("/settings/account", "widget"), ("/secrets/token.new", "token-of-widget")]),
    ("zammad", &[("/settings/url", "https://example.com/in")]),
    (
        "zammad-api",
        &[("/settings/base_url", "https://example.com"), ("/secrets/token.new", "token-of-it")],
    ),
    ("zenlix", &[("/settings/url", "https://example.com/in")]),
];

/// Installs the shipped destinations of these names.
pub(super) fn install(daemon: &Daemon, names: &[&str]) {
    for name in names {
        let file = format!("[[plugin]]\nfile = \"target/plugins/destination-{name}.wasm\"\n");
        daemon.apply(&file, &[]);
    }
}

/// Where one with this plugin is made.
pub(super) fn new(plugin: &str) -> String {
    format!("/console/subscriptions/new?plugin={plugin}")
}

/// As the API shows it.
pub(super) fn shown(daemon: &Daemon, name: &str) -> Value {
    daemon.api().get(&format!("/v1/subscriptions/{name}")).expect(200).json()
}

#[test]
fn every_shipped_destination_is_set_up_with_what_it_needs() {
    let daemon = Daemon::start();
    let names: Vec<_> = NEEDED.iter().map(|(name, _)| *name).collect();
    install(&daemon, &names);
    let browser = Browser::logged_in(&daemon, "admin");
    let choose = browser.get("/console/subscriptions/new").expect(200);
    check("new", &choose);
    for name in &names {
        assert!(choose.html.contains(&format!("plugin={name}\"")), "{name}");
    }
    for (plugin, needed) in NEEDED {
        let page = browser.get(&new(plugin)).expect(200);
        check(plugin, &page);
        let mut fields = with(form(&page), &[("/name", plugin)]);
        for (name, value) in needed {
            let names: Vec<String> = match *name {
                // Those that are marked as needed.
                "/secrets/*" => fields
                    .iter()
                    .filter(|(name, _)| name.starts_with("/secrets/") && name.ends_with(".new"))
                    .map(|(name, _)| name.clone())
                    .collect(),
                name => vec![name.to_owned()],
            };
            for name in names {
                fields = with(fields, &[(name.as_str(), value)]);
            }
        }
        let saved = post(&browser, &new(plugin), &fields);
        assert_eq!(saved.status, 303, "{plugin}: {}", saved.text());
        let one = browser.follow(saved.location());
        check(plugin, &one.clone().expect(200));
        for (_, value) in needed.iter().filter(|(name, _)| name.starts_with("/secrets/")) {
            assert!(!one.html.contains(value), "{plugin}: a secret is shown");
        }
        // Its form sent back as it is changes nothing.
        let before = shown(&daemon, plugin);
        let path = format!("/console/subscriptions/{plugin}/edit");
        let page = browser.get(&path).expect(200);
        check(&path, &page);
        let again = post(&browser, &path, &form(&page));
        assert_eq!(again.status, 303, "{plugin}: {}", again.text());
        assert_eq!(shown(&daemon, plugin)["updated_at"], before["updated_at"], "{plugin}");
    }
}

#[test]
fn who_may_only_read_gets_no_buttons() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy"]);
    let one =
        json!({"name": "pager", "events": ["*"], "plugin": "ntfy", "settings": {"topic": "x"}});
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let reader = Browser::logged_in(&daemon, "reader");
    for path in ["/console/subscriptions", "/console/subscriptions/pager", "/console/connections"] {
        let page = reader.get(path).expect(200);
        check(path, &page);
        for word in ["/edit", "/test\"", "/disable\"", "/remove", "/new\""] {
            assert!(!page.html.contains(word), "{path}: {word}");
        }
    }
    for path in ["edit", "remove", "dry-run", "update"] {
        assert_eq!(
            reader.get(&format!("/console/subscriptions/pager/{path}")).status,
            403,
            "{path}"
        );
    }
    for path in ["edit", "remove", "disable", "test", "verify", "update"] {
        let path = format!("/console/subscriptions/pager/{path}");
        assert_eq!(reader.post(&path, &[]).status, 403, "{path}");
    }
    let operator = Browser::logged_in(&daemon, "operator");
    assert_eq!(operator.post("/console/subscriptions/pager/edit", &[]).status, 403);
    let off = operator.post("/console/subscriptions/pager/disable", &[]).expect(303);
    assert_eq!(off.location(), "/console/subscriptions/pager");
    assert_eq!(shown(&daemon, "pager")["enabled"], false);
    let own = [("sec-fetch-site", "same-origin")];
    let path = "/console/subscriptions/pager/enable";
    assert_eq!(operator.send(path, &[], &own).status, 403, "no token");
    assert_eq!(shown(&daemon, "pager")["enabled"], false);
    drop(operator.post(path, &[]).expect(303));
    assert_eq!(shown(&daemon, "pager")["enabled"], true);
}

#[test]
fn what_is_removed_is_confirmed_first() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy", "zammad-api"]);
    let one =
        json!({"name": "pager", "events": ["*"], "plugin": "ntfy", "settings": {"topic": "x"}});
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let browser = Browser::logged_in(&daemon, "admin");
    let sure = browser.get("/console/subscriptions/pager/remove").expect(200);
    check("remove", &sure);
    assert!(sure.text().contains("is canceled"), "{}", sure.text());
    assert_eq!(browser.post("/console/subscriptions/pager/remove", &[]).status, 303);
    assert_eq!(daemon.api().get("/v1/subscriptions/pager").status, 404);

    let path = "/console/connections/new?plugin=zammad-api";
    let needed: BTreeMap<_, _> = NEEDED.into_iter().collect();
    let fields = with(form(&browser.get(path)), needed["zammad-api"]);
    let saved = post(&browser, path, &with(fields, &[("/name", "desk")]));
    assert_eq!(saved.status, 303, "{}", saved.text());
    check("connection", &browser.follow(saved.location()).expect(200));
    check("connections", &browser.get("/console/connections").expect(200));
    let path = "/console/connections/desk/edit";
    let fields = with(form(&browser.get(path)), &[("/settings/base_url", "https://z.example")]);
    assert_eq!(post(&browser, path, &fields).status, 303);
    let desk = daemon.api().get("/v1/connections/desk").expect(200).json();
    assert_eq!(desk["settings"]["base_url"], "https://z.example");
    assert_eq!(desk["secrets"]["token"], "desk-token");
    check("remove", &browser.get("/console/connections/desk/remove").expect(200));
    assert_eq!(browser.post("/console/connections/desk/remove", &[]).status, 303);
    until("the connection to be gone", || {
        (daemon.api().get("/v1/connections/desk").status == 404).then_some(())
    });
}

#[test]
fn the_list_says_what_became_of_deliveries_in_a_day() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "reader");
    let address = |name: &str, state: &str| {
        format!("/console/deliveries?subscription={name}&state={state}&since=24h")
    };
    let figure = |name: &str, state: &str| {
        let page = browser.get("/console/subscriptions").expect(200);
        let link = format!("href=\"{}\">", address(name, state).replace('&', "&amp;"));
        let (_, rest) = page.html.split_once(&link)?;
        Some(rest.split('<').next().unwrap().to_owned())
    };
    // Figures are a few seconds behind.
    let delivered = until("what was delivered", || figure("fine", "delivered"));
    let failed = until("what failed", || figure("gone", "failed"));
    assert_eq!((delivered.as_str(), failed.as_str()), ("1", "1"));
    assert_eq!((figure("fine", "failed"), figure("gone", "delivered")), (None, None));
    check("subscriptions", &browser.get("/console/subscriptions"));
    for (name, state, delivery) in [("fine", "delivered", 0), ("gone", "failed", 1)] {
        let page = browser.get(&address(name, state)).expect(200);
        assert!(page.html.contains(&desk.deliveries[delivery]), "{name}");
    }
}
