//! What tickets and receivers can hold does nothing in the browser, and does not break the page.

use hookwright_tests::Reply;
use hookwright_tests::Sink;
use serde_json::json;

use crate::chromium::Chromium;
use crate::desk::Desk;
use crate::fits;

pub(crate) const TESTS: &[crate::Test] =
    &[("hostile_events_are_inert", events), ("hostile_queries_are_inert", queries)];

/// Whatever of this runs sets `window.hostile` or opens a dialog.
const SCRIPTS: &str = "</textarea></title></pre></script><script>window.hostile = 1; alert(1)</script>\
    <img src=x class=hostile onerror='window.hostile = 2; alert(2)'>\
    <svg class=hostile onload=alert(3)></svg><a class=hostile href='javascript:alert(4)'>x</a>\
    <iframe class=hostile srcdoc='<script>parent.hostile = 5</script>'></iframe>\
    \"' onmouseover=window.hostile=6 autofocus onfocus=window.hostile=7 x='";
/// What our own templates and texts would take for theirs.
const TEMPLATES: &str = "{{ 1234567 * 7654321 }} {% raw %} { $what } {-brand} { \"x\" } %{1234567*7654321} ${1234567*7654321}";
/// Turns around what follows, hides, and joins.
const BIDI: &str = "pay\u{202e}gnp.exe\u{2066}x\u{2069}\u{200b}\u{feff}\u{0}\u{7}\u{200f}end";

/// What may not be on any page, however it came there.
const INERT: &str = "window.hostile === undefined && !document.querySelector('.hostile')
    && !document.querySelector('iframe, object, embed, base, script:not([src])')
    && Array.from(document.querySelectorAll('*')).every(e =>
        !Array.from(e.attributes).some(a => a.name.startsWith('on'))
        && !/^\\s*javascript:/i.test(e.getAttribute('href') ?? ''))";

fn hostile() -> String {
    format!("{SCRIPTS} {TEMPLATES} {BIDI} {}", "w".repeat(10_000))
}

fn check(chromium: &Chromium, address: &str) {
    chromium.open(address);
    assert_eq!(chromium.dialog(), None, "{address}: a dialog");
    assert!(chromium.holds(INERT), "{address}: something was made of what is only text");
    // The frame of the page stands as on any other.
    assert!(chromium.holds("document.querySelectorAll('h1').length === 1"), "{address}");
    assert!(chromium.holds("document.querySelector('footer #language')"), "{address}");
    fits::check(chromium, address);
    chromium.wide();
    fits::check(chromium, &format!("{address}, wide,"));
    chromium.narrow();
}

fn events() {
    let mut desk = Desk::new();
    desk.sink = Sink::answering(|request| match request.path.as_str() {
        "/hostile" => {
            let mut reply = Reply::ok(hostile()).header("x-html", "<script>alert(8)</script>");
            reply.status = 500;
            reply
        }
        _ => Reply::status(200),
    });
    desk.subscribe("hostile", "retry = { attempts = 1 }");
    let number: String = BIDI.chars().chain(SCRIPTS.chars()).take(60).collect();
    let event = json!({
        "specversion": "1.0", "id": format!("id-{SCRIPTS}"), "source": "tests",
        "type": "test.hostile", "subject": format!("{SCRIPTS}{TEMPLATES}{BIDI}"),
        "dataschema": "ticket/1",
        "data": {"do": "echo", "ticket": {"number": number}, "text": hostile()},
    });
    let event = desk.send(&event, &[("User-Agent", SCRIPTS)]);
    let delivery = desk.daemon.ended(&event, "hostile");
    let delivery = delivery["id"].as_str().unwrap();
    let kind = [("Content-Type", "application/json"), ("User-Agent", SCRIPTS)];
    let post = json!({"ticket": SCRIPTS, "x": hostile()}).to_string();
    let post = desk.daemon.api().anonymous().post("/in/zammad/url-token", &kind, post.as_bytes());
    let reject = post.problem(400)["instance"].as_str().unwrap().to_owned();
    let reject = reject.replace("/v1/rejects/", "/console/rejects/");
    let chromium = Chromium::logged_in(&desk.daemon, "admin");
    chromium.narrow();
    let pages = [
        "/console".to_owned(),
        "/console/deliveries".to_owned(),
        format!("/console/deliveries/{delivery}"),
        "/console/events".to_owned(),
        format!("/console/events/{event}"),
        "/console/rejects".to_owned(),
        reject,
        "/console/destinations".to_owned(),
        "/console/audit".to_owned(),
    ];
    for address in &pages {
        check(&chromium, address);
        let text = chromium.ask("return document.body.textContent;");
        let text = text.as_str().unwrap();
        assert!(!text.contains("9449772114007"), "{address}: what is only text was computed");
        let turning = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!text.contains(turning), "{address}: text is turned around");
    }
    chromium.open(&pages[2]);
    let shown = chromium.ask("return document.querySelector('main').textContent;");
    let shown = shown.as_str().unwrap();
    for words in ["alert(1)", "{{ 1234567 * 7654321 }}", "{ $what }", "</textarea>", "[U+202E]"] {
        assert!(shown.contains(words), "{words} is not shown");
    }
    chromium.check();
}

/// What is typed comes back as it was.
fn queries() {
    let desk = Desk::new();
    let chromium = Chromium::logged_in(&desk.daemon, "admin");
    chromium.narrow();
    let typed: String = format!("{SCRIPTS}{TEMPLATES}{BIDI}").replace('\0', "");
    let coded: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    for address in [
        format!("/console/deliveries?error={coded}&state={coded}"),
        format!("/console/events?subject={coded}&type={coded}"),
        format!("/console/audit?actor={coded}"),
        format!("/console/replays/new?subscription={coded}&what={coded}"),
        format!("/console/{}", coded.replace('+', "%20")),
    ] {
        check(&chromium, &address);
    }
    chromium.open(&format!("/console/deliveries?ticket={coded}"));
    let value = chromium.ask("return document.querySelector('[name=ticket]').value;");
    // What a field of one line leaves out.
    assert_eq!(value.as_str().unwrap(), typed.replace('\n', ""));
}
