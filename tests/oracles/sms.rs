//! Into how many parts a text message goes.

use hookwright_tests::{Daemon, Reply, Sink};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;
use crate::texts::hostile;

const COUNTER: Oracle = Oracle::Python("python/sms_segments.py", "smsutil");

pub(crate) const TESTS: &[Test] = &[("sms::no_message_has_more_parts_than_set", &[COUNTER], parts)];

const DONE: &str = "<?xml version=\"1.0\"?><reply><result>OK</result><code>0</code>\
                    <description>queued 1 messages</description><message_infos><message_info>\
                    <phone>79051112233</phone><sms_id>1</sms_id></message_info></message_infos>\
                    </reply>";

fn parts() {
    let sink = Sink::answering(|_| Reply::ok(DONE));
    let daemon = Daemon::start();
    let mut toml = String::from(
        r#"
        [[secret]]
        name = "login"
        env = "LOGIN"
        [[plugin]]
        file = "target/plugins/destination-sms-traffic.wasm"
        "#,
    );
    for most in 1..=4 {
        toml.push_str(&format!(
            r#"
            [[subscription]]
            name = "most-{most}"
            events = ["*"]
            plugin = "sms-traffic"
            settings = {{ phones = ["79051112233"], max_parts = {most}, url = "{}" }}
            secrets = {{ login = "login", password = "login" }}
            "#,
            sink.url(&format!("/{most}"))
        ));
    }
    daemon.apply(&toml, &[("LOGIN", "login")]);
    let mut sent = Vec::new();
    for hostile in hostile() {
        let data = json!({
            // Cyrillic, so that every one of them is counted in UTF-16.
            "ticket": { "id": "81", "title": format!("Заявка {hostile}"), "text": hostile },
            "origin": { "kind": "tests" },
        });
        let event = daemon.send("ticket.created", &data);
        for most in 1..=4 {
            let delivery = daemon.ended(&event, &format!("most-{most}"));
            assert_eq!(delivery["state"], "delivered", "{delivery}");
            let body = sink.at(&format!("/{most}")).pop().unwrap().body;
            let form: std::collections::HashMap<String, String> =
                form_urlencoded::parse(&body).into_owned().collect();
            sent.push((most, hostile.len(), form["message"].clone()));
        }
    }
    let cases: Vec<Value> = sent.iter().map(|(_, _, text)| json!({ "text": text })).collect();
    let mut full = 0;
    for ((most, length, text), judgement) in sent.iter().zip(COUNTER.judge(&cases)) {
        assert_eq!(judgement["encoding"], "ucs2", "{text:?}");
        let parts = judgement["parts"].as_u64().unwrap();
        assert!(parts <= *most, "{parts} parts instead of {most}: {text:?}");
        if *length > 1_000 {
            // What is too long is cut, and not more than needed.
            assert_eq!(parts, *most, "{text:?}");
            let units: u64 =
                judgement["units"].as_array().unwrap().iter().filter_map(Value::as_u64).sum();
            // A part may end one short so as not to cut a character in two.
            assert!(
                units + most + 3 >= most * if *most == 1 { 70 } else { 67 },
                "{units}: {text:?}"
            );
            full += 1;
        }
    }
    assert_eq!(full, 8);
}
