//! A dry run says what a delivery then does.

use hookwright_tests::{Browser, Daemon, Reply, Sink};
use serde_json::json;

use super::frame::check;
use super::subscriptions::install;

fn event(daemon: &Daemon) -> String {
    let data = json!({
        "ticket": {"id": "81", "number": "1081", "title": "Drucker <brennt>", "state": "open",
                   "url": "https://desk.example.com/81"},
        "origin": {"kind": "tests", "event": "created"},
    });
    daemon.send("ticket.created", &data)
}

#[test]
fn a_dry_run_shows_what_is_then_delivered() {
    let sink = Sink::answering(|_| Reply::ok("{}"));
    let daemon = Daemon::start();
    install(&daemon, &["template"]);
    let key = "a-key-that-nobody-sees";
    daemon.apply("[[secret]]\nname = \"key\"\nenv = \"KEY\"\n", &[("KEY", key)]);
    let one = json!({
        "name": "out", "events": ["ticket.*"], "plugin": "template",
        "settings": {"url": sink.url("/in?k={secret:token}"),
                     "body": {"t": "{ticket_name}"}, "headers": {"X-Id": "{ticket_id}"}},
        "secrets": {"token": "key"},
        "signing": [{"scheme": "hub-signature", "secret": "key", "digest": "sha256"}],
    });
    drop(daemon.api().post_json("/v1/subscriptions", &one).expect(201));
    let browser = Browser::logged_in(&daemon, "operator");
    let none = browser.get("/console/subscriptions/out/dry-run").expect(200);
    assert!(none.text().contains("no event yet"), "{}", none.text());
    let other = daemon.send("report.created", &json!({"origin": {"kind": "tests"}}));
    assert!(sink.requests().is_empty());
    let asked = json!({"event": other});
    let run = daemon.api().post_json("/v1/subscriptions/out/dry-run", &asked).expect(200).json();
    assert_eq!(
        (&run["routing"]["taken"], &run["routing"]["reason"]),
        (&json!(false), &json!("type"))
    );

    let event = event(&daemon);
    let delivered = daemon.ended(&event, "out");
    assert_eq!(delivered["state"], "delivered", "{delivered}");
    let received = sink.requests();
    let [received] = received.as_slice() else { panic!("{received:?}") };
    let asked = json!({"event": event});
    let answer = daemon.api().post_json("/v1/subscriptions/out/dry-run", &asked).expect(200);
    assert!(!answer.text().contains(key), "{}", answer.text());
    let run = answer.json();
    assert_eq!((&run["outcome"], &run["routing"]["taken"]), (&json!("sends"), &json!(true)));
    let request = &run["requests"][0];
    assert_eq!(request["method"], received.method);
    let url = request["url"].as_str().unwrap().replace("{secret:key}", key);
    assert_eq!(url, sink.url(&received.path));
    assert_eq!(request["body"].as_str().unwrap(), received.text());
    assert_eq!(request["signature_headers"], json!(["x-hub-signature-256"]));
    for header in request["headers"].as_array().unwrap() {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        let there = received.header(&name.to_lowercase()).unwrap_or_default();
        if name.eq_ignore_ascii_case("x-hub-signature-256") {
            assert_eq!(value, "{signature}");
            assert!(there.starts_with("sha256="), "{there}");
        } else {
            assert_eq!(value, there, "{name}");
        }
    }
    assert!(run["call"]["fuel"].as_u64().unwrap() > 0, "{run}");
    // The page says the same, and nothing more has been sent.
    let page =
        browser.get(&format!("/console/subscriptions/out/dry-run?event={event}")).expect(200);
    check("dry-run", &page);
    for words in ["/in?k={secret:key}", "x-hub-signature-256", "Drucker <brennt>"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(!page.html.contains(key));
    // Before it is saved.
    let mut changed = one;
    changed["settings"]["body"] = json!("changed {ticket_id}");
    changed["settings"]["format"] = json!("text");
    let asked = json!({"subscription": changed, "event": event});
    let run = daemon.api().post_json("/v1/dry-run", &asked).expect(200).json();
    assert_eq!(run["requests"][0]["body"], "changed 81");
    changed["settings"]["method"] = json!("BREW");
    let asked = json!({"subscription": changed, "event": event});
    let wrong = daemon.api().post_json("/v1/dry-run", &asked).problem(422);
    assert_eq!(wrong["errors"][0]["pointer"], "/subscription/settings/method");
    assert_eq!(sink.requests().len(), 1);
    let output = daemon.cli(&["subscription", "dry-run", "out", "--event", &event]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("POST "), "{text}");
}
