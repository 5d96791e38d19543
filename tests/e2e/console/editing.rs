//! What a form changes, what is wrong in it, and who else has changed it meanwhile.

use hookwright_tests::{Browser, Daemon};
use serde_json::{Value, json};

use super::form::{form, post, with};
use super::frame::check;
use super::subscriptions::{install, new, shown};

#[test]
fn every_field_is_edited_and_read_back() {
    let daemon = Daemon::start();
    install(&daemon, &["template"]);
    daemon.apply(
        "[[secret]]\nname = \"key\"\nenv = \"KEY\"\n",
        &[("KEY", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    );
    let wanted = json!({
        "name": "all", "description": "What it is for.\nIn two lines.", "enabled": false,
        "sources": [], "events": ["ticket.created", "ticket.*", "*"], "groups": ["Sales", "IT"],
        "condition": "event.ticket.priority == 'high'", "plugin": "template",
        "settings": {
            "method": "PUT", "url": "https://example.com/{ticket_id}",
            "headers": {"X-A": "1", "X-B": ""}, "format": "json", "body": {"a": ["{ticket_id}"]},
            "syntax": "eddydesk", "auth": {"kind": "header", "name": "X-Key"},
        },
        "secrets": {"header_value": "key"},
        "signing": [{"scheme": "standard-webhooks", "secret": "key"}],
        "preset": "zammad", "retry": {"waits_s": [1.0, 2.5]}, "retry_unknown": false,
        "auth": {"scheme": "bearer", "secret": "key"},
        "proxy": {"url": "http://proxy.example.com:3128"},
        "timeout_s": 7.5, "pace": [{"count": 1, "per_s": 2.0}], "max_concurrent": 3,
        "reserve_hosts": ["b.example.com"], "time_zone": "Europe/Kyiv", "order": "per_ticket",
        "after_failure": "wait", "disable_on_failure": false,
        "answers": [{"status": 409, "verdict": "delivered"}],
        "mail_exceptions_to": ["a@example.com"],
    });
    let made = daemon.api().post_json("/v1/subscriptions", &wanted);
    assert_eq!(made.status, 201, "{}", made.text());
    let before = shown(&daemon, "all");
    let browser = Browser::logged_in(&daemon, "admin");
    let path = "/console/subscriptions/all/edit";
    let page = browser.get(path).expect(200);
    check(path, &page);
    assert_eq!(post(&browser, path, &form(&page)).status, 303);
    assert_eq!(shown(&daemon, "all"), before, "what is not changed stays");

    let changes = [
        ("/description", "Another"),
        ("/enabled", "true"),
        ("/groups", "Support\r\n"),
        ("/condition", "event.ticket.priority == 'low'"),
        ("/settings/method", "\"POST\""),
        ("/settings/auth.of", "2"),
        ("/settings/body", "plain"),
        ("/settings/body.as", "text"),
        ("/settings/format", "\"text\""),
        ("/signing.of", "0"),
        ("/signing.0/secret", "key"),
        ("/signing.0/digest", "\"sha512\""),
        ("/auth.of", ""),
        ("/preset", ""),
        ("/retry.of", "2"),
        ("/retry.2/every_s", "5"),
        ("/retry.2/for_s", "60"),
        ("/retry_unknown", "true"),
        ("/timeout_s", "9"),
        ("/max_concurrent", ""),
        ("/reserve_hosts", ""),
        ("/reserve_hosts.set", "1"),
        ("/time_zone", "UTC"),
        ("/order", "\"strict\""),
        ("/after_failure", "\"skip\""),
        ("/disable_on_failure", "true"),
        ("/pace", "[{\"count\": 2, \"per_s\": 1}]"),
        ("/answers", ""),
        ("/proxy/url", ""),
        ("/mail_exceptions_to", "b@example.com\r\nc@example.com"),
        ("/events.more", "request.*"),
        ("/secrets/header_value", ""),
        ("/secrets/token", "key"),
    ];
    let fields = with(form(&browser.get(path)), &changes);
    let saved = post(&browser, path, &fields);
    assert_eq!(saved.status, 303, "{}", saved.text());
    let after = shown(&daemon, "all");
    for (pointer, expected) in [
        ("/description", json!("Another")),
        ("/enabled", json!(true)),
        ("/groups", json!(["Support"])),
        ("/events", json!(["ticket.created", "request.*"])),
        ("/settings/method", json!("POST")),
        ("/settings/auth", json!({"kind": "bearer"})),
        ("/settings/body", json!("plain")),
        ("/settings/headers", json!({"X-A": "1", "X-B": ""})),
        ("/signing", json!([{"scheme": "hub-signature", "secret": "key", "digest": "sha512"}])),
        ("/preset", Value::Null),
        ("/retry", json!({"every_s": 5.0, "for_s": 60.0})),
        ("/retry_unknown", json!(true)),
        ("/timeout_s", json!(9.0)),
        ("/reserve_hosts", json!([])),
        ("/time_zone", json!("UTC")),
        ("/order", json!("strict")),
        ("/disable_on_failure", json!(true)),
        ("/answers", json!([])),
        ("/mail_exceptions_to", json!(["b@example.com", "c@example.com"])),
        ("/secrets", json!({"token": "key"})),
    ] {
        assert_eq!(after.pointer(pointer), Some(&expected), "{pointer}");
    }
    for gone in ["/auth", "/max_concurrent", "/proxy", "/after_failure"] {
        assert_eq!(after.pointer(gone), None, "{gone}");
    }
    assert_eq!(after.pointer("/pace/0/count"), Some(&json!(2)));
}

#[test]
fn mistakes_stand_beside_their_fields_and_what_was_entered_stays() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy", "template"]);
    let browser = Browser::logged_in(&daemon, "admin");
    let fields = with(
        form(&browser.get(&new("ntfy"))),
        &[
            ("/name", "pager"),
            ("/settings/topic", "not a <topic>"),
            ("/settings/priority", "many"),
            ("/condition", "event.ticket.prio == 'x'"),
            ("/pace", "[{"),
            ("/secrets/token.new", "never shown again"),
        ],
    );
    // What cannot be read at all is told first.
    let page = post(&browser, &new("ntfy"), &fields).expect(422);
    check("mistakes", &page);
    assert!(page.text().contains("this is not JSON"), "{}", page.text());
    let page = post(&browser, &new("ntfy"), &with(fields, &[("/pace", "")])).expect(422);
    check("mistakes", &page);
    assert!(!page.html.contains("never shown again"));
    let text = page.text();
    for words in ["line 1, column 14", "/settings/topic", "is not of type \"integer\""] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(page.field("/settings/topic").as_deref(), Some("not a <topic>"));
    assert_eq!(page.field("/name").as_deref(), Some("pager"));
    let invalid = page.html.split("name=\"/settings/topic\"").nth(1).unwrap();
    assert!(invalid.split('>').next().unwrap().contains("aria-invalid=\"true\""), "{invalid}");
    assert_eq!(daemon.api().get("/v1/subscriptions/pager").status, 404);
}

#[test]
fn two_admins_do_not_overwrite_each_other() {
    let daemon = Daemon::start();
    install(&daemon, &["ntfy"]);
    let one =
        json!({"name": "pager", "events": ["*"], "plugin": "ntfy", "settings": {"topic": "x"}});
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let browser = Browser::logged_in(&daemon, "admin");
    let path = "/console/subscriptions/pager/edit";
    let (mine, theirs) = (form(&browser.get(path)), form(&browser.get(path)));
    assert_eq!(post(&browser, path, &with(mine, &[("/settings/topic", "first")])).status, 303);
    let late = post(&browser, path, &with(theirs, &[("/settings/topic", "second")])).expect(412);
    check("conflict", &late);
    assert!(late.text().contains("Somebody else has changed this"), "{}", late.text());
    assert_eq!(late.field("/settings/topic").as_deref(), Some("second"));
    assert_eq!(shown(&daemon, "pager")["settings"]["topic"], "first");
}
