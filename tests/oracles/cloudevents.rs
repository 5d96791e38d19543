//! CloudEvents as the CloudEvents SDK sends them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_tests::Daemon;
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;
use crate::texts::hostile;

const SDK: Oracle = Oracle::Python("python/cloudevents_make.py", "cloudevents");

pub(crate) const TESTS: &[Test] =
    &[("cloudevents::those_of_the_sdk_are_taken_in_as_they_are_meant", &[SDK], taken_in)];

fn taken_in() {
    let daemon = Daemon::start();
    let texts = hostile();
    let cases: Vec<Value> = texts
        .iter()
        .enumerate()
        .flat_map(|(number, text)| {
            ["structured", "binary"].map(|mode| {
                // Line ends cannot stand in a header.
                let subject: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
                json!({
                    "mode": mode,
                    "attributes": {
                        "id": format!("{mode}-{number}"), "source": "https://desk.example/a",
                        "type": "ticket.created", "subject": subject,
                        "time": "2026-01-31T12:00:00.282Z", "dataschema": "ticket/1",
                    },
                    "data": { "ticket": { "title": text, "fields": { "n": 1.5 } } },
                })
            })
        })
        .collect();
    for (case, made) in cases.iter().zip(SDK.judge(&cases)) {
        assert_eq!(made["ok"], true, "{made}: {case}");
        let headers: Vec<(String, String)> = serde_json::from_value::<
            std::collections::BTreeMap<String, String>,
        >(made["headers"].clone())
        .unwrap()
        .into_iter()
        .collect();
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = BASE64_STANDARD.decode(made["body"].as_str().unwrap()).unwrap();
        let accepted = daemon.api().post("/v1/events", &headers, &body).expect(202).json();
        let id = accepted["events"][0]["id"].as_str().unwrap();
        let event = daemon.api().get(&format!("/v1/events/{id}")).expect(200).json();
        let meant = &case["attributes"];
        for field in ["type", "subject"] {
            assert_eq!(event[field], meant[field], "{case}");
        }
        assert_eq!(event["dedupe_key"], meant["id"]);
        assert_eq!(event["data_schema"], "ticket/1");
        assert_eq!(event["occurred_at"], "2026-01-31T12:00:00.282Z");
        assert_eq!(event["source"], "https-desk.example-a");
        assert_eq!(event["data"], case["data"], "{case}");
    }
}
