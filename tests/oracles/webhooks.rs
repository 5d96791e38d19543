//! The Webhooks API, used by a client that was written for R-Service's own (Xurrent).

use hookwright_tests::{Daemon, Sink, until};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;

const CLIENT: Oracle = Oracle::Python("python/xurrent_webhooks.py", "xurrent.core");

pub(crate) const TESTS: &[Test] =
    &[("webhooks::xurrents_client_manages_webhooks", &[CLIENT], manage)];

fn manage() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply("[[plugin]]\nfile = \"target/plugins/destination-r-service.wasm\"\n", &[]);
    let calls = |cases: &[Value]| -> Vec<Value> {
        let cases: Vec<_> = cases
            .iter()
            .map(|case| {
                let mut case = case.clone();
                case["url"] = json!(daemon.url());
                case["token"] = json!(daemon.token());
                case
            })
            .collect();
        CLIENT.judge(&cases)
    };
    let call = |case: Value| calls(&[case]).remove(0);

    // More than two of its pages.
    let events = ["problem.update", "request.create", "ci.update"];
    let new: Vec<_> = (1..=25_usize)
        .map(|number| {
            let uri = sink.url(&format!("/{number}"));
            let event = events[number % 3];
            let data = json!({ "name": format!("Hook {number}"), "event": event, "uri": uri });
            json!({ "uri": "/webhooks", "method": "POST", "data": data })
        })
        .collect();
    let made = calls(&new);
    for (number, made) in (1..).zip(&made) {
        assert_eq!(made["answer"]["id"], number, "{made}");
    }
    let ids = |answer: &Value| -> Vec<i64> {
        let all = answer["answer"].as_array().unwrap_or_else(|| panic!("{answer}"));
        all.iter().map(|one| one["id"].as_i64().unwrap()).collect()
    };
    let newest_first: Vec<_> = (1..=25).rev().collect();
    for per_page in [10, 25, 100] {
        assert_eq!(ids(&call(json!({ "uri": "/webhooks", "per_page": per_page }))), newest_first);
    }
    let filter = json!({ "event": "problem.update", "sort": "id" });
    let filtered = call(json!({ "uri": "/webhooks", "filter": filter, "per_page": 3 }));
    assert_eq!(ids(&filtered), [3, 6, 9, 12, 15, 18, 21, 24]);

    // One of them, changed, disabled, tried out, enabled.
    let shown = call(json!({ "uri": "/webhooks/2" }));
    assert_eq!(shown["answer"], made[1]["answer"]);
    let change =
        |data: Value| call(json!({ "uri": "/webhooks/2", "method": "PATCH", "data": data }));
    let changed = change(json!({ "disabled": true, "description": "Tried out." }));
    assert_eq!(changed["answer"]["disabled"], "true");
    assert_eq!(changed["answer"]["description"], "Tried out.");
    assert_eq!(ids(&call(json!({ "uri": "/webhooks/disabled" }))), [2]);
    let tested = call(json!({ "uri": "/webhooks/2/test", "method": "POST" }));
    assert_eq!(tested, json!({ "answer": null }), "204 is nothing to this client");
    let body = until("the test", || sink.at("/2").first().map(hookwright_tests::Request::json));
    assert_eq!((&body["webhook_id"], &body["object_id"]), (&json!(2), &json!(12345)));
    let changed = change(json!({ "disabled": false }));
    assert!(changed["answer"].get("disabled").is_none(), "{changed}");
    assert_eq!(ids(&call(json!({ "uri": "/webhooks/enabled", "per_page": 7 }))), newest_first);

    // It is a subscription everywhere else.
    let list = String::from_utf8(daemon.cli(&["subscription", "list"]).stdout).unwrap();
    assert!(list.contains("hook-25"), "{list}");

    // With a policy.
    let data = json!({ "jwt_alg": "es384", "jwt_claim_expires_in": 2 });
    let policy = call(json!({ "uri": "/webhook_policies", "method": "POST", "data": data }));
    assert!(policy["answer"]["public_key_pem"].is_string(), "{policy}");
    let changed = change(json!({ "webhook_policy_id": policy["answer"]["id"] }));
    assert_eq!(changed["answer"]["webhook_policy"]["id"], policy["answer"]["id"]);
    let policies = call(json!({ "uri": "/webhook_policies" }));
    assert_eq!(ids(&policies), [1]);

    // Mistakes are said in the words that it reads.
    let wrong = change(json!({ "event": "problem.created" }));
    assert_eq!(wrong["status"], 422, "{wrong}");
    assert!(wrong["message"].as_str().unwrap().starts_with("event: there is no event"), "{wrong}");
    let removed = call(json!({ "uri": "/webhooks/1", "method": "DELETE" }));
    assert_eq!(removed, json!({ "answer": null }));
    assert_eq!(call(json!({ "uri": "/webhooks/1" }))["status"], 404);
    let used = call(json!({ "uri": "/webhook_policies/1", "method": "DELETE" }));
    assert_eq!(used["status"], 409, "{used}");
}
