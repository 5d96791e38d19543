//! The Zammad-style delivery: its bytes by ActiveSupport, its signature by `x-hub-signature`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hookwright_tests::{Daemon, Request, Seed, Sink, ZAMMAD_KEY, hub_signature};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::{Oracle, Server};
use crate::texts::hostile;

const RUBY: Oracle = Oracle::Ruby("ruby/activesupport_json.rb");
const VERIFIER: Oracle = Oracle::Node("node/x_hub_signature.mjs", "x-hub-signature");
const RECEIVER: Oracle =
    Oracle::Python("python/zammad_receiver.py", "waitress, flask_basicauth, requests");

pub(crate) const TESTS: &[Test] = &[
    ("zammad::bytes_are_those_of_active_support", &[RUBY], bytes),
    ("zammad::x_hub_signature_accepts_deliveries_and_nothing_else", &[VERIFIER], signatures),
    ("zammad::a_program_for_zammads_webhooks_takes_ours", &[RECEIVER], receiver),
];

const DESK: &str = r#"
    [[secret]]
    name = "signature"
    env = "SIGNATURE"
    [[plugin]]
    file = "target/plugins/source-zammad.wasm"
    [[plugin]]
    file = "target/plugins/destination-zammad.wasm"
    [[source]]
    name = "helpdesk"
    plugin = "zammad"
    auth = { kind = "hub_signature", secret = "signature" }
    [[subscription]]
    name = "archive"
    events = ["*"]
    plugin = "zammad"
    settings = { url = "SINK/archive" }
    secrets = { signature_token = "signature" }
"#;

/// Posts the documents as Zammad would, and returns what arrived, in the same order.
fn through(bodies: &[Vec<u8>]) -> Vec<Request> {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&DESK.replace("SINK", &sink.url("")), &[("SIGNATURE", ZAMMAD_KEY)]);
    let arrived = bodies.iter().enumerate().map(|(number, body)| {
        let (signature, delivery) = (hub_signature(ZAMMAD_KEY, body), format!("delivery-{number}"));
        let headers = [("X-Hub-Signature", &*signature), ("X-Zammad-Delivery", &*delivery)];
        let answer = daemon.api().anonymous().post("/in/helpdesk", &headers, body);
        let event = answer.expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned();
        let delivery = daemon.ended(&event, "archive");
        assert_eq!(delivery["state"], "delivered", "{delivery}");
        sink.requests().pop().unwrap()
    });
    arrived.collect()
}

/// What Zammad would send with these texts in it, written in several ways.
fn documents() -> Vec<String> {
    let mut documents = Vec::new();
    for text in hostile() {
        let document = json!({
            "ticket": { "id": 7, "title": text, "note": null, "tags": [text], "open": true },
            "article": { "id": 8, "body": text, "internal": false, text.clone(): "a key" },
        });
        documents.push(document.to_string());
        documents.push(serde_json::to_string_pretty(&document).unwrap());
        documents.push(ascii(&document.to_string()));
    }
    let numbers = "[0, -0, 1, -1, 0.5, 3.0, 3.33, -2.50, 12345678901234567890, 1e2, 1.5E+3, 0.001]";
    documents.push(format!(r#"{{"ticket": {{"id": 1, "n": {numbers}}}, "article": {{ }}}}"#));
    documents
}

/// With `\u` for everything that is not ASCII, as many programs write JSON.
fn ascii(json: &str) -> String {
    let mut out = String::new();
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\u{unit:04X}")),
        }
    }
    out
}

fn bytes() {
    let documents = documents();
    let bodies: Vec<Vec<u8>> = documents.iter().map(|text| text.clone().into_bytes()).collect();
    let judgements = RUBY.judge(&documents.iter().map(|text| json!(text)).collect::<Vec<_>>());
    for ((document, arrived), judgement) in documents.iter().zip(through(&bodies)).zip(&judgements)
    {
        assert_eq!(judgement["ok"], true, "ruby refuses {document}: {judgement}");
        let expected = STANDARD.decode(judgement["body"].as_str().unwrap()).unwrap();
        assert_eq!(arrived.text(), String::from_utf8(expected).unwrap(), "from {document}");
    }
}

fn signatures() {
    let bodies = [Seed::zammad().body, documents().remove(18).into_bytes()];
    let mut cases = Vec::new();
    let case = |body: &[u8], signature: &str, key: &str| {
        json!({ "mode": "verify", "algorithm": "sha1", "secret": key,
                "body": STANDARD.encode(body), "signature": signature })
    };
    for arrived in through(&bodies) {
        let signature = arrived.header("x-hub-signature").unwrap();
        let good = case(&arrived.body, &signature, ZAMMAD_KEY);
        let mut body = arrived.body.to_vec();
        let middle = body.len() / 2;
        body[middle] ^= 1;
        let other = hub_signature("another key", &arrived.body);
        cases.push((good, true));
        cases.push((case(&body, &signature, ZAMMAD_KEY), false));
        cases.push((case(&arrived.body, &signature, "another key"), false));
        cases.push((case(&arrived.body, &other, ZAMMAD_KEY), false));
    }
    let judgements =
        VERIFIER.judge(&cases.iter().map(|(case, _)| case.clone()).collect::<Vec<Value>>());
    for ((case, expected), judgement) in cases.iter().zip(judgements) {
        assert_eq!(judgement["ok"], *expected, "{case}");
    }
}

/// From Zammad and from other helpdesks; with the right password and with a wrong one.
fn receiver() {
    let server = Server::start(RECEIVER);
    let daemon = Daemon::start();
    let subscription = |name: &str, events: &str, password: &str| {
        format!(
            "[[subscription]]\nname = \"{name}\"\nevents = [\"{events}\"]\nplugin = \"zammad\"\n\
             settings = {{ url = \"{}\" }}\nretry = {{ attempts = 1 }}\n\
             secrets = {{ username = \"user\", password = \"{password}\" }}\n",
            server.url
        )
    };
    let toml = format!(
        r#"
        [[secret]]
        name = "user"
        env = "ZAMMAD_USER"
        [[secret]]
        name = "right"
        env = "RIGHT"
        [[secret]]
        name = "wrong"
        env = "WRONG"
        [[plugin]]
        file = "target/plugins/source-zammad.wasm"
        [[plugin]]
        file = "target/plugins/source-zenlix.wasm"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"
        [[source]]
        name = "zammad"
        plugin = "zammad"
        auth = {{ kind = "token", secret = "right" }}
        [[source]]
        name = "zenlix"
        plugin = "zenlix"
        auth = {{ kind = "token", secret = "right" }}
        {}{}"#,
        subscription("right", "*", "right"),
        subscription("wrong", "ticket.created", "wrong"),
    );
    let secrets = [("ZAMMAD_USER", "zammad"), ("RIGHT", "passw0rd"), ("WRONG", "passw1rd")];
    daemon.apply(&toml, &secrets);
    // The document leaves out what is empty, "for readability"; Zammad does not.
    let mut zammad: Value = serde_json::from_slice(&Seed::zammad().body).unwrap();
    zammad["article"]["preferences"] = json!({});
    let post = |source: &str, headers: &[(&str, &str)], body: &[u8]| {
        let path = format!("/in/{source}/passw0rd");
        let answer = daemon.api().anonymous().post(&path, headers, body).expect(202);
        answer.json()["events"][0]["id"].as_str().unwrap().to_owned()
    };
    // The program takes every post for one about an article; a comment is one.
    let zenlix = Seed::zenlix();
    let mut comment: Value = serde_json::from_slice(&zenlix.body).unwrap();
    comment["action"] = json!("comment");
    let mail = json!({
        "ticket": { "id": "81", "number": "67081", "title": "a", "customer": { "email": "a@b.c" } },
        "comment": { "visibility": "public", "text": "b", "attachments": [{ "name": "key.asc" }] },
        "origin": { "kind": "tests" },
    });
    let events = [
        post("zammad", &Seed::zammad().headers(), zammad.to_string().as_bytes()),
        post("zenlix", &zenlix.headers(), comment.to_string().as_bytes()),
        daemon.send("ticket.created", &mail),
    ];
    for event in &events {
        let delivery = daemon.ended(event, "right");
        assert_eq!(delivery["state"], "delivered", "{delivery}");
        let attempts = json!(daemon.attempts(&delivery));
        assert!(attempts.to_string().contains(r#"\"status\":\"ok\""#), "{attempts}");
    }
    let refused = daemon.ended(&events[2], "wrong");
    assert_eq!(refused["state"], "failed", "{refused}");
    assert!(refused["reason"].as_str().unwrap().contains("401"), "{refused}");
}
