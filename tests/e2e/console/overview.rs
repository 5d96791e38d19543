//! The first page: figures and what needs attention, without its scripts.

use hookwright_tests::{Browser, Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use super::frame::check;

fn subscription(name: &str, url: &str) -> String {
    format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"
        [[subscription]]
        name = "{name}"
        events = ["test.{name}"]
        plugin = "zammad"
        settings = {{ url = "{url}" }}
        preset = "none"
        retry = {{ attempts = 1 }}
        "#
    )
}

#[test]
fn how_it_goes_and_what_needs_attention() {
    let sink =
        Sink::answering(|request| Reply::status(if request.path == "/bad" { 404 } else { 200 }));
    let daemon = Daemon::start();
    let browser = Browser::logged_in(&daemon, "reader");
    let empty = browser.get("/console").expect(200);
    check("/console", &empty);
    assert!(empty.text().contains("Nothing needs attention."), "{}", empty.text());
    assert!(empty.text().contains("Nothing happened within this time."), "{}", empty.text());

    daemon.apply(&(subscription("good", &sink.url("/good"))), &[]);
    daemon.apply(&(subscription("bad", &sink.url("/bad"))), &[]);
    let ticket = json!({"ticket": {"id": "1", "title": "Hello"}});
    for name in ["good", "good", "bad", "bad", "bad"] {
        let event = daemon.send(&format!("test.{name}"), &ticket);
        let _ended = daemon.ended(&event, name);
    }
    let page = until("figures of what failed", || {
        let page = browser.get("/console").expect(200);
        page.text().contains("3 of 5").then_some(page)
    });
    check("/console", &page);
    let text = page.text();
    assert!(text.contains("Subscription fails"), "{text}");
    let link = page.links("/console/deliveries?subscription=bad");
    assert_eq!(browser.get(&link[0]).status, 200, "{link:?}");
    assert!(page.html.contains("aria-current=\"page\""), "the page is marked in the navigation");

    for period in ["6h", "24h", "7d", "30d", "100y"] {
        let address = format!("/console?period={period}");
        check(&address, &browser.get(&address).expect(200));
        let data = browser.get(&format!("/console/overview.json?period={period}")).expect(200);
        assert_eq!(data.header("content-type"), "application/json");
        let data: Value = serde_json::from_str(&data.html).unwrap();
        assert_eq!(data["totals"]["delivered"], 2, "{period}");
        let points = data["times"].as_array().unwrap().len();
        assert_eq!(data["series"][0]["delivered"].as_array().unwrap().len(), points);
    }
    for (language, words) in [
        ("de", "Was Aufmerksamkeit braucht"),
        ("ru", "Что требует внимания"),
        ("uk", "Що потребує уваги"),
    ] {
        browser.set_cookie("hookwright_language", language);
        let page = browser.get("/console").expect(200);
        check(language, &page);
        assert!(page.text().contains(words), "{language}");
    }
    let nobody = Browser::new(&daemon);
    for path in ["/console", "/console/overview.json"] {
        assert_eq!(nobody.get(path).status, 303, "{path}");
    }
}
