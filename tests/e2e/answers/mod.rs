//! What answers mean, preset by preset: a server does everything to a request that servers do,
//! and the verdict, the next attempt and the words in the journal are looked at.

mod server;
mod table;

use hookwright_tests::{Daemon, Script, until};
use serde_json::{Value, json};

use self::Expected::{Anyway, Delivered, Failed, Retry, Unknown};
use self::server::acts;
use self::table::expectations;

/// Presets, each with subscriptions whose plugin, `template`, reads no answers.
const PRESETS: [&str; 7] = [
    "zammad",
    "eddydesk",
    "helpdeskeddy",
    "helpdeskeddy-api",
    "xurrent",
    "telegram",
    "sms-traffic",
];
/// Subscriptions whose plugins read answers themselves, and suggest their presets.
const PLUGINS: [&str; 2] = ["telegram-plugin", "sms-plugin"];

/// Cases after which a receiver is left alone for a while, and so has a subscription of its own for
/// each; the first is for all others.
const LANES: [&str; 4] = ["usual", "too-many-after", "too-many-until", "ban"];

fn lane(case: &str) -> &str {
    if LANES.contains(&case) { case } else { LANES[0] }
}

/// What becomes of a delivery after its first attempt, and words of the journal.
#[derive(Clone, Debug)]
enum Expected {
    Delivered(&'static str),
    Failed(&'static str),
    /// After at least so many seconds.
    Retry(f64, &'static str),
    /// Not sent again.
    Unknown(&'static str),
    /// Sent again after at least so many seconds, although it may have arrived.
    Anyway(f64, &'static str),
}

/// The wait of policies that are as usual, but for being far enough away to be looked at.
const LATER: f64 = 500.0;

/// A server for each receiver: what fails at one again and again is not sent there for a while.
fn scripts() -> Vec<Script> {
    PRESETS.iter().chain(&PLUGINS).map(|_| Script::start(acts)).collect()
}

fn desk(scripts: &[Script]) -> Daemon {
    let address = |number: usize| scripts[number].address();
    let usual = format!("retry = {{ first_wait_s = {LATER}, max_wait_s = 500 }}");
    let mut toml = String::from(
        r#"
        [[secret]]
        name = "token"
        env = "TOKEN"
        [[plugin]]
        file = "target/plugins/destination-template.wasm"
        [[plugin]]
        file = "target/plugins/destination-telegram.wasm"
        [[plugin]]
        file = "target/plugins/destination-sms-traffic.wasm"
        "#,
    );
    let mut add = |receiver: &str, plugin: &str, settings: &str, more: &str| {
        for lane in LANES {
            toml += &format!(
                "[[subscription]]\nname = \"{receiver}-{lane}\"\nevents = [\"ticket.{lane}\"]\n\
                 plugin = \"{plugin}\"\nsettings = {settings}\ntimeout_s = 1\npace = []\n\
                 disable_on_failure = false\n{more}\n"
            );
        }
    };
    for (number, preset) in PRESETS.into_iter().enumerate() {
        let settings = template(&format!("http://{}/{preset}", address(number)));
        // Of these the policy is the preset's own.
        let retry = if matches!(preset, "zammad" | "eddydesk") { "" } else { &usual };
        add(preset, "template", &settings, &format!("preset = \"{preset}\"\n{retry}"));
    }
    let (telegram, sms) = (address(PRESETS.len()), address(PRESETS.len() + 1));
    let settings = format!(r#"{{ chat_id = 1, api_url = "http://{telegram}/telegram-plugin" }}"#);
    add(PLUGINS[0], "telegram", &settings, &format!("secrets = {{ token = \"token\" }}\n{usual}"));
    let settings = format!(r#"{{ phones = ["+79051112233"], url = "http://{sms}/sms-plugin" }}"#);
    let secrets = r#"secrets = { login = "token", password = "token" }"#;
    add(PLUGINS[1], "sms-traffic", &settings, &format!("{secrets}\n{usual}"));
    let daemon = Daemon::start();
    daemon.apply(&toml, &[("TOKEN", "123456:ABC-token")]);
    daemon
}

fn send(daemon: &Daemon, case: &str) -> String {
    let title = format!("case-{case}-end");
    daemon.send(&format!("ticket.{}", lane(case)), &json!({"ticket": {"id": "1", "title": title}}))
}

/// The delivery after its first attempt, and that attempt.
fn tried(daemon: &Daemon, event: &str, subscription: &str) -> (Value, Value) {
    let delivery = until(&format!("an attempt for {subscription}"), || {
        let all = daemon.deliveries(&format!("event={event}&subscription={subscription}"));
        let delivery = all.into_iter().next()?;
        let tried = delivery["attempts"] != 0 && delivery["state"] != "running";
        tried.then_some(delivery)
    });
    let mut attempts = daemon.attempts(&delivery);
    assert_eq!(attempts.len(), 1, "{delivery}");
    (delivery, attempts.remove(0))
}

fn millis(time: &Value) -> i64 {
    time.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

/// How long after the attempt the next one is, in seconds.
fn wait(delivery: &Value, attempt: &Value) -> f64 {
    let took = attempt["timings"]["total_us"].as_f64().unwrap() / 1e6;
    let gap = millis(&delivery["next_attempt_at"]) - millis(&attempt["started_at"]);
    gap as f64 / 1e3 - took
}

fn check(case: &str, subscription: &str, expected: &Expected, (delivery, attempt): (Value, Value)) {
    let told = format!("{case} at {subscription}: {delivery} {}", attempt["result"]);
    let (state, result, words) = match expected {
        Delivered(words) => ("delivered", "delivered", words),
        Failed(words) => ("failed", "failed", words),
        Retry(_, words) => ("pending", "retry", words),
        Unknown(words) => ("unknown", "unknown", words),
        Anyway(_, words) => ("pending", "unknown", words),
    };
    assert_eq!(delivery["state"], state, "{told}");
    assert_eq!(attempt["result"]["result"], result, "{told}");
    let field = if result == "delivered" { "note" } else { "reason" };
    let reason = attempt["result"][field].as_str().unwrap_or_default();
    assert!(reason.contains(words), "{told}");
    match expected {
        Delivered(_) => assert!(delivery["reason"].is_null(), "{told}"),
        _ => assert!(delivery["reason"].as_str().unwrap().starts_with(reason), "{told}"),
    }
    if let Retry(least, _) | Anyway(least, _) = expected {
        let wait = wait(&delivery, &attempt);
        // Times are whole milliseconds. Upwards there is a slow machine, and what chance adds to
        // waits that are the policy's own and grow.
        let most = if *least == LATER { least * 1.1 } else { *least } + 20.0;
        assert!((least - 0.002..most).contains(&wait), "{wait} s, {told}");
    } else {
        assert!(delivery["next_attempt_at"].is_null(), "{told}");
    }
}

#[test]
fn every_preset_understands_everything_that_servers_do() {
    let scripts = scripts();
    let daemon = desk(&scripts);
    for (case, expected) in expectations() {
        let event = send(&daemon, case);
        for (receiver, expected) in PRESETS.iter().chain(&PLUGINS).zip(&expected) {
            let subscription = format!("{receiver}-{}", lane(case));
            check(case, &subscription, expected, tried(&daemon, &event, &subscription));
        }
    }
    // Nothing was sent a second time behind the journal's back.
    for script in &scripts {
        assert_eq!(script.requests().len(), expectations().len());
    }
    unknown_ones_are_listed_and_can_be_sent_again(&daemon);
}

fn unknown_ones_are_listed_and_can_be_sent_again(daemon: &Daemon) {
    let listed = daemon.cli(&["--json", "delivery", "list", "--state", "unknown"]);
    let listed: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed.len(), 16, "four cases at four that are not repeated");
    let id = listed[0]["id"].as_str().unwrap();
    let reason = listed[0]["reason"].as_str().unwrap();
    assert!(
        reason.ends_with(&format!(
            "the request was sent, and the receiver may have acted on it; `hookwright delivery \
             retry {id}` sends it again"
        )),
        "{reason}"
    );
    let shown = daemon.cli(&["delivery", "show", id]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("= outcome unknown: "), "{shown}");
    assert!(daemon.cli(&["delivery", "retry", id]).status.success());
    let path = format!("/v1/deliveries/{id}");
    let again = until("a second attempt", || {
        let delivery = daemon.api().get(&path).expect(200).json();
        (delivery["attempts"] == 2 && delivery["state"] != "running").then_some(delivery)
    });
    assert_eq!(again["state"], "unknown", "the same answer, the same end: {again}");
}

fn one(name: &str, plugin: &str, settings: &str, more: &str) -> String {
    format!(
        "[[plugin]]\nfile = \"target/plugins/destination-{plugin}.wasm\"\n[[subscription]]\n\
         name = \"{name}\"\nevents = [\"ticket.usual\"]\nplugin = \"{plugin}\"\n\
         settings = {settings}\n{more}\n"
    )
}

fn template(address: &str) -> String {
    format!(r#"{{ url = "{address}", body = {{ title = "{{ticket_name}}" }} }}"#)
}

#[test]
fn what_was_never_sent_is_not_unknown() {
    let script = Script::resetting();
    let daemon = Daemon::start();
    // The connection breaks in the handshake of TLS or just before it, when there cannot have been a
    // request.
    let toml = one(
        "handshake",
        "template",
        &template(&format!("https://{}/", script.address())),
        "preset = \"telegram\"",
    );
    daemon.apply(&toml, &[]);
    let refused = template("http://127.0.0.1:1/");
    daemon.apply(&one("refused", "template", &refused, "preset = \"sms-traffic\""), &[]);
    let event = send(&daemon, "ok");
    for (subscription, words) in
        [("handshake", "connection to"), ("refused", "no connection to 127.0.0.1:1")]
    {
        let tried = tried(&daemon, &event, subscription);
        check("not sent", subscription, &Retry(5.0, words), tried);
    }
}

#[test]
fn what_was_sent_without_a_body_may_have_been_acted_on_too() {
    let script = Script::start(acts);
    let daemon = Daemon::start();
    let url = format!("http://{}/telegram/case-reset-end", script.address());
    let settings = format!(r#"{{ url = "{url}", method = "GET" }}"#);
    daemon.apply(&one("get", "template", &settings, "preset = \"telegram\""), &[]);
    let event = send(&daemon, "ok");
    check("reset", "get", &Unknown("the connection was lost"), tried(&daemon, &event, "get"));
    assert_eq!(script.requests()[0].method, "GET");
}

#[test]
fn a_subscription_has_the_last_word() {
    let script = Script::start(acts);
    let daemon = Daemon::start();
    let address = script.address();
    let telegram = format!(r#"{{ chat_id = 1, api_url = "http://{address}/telegram-plugin" }}"#);
    let more = r#"
        secrets = { token = "token" }
        answers = [
            { json = { at = "/description", regex = "chat not found" }, verdict = "retry", wait = 700, detail = { json = "/description" } },
            { status = "4xx", json = { at = "/parameters/retry_after", exists = true }, verdict = "failed" },
        ]
    "#;
    let toml = one("lenient", "telegram", &telegram, more);
    // The others are not to be asked to wait.
    let toml = toml.replace(r#"["ticket.usual"]"#, r#"["*"]"#);
    daemon.apply(
        &format!("[[secret]]\nname = \"token\"\nenv = \"TOKEN\"\n{toml}"),
        &[("TOKEN", "123456:ABC-token")],
    );
    // What may have arrived is sent again because it is said so, until the policy has enough.
    let insistent = r#"
        preset = "telegram"
        retry_unknown = true
        retry = { attempts = 2, first_wait_s = 0.05 }
        timeout_s = 0.5
    "#;
    let url = template(&format!("http://{address}/telegram"));
    daemon.apply(&one("insistent", "template", &url, insistent), &[]);
    let off = "preset = \"helpdeskeddy\"\nretry = \"off\"";
    let url = template(&format!("http://{address}/helpdeskeddy"));
    daemon.apply(&one("once", "template", &url, off), &[]);
    let a_while = "preset = \"zammad\"\nretry = { every_s = 2, for_s = 5 }";
    let url = template(&format!("http://{address}/zammad"));
    daemon.apply(&one("a-while", "template", &url, a_while), &[]);

    let event = send(&daemon, "error-in-200");
    let words = "rule 1 of the subscription: /description is Bad Request: chat not found";
    check("own rule", "lenient", &Retry(700.0, words), tried(&daemon, &event, "lenient"));
    let event = send(&daemon, "too-many-after");
    let words =
        "rule 2 of the subscription: 429 Too Many Requests, /parameters/retry_after is 3000";
    check("own rule", "lenient", &Failed(words), tried(&daemon, &event, "lenient"));
    // No rule fits: the plugin is asked.
    let event = send(&daemon, "ok");
    let delivery = daemon.ended(&event, "lenient");
    assert_eq!((&delivery["state"], &delivery["remote_id"]), (&json!("delivered"), &json!("7")));

    let event = send(&daemon, "slow-head");
    let delivery = daemon.ended(&event, "insistent");
    let reason = delivery["reason"].as_str().unwrap();
    let words = "given up after it was tried 2 times: there was no answer within 0.5 s; the \
                 outcome is unknown";
    assert!(delivery["state"] == "failed" && reason.starts_with(words), "{delivery}");
    for attempt in daemon.attempts(&delivery) {
        assert_eq!(attempt["result"]["result"], "unknown", "{attempt}");
    }

    let event = send(&daemon, "unavailable");
    let delivery = daemon.ended(&event, "once");
    assert_eq!(
        delivery["reason"],
        "given up after it was tried once: rule 2 of the preset helpdeskeddy: 503 Service \
         Unavailable"
    );
    let delivery = daemon.ended(&event, "a-while");
    assert_eq!(delivery["state"], "failed", "{delivery}");
    let tries: Vec<_> =
        daemon.attempts(&delivery).iter().map(|attempt| millis(&attempt["started_at"])).collect();
    assert!(tries.len() > 1 && tries.windows(2).all(|two| two[1] - two[0] >= 2_000), "{tries:?}");
    let ended = millis(&delivery["finished_at"]) - tries[0];
    assert!(ended >= 5_000, "the time had passed: {ended} ms, {tries:?}");
}

#[test]
fn mistakes_are_told_with_their_places() {
    let daemon = Daemon::start();
    let apply = |more: &str| {
        let toml = one("wrong", "template", &template("http://127.0.0.1:1/"), more);
        let output = daemon.try_apply(&toml, &[]);
        assert!(!output.status.success(), "{more}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for (more, words) in [
        ("preset = \"fax\"", "unknown variant `fax`, expected one of `none`, `zammad`"),
        ("retry = \"never\"", "expected \"off\", or an object"),
        ("retry = { every_s = 5 }", "`every_s` needs `for_s`"),
        ("retry = { waits_s = [1, 0] }", "retry/waits_s/1: retry.waits_s.1 is 0"),
        ("timeout_s = 601", "timeout_s: it must be between 0.1 and 600 seconds"),
        ("answers = [{ verdict = \"fine\" }]", "expected one of `delivered`, `retry`, `failed`"),
        ("answers = [{ status = \"20x\", verdict = \"failed\" }]", "`20x` names no HTTP statuses"),
        (
            "answers = [{ verdict = \"failed\" }, { text = { regex = \"(\" }, verdict = \"retry\" }]",
            "answers/1/text/regex: unclosed group",
        ),
        (
            "answers = [{ json = { at = \"ok\", equals = true }, verdict = \"delivered\" }]",
            "answers/0/json/at: `ok` is not a JSON Pointer",
        ),
    ] {
        let told = apply(more);
        assert!(told.contains(words), "{more}: {told}");
    }
}
