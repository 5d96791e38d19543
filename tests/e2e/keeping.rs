//! What the journal keeps, lets go of, takes out and erases.

use std::collections::BTreeSet;
use std::process::Output;
use std::time::Duration;

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use crate::{all_bytes, misbehave};

const EMAIL: &str = "Anna.Blom@example.org";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The names of the files in which this is found.
fn found_in(daemon: &Daemon, needle: &str) -> Vec<String> {
    let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|it| it == needle.as_bytes());
    let files = all_bytes(daemon.data()).into_iter();
    files.filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn ids(items: &[Value]) -> BTreeSet<String> {
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_person_is_erased_while_deliveries_to_them_are_under_way() {
    // One receiver answers, one takes its time, one never takes anything.
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/slow" => Reply::ok(request.body.clone()).after(Duration::from_secs(2)),
        "/down" => Reply::status(500),
        _ => Reply::ok(request.body.clone()),
    });
    let daemon = Daemon::start();
    let subscription = |name: &str| {
        let more = "retry = { attempts = 100, first_wait_s = 1, factor = 1 }";
        let toml = misbehave(name, &sink.url(&format!("/{name}")), more);
        toml.replace(&format!("test.{name}"), "test.*")
    };
    for name in ["quick", "slow", "down"] {
        daemon.apply(&subscription(name), &[]);
    }
    daemon.apply(
        "[[plugin]]\nfile = \"target/plugins/source-zammad.wasm\"\n[[source]]\nname = \"desk\"\n\
         plugin = \"zammad\"\nauth = { kind = \"none\" }",
        &[],
    );
    let broken = format!("{{ {EMAIL}");
    drop(daemon.api().anonymous().post("/in/desk", &[], broken.as_bytes()).problem(400));
    let (of, other) = (json!({ "to": EMAIL }), json!({ "to": "someone@else.example" }));
    let event = daemon.send("test.a", &of);
    let kept = daemon.send("test.b", &other);
    assert_eq!(daemon.ended(&event, "quick")["state"], "delivered");
    until("the slow one to be asked", || (!sink.at("/slow").is_empty()).then_some(()));
    assert!(!found_in(&daemon, EMAIL).is_empty(), "it is what is searched for");

    let person = ["journal", "erase", "--person", "anna.blom@EXAMPLE.org"];
    let seen = succeeded(&daemon.cli(&[&person[..], &["--dry-run"]].concat()));
    assert!(seen.contains("Nothing was erased"), "{seen}");
    assert!(seen.lines().any(|line| line.split_whitespace().eq(["events", "1"])), "{seen}");
    assert!(seen.lines().any(|line| line.split_whitespace().eq(["rejects", "1"])), "{seen}");
    drop(daemon.api().get(&format!("/v1/events/{event}")).expect(200));

    let report = succeeded(&daemon.cli(&[&person[..], &["--json"]].concat()));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["events"], 1, "{report}");
    assert_eq!((&report["deliveries"], &report["originals"]), (&json!(3), &json!(1)));
    assert_eq!((&report["canceled"], &report["rejects"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!((&report["rewritten"], &report["log_emptied"]), (&json!(true), &json!(true)));
    assert_eq!(found_in(&daemon, EMAIL), Vec::<String>::new());
    let down = sink.at("/down").len();

    // The answer to the slow one comes after all; nothing of it is kept.
    std::thread::sleep(Duration::from_secs(3));
    drop(daemon.api().get(&format!("/v1/events/{event}")).problem(404));
    assert!(daemon.deliveries(&format!("event={event}")).is_empty());
    assert_eq!(ids(&daemon.api().items("/v1/events")), [kept.clone()].into());
    assert_eq!(found_in(&daemon, EMAIL), Vec::<String>::new());
    assert!(!daemon.log().contains(EMAIL) && !daemon.log().contains("anna.blom"));
    let later = sink.at("/down").iter().skip(down).filter(|it| it.text().contains(EMAIL)).count();
    assert_eq!(later, 0, "it was sent again after it was erased");
    assert_eq!(daemon.ended(&kept, "slow")["state"], "delivered");
}

#[test]
fn a_ticket_is_erased_by_its_number() {
    let daemon = Daemon::start();
    let event = daemon.send("test.a", &json!({ "ticket": { "number": "31001" } }));
    let other = daemon.send("test.a", &json!({ "ticket": { "number": "31002" } }));
    // It has the same subject, as all events of these tests.
    let silent = daemon.send("test.a", &json!({ "ticket": {} }));
    let erase = |what: Value| daemon.api().post_json("/v1/erasures", &what);
    let none = erase(json!({ "ticket": "31009" })).expect(200).json();
    assert_eq!(none["events"], 0);
    let of_source = erase(json!({ "ticket": "31001", "source": "elsewhere" })).expect(200).json();
    assert_eq!(of_source["events"], 0);
    let seen = erase(json!({ "subject": "81", "dry_run": true })).expect(200).json();
    assert_eq!(seen["events"], 3);
    let all = [event, other, silent].into_iter().collect::<BTreeSet<_>>();
    assert_eq!(ids(&daemon.api().items("/v1/events")), all);
    assert_eq!(erase(json!({ "ticket": "31001" })).expect(200).json()["events"], 3);
    assert!(daemon.api().items("/v1/events").is_empty());
}

#[test]
fn what_to_erase_has_to_be_said_exactly() {
    let daemon = Daemon::start();
    for (document, pointer) in [
        (json!({}), ""),
        (json!({ "ticket": "1", "text": "abcdef" }), ""),
        (json!({ "person": " a@ " }), "/person"),
        (json!({ "text": "abc" }), "/text"),
        (json!({ "ticket": "" }), "/ticket"),
        (json!({ "text": "x".repeat(5_000) }), "/text"),
        (json!({ "ticket": 5 }), "/ticket"),
        (json!({ "text": "abcdef", "source": "No Name" }), "/source"),
        (json!({ "tickets": "1" }), "/tickets"),
    ] {
        let problem = daemon.api().post_json("/v1/erasures", &document).problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{document}: {problem}");
    }
    let reader = daemon.api().post_json("/v1/tokens", &json!({ "name": "r", "roles": ["reader"] }));
    let token = reader.expect(201).json()["secret"].as_str().unwrap().to_owned();
    let api = daemon.api().with_token(&token);
    drop(api.post_json("/v1/erasures", &json!({ "text": "abcdef" })).problem(403));
    drop(api.get("/v1/journal").expect(200));
    let output = daemon.cli(&["journal", "erase", "--ticket", "1", "--text", "abcd"]);
    assert!(!output.status.success() && text(&output.stderr).contains("cannot be used with"));
}

#[test]
fn what_has_ended_goes_when_its_time_has_come() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/down" => Reply::status(500),
        _ => Reply::ok("ok"),
    });
    let daemon = Daemon::start();
    let more = "retry = { attempts = 100, first_wait_s = 60 }";
    daemon.apply(&misbehave("good", &sink.url("/good"), ""), &[]);
    daemon.apply(&misbehave("down", &sink.url("/down"), more), &[]);
    let cloud = |id: &str| {
        let event = json!({ "specversion": "1.0", "id": id, "source": "tests", "type": "test.good",
            "data": {} });
        let kind = [("Content-Type", "application/cloudevents+json")];
        daemon.api().post("/v1/events", &kind, event.to_string().as_bytes()).expect(202)
    };
    let first = cloud("known").json();
    let delivered = first["events"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(daemon.ended(&delivered, "good")["state"], "delivered");
    let untaken = daemon.send("test.nobody", &json!({}));
    let pending = daemon.send("test.down", &json!({}));
    let all = [delivered, untaken, pending.clone()].into_iter().collect::<BTreeSet<_>>();
    assert_eq!(ids(&daemon.api().items("/v1/events")), all);

    daemon.apply("[journal]\nkeep_for = \"0s\"", &[]);
    until("what has ended to go", || {
        (ids(&daemon.api().items("/v1/events")) == [pending.clone()].into()).then_some(())
    });
    let left = daemon.deliveries("");
    assert_eq!((left.len(), &left[0]["event_id"]), (1, &json!(pending)));
    // What came once does not come again because it is gone.
    let again = cloud("known");
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.json(), first);
    assert_eq!(daemon.api().items("/v1/events").len(), 1);
}

#[test]
fn the_journal_stays_within_its_bound() {
    let daemon = Daemon::start();
    let noise = || (0..100_000).map(|_| fastrand::alphanumeric()).collect::<String>();
    let sent: Vec<_> =
        (0..40).map(|_| daemon.send("test.nobody", &json!({ "noise": noise() }))).collect();
    let bytes = || daemon.api().get("/v1/journal").expect(200).json()["bytes"]["journal"].clone();
    assert!(bytes().as_u64().unwrap() > 4_000_000);
    daemon.apply("[journal]\nkeep_bytes = \"2MiB\"", &[]);
    until("it to be small enough", || (bytes().as_u64().unwrap() <= 2 << 20).then_some(()));
    let left = ids(&daemon.api().items("/v1/events?limit=500"));
    assert!(left.len() > 3 && left.len() < 20, "{}", left.len());
    let youngest = sent.into_iter().rev().take(left.len()).collect::<BTreeSet<_>>();
    assert_eq!(left, youngest);
    let shown = succeeded(&daemon.cli(&["journal", "show"]));
    assert!(shown.contains("2MiB") && shown.contains("90d"), "{shown}");
}

#[test]
fn what_is_sent_is_whole_and_what_is_kept_is_not() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/down" => Reply::status(500).header("X-Trace", "trace-77"),
        _ => Reply::ok(format!("got {EMAIL}")),
    });
    let daemon = Daemon::start();
    daemon.apply(
        r#"
        [[plugin]]
        file = "target/plugins/source-zammad.wasm"
        [[source]]
        name = "desk"
        plugin = "zammad"
        auth = { kind = "none" }
        [journal]
        redact_failed_after = "0s"
        [[journal.redact]]
        pattern = '(?i)[\w.+-]+@[\w.-]+\w'
        [[journal.redact]]
        pointer = "/note"
        what = ["event", "request"]
        [[journal.redact]]
        pointer = "/data/note"
        what = ["inbound"]
        [[journal.redact]]
        header = "X-Trace"
        "#,
        &[],
    );
    daemon.apply(&misbehave("good", &sink.url("/good"), ""), &[]);
    let more = "retry = { attempts = 3, first_wait_s = 1.5, factor = 1 }";
    daemon.apply(&misbehave("down", &sink.url("/down"), more), &[]);
    let data = json!({ "to": EMAIL, "note": "the gate code is 47-11-x", "open": "yes" });
    let redacted = json!({ "to": "[redacted]", "note": "[redacted]", "open": "yes" });

    let event = daemon.send("test.good", &data);
    let delivery = daemon.ended(&event, "good");
    assert_eq!(sink.at("/good")[0].json(), data, "the receiver gets what is meant for it");
    let shown = || daemon.api().get(&format!("/v1/events/{event}")).expect(200).json();
    until("the event to be redacted", || (shown()["data"] == redacted).then_some(()));
    let posted = daemon.api().get(&format!("/v1/events/{event}/original")).expect(200).json();
    assert_eq!(posted["data"], redacted);
    let attempt = &daemon.attempts(&delivery)[0];
    assert_eq!(attempt["received"]["body"], "got [redacted]");
    let sent: Value = serde_json::from_str(attempt["sent"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(sent, redacted);
    let id = delivery["id"].as_str().unwrap();
    let whole = daemon.api().get(&format!("/v1/deliveries/{id}")).expect(200).text();
    assert!(whole.contains("[redacted]") && !whole.contains("47-11-x"), "{whole}");
    let problem = daemon.api().post(&format!("/v1/deliveries/{id}/retry"), &[], b"").problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("redacted"), "{problem}");

    // While it is tried, what it needs is there; what was tried is redacted from the start.
    let event = daemon.send("test.down", &data);
    let pending = until("a first attempt", || {
        let found = daemon.deliveries(&format!("event={event}")).pop()?;
        (found["attempts"].as_u64()? >= 1).then_some(found)
    });
    let shown = daemon.attempts(&pending);
    let sent: Value = serde_json::from_str(shown[0]["sent"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(sent, redacted);
    let headers = shown[0]["received"]["headers"].as_array().unwrap();
    assert!(headers.contains(&json!(["x-trace", "[redacted]"])), "{headers:?}");
    let delivery = daemon.ended(&event, "down");
    assert_eq!(delivery["state"], "failed");
    let bodies: Vec<_> = sink.at("/down").iter().map(|request| request.json()).collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == data), "{bodies:?}");
    until("what failed to be redacted", || {
        let shown = daemon.api().get(&format!("/v1/events/{event}")).expect(200).json();
        (shown["data"] == redacted).then_some(())
    });

    // Headers of a post are taken out before anything is kept, also of one that cannot be read.
    let trace = [("X-Trace", "trace-88"), ("Content-Type", "application/json")];
    let problem = daemon.api().anonymous().post("/in/desk", &trace, b"{ no").problem(400);
    let reject = daemon.api().get(problem["instance"].as_str().unwrap()).expect(200).json();
    let headers = reject["headers"].as_array().unwrap();
    assert!(headers.contains(&json!(["x-trace", "[redacted]"])), "{headers:?}");

    // Rules that come later hold for what is there.
    let event = daemon.send("test.nobody", &json!({ "word": "swordfish" }));
    daemon.apply("[journal]\n[[journal.redact]]\npattern = \"swordfish\"", &[]);
    until("it to be redacted", || {
        let shown = daemon.api().get(&format!("/v1/events/{event}")).expect(200).json();
        (shown["data"]["word"] == "[redacted]").then_some(())
    });
}

#[test]
fn settings_that_make_no_sense_are_refused_and_changes_are_shown() {
    let daemon = Daemon::start();
    let wrong = |toml: &str| {
        let output = daemon.try_apply(toml, &[]);
        assert!(!output.status.success());
        text(&output.stderr)
    };
    for (toml, expected) in [
        ("[journal]\nkeep = \"1d\"", "unknown field `keep`"),
        ("[journal]\nkeep_for = \"soon\"", "`soon` is no age"),
        ("[journal]\nkeep_bytes = \"1kB\"", "/journal/keep_bytes: 1kB is too little"),
        ("[journal]\nkeep_bytes = -1", "`-1` is no size"),
        ("[[journal.redact]]\npattern = \"(\"", "/journal/redact/0/pattern: it is no regular"),
        (
            "[[journal.redact]]\nheader = \"a\"\nsource = \"b\"",
            "/journal/redact/0/source: there is",
        ),
        (
            "[[journal.redact]]\nheader = \"a\"\nsubscription = \"b\"",
            "there is no subscription `b`",
        ),
        ("[[journal.redact]]\nheader = \"a\"\nwhat = [\"all\"]", "unknown variant `all`"),
    ] {
        let error = wrong(toml);
        assert!(error.contains(expected), "{toml}: {error}");
    }
    let toml = "[journal]\nkeep_for = \"30d\"\nkeep_bytes = \"20GiB\"";
    let output = succeeded(&daemon.try_apply(toml, &[]));
    assert!(output.contains(r#"/keep_for: "90d" → "30d""#), "{output}");
    let again = succeeded(&daemon.try_apply(toml, &[]));
    assert!(again.contains("Nothing to change"), "{again}");
    let daemon = daemon.kill_and_restart();
    let shown = daemon.api().get("/v1/journal").expect(200).json();
    assert_eq!(shown["settings"]["keep_for"], "30d");
    assert_eq!(shown["settings"]["keep_bytes"], "20GiB");
    assert_eq!(shown["settings"]["keep_rejects_for"], "30d");
    assert_eq!(shown["settings"]["keep_audit_for"], "365d");
}
