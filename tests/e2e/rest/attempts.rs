//! The attempts of a delivery, a page at a time.

use hookwright_tests::{Reply, Sink};
use serde_json::{Value, json};

use super::{header, start, subscription};

fn numbers(page: &Value) -> Vec<u64> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|attempt| attempt["number"].as_u64().unwrap()).collect()
}

#[test]
fn attempts_come_in_pages_oldest_first() {
    let (daemon, sink) = (start(), Sink::answering(|_| Reply::status(500)));
    let api = daemon.api();
    let mut wanted = subscription("duty", &sink);
    wanted["retry"] = json!({"waits_s": [0.01, 0.01, 0.01, 0.01]});
    drop(api.post_json("/v1/subscriptions", &wanted).expect(201));
    let event = daemon.send("test.duty", &json!({}));
    let delivery = daemon.ended(&event, "duty");
    let path = format!("/v1/deliveries/{}/attempts", delivery["id"].as_str().unwrap());
    let all = api.get(&path).expect(200);
    assert_eq!(numbers(&all.json()), [1, 2, 3, 4, 5]);
    assert_eq!((&all.json()["next"], header(&all, "link")), (&Value::Null, ""));

    let first = api.get(&format!("{path}?limit=2")).expect(200);
    assert_eq!((numbers(&first.json()), &first.json()["next"]), (vec![1, 2], &json!("2")));
    let next = header(&first, "link").strip_prefix('<').unwrap();
    let next = next.strip_suffix(">; rel=\"next\"").unwrap();
    let second = api.get(next).expect(200).json();
    assert_eq!((numbers(&second), &second["next"]), (vec![3, 4], &json!("4")));
    let third = api.get(&format!("{path}?limit=2&cursor=4")).expect(200).json();
    assert_eq!((numbers(&third), &third["next"]), (vec![5], &Value::Null));
    assert_eq!(third["items"][0], all.json()["items"][4]);
    let beyond = api.get(&format!("{path}?cursor=5")).expect(200).json();
    assert_eq!((numbers(&beyond), &beyond["next"]), (vec![], &Value::Null));

    for query in ["cursor=last", "cursor=-1", "limit=0", "limit=501", "page=2"] {
        drop(api.get(&format!("{path}?{query}")).problem(400));
    }
    let other = "/v1/deliveries/dlv_0193456789ab7cde8f0123456789abcd/attempts";
    drop(api.get(other).problem(404));

    // The command line follows them to the end.
    let shown = daemon.cli(&["--json", "delivery", "show", delivery["id"].as_str().unwrap()]);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["attempts_made"], all.json()["items"]);
}
