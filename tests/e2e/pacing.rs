//! Who waits for its turn, who does not, and what a receiver that asks to wait gets.

use std::sync::atomic::{AtomicUsize, Ordering};

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

/// Subscriptions to chats of one bot: name, chat and what else there is to say.
fn bot(sink: &Sink, subscriptions: &[(&str, &str, &str)]) -> Daemon {
    let url = sink.url("");
    let mut toml = String::from(
        "[[secret]]\nname = \"bot\"\nenv = \"BOT\"\n\
         [[plugin]]\nfile = \"target/plugins/destination-telegram.wasm\"\n\
         [[plugin]]\nfile = \"target/plugins/destination-zammad.wasm\"\n\
         [[subscription]]\nname = \"archive\"\nevents = [\"*\"]\nplugin = \"zammad\"\n",
    );
    toml += &format!("settings = {{ url = \"{url}/archive\" }}\n");
    for (name, chat, more) in subscriptions {
        toml += &format!(
            "[[subscription]]\nname = \"{name}\"\nevents = [\"*\"]\nplugin = \"telegram\"\n\
             settings = {{ chat_id = {chat}, api_url = \"{url}\" }}\n\
             secrets = {{ token = \"bot\" }}\n{more}\n"
        );
    }
    let daemon = Daemon::start();
    daemon.apply(&toml, &[("BOT", "123456:AbCdEf")]);
    daemon
}

fn telegram() -> Sink {
    Sink::answering(|_| Reply::ok(r#"{"ok":true,"result":{"message_id":1}}"#))
}

fn send(daemon: &Daemon) -> String {
    daemon.send("ticket.created", &json!({"ticket": {"id": "1", "title": "Hello"}}))
}

/// In milliseconds, as the API writes moments. The tests do not run for months.
fn millis(moment: &Value) -> i64 {
    let text = moment.as_str().unwrap();
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let hours = number(8..10) * 24 + number(11..13);
    ((hours * 60 + number(14..16)) * 60 + number(17..19)) * 1_000 + number(20..23)
}

/// When an attempt began, and when its answer was there.
fn span(attempt: &Value) -> (i64, i64) {
    let start = millis(&attempt["started_at"]);
    (start, start + attempt["timings"]["total_us"].as_i64().unwrap() / 1_000)
}

/// When the attempts of these deliveries began, in order.
fn starts(daemon: &Daemon, deliveries: &[Value]) -> Vec<i64> {
    let attempts = deliveries.iter().flat_map(|delivery| daemon.attempts(delivery));
    let mut starts: Vec<i64> = attempts.map(|attempt| span(&attempt).0).collect();
    starts.sort_unstable();
    starts
}

/// How much later than it was admitted an attempt may note that it begins, in milliseconds.
const SLACK: i64 = 300;

#[test]
fn subscriptions_with_the_same_chat_and_token_take_turns() {
    let sink = telegram();
    let daemon = bot(&sink, &[("one", "7", ""), ("two", "\"7\"", "")]);
    let events: Vec<_> = (0..3).map(|_| send(&daemon)).collect();
    let all: Vec<Value> = events
        .iter()
        .flat_map(|event| ["one", "two"].map(|name| daemon.ended(event, name)))
        .collect();
    for delivery in &all {
        assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(1)));
    }
    let starts = starts(&daemon, &all);
    assert_eq!(starts.len(), 6);
    // Three may follow each other, then there is one a second.
    for (number, start) in starts.iter().enumerate().skip(3) {
        let earliest = starts[number - 3] + 1_000 - SLACK;
        assert!(*start >= earliest, "{number}: {starts:?}");
    }
    assert!(starts[5] - starts[0] >= 3_000 - SLACK, "{starts:?}");
}

#[test]
fn what_waits_holds_up_nobody_else_and_is_told() {
    let sink = telegram();
    let daemon = bot(&sink, &[("group", "-7", ""), ("person", "8", "")]);
    let events: Vec<_> = (0..30).map(|_| send(&daemon)).collect();
    for event in &events {
        // It would take more than a minute if it waited for the group.
        assert_eq!(daemon.ended(event, "archive")["state"], "delivered");
    }
    assert_eq!(daemon.ended(&events[2], "person")["state"], "delivered");
    let waiting = daemon.deliveries("subscription=group&state=pending");
    assert!(waiting.len() >= 5, "{waiting:?}");
    for delivery in waiting {
        assert_eq!(
            delivery["reason"],
            "waits its turn: 18 requests per 60 s with this token and /chat_id"
        );
        assert_eq!(delivery["attempts"], 0);
        assert!(delivery["next_attempt_at"].is_string());
    }
}

#[test]
fn many_that_go_back_to_the_store_come_out_in_order_and_once() {
    let sink = telegram();
    let pace = r#"pace = [{ count = 4, per_s = 1, by = [{ secret = "token" }] }]"#;
    let daemon = bot(&sink, &[("chat", "7", pace)]);
    let events: Vec<_> = (0..40).map(|_| send(&daemon)).collect();
    // The last of them have ten seconds to wait.
    let turn = "waits its turn: 4 requests per 1 s with this token";
    until("some to be put back", || {
        let waiting = daemon.deliveries("subscription=chat&state=pending");
        waiting.iter().any(|delivery| delivery["reason"] == turn).then_some(())
    });
    let all: Vec<_> = events.iter().map(|event| daemon.ended(event, "chat")).collect();
    let starts: Vec<i64> = all
        .iter()
        .map(|delivery| {
            assert_eq!(delivery["state"], "delivered", "{delivery}");
            let attempts = daemon.attempts(delivery);
            assert_eq!(attempts.len(), 1);
            span(&attempts[0]).0
        })
        .collect();
    let mut sorted = starts.clone();
    sorted.sort_unstable();
    assert!(sorted[39] - sorted[0] >= 39 * 250 - SLACK, "{sorted:?}");
    // Plugins run side by side, so that neighbours may change places.
    for (number, start) in starts.iter().enumerate() {
        let place = sorted.binary_search(start).unwrap();
        assert!(place.abs_diff(number) <= 10, "number {number} came as {place}: {starts:?}");
    }
    assert_eq!(sink.requests().iter().filter(|sent| sent.path != "/archive").count(), 40);
}

#[test]
fn an_empty_list_switches_the_presets_paces_off() {
    let sink = telegram();
    let daemon = bot(&sink, &[("group", "-7", "pace = []")]);
    // With the preset's it would be three minutes.
    let events: Vec<_> = (0..60).map(|_| send(&daemon)).collect();
    for event in &events {
        assert_eq!(daemon.ended(event, "group")["state"], "delivered");
    }
}

#[test]
fn retry_after_is_obeyed_to_the_second_by_all_of_the_chat_and_counts_as_no_failure() {
    const REFUSALS: usize = 3;
    let count = AtomicUsize::new(0);
    let sink = Sink::answering(move |request| {
        if request.path == "/archive" {
            return Reply::ok("ok");
        }
        match count.fetch_add(1, Ordering::SeqCst) {
            0..REFUSALS => Reply {
                body: r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 2","parameters":{"retry_after":2}}"#
                    .into(),
                ..Reply::status(429).header("Retry-After", "2")
            },
            _ => Reply::ok(r#"{"ok":true,"result":{"message_id":1}}"#),
        }
    });
    // Fewer tries than there are refusals.
    let policy = "retry = { attempts = 2, first_wait_s = 3600 }";
    let later = format!("{policy}\ncondition = \"event.ticket.title == 'Later'\"");
    let daemon = bot(&sink, &[("first", "7", policy), ("second", "7", &later)]);
    let find = |name: &str| daemon.deliveries(&format!("subscription={name}")).into_iter().next();
    let event = send(&daemon);
    let (refused, attempts) = until("a refusal", || {
        let delivery = find("first").filter(|found| found["state"] == "pending")?;
        let attempts = daemon.attempts(&delivery);
        (!attempts.is_empty() && delivery["attempts"] == attempts.len())
            .then_some((delivery, attempts))
    });
    assert_eq!(refused["reason"], attempts[0]["result"]["reason"], "{refused}");
    assert_eq!(attempts[0]["result"]["asked"], json!({"secs": 2, "nanos": 0}));
    let answered = span(attempts.last().unwrap()).1;
    let again = millis(&refused["next_attempt_at"]) - answered;
    assert!((2_000..2_000 + SLACK).contains(&again), "{again}: {refused}");
    // Another one of the same chat, while it is closed.
    let later = daemon.send("ticket.created", &json!({"ticket": {"id": "1", "title": "Later"}}));
    let first = daemon.ended(&event, "first");
    let others = [daemon.ended(&later, "first"), daemon.ended(&later, "second")];
    assert_eq!(first["state"], "delivered", "{first}");
    let mut all = daemon.attempts(&first);
    for other in &others {
        assert_eq!(other["state"], "delivered", "{other}");
        all.extend(daemon.attempts(other));
    }
    assert_eq!(all.len(), REFUSALS + 3, "all three arrived, and nothing else was sent");
    let refusals: Vec<_> = all.iter().filter(|one| one["received"]["status"] == 429).collect();
    assert_eq!(refusals.len(), REFUSALS);
    for refusal in refusals {
        let (start, answered) = span(refusal);
        for (other, _) in all.iter().map(span).filter(|(other, _)| *other > start) {
            assert!(other >= answered + 2_000, "sent at {other}, refused at {answered}");
        }
    }
}

const SMS: &str = "[[secret]]\nname = \"login\"\nenv = \"LOGIN\"\n\
                   [[plugin]]\nfile = \"target/plugins/destination-sms-traffic.wasm\"\n";

fn sms(url: &str, more: &str) -> String {
    format!(
        "{SMS}[[subscription]]\nname = \"sms\"\nevents = [\"*\"]\nplugin = \"sms-traffic\"\n\
         settings = {{ phones = [\"79051112233\"], url = \"{url}\" }}\n\
         secrets = {{ login = \"login\", password = \"login\" }}\n{more}\n"
    )
}

fn apply_sms(daemon: &Daemon, url: &str, more: &str) {
    daemon.apply(&sms(url, more), &[("LOGIN", "log-in-secret")]);
}

fn reply(result: &str, code: u32) -> Reply {
    let text = "<?xml version=\"1.0\"?><reply><result>RESULT</result><code>CODE</code>\
                <description>text</description></reply>";
    Reply::ok(text.replace("RESULT", result).replace("CODE", &code.to_string()))
}

fn host(sink: &Sink) -> String {
    sink.url("").trim_start_matches("http://").to_owned()
}

/// The URLs that the journal has for a delivery, in order.
fn urls(daemon: &Daemon, delivery: &Value) -> Vec<String> {
    let attempts = daemon.attempts(delivery);
    attempts.iter().map(|one| one["sent"]["url"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn when_nobody_is_there_the_host_in_reserve_gets_it_at_once() {
    let reserve = Sink::answering(|_| reply("OK", 0));
    let daemon = Daemon::start();
    let nobody = "http://127.0.0.1:1/multi.php";
    let policy = "retry = { attempts = 2, first_wait_s = 3600 }";
    let hosts = format!("reserve_hosts = [\"{}\"]\n{policy}", host(&reserve));
    apply_sms(&daemon, nobody, &hosts);
    let delivery = daemon.ended(&send(&daemon), "sms");
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    assert_eq!(urls(&daemon, &delivery), [nobody.to_owned(), reserve.url("/multi.php")]);
    let sent = reserve.requests().remove(0);
    assert_eq!((sent.path.as_str(), sent.header("host")), ("/multi.php", Some(host(&reserve))));
    assert!(sent.text().starts_with("login=log-in-secret&"));
    // The next one asks the first host again.
    let delivery = daemon.ended(&send(&daemon), "sms");
    assert_eq!(urls(&daemon, &delivery).first().map(String::as_str), Some(nobody));
    // Without hosts in reserve there is nobody else.
    apply_sms(&daemon, nobody, "reserve_hosts = []\nretry = { attempts = 2, first_wait_s = 0.01 }");
    let delivery = daemon.ended(&send(&daemon), "sms");
    assert_eq!(delivery["state"], "failed");
    assert_eq!(urls(&daemon, &delivery), [nobody, nobody]);
    // One try is one try.
    let once = format!("reserve_hosts = [\"{}\"]\nretry = {{ attempts = 1 }}", host(&reserve));
    apply_sms(&daemon, nobody, &once);
    let delivery = daemon.ended(&send(&daemon), "sms");
    assert_eq!((delivery["state"].as_str(), urls(&daemon, &delivery).len()), (Some("failed"), 1));
    assert_eq!(reserve.count(), 2);
}

#[test]
fn after_a_temporary_error_each_host_has_its_turn() {
    let [first, second] = [(); 2].map(|()| Sink::answering(|_| reply("ERROR", 1000)));
    let count = AtomicUsize::new(0);
    let third = Sink::answering(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => reply("ERROR", 1000),
        _ => reply("OK", 0),
    });
    let daemon = Daemon::start();
    let more = format!(
        "reserve_hosts = [\"{}\", \"{}\"]\n\
         retry = {{ attempts = 10, first_wait_s = 0.01, factor = 1, jitter = 0 }}",
        host(&second),
        host(&third)
    );
    apply_sms(&daemon, &first.url("/multi.php"), &more);
    let delivery = daemon.ended(&send(&daemon), "sms");
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    let turn = [&first, &second, &third];
    let expected: Vec<_> = turn.iter().cycle().take(6).map(|sink| sink.url("/multi.php")).collect();
    assert_eq!(urls(&daemon, &delivery), expected);
    // An error that is final is not taken to another host.
    let refusing = Sink::answering(|_| reply("ERROR", 411));
    apply_sms(&daemon, &refusing.url("/multi.php"), &more);
    let delivery = daemon.ended(&send(&daemon), "sms");
    assert_eq!((delivery["state"].as_str(), urls(&daemon, &delivery).len()), (Some("failed"), 1));
}

#[test]
fn hosts_in_reserve_are_checked_like_others() {
    let daemon = Daemon::with(hookwright_tests::Options {
        allow_addresses: Some("127.0.0.1/32".into()),
        ..Default::default()
    });
    let more = "reserve_hosts = [\"127.0.0.2:1\"]\nretry = { attempts = 2, first_wait_s = 3600 }";
    apply_sms(&daemon, "http://127.0.0.1:1/multi.php", more);
    let delivery = daemon.ended(&send(&daemon), "sms");
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.contains("127.0.0.2 may not be called: it is loopback"), "{reason}");
    assert_eq!(urls(&daemon, &delivery)[1], "http://127.0.0.2:1/multi.php");
}

#[test]
fn mistakes_are_named_where_they_are() {
    let daemon = Daemon::start();
    for (more, expected) in [
        (
            "pace = [{ count = 0, per_s = 1 }]",
            "pace/0/count: `count` is 0: it must be between 1 and 100000",
        ),
        (
            "pace = [{ count = 1, per_s = 1 }, { count = 1, per_s = 100000 }]",
            "pace/1/per_s: `per_s` is 100000: it must be between 0.001 and 86400",
        ),
        (
            "pace = [{ count = 1, per_s = 1, burst = 0 }]",
            "pace/0/burst: `burst` is 0: it must be between 1 and 100000",
        ),
        ("pace = [{ count = 1, per_s = 1, by = [] }]", "pace/0/by: it says nothing that"),
        (
            "pace = [{ count = 1, per_s = 1, by = [\"host\", { secret = \"token\" }] }]",
            "pace/0/by/1/secret: no secret is bound to `token` in `secrets`",
        ),
        (
            "pace = [{ count = 1, per_s = 1, by = [{ setting = \"/originator\" }] }]",
            "pace/0/by/0/setting: there is nothing at `/originator` in `settings`",
        ),
        ("pace = [{ count = 1, per_s = 1, by = [\"chat\"] }]", "unknown variant `chat`"),
        ("pace = [{ count = 1, per_s = 1, every = 3 }]", "unknown field `every`"),
        (
            "reserve_hosts = [\"api2.smstraffic.ru\", \"https://api3.smstraffic.ru\"]",
            "reserve_hosts/1: `https://api3.smstraffic.ru` is not a host: write it as",
        ),
    ] {
        let toml = sms("http://127.0.0.1:1/", more);
        let output = daemon.try_apply(&toml, &[("LOGIN", "log-in-secret")]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{more}");
        assert!(error.contains(expected), "{more}: {error}");
    }
    let nine = format!("pace = [{}]", "{ count = 1, per_s = 1 },".repeat(9));
    let many = format!("reserve_hosts = [{}]", "\"a.example\",".repeat(9));
    for more in [&nine, &many] {
        let output =
            daemon.try_apply(&sms("http://a.example/", more), &[("LOGIN", "log-in-secret")]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("9 ") && error.contains("too many: there can be 8"), "{error}");
    }
}
