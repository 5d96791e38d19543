//! The whole way of the documents' own payloads.

use hookwright_tests::{Daemon, Reply, Seed, Sink, ZAMMAD_KEY, until};
use serde_json::json;

const DESK: &str = r#"
    [[secret]]
    name = "zammad-signature"
    env = "ZAMMAD_SIGNATURE"

    [[secret]]
    name = "zenlix-token"
    env = "ZENLIX_TOKEN"

    [[secret]]
    name = "bot-token"
    env = "BOT_TOKEN"

    [[secret]]
    name = "sms-login"
    env = "SMS_LOGIN"

    [[secret]]
    name = "sms-password"
    env = "SMS_PASSWORD"

    [[plugin]]
    file = "target/plugins/source-zammad.wasm"
    [[plugin]]
    file = "target/plugins/source-zenlix.wasm"
    [[plugin]]
    file = "target/plugins/destination-zammad.wasm"
    [[plugin]]
    file = "target/plugins/destination-telegram.wasm"
    [[plugin]]
    file = "target/plugins/destination-sms-traffic.wasm"

    [[source]]
    name = "helpdesk"
    plugin = "zammad"
    auth = { kind = "hub_signature", secret = "zammad-signature" }

    [[source]]
    name = "zenlix"
    plugin = "zenlix"
    auth = { kind = "token", secret = "zenlix-token" }
    time_zone = "Europe/Moscow"

    [[subscription]]
    name = "archive"
    events = ["*"]
    plugin = "zammad"
    settings = { url = "SINK/archive" }
    secrets = { signature_token = "zammad-signature" }

    [[subscription]]
    name = "duty"
    events = ["ticket.*"]
    plugin = "telegram"
    settings = { chat_id = -1001234567890, api_url = "SINK" }
    secrets = { token = "bot-token" }

    [[subscription]]
    name = "sms"
    events = ["ticket.*"]
    plugin = "sms-traffic"
    settings = { phones = ["+7 905 111-22-33"], url = "SINK/multi.php" }
    secrets = { login = "sms-login", password = "sms-password" }
"#;

fn receiver() -> Sink {
    Sink::answering(|request| match request.path.as_str() {
        "/multi.php" => Reply::ok(
            "<?xml version=\"1.0\"?><reply><result>OK</result><code>0</code>\
             <description>queued 1 messages</description><message_infos><message_info>\
             <phone>79051112233</phone><sms_id>1000472891</sms_id></message_info>\
             </message_infos></reply>",
        ),
        "/archive" => Reply::ok("thank you"),
        _ => Reply::ok(r#"{"ok":true,"result":{"message_id":365}}"#),
    })
}

fn desk(sink: &Sink) -> Daemon {
    let daemon = Daemon::start();
    let secrets = [
        ("ZAMMAD_SIGNATURE", ZAMMAD_KEY),
        ("ZENLIX_TOKEN", "zenlix-url-token"),
        ("BOT_TOKEN", "123456:bot-token-sentinel"),
        ("SMS_LOGIN", "sms-login"),
        ("SMS_PASSWORD", "sms password & more"),
    ];
    daemon.apply(&DESK.replace("SINK", &sink.url("")), &secrets);
    daemon
}

fn post(daemon: &Daemon, path: &str, seed: &Seed) -> String {
    let answer = daemon.api().anonymous().post(path, &seed.headers(), &seed.body);
    let accepted = answer.expect(202).json();
    assert_eq!(accepted["events"][0]["deliveries"], 3, "{accepted}");
    accepted["events"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn zammad_in_and_zammad_style_out_is_the_same_bytes() {
    let sink = receiver();
    let daemon = desk(&sink);
    let seed = Seed::zammad();
    let event = post(&daemon, "/in/helpdesk", &seed);
    let delivery = daemon.ended(&event, "archive");
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    let got = sink.at("/archive").remove(0);
    assert_eq!(got.body.len(), 5_789);
    assert_eq!(got.body, seed.body);
    let header = |name: &str| got.header(name).unwrap();
    assert_eq!(header("content-type"), "application/json; charset=utf-8");
    assert_eq!(header("user-agent"), "Zammad User Agent");
    assert_eq!(header("x-zammad-trigger"), "Neues Ticket – für alle");
    assert_eq!(header("x-hub-signature"), "sha1=121694301eec2c4796c8fde0f1336109cbffca20");
    let id = delivery["id"].as_str().unwrap().trim_start_matches("dlv_");
    assert_eq!(header("x-zammad-delivery").replace('-', ""), id, "the delivery's own id");

    // The journal has the same bytes, and the event is as the helpdesk posted it.
    let attempt = daemon.attempts(&delivery).remove(0);
    assert_eq!(attempt["sent"]["body"].as_str().unwrap().as_bytes(), seed.body);
    assert_eq!(attempt["received"]["body"], "thank you");
    assert_eq!(attempt["received"]["status"], 200);
    let original = daemon.api().get(&format!("/v1/events/{event}/original")).expect(200);
    assert_eq!(original.body, seed.body);
    let event = daemon.api().get(&format!("/v1/events/{event}")).expect(200).json();
    assert_eq!(event["type"], "ticket.created");
    assert_eq!(event["source"], "helpdesk");
    assert_eq!(event["subject"], "81");
    assert_eq!(event["dedupe_key"], "b3e6c1f0-7a2c-4a51-9f63-0a6f5f8d7c11");
    assert_eq!(event["data"]["ticket"]["title"], "Webhook-Test");
}

#[test]
fn zenlix_reaches_every_destination() {
    let sink = receiver();
    let daemon = desk(&sink);
    let event = post(&daemon, "/in/zenlix/zenlix-url-token", &Seed::zenlix());
    for subscription in ["archive", "duty", "sms"] {
        let delivery = daemon.ended(&event, subscription);
        assert_eq!(delivery["state"], "delivered", "{delivery}");
    }
    let shown = daemon.api().get(&format!("/v1/events/{event}")).expect(200).json();
    // 2019-06-11 11:24:18 in Moscow.
    assert_eq!(shown["occurred_at"], "2019-06-11T08:24:18.000Z");
    assert_eq!(shown["data"]["ticket"]["created_at"], "2019-06-07T10:01:46+03:00");
    let telegram = sink.at("/bot123456:bot-token-sentinel/sendMessage").remove(0).json();
    assert_eq!(telegram["chat_id"], "-1001234567890");
    assert!(telegram["text"].as_str().unwrap().contains("#E3XK Message with attachments"));
    let sms = sink.at("/multi.php").remove(0).text();
    assert!(sms.starts_with("login=sms-login&password=sms+password+%26+more&phones=79051112233&"));
    let archive = sink.at("/archive").remove(0).json();
    assert_eq!(archive["ticket"]["number"], "E3XK");
    assert_eq!(archive["article"], json!({}));
}

#[test]
fn answers_are_read_and_remembered() {
    let sink = receiver();
    let daemon = desk(&sink);
    let event = post(&daemon, "/in/helpdesk", &Seed::zammad());
    assert_eq!(daemon.ended(&event, "duty")["remote_id"], "365");
    let sms = daemon.ended(&event, "sms");
    assert_eq!(sms["remote_id"], "1000472891");
    let attempt = daemon.attempts(&sms).remove(0);
    assert_eq!(attempt["result"]["note"], "queued 1 messages");
    assert!(attempt["judge"]["fuel"].as_u64().unwrap() > 1_000);
    assert!(sms["transform"]["fuel"].as_u64().unwrap() > 10_000);
}

#[test]
fn the_same_event_gives_the_same_bytes_in_the_daemon_and_on_the_command_line() {
    let sink = receiver();
    let daemon = desk(&sink);
    let event = post(&daemon, "/in/helpdesk", &Seed::zammad());
    let delivery = daemon.ended(&event, "duty");
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let event = daemon.cli(&["event", "show", &event]);
    let event = file("event.json", &event.stdout);
    let settings = json!({"chat_id": -1_001_234_567_890_i64, "api_url": sink.url("")});
    let settings = file("settings.json", settings.to_string().as_bytes());
    let plugin = hookwright_tests::component("destination-telegram").display().to_string();
    let args = ["plugin", "run", &plugin, "--event", &event, "--settings", &settings, "--json"];
    let run = daemon.cli(&args);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let run: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(run["answer"]["decision"]["deliver"], delivery["requests"]);
    assert_eq!(run["call"]["fuel"], delivery["transform"]["fuel"]);
}

#[test]
fn it_ends_when_asked_and_goes_on_where_it_was() {
    let sink = receiver();
    let mut daemon = desk(&sink);
    let event = post(&daemon, "/in/helpdesk", &Seed::zammad());
    assert_eq!(daemon.ended(&event, "archive")["state"], "delivered");
    assert!(daemon.stop().success());
    let daemon = daemon.kill_and_restart();
    assert_eq!(daemon.ended(&event, "archive")["state"], "delivered");
    // Known from before the restart, and no second delivery.
    assert_eq!(post(&daemon, "/in/helpdesk", &Seed::zammad()), event);
    let another = Seed::zammad().delivered_as("another");
    let another = post(&daemon, "/in/helpdesk", &another);
    assert_eq!(daemon.ended(&another, "archive")["state"], "delivered");
    until("both to have arrived", || (sink.at("/archive").len() == 2).then_some(()));
}
