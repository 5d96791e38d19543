use std::time::{Duration, Instant};

use http::StatusCode;

use super::answering::{Answering, Share};
use super::count::{Count, Second};
use super::post::Post;
use super::summary::{Answered, Latencies, Tally};
use super::target::Target;

fn refusal(url: &str) -> String {
    Target::new(url, false).err().map(|error| error.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn only_loopback_is_posted_to_unless_it_is_said_to_be_mine() {
    for own in ["127.0.0.1:8088", "127.9.9.9", "[::1]:80", "localhost", "desk.localhost:1"] {
        assert_eq!(refusal(&format!("http://{own}/in/desk")), "", "{own}");
    }
    for other in ["10.0.0.1", "192.0.2.1:8088", "hooks.example", "localhost.example", "0.0.0.0"] {
        let url = format!("https://{other}/in/desk/s3cr3t");
        let text = refusal(&url);
        assert!(text.contains("--yes-this-is-mine") && text.contains(other), "{text}");
        assert!(!text.contains("s3cr3t"), "{text}");
        assert!(Target::new(&url, true).is_ok());
    }
}

#[tokio::test]
async fn an_address_that_names_no_source_is_told() {
    assert!(refusal("http://127.0.0.1:8088").contains("http://127.0.0.1:8088/in/helpdesk"));
    assert!(refusal("ftp://127.0.0.1/in/desk").contains("http://"));
    assert!(refusal("/in/desk").contains("--url"));
    let with_password = refusal("http://me:s3cr3t@127.0.0.1/in/desk");
    assert!(with_password.contains("--header") && !with_password.contains("s3cr3t"));
}

fn headers(headers: &[&str]) -> Vec<String> {
    headers.iter().map(|header| (*header).to_owned()).collect()
}

#[tokio::test]
async fn every_post_has_its_number_and_the_signature_of_its_body() {
    use http_body_util::BodyExt as _;
    let target = Target::new("http://127.0.0.1:1/in/desk?a=b", false).unwrap();
    let given = headers(&["X-Zammad-Delivery: run-{n}", "Authorization: Basic eDp5"]);
    // The vector of `{"a":1}` in `delivery/sign/hub_signature.rs`, checked with other libraries.
    let key = Some(hookwright_model::Secret::from("s3cr3t-t0k3n".to_owned()));
    let body = bytes::Bytes::from_static(br#"{"a":{n}}"#);
    let post = Post::new(&body, &given, key).unwrap();
    assert!(post.is_numbered());
    let request = post.request(&target, 1).unwrap();
    assert_eq!(
        (request.method().as_str(), request.uri().to_string()),
        ("POST", "/in/desk?a=b".into())
    );
    let header = |name: &str| request.headers()[name].to_str().unwrap();
    assert_eq!(header("host"), "127.0.0.1:1");
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("x-zammad-delivery"), "run-1");
    assert_eq!(header("x-hub-signature"), "sha1=082d52c6f9f332ef3ff3f80ab4793ab9f5ee962e");
    let sent = request.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(sent.as_ref(), br#"{"a":1}"#);

    let plain = headers(&["Content-Type: text/plain"]);
    let plain = Post::new(&bytes::Bytes::from_static(b"{n"), &plain, None).unwrap();
    assert!(!plain.is_numbered());
    assert_eq!(plain.request(&target, 1).unwrap().headers()["content-type"], "text/plain");
}

#[test]
fn headers_that_are_none_are_told_without_their_values() {
    for (line, word) in [
        ("no colon", "'Name: value'"),
        ("Bad name: s3cr3t", "Bad name"),
        ("Host: s3cr3t", "host"),
        ("Authorization: s3cr3t\u{7}", "control character"),
    ] {
        let error = Post::new(&bytes::Bytes::new(), &headers(&[line]), None).err().unwrap();
        let text = format!("{error:#}");
        assert!(text.contains(word) && !text.contains("s3cr3t"), "{text}");
    }
}

#[test]
fn latencies_are_those_of_what_was_acknowledged() {
    let mut tally = Tally::default();
    let answered = |millis, status: u16| Answered {
        latency: Duration::from_millis(millis),
        outcome: Ok(StatusCode::from_u16(status).unwrap()),
        is_repeated: millis == 1,
        detail: (status >= 300).then(|| "full".to_owned()),
    };
    for millis in (1..=200).rev() {
        tally.add(answered(millis, 202));
    }
    let mut other = Tally::default();
    for _ in 0..3 {
        other.add(answered(9_000, 503));
    }
    let outcome = Err("no answer".to_owned());
    let latency = Duration::from_secs(60);
    other.add(Answered { latency, outcome, is_repeated: false, detail: None });
    tally.merge(other);
    let summary = tally.summary(Duration::from_secs(4));
    assert_eq!((summary.posts, summary.acknowledged, summary.repeated), (204, 200, 1));
    assert_eq!(summary.per_second, 50.0);
    let expected = Latencies { p50: 100.0, p90: 180.0, p99: 198.0, max: 200.0 };
    assert_eq!(summary.latency_ms, Some(expected));
    assert_eq!(summary.statuses.into_iter().collect::<Vec<_>>(), [(202, 200), (503, 3)]);
    let troubles: Vec<_> = summary.troubles.into_iter().collect();
    let unavailable = "503 Service Unavailable: full".to_owned();
    assert_eq!(troubles, [(unavailable, 3), ("no answer".to_owned(), 1)]);
}

#[test]
fn nothing_that_was_acknowledged_has_no_latencies() {
    let summary = Tally::default().summary(Duration::ZERO);
    assert_eq!((summary.per_second, summary.latency_ms), (0.0, None));
}

#[test]
fn the_part_that_fails_is_exact_and_spread_evenly() {
    let failing = |text: &str, of: u64| {
        let fail: Share = text.parse().unwrap();
        let status = StatusCode::NO_CONTENT;
        let answering = Answering { status, delay: Duration::ZERO, fail, hangs: false };
        let failed = |before: &u64| answering.status(*before).unwrap().is_server_error();
        (0..of).filter(failed).collect::<Vec<_>>()
    };
    assert_eq!(failing("10%", 30), [9, 19, 29]);
    assert_eq!(failing("0", 1_000).len(), 0);
    assert_eq!(failing("100 %", 1_000).len(), 1_000);
    assert_eq!(failing("33.3%", 1_000).len(), 333);
    for bad in ["", "%", "-1%", "101%", "ten", "NaN", "inf"] {
        assert!(bad.parse::<Share>().unwrap_err().contains("10%"), "{bad}");
    }
}

#[test]
fn what_arrived_is_counted_by_second_and_in_all() {
    let mut count = Count::default();
    let start = Instant::now();
    for (number, second) in [(0, 0), (1, 0), (2, 1), (3, 2)] {
        assert_eq!(count.add(10, start + Duration::from_secs(second)), number);
        count.answer((number != 3).then_some(StatusCode::OK));
        if number == 1 {
            assert_eq!(count.second(1), Some(Second { seconds: 1, requests: 2, total: 2 }));
            assert_eq!(count.second(2), None, "nothing came");
        }
    }
    let total = count.total();
    assert_eq!((total.requests, total.bytes, total.unanswered), (4, 40, 1));
    assert_eq!((total.seconds, total.per_second, total.busiest_second), (2.0, 2.0, 2));
    assert_eq!(total.statuses.into_iter().collect::<Vec<_>>(), [(200, 3)]);
}
