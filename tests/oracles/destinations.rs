//! What the destinations for everyone else send, judged by the libraries of their standards.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_tests::{Daemon, Request, Sink};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;
use crate::texts::hostile;

const NODE: Oracle = Oracle::Node("node/standard_webhooks.mjs", "standardwebhooks");
const PYTHON: Oracle = Oracle::Python("python/standard_webhooks.py", "standardwebhooks");
const SDK: Oracle = Oracle::Python("python/cloudevents_make.py", "cloudevents");
const CARDS: Oracle = Oracle::Node("node/adaptivecards.mjs", "adaptivecards");
const SLACK: Oracle = Oracle::Python("python/slack_message.py", "slack_sdk");
const XML: Oracle = Oracle::Python("python/xml_parse.py", "lxml");

pub(crate) const TESTS: &[Test] = &[
    ("destinations::standard_webhooks", &[NODE, PYTHON], standard_webhooks),
    ("destinations::cloudevents", &[SDK], cloudevents),
    ("destinations::adaptive_cards", &[CARDS], adaptive_cards),
    ("destinations::slack_messages", &[SLACK], slack),
    ("destinations::xml_of_templates", &[XML], xml),
];

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Sends an event of every hostile text through a destination; what arrived at each path.
fn through(subscriptions: &str, plugin: &str) -> Sink {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let toml = format!(
        "[[secret]]\nname = \"key\"\nenv = \"KEY\"\n[[secret]]\nname = \"url\"\nenv = \"URL\"\n\
         [[plugin]]\nfile = \"target/plugins/destination-{plugin}.wasm\"\n{}",
        subscriptions.replace("SINK", &sink.url(""))
    );
    daemon.apply(&toml, &[("KEY", KEY), ("URL", &sink.url("/card"))]);
    for text in hostile() {
        let data = json!({
            "ticket": { "id": "81", "number": "67081", "title": text, "state": "open" },
            "comment": { "visibility": "public", "text": text },
            "origin": { "kind": "tests" },
        });
        let event = daemon.send("ticket.commented", &data);
        for subscription in daemon.api().items("/v1/subscriptions") {
            let delivery = daemon.ended(&event, subscription["name"].as_str().unwrap());
            assert_eq!(delivery["state"], "delivered", "{delivery}");
        }
    }
    sink
}

fn headers(request: &Request) -> Value {
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
    request.headers.iter().map(|(name, value)| (name.clone(), json!(text(value)))).collect()
}

fn standard_webhooks() {
    let toml = r#"
        [[subscription]]
        name = "signed"
        events = ["*"]
        plugin = "standard-webhooks"
        settings = { url = "SINK/" }
        signing = [{ scheme = "standard-webhooks", secret = "key" }]
    "#;
    let sink = through(toml, "standard-webhooks");
    let mut cases = Vec::new();
    for request in sink.requests() {
        let case = |body: &[u8]| {
            json!({ "mode": "verify", "secret": KEY, "body": BASE64_STANDARD.encode(body),
                    "headers": headers(&request) })
        };
        let mut changed = request.body.to_vec();
        // The last letter of `"type":`, so that it is text still.
        changed[5] ^= 1;
        cases.push((case(&request.body), true));
        cases.push((case(&changed), false));
    }
    let asked: Vec<_> = cases.iter().map(|(case, _)| case.clone()).collect();
    for oracle in [NODE, PYTHON] {
        for ((case, good), judgement) in cases.iter().zip(oracle.judge(&asked)) {
            assert_eq!(judgement["ok"], *good, "{judgement}: {case}");
        }
    }
    assert_eq!(cases.len(), 2 * hostile().len());
}

fn cloudevents() {
    let toml = r#"
        [[subscription]]
        name = "structured"
        events = ["*"]
        plugin = "cloudevents"
        settings = { url = "SINK/structured" }
        [[subscription]]
        name = "binary"
        events = ["*"]
        plugin = "cloudevents"
        settings = { url = "SINK/binary", mode = "binary" }
    "#;
    let sink = through(toml, "cloudevents");
    for path in ["/structured", "/binary"] {
        let requests = sink.at(path);
        let parse = |request: &Request| {
            json!({ "mode": "parse", "headers": headers(request),
                    "body": BASE64_STANDARD.encode(&request.body) })
        };
        let judgements = SDK.judge(&requests.iter().map(parse).collect::<Vec<_>>());
        let texts = hostile();
        assert_eq!(judgements.len(), texts.len());
        for text in texts {
            let found = judgements.iter().find(|judgement| {
                judgement["ok"] == true && judgement["data"]["ticket"]["title"] == text
            });
            let found = found.unwrap_or_else(|| panic!("{path}: {text:?} is nowhere"));
            assert_eq!(found["attributes"]["type"], "ticket.commented");
            assert_eq!(found["attributes"]["specversion"], "1.0");
        }
    }
}

fn adaptive_cards() {
    let toml = r#"
        [[subscription]]
        name = "card"
        events = ["*"]
        plugin = "ms-teams"
        secrets = { webhook_url = "url" }
    "#;
    let requests = through(toml, "ms-teams").at("/card");
    assert_eq!(requests.len(), hostile().len());
    let cards: Vec<_> = requests
        .iter()
        .map(|request| request.json()["attachments"][0]["content"].clone())
        .collect();
    for (card, judgement) in cards.iter().zip(CARDS.judge(&cards)) {
        assert_eq!(card["type"], "AdaptiveCard");
        assert_eq!(judgement["ok"], true, "{judgement}: {card}");
    }
    // It does complain.
    let broken =
        json!({ "type": "AdaptiveCard", "version": "1.4", "body": [{ "type": "Nothing" }] });
    assert_eq!(CARDS.judge(&[broken])[0]["ok"], false);
}

fn slack() {
    let toml = r#"
        [[subscription]]
        name = "chat"
        events = ["*"]
        plugin = "slack"
        secrets = { webhook_url = "url" }
        [[subscription]]
        name = "plain"
        events = ["*"]
        plugin = "slack"
        settings = { format = "mrkdwn" }
        secrets = { webhook_url = "url" }
    "#;
    let messages: Vec<_> = through(toml, "slack").at("/card").iter().map(Request::json).collect();
    assert_eq!(messages.len(), 2 * hostile().len());
    for (message, judgement) in messages.iter().zip(SLACK.judge(&messages)) {
        assert_eq!(judgement["ok"], true, "{judgement}: {message}");
        // Everything in it is something that the library knows.
        let sent = &judgement["message"];
        assert_eq!(sent["text"], message["text"]);
        assert_eq!(sent["mrkdwn"], message["mrkdwn"]);
        let [there, here] = [sent, message].map(|of| of["attachments"][0].as_object().unwrap());
        assert!(here.iter().all(|(field, value)| there[field] == *value), "{judgement}: {message}");
        assert!(message.as_object().unwrap().keys().all(|field| sent.get(field).is_some()));
    }
    // It does complain.
    let broken = json!({ "text": "a", "attachments": [{ "text": "b", "color": "reddish" }] });
    assert_eq!(SLACK.judge(&[broken])[0]["ok"], false);
}

/// What a reader of XML finds for a text: what XML cannot hold is replaced.
fn in_xml(text: &str) -> String {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if fits(c) { c } else { '\u{fffd}' }).collect()
}

fn xml() {
    let toml = r#"
        [[subscription]]
        name = "xml"
        events = ["*"]
        plugin = "template"
        [subscription.settings]
        url = "SINK/xml"
        format = "xml"
        body = """<?xml version="1.0" encoding="UTF-8"?>
            <ticket title="{ticket_name}"><title>{ticket_name}</title>
            <raw><![CDATA[{ticket_name}]]></raw><id>{ticket_id}</id></ticket>"""
    "#;
    let requests = through(toml, "template").at("/xml");
    let texts = hostile();
    assert_eq!(requests.len(), texts.len());
    let cases: Vec<_> = requests
        .iter()
        .map(|request| json!({ "body": BASE64_STANDARD.encode(&request.body) }))
        .collect();
    let judgements = XML.judge(&cases);
    for judgement in &judgements {
        assert_eq!(judgement["ok"], true, "{judgement}");
        assert_eq!(judgement["texts"]["ticket/id"], json!(["81"]), "{judgement}");
    }
    for text in texts {
        let found = judgements
            .iter()
            .find(|judgement| judgement["texts"]["ticket/title"] == json!([in_xml(&text)]));
        let found = found.unwrap_or_else(|| panic!("{text:?} is nowhere in {judgements:?}"));
        assert_eq!(found["texts"]["ticket/@title"], json!([in_xml(&text)]));
        // A carriage return is one too in a CDATA section, where it cannot be escaped.
        assert_eq!(found["texts"]["ticket/raw"], json!([in_xml(&text)]));
    }
    let broken = json!({ "body": BASE64_STANDARD.encode("<a>b & c</a>") });
    assert_eq!(XML.judge(&[broken])[0]["ok"], false);
}
