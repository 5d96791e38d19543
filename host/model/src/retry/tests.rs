use serde_json::{Value, from_value, json, to_value};

use super::*;

fn counted(counted: u32) -> Tries {
    Tries { counted, last_counted: true, ..Tries::default() }
}

fn read(document: Value) -> RetryPolicy {
    from_value(document).unwrap()
}

fn seconds(wait: Option<Duration>) -> Option<f64> {
    wait.map(|wait| wait.as_secs_f64())
}

#[test]
fn waits_grow_and_end() {
    let policy = RetryPolicy::default();
    let wait = |tries| policy.wait(counted(tries), 0.0).map(|wait| wait.as_secs());
    assert_eq!(wait(1), Some(5));
    assert_eq!(wait(2), Some(25));
    assert_eq!(wait(3), Some(125));
    assert_eq!(wait(7), Some(50_400));
    assert_eq!(wait(9), Some(50_400));
    assert_eq!(wait(10), None);
}

/// `EddyDesk`: every 30 minutes for 24 hours.
#[test]
fn an_interval_is_kept_to_for_a_while() {
    let policy = read(json!({"every_s": 1800, "for_s": 86400}));
    let mut now = Duration::ZERO;
    let mut tries = 1;
    // Each try takes some time itself.
    while let Some(wait) = policy.wait(Tries { since: now, ..counted(tries) }, 1.0) {
        assert_eq!(wait, Duration::from_secs(1800));
        now += wait + Duration::from_millis(700);
        tries += 1;
    }
    assert_eq!(tries, 49, "the first and one for each half hour");
    assert!((86_400..86_500).contains(&now.as_secs()), "{now:?}");
}

/// Zammad: attempt number times ten seconds, five attempts.
#[test]
fn listed_waits_are_taken_in_turn() {
    let policy = read(json!({"waits_s": [10, 20, 30, 40]}));
    let waits: Vec<_> = (1..=6).map(|tries| seconds(policy.wait(counted(tries), 0.9))).collect();
    assert_eq!(waits, [Some(10.0), Some(20.0), Some(30.0), Some(40.0), None, None]);
}

#[test]
fn off_is_never() {
    assert_eq!(read(json!("off")).wait(counted(1), 0.0), None);
    assert_eq!(read(json!({"attempts": 1})).wait(counted(1), 0.0), None);
}

#[test]
fn what_the_receiver_asks_for_is_never_undercut() {
    let asked = |seconds| Some(Duration::from_secs(seconds));
    for document in [json!({}), json!({"every_s": 60, "for_s": 600}), json!({"waits_s": [10, 20]})]
    {
        let policy = read(document.clone());
        let wait = |asked| policy.wait(Tries { asked, ..counted(1) }, 0.0);
        assert_eq!(wait(asked(3600)), asked(3600), "{document}");
        assert_eq!(wait(asked(1)), policy.wait(counted(1), 0.0), "{document}");
    }
}

#[test]
fn a_try_that_does_not_count_waits_as_asked_and_no_longer() {
    for document in [
        json!({"attempts": 2}),
        json!({"every_s": 60, "for_s": 60}),
        json!({"waits_s": [10]}),
        json!("off"),
    ] {
        let policy = read(document.clone());
        let since = Duration::from_secs(100_000);
        let tried = |asked| Tries { counted: 9, last_counted: false, since, asked };
        let asked = Some(Duration::from_secs(3));
        assert_eq!(policy.wait(tried(asked), 1.0), asked, "{document}");
        assert!(policy.wait(tried(None), 1.0).unwrap() >= Duration::from_secs(5), "{document}");
        let at_once = policy.wait(tried(Some(Duration::ZERO)), 1.0);
        assert_eq!(at_once, Some(Duration::from_secs(1)), "{document}");
    }
}

#[test]
fn chance_only_adds() {
    let policy = RetryPolicy::default();
    for chance in [0.0, 0.3, 1.0] {
        let wait = policy.wait(counted(1), chance).unwrap().as_secs_f64();
        assert!((5.0..=5.5).contains(&wait), "{wait}");
    }
}

#[test]
fn policies_are_written_as_they_are_read() {
    for document in [
        json!("off"),
        json!({"every_s": 1800.0, "for_s": 86400.0}),
        json!({"waits_s": [10.0, 20.0]}),
        // As it was always stored.
        json!({
            "attempts": 3, "first_wait_s": 0.5, "factor": 2.0, "max_wait_s": 60.0, "jitter": 0.0,
        }),
    ] {
        assert_eq!(to_value(read(document.clone())).unwrap(), document);
    }
    let some = read(json!({"attempts": 3}));
    let usual = Exponential::default();
    assert_eq!(some, RetryPolicy::Exponential(Exponential { attempts: 3, ..usual }));
}

#[test]
fn mistakes_say_what_to_do() {
    let told = |document: Value| match from_value::<RetryPolicy>(document) {
        Ok(policy) => policy.check().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    };
    for (document, words) in [
        (json!("on"), "expected \"off\", or an object"),
        (json!({"every_s": 1}), "`every_s` needs `for_s`"),
        (json!({"for_s": 1}), "`for_s` needs `every_s`"),
        (json!({"every_s": 1, "for_s": 2, "attempts": 3}), "it is one policy"),
        (json!({"waits_s": [1], "jitter": 0}), "it is one policy"),
        (json!({"waits": [1]}), "unknown field `waits`"),
        (json!({"attempts": 0}), "retry.attempts is 0: it must be between 1 and 1000"),
        (json!({"factor": 0.5}), "retry.factor is 0.5"),
        (json!({"waits_s": []}), "retry.waits_s.length is 0: it must be between 1 and 100"),
        (json!({"waits_s": [1, 0]}), "retry.waits_s.1 is 0: it must be between 0.01 and 604800"),
        (json!({"every_s": 0, "for_s": 1}), "retry.every_s is 0"),
        (json!({"every_s": 60, "for_s": 1}), "retry.for_s is 1: it must be between 60 and"),
    ] {
        let told = told(document.clone());
        assert!(told.contains(words), "{document}: {told}");
    }
    let nan = Exponential { factor: f64::NAN, ..Exponential::default() };
    assert!(RetryPolicy::Exponential(nan).check().is_err());
}

#[test]
fn extreme_policies_do_not_panic() {
    let grows = Exponential { attempts: u32::MAX, factor: 100.0, ..Exponential::default() };
    assert!(RetryPolicy::Exponential(grows).wait(counted(u32::MAX - 1), 1.0).is_some());
    let long = Tries { since: Duration::MAX, asked: Some(Duration::MAX), ..counted(u32::MAX) };
    assert_eq!(read(json!({"every_s": 1, "for_s": 1})).wait(long, 1.0), None);
    assert_eq!(read(json!({"waits_s": [1]})).wait(long, 1.0), None);
}
