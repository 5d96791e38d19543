//! What needs somebody to look, that nothing would fail on: mail that cannot be sent, and
//! subscriptions to what cannot come.

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

const PLUGIN: &str = "[[plugin]]\nfile = \"target/plugins/destination-standard-webhooks.wasm\"\n";

fn webhook(name: &str, url: &str, more: &str) -> String {
    format!(
        "[[subscription]]\nname = \"{name}\"\nplugin = \"standard-webhooks\"\n\
         settings = {{ url = \"{url}\" }}\nretry = {{ attempts = 1 }}\n{more}\n"
    )
}

fn found(daemon: &Daemon, kind: &str) -> Option<Value> {
    let mut items = daemon.api().items("/v1/attention").into_iter();
    items.find(|item| item["kind"] == kind)
}

#[test]
fn mail_that_somebody_wants_and_cannot_get() {
    let sink = Sink::answering(|_| Reply::status(500));
    let daemon = Daemon::start();
    let wants = "events = [\"ticket.*\"]\nmail_exceptions_to = [\"ann@example.com\"]";
    daemon.apply(
        &(PLUGIN.to_owned() + &webhook("quiet", &sink.url("/"), "events = [\"ticket.*\"]")),
        &[],
    );
    assert_eq!(found(&daemon, "mail_missing"), None);
    daemon.apply(&webhook("told", &sink.url("/"), wants), &[]);
    let missing = found(&daemon, "mail_missing").unwrap();
    assert_eq!((&missing["count"], &missing["severity"]), (&json!(1), &json!("warning")));
    let detail = missing["detail"].as_str().unwrap();
    assert!(detail.contains("is not set up") && detail.contains("told"), "{detail}");
    let said = String::from_utf8(daemon.cli(&["attention"]).stdout).unwrap();
    assert!(said.contains("mail is not set up"), "{said}");

    // A server that refuses what it is given: there is none at this port.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mail = format!(
        "[mail]\nserver = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nfrom = \"a@example.com\"\n"
    );
    daemon.apply(&format!("{mail}enabled = false\n"), &[]);
    let detail = found(&daemon, "mail_missing").unwrap()["detail"].clone();
    assert!(detail.as_str().unwrap().contains("is disabled"), "{detail}");
    daemon.apply(&mail, &[]);
    assert_eq!(found(&daemon, "mail_missing"), None);
    assert_eq!(found(&daemon, "mail_failing"), None, "none was tried");
    let event = daemon.send("ticket.created", &json!({"ticket": {"id": "1"}}));
    assert_eq!(daemon.ended(&event, "told")["state"], "failed");
    let failing = until("the mail to fail", || found(&daemon, "mail_failing"));
    assert_eq!(failing["path"], "/v1/mail");
    let detail = failing["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("1 mails could not be sent yet") && detail.contains("127.0.0.1"),
        "{detail}"
    );
}

#[test]
fn subscriptions_to_what_cannot_come() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let parts = [
        PLUGIN.to_owned(),
        webhook(
            "right",
            &sink.url("/"),
            "events = [\"ticket.*\", \"plugin.suspended\", \"*\"]\nsources = [\"hookwright\"]",
        ),
        webhook("typo", &sink.url("/"), "events = [\"tickt.created\", \"ticket.created\"]"),
        webhook("own", &sink.url("/"), "events = [\"acme.*\"]"),
        webhook("gone", &sink.url("/"), "events = [\"*\"]\nsources = [\"zz\"]"),
        webhook("off", &sink.url("/"), "events = [\"tickt.*\"]\nenabled = false"),
    ];
    daemon.apply(&parts.concat(), &[]);
    let idle = || {
        let items = daemon.api().items("/v1/attention").into_iter();
        let items = items.filter(|item| item["kind"] == "subscription_idle");
        let mut idle: Vec<_> = items
            .map(|item| {
                (item["about"]["name"].clone(), item["detail"].as_str().unwrap().to_owned())
            })
            .collect();
        idle.sort_by_key(|(name, _)| name.to_string());
        idle
    };
    let found = idle();
    let names: Vec<_> = found.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, [json!("gone"), json!("own"), json!("typo")], "{found:?}");
    assert_eq!(found[0].1, "there is no source `zz`");
    assert_eq!(found[2].1, "no event `tickt.created` is known, and none has come");
    // Other programs post what they like: what has come is known.
    drop(daemon.send("acme.order_shipped", &json!({})));
    until("the event to be known", || (idle().len() == 2).then_some(()));
}
