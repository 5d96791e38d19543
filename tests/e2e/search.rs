//! Finding things in the journal, and taking them out of it.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use crate::misbehave;

const ONCE: &str = "retry = { attempts = 1 }";

/// Subscriptions of which one works, one is not known by its receiver, and one's is down.
fn desk(sink: &Sink) -> Daemon {
    let daemon = Daemon::start();
    for name in ["fine", "gone", "down"] {
        daemon.apply(&misbehave(name, &sink.url(&format!("/{name}")), ONCE), &[]);
    }
    daemon
}

fn sink() -> Sink {
    Sink::answering(|request| match request.path.as_str() {
        "/gone" => Reply::status(404),
        "/down" => Reply::status(503),
        _ => Reply::ok("ok"),
    })
}

fn event(id: usize, event_type: &str, source: &str, subject: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": id.to_string(), "source": source, "type": event_type,
        "subject": subject, "dataschema": "ticket/1", "data": data,
    })
}

/// Returns their ids.
fn post(daemon: &Daemon, events: &[Value]) -> Vec<String> {
    let kind = [("Content-Type", "application/cloudevents-batch+json")];
    let body = serde_json::to_vec(events).unwrap();
    let accepted = daemon.api().post("/v1/events", &kind, &body).expect(202).json();
    let events = accepted["events"].as_array().unwrap().iter();
    events.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

fn wait_for_all(daemon: &Daemon, count: usize) {
    until("all deliveries to end", || {
        let listing = daemon.api().get("/v1/deliveries?state=pending,running").expect(200).json();
        let waiting = listing["items"].as_array().unwrap().len();
        (waiting == 0 && all(daemon, "/v1/deliveries", "").len() == count).then_some(())
    });
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// All that a filter finds, page by page, as `Link` says.
fn all(daemon: &Daemon, path: &str, query: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = Some(format!("{path}?{query}"));
    while let Some(path) = next {
        let answer = daemon.api().get(&path).expect(200);
        let page = answer.json();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        next = answer.headers.get("link").map(|link| {
            let link = link.to_str().unwrap();
            let path = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
            assert!(path.ends_with(page["next"].as_str().unwrap()), "{path}");
            path.to_owned()
        });
        assert_eq!(next.is_some(), page["next"].is_string());
    }
    items
}

/// The subjects of what is found.
fn subjects(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["subject"].as_str().unwrap()).collect()
}

#[test]
fn each_filter_finds_what_it_says() {
    let sink = sink();
    let daemon = desk(&sink);
    let skip = json!({"do": "skip", "ticket": {"number": 1002}});
    let first = post(
        &daemon,
        &[
            event(1, "test.fine", "alpha", "1", &json!({"ticket": {"number": "1001"}})),
            event(2, "test.fine", "beta", "2", &skip),
        ],
    );
    wait_for_all(&daemon, 2);
    std::thread::sleep(Duration::from_millis(5));
    let between = jiff::Timestamp::now().to_string();
    std::thread::sleep(Duration::from_millis(5));
    let hostile = "%_'; DROP TABLE deliveries; --\0\u{1f600}";
    post(
        &daemon,
        &[
            event(3, "test.gone", "alpha", "3", &json!({"ticket": {"number": "1"}})),
            event(4, "test.down", "alpha", hostile, &json!({})),
        ],
    );
    wait_for_all(&daemon, 4);

    for (filter, expected) in [
        (vec![], vec![hostile, "3", "2", "1"]),
        (vec![("ticket", "1001")], vec!["1"]),
        (vec![("ticket", "1002")], vec!["2"]),
        // A number, and an id.
        (vec![("ticket", "1")], vec!["3", "1"]),
        (vec![("subject", "1")], vec!["1"]),
        (vec![("subject", "1001")], vec![]),
        (vec![("subject", hostile)], vec![hostile]),
        (vec![("subject", "%")], vec![]),
        (vec![("ticket", "' OR 1=1 --")], vec![]),
        (vec![("source", "alpha")], vec![hostile, "3", "1"]),
        (vec![("source", "nobody")], vec![]),
        (vec![("since", &between)], vec![hostile, "3"]),
        (vec![("until", &between)], vec!["2", "1"]),
        (vec![("since", "1h"), ("until", &between)], vec!["2", "1"]),
        (vec![("since", "2 hours"), ("until", "1h")], vec![]),
        (vec![("source", "alpha"), ("since", "7d"), ("ticket", "1")], vec!["3", "1"]),
    ] {
        let query = query(&filter);
        for path in ["/v1/deliveries", "/v1/events"] {
            assert_eq!(subjects(&all(&daemon, path, &query)), expected, "{path}?{query}");
        }
    }
    for (pattern, expected) in [
        ("*", vec![hostile, "3", "2", "1"]),
        ("test.*", vec![hostile, "3", "2", "1"]),
        ("test.fine", vec!["2", "1"]),
        ("tes.*", vec![]),
    ] {
        let events = all(&daemon, "/v1/events", &query(&[("type", pattern)]));
        assert_eq!(subjects(&events), expected, "{pattern}");
        let deliveries = all(&daemon, "/v1/deliveries", &query(&[("event_type", pattern)]));
        assert_eq!(subjects(&deliveries), expected, "{pattern}");
    }
    for (filter, expected) in [
        (vec![("state", "failed")], vec![hostile, "3"]),
        (vec![("state", "skipped,delivered")], vec!["2", "1"]),
        (vec![("state", "canceled")], vec![]),
        (vec![("subscription", "gone")], vec!["3"]),
        (vec![("subscription", "fine"), ("state", "skipped")], vec!["2"]),
        (vec![("event", &first[1])], vec!["2"]),
        (vec![("status", "404")], vec!["3"]),
        (vec![("status", "4xx")], vec!["3"]),
        (vec![("status", "4xx,5xx")], vec![hostile, "3"]),
        (vec![("status", "200..=404")], vec!["3", "1"]),
        (vec![("status", "2xx"), ("state", "failed")], vec![]),
        (vec![("error", "STATUS 404")], vec!["3"]),
        (vec![("error", "tried once")], vec![hostile, "3"]),
        (vec![("error", "told to SKIP"), ("subscription", "fine")], vec!["2"]),
        (vec![("error", "%")], vec![]),
        (vec![("error", "' OR '1'='1")], vec![]),
        (vec![("error", "status"), ("status", "503"), ("limit", "1")], vec![hostile]),
    ] {
        let query = query(&filter);
        assert_eq!(subjects(&all(&daemon, "/v1/deliveries", &query)), expected, "{query}");
    }
    let one = &all(&daemon, "/v1/deliveries", "ticket=1002")[0];
    assert_eq!((&one["ticket"], &one["subject"]), (&json!("1002"), &json!("2")));

    let list = |options: &[&str]| {
        let command = [&["--json", "delivery", "list"], options].concat();
        let output = daemon.cli(&command);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let items: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        items.iter().map(|item| item["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(&["--ticket", "1"]), ["3", "1"]);
    assert_eq!(list(&["--state", "delivered,failed", "--type", "test.*", "--limit", "2"]).len(), 2);
    assert_eq!(list(&["--status", "5xx", "--since", "1h", "--error", "Status"]), [hostile]);
    assert_eq!(list(&["--source", "beta", "--subject", "2", "--until", "0s"]), ["2"]);
    let table = daemon.cli(&["event", "list", "--ticket", "1001"]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.lines().count() == 2 && table.contains("alpha"), "{table}");
}

#[test]
fn a_bad_filter_is_named() {
    let daemon = Daemon::start();
    for (query, words) in [
        ("state=failed,lost", "state: `lost` is not a delivery state"),
        ("state=", "state: `` is not a delivery state"),
        ("status=20x", "status: `20x` names no HTTP statuses: write a class such as 2xx"),
        ("status=404;5xx", "status: `404;5xx` names no HTTP statuses"),
        ("since=yesterday", "since: `yesterday` is no moment: write a time with its zone"),
        ("until=2026-01-01", "until: `2026-01-01` is no moment"),
        (
            "since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z",
            "until: 2026-01-01T00:00:00.000Z is not after `since`, which is 2026-01-02T00:00:00",
        ),
        ("error=", "error: it is empty"),
        ("ticket=", "ticket: it is empty"),
        ("subject=", "subject: it is empty"),
        ("source=%2F", "source: "),
        ("event_type=ticket*", "event_type: `ticket*` is no event pattern"),
        ("event=1", "event: `1` is not an event id"),
        ("cursor=1", "cursor: `1` is not a delivery id"),
        ("limit=x", "limit"),
        ("colour=red", "colour"),
        ("state=failed&state=lost", "state"),
    ] {
        let path = format!("/v1/deliveries?{query}");
        let problem = daemon.api().get(&path).problem(400);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{query}: {detail}");
        let path = format!("/v1/export/deliveries?{query}");
        assert_eq!(daemon.api().get(&path).problem(400)["detail"], detail);
    }
    let many = format!("/v1/deliveries?status={}", vec!["404"; 21].join(","));
    let problem = daemon.api().get(&many).problem(400);
    assert!(problem["detail"].as_str().unwrap().starts_with("status: more than 20"), "{problem}");
    let long = format!("/v1/deliveries?error={}", "x".repeat(501));
    let problem = daemon.api().get(&long).problem(400);
    assert!(problem["detail"].as_str().unwrap().starts_with("error: it is longer"), "{problem}");
    for (query, words) in
        [("type=*.a", "type: "), ("since=1", "since: "), ("state=failed", "state")]
    {
        for path in ["/v1/events", "/v1/export/events"] {
            let problem = daemon.api().get(&format!("{path}?{query}")).problem(400);
            assert!(problem["detail"].as_str().unwrap().contains(words), "{path}: {problem}");
        }
    }
    let limited = daemon.api().get("/v1/export/deliveries?limit=5").problem(400);
    assert!(limited["detail"].as_str().unwrap().starts_with("limit: an export has no pages"));
    for path in ["/v1/export/deliveries", "/v1/export/events"] {
        drop(daemon.api().anonymous().get(path).problem(401));
    }
    let output = daemon.cli(&["delivery", "list", "--since", "yesterday"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("since: `yesterday` is no moment"), "{error}");
}

#[test]
fn pages_are_complete_while_deliveries_are_added() {
    let sink = sink();
    let daemon = desk(&sink);
    let batch = |from: usize, count: usize| {
        let event = |id: usize| {
            let event_type = if id.is_multiple_of(3) { "test.gone" } else { "test.fine" };
            event(id, event_type, "alpha", "81", &json!({"ticket": {"number": "10081"}}))
        };
        (from..from + count).map(event).collect::<Vec<_>>()
    };
    let first = post(&daemon, &batch(0, 600));
    wait_for_all(&daemon, 600);
    let mut seen = Vec::new();
    let mut next = Some("/v1/deliveries?limit=37&ticket=10081&since=1h".to_owned());
    let mut from = 600;
    while let Some(path) = next {
        let page = daemon.api().get(&path).expect(200).json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["event_id"].as_str().unwrap().to_owned()));
        let cursor = page["next"].as_str();
        next = cursor.map(|cursor| format!("/v1/deliveries?limit=37&ticket=10081&cursor={cursor}"));
        post(&daemon, &batch(from, 5));
        from += 5;
    }
    assert_eq!(seen.len(), 600);
    let expected: BTreeSet<_> = first.into_iter().collect();
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);

    // More than one answer of the API holds.
    wait_for_all(&daemon, from);
    let command = ["--json", "delivery", "list", "--state", "delivered", "--limit", "99999"];
    let items: Vec<Value> = serde_json::from_slice(&daemon.cli(&command).stdout).unwrap();
    assert_eq!(items.len(), from - from.div_ceil(3));
}

/// An export's lines.
fn lines(text: &[u8]) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with(b"\n"), "the last line is whole");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

#[test]
fn an_export_is_what_the_listing_and_the_journal_show() {
    let sink = sink();
    let daemon = desk(&sink);
    let types = ["test.fine", "test.gone", "test.down"];
    let batch: Vec<_> = (0..150)
        .map(|id| event(id, types[id % 3], "alpha", &id.to_string(), &json!({"do": "facts"})))
        .collect();
    post(&daemon, &batch);
    // As it is written by hand, in several lines; and with what is a line's end elsewhere.
    let data = "{\r\n  \"text\": \"a\\n\u{2028}b\"\n}";
    let by_hand = format!(
        "{{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"hand\",\"type\":\"a.b\",\"data\":{data}}}"
    );
    let kind = [("Content-Type", "application/cloudevents+json")];
    drop(daemon.api().post("/v1/events", &kind, by_hand.as_bytes()).expect(202));
    wait_for_all(&daemon, 150);

    for query in ["", "state=failed", "status=5xx&error=status", "ticket=7", "since=1h", "until=1h"]
    {
        let answer = daemon.api().get(&format!("/v1/export/deliveries?{query}")).expect(200);
        assert_eq!(answer.headers["content-type"], "application/x-ndjson");
        let exported = lines(&answer.body);
        let listed = all(&daemon, "/v1/deliveries", query);
        assert_eq!(exported.len(), listed.len(), "{query}");
        for (line, listed) in exported.iter().zip(&listed) {
            for (field, value) in listed.as_object().unwrap() {
                assert_eq!(&line[field], value, "{field} of {line}");
            }
        }
    }
    let exported = lines(&daemon.api().get("/v1/export/deliveries").body);
    for line in exported.iter().step_by(29) {
        let id = line["id"].as_str().unwrap();
        let shown = daemon.api().get(&format!("/v1/deliveries/{id}")).json();
        assert_eq!(
            (&line["requests"], &line["transform"]),
            (&shown["requests"], &shown["transform"])
        );
        assert!(line["requests"][0]["method"].is_string(), "{line}");
        assert_eq!(line["attempts_made"], json!(daemon.attempts(line)));
        let event = daemon.api().get(&format!("/v1/events/{}", line["event_id"].as_str().unwrap()));
        let event = event.json();
        for field in ["id", "source", "type", "subject", "occurred_at", "received_at", "dedupe_key"]
        {
            assert_eq!(line["event"][field], event[field], "{field}");
        }
        assert!(line["event"].get("data").is_none());
    }
    let events = lines(&daemon.api().get("/v1/export/events").body);
    assert_eq!(events, all(&daemon, "/v1/events", ""));
    assert_eq!(events.len(), 151);
    assert_eq!(events[0]["data"]["text"], "a\n\u{2028}b");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("failed.jsonl");
    let path = file.to_str().unwrap();
    let output = daemon.cli(&["delivery", "export", "--state", "failed", "-o", path]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "100 deliveries\n");
    let written = lines(&std::fs::read(&file).unwrap());
    assert_eq!(written, lines(&daemon.api().get("/v1/export/deliveries?state=failed").body));
    let output = daemon.cli(&["event", "export", "--type", "a.*"]);
    assert_eq!(lines(&output.stdout), events[..1]);
    // What cannot be exported leaves what there is.
    let output = daemon.cli(&["delivery", "export", "--status", "1", "--output", path]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines(&std::fs::read(&file).unwrap()), written);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
}

#[test]
fn an_export_ends_when_its_client_goes_away() {
    let daemon = Daemon::start();
    // More than sockets hold.
    let text = "x".repeat(1 << 20);
    for id in 0..24 {
        post(&daemon, &[event(id, "a.b", "alpha", "1", &json!({ "text": text }))]);
    }
    let mut stream = TcpStream::connect(daemon.url().replace("http://", "")).unwrap();
    let head = format!(
        "GET /v1/export/events HTTP/1.1\r\nHost: hookwright\r\nAuthorization: Bearer {}\r\n\r\n",
        daemon.token()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut some = [0; 1000];
    stream.read_exact(&mut some).unwrap();
    assert!(some.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&some));
    assert!(!daemon.log().contains("an export's client has gone"));
    drop(stream);
    until("the export to end", || {
        daemon.log().contains("an export's client has gone").then_some(())
    });
    // Others are not concerned.
    let whole = daemon.api().get("/v1/export/events").expect(200);
    assert_eq!(lines(&whole.body).len(), 24);
}
