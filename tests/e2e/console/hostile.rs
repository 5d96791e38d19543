//! What tickets and receivers can hold is shown, and does nothing.

use hookwright_tests::{Browser, Daemon, Reply, Sink};
use serde_json::json;

use super::frame::check;
use crate::misbehave;

const SCRIPT: &str =
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>";
const HIDDEN: &str = "pay\u{202e}gnp.exe\u{2066}x\u{2069}\u{200b}\u{feff}\u{0}\u{7}end";

fn answer() -> Reply {
    let mut body = b"\xff\xfe\0binary <script>alert(4)</script>".to_vec();
    body.extend("\u{202e}".as_bytes());
    body.extend(vec![b'w'; 100_000]);
    Reply { status: 500, body: body.into(), ..Reply::ok("") }
        .header("x-html", "<script>alert(5)</script>")
}

#[test]
fn hostile_content_is_inert() {
    let sink = Sink::answering(|_| answer());
    let daemon = Daemon::start();
    let once = "retry = { attempts = 1 }";
    daemon.apply(&misbehave("hostile", &sink.url("/<x>"), once), &[]);
    let long = "w".repeat(50_000);
    let event = json!({
        "specversion": "1.0", "id": format!("id-{SCRIPT}"), "source": "tests",
        "type": "test.hostile", "subject": format!("{SCRIPT}{HIDDEN}"), "dataschema": "ticket/1",
        "data": {
            "do": "echo", "ticket": {"number": format!("{HIDDEN}{SCRIPT}").chars().take(60).collect::<String>()},
            "text": format!("{SCRIPT} {HIDDEN} {long}"),
        },
    });
    let kind = [("Content-Type", "application/cloudevents+json"), ("User-Agent", SCRIPT)];
    let accepted = daemon.api().post("/v1/events", &kind, event.to_string().as_bytes());
    let id = accepted.expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned();
    let delivery = daemon.ended(&id, "hostile");
    let delivery = delivery["id"].as_str().unwrap();
    let browser = Browser::logged_in(&daemon, "operator");
    let one = format!("/console/deliveries/{delivery}");
    for path in [
        "/console/deliveries".to_owned(),
        one.clone(),
        "/console/events".to_owned(),
        format!("/console/events/{id}"),
    ] {
        let page = browser.get(&path).expect(200);
        check(&path, &page);
        for tag in ["<script>", "<img src=x", "<svg"] {
            assert!(!page.html.contains(tag), "{path}: {tag}");
        }
        let hides = |c: char| {
            c.is_control() && c != '\n' && c != '\t'
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
        };
        assert!(!page.html.contains(hides), "{path}");
        assert!(page.text().contains("alert(1)"), "{path}: it is shown");
        assert!(page.text().contains("[U+202E]") && page.text().contains('\u{2400}'), "{path}");
        assert!(page.html.len() < 300_000, "{path}: {} bytes", page.html.len());
    }
    let page = browser.get(&one);
    assert!(page.html.contains("<span class=\"mark\">[U+202E]</span>"), "{}", page.html);
    assert!(page.text().contains("not all of it is text") && page.text().contains("alert(5)"));
    let answer = browser.request("GET", &format!("{one}/attempts/1/request"), &[], Vec::new());
    assert!(answer.html.contains("<script>") && answer.html.contains(&long));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-disposition").starts_with("attachment"));
}

/// What is typed comes back as it was, and does nothing either.
#[test]
fn hostile_queries_are_inert() {
    let daemon = Daemon::start();
    let browser = Browser::logged_in(&daemon, "operator");
    let coded: String = SCRIPT.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for path in [
        format!("/console/deliveries?error={coded}&state={coded}"),
        format!("/console/deliveries?ticket={coded}"),
        format!("/console/events?subject={coded}&type={coded}"),
        format!("/console/audit?actor={coded}"),
        format!("/console/rejects?source={coded}"),
        format!("/console/replays/new?subscription={coded}&what={coded}"),
        format!("/console/{coded}"),
        format!("/console/login?next={coded}"),
    ] {
        let page = browser.get(&path);
        check(&path, &page);
        assert!(!page.html.contains("<script>") && !page.html.contains("<svg"), "{path}");
    }
    let page = browser.get(&format!("/console/deliveries?ticket={coded}")).expect(200);
    assert_eq!(page.field("ticket").as_deref(), Some(SCRIPT));
    // What the last page had done is said in words of ours only.
    for note in ["note-retried=x", "error-404=x", &format!("note-{coded}=1"), &"x".repeat(4_000)] {
        browser.set_cookie("hookwright_note", note);
        let page = browser.get("/console/deliveries").expect(200);
        assert!(!page.html.contains("alert(1)"), "{note}");
        assert_eq!(page.html.contains("class=\"note good\""), note.starts_with("note-retried"));
    }
}
