//! `cargo xtask demo` runs this: the main job on real input, to look at.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a demonstration")]

use std::process::ExitCode;
use std::time::Duration;

use comfy_table::{ContentArrangement, Table, presets};
use hookwright_tests::{Daemon, Options, Reply, Request, Seed, Sink, ZAMMAD_KEY, binary, root};
use serde_json::Value;

/// The address in `examples/demo.toml` that stands for the receiver.
const RECEIVER: &str = "http://127.0.0.1:8099";
const ZENLIX_TOKEN: &str = "zenlix-url-token";
const SUBSCRIPTIONS: [&str; 3] = ["archive", "duty-chat", "duty-phone"];

fn main() -> ExitCode {
    let once = std::env::args().skip(1).any(|arg| arg == "--once");
    let sink = Sink::answering(answer);
    let daemon = Daemon::with(Options { log: "info".into(), ..Options::default() });
    println!("The daemon is at {}, its data in {}.", daemon.url(), daemon.data().display());
    println!("A receiver for what it sends is at {}.\n", sink.url(""));
    let desk = std::fs::read_to_string(root().join("examples/demo.toml")).unwrap();
    assert!(desk.contains(RECEIVER), "examples/demo.toml has lost the receiver's address");
    let secrets = [
        ("ZAMMAD_SIGNATURE", ZAMMAD_KEY),
        ("ZENLIX_TOKEN", ZENLIX_TOKEN),
        ("TELEGRAM_BOT", "123456:demonstration"),
        ("SMS_LOGIN", "desk"),
        ("SMS_PASSWORD", "demonstration & co"),
    ];
    let applied = daemon.try_apply(&desk.replace(RECEIVER, &sink.url("")), &secrets);
    print!("{}", String::from_utf8_lossy(&applied.stdout));
    let error = String::from_utf8_lossy(&applied.stderr);
    assert!(applied.status.success(), "examples/demo.toml cannot be applied: {error}");

    let zenlix = format!("/in/zenlix/{ZENLIX_TOKEN}");
    let events = [("/in/zammad", Seed::zammad()), (zenlix.as_str(), Seed::zenlix())]
        .map(|(path, seed)| (seed.document, post(&daemon, path, &seed)));
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["event", "subscription", "plugin", "request", "status", "time"]);
    let mut missing = 0;
    let mut first = None;
    for (document, event) in &events {
        for subscription in SUBSCRIPTIONS {
            let delivery = daemon.ended(event, subscription);
            let attempts = daemon.attempts(&delivery);
            missing += usize::from(delivery["state"] != "delivered");
            table.add_row(row(&daemon, document, &delivery, attempts.last()));
            first.get_or_insert(delivery);
        }
    }
    println!("\nPosted the samples of two helpdesks, as they post them. What became of them:\n");
    println!("{table}");
    if let Some(delivery) = first {
        println!("\nThe journal's entry of the first one:\n");
        let show = daemon.cli(&["delivery", "show", delivery["id"].as_str().unwrap()]);
        print!("{}", String::from_utf8_lossy(&show.stdout));
    }
    let received = sink.count();
    if missing > 0 || received < events.len() * SUBSCRIPTIONS.len() {
        println!("\n{missing} deliveries failed; the receiver got {received} requests.");
        print!("\nWhat the daemon says:\n{}", daemon.log());
        return ExitCode::FAILURE;
    }
    println!("\nAll {} deliveries arrived.", events.len() * SUBSCRIPTIONS.len());
    if !once {
        stay(&daemon, &sink);
    }
    ExitCode::SUCCESS
}

/// As Telegram, SMS Traffic and a webhook answer.
fn answer(request: &Request) -> Reply {
    match request.path.as_str() {
        "/multi.php" => Reply::ok(
            "<?xml version=\"1.0\"?><reply><result>OK</result><code>0</code>\
             <description>queued 1 messages</description><message_infos><message_info>\
             <phone>79051112233</phone><sms_id>1000472891</sms_id></message_info>\
             </message_infos></reply>",
        ),
        path if path.ends_with("/sendMessage") => {
            Reply::ok(r#"{"ok":true,"result":{"message_id":365}}"#)
        }
        _ => Reply::ok("thank you"),
    }
}

/// Posts it and returns the event's id.
fn post(daemon: &Daemon, path: &str, seed: &Seed) -> String {
    let answer = daemon.api().anonymous().post(path, &seed.headers(), &seed.body);
    let accepted = answer.expect(202).json();
    accepted["events"][0]["id"].as_str().unwrap().to_owned()
}

fn row(daemon: &Daemon, document: &str, delivery: &Value, attempt: Option<&Value>) -> [String; 6] {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let status = attempt.map_or(Value::Null, |attempt| attempt["received"]["status"].clone());
    let sent = attempt.map_or(Value::Null, |attempt| attempt["sent"].clone());
    let plugin = text(&delivery["digest"]);
    let plugins = daemon.api().items("/v1/plugins");
    let known = plugins.iter().find(|known| known["digest"] == plugin.as_str());
    let plugin = known.map_or(plugin, |known| {
        format!("{} {}", text(&known["descriptor"]["name"]), text(&known["descriptor"]["version"]))
    });
    [
        format!("{}\n{document}", text(&delivery["event_type"])),
        text(&delivery["subscription"]),
        plugin,
        format!("{} {}", text(&sent["method"]), text(&sent["url"])),
        format!("{status} {}", text(&delivery["state"])),
        attempt.map_or_else(String::new, |attempt| {
            format!("{} ms", attempt["timings"]["total_us"].as_u64().unwrap_or(0) / 1000)
        }),
    ]
}

/// Stays up, and says what to try.
fn stay(daemon: &Daemon, sink: &Sink) {
    let (url, binary) = (daemon.url(), binary());
    let (binary, samples) = (binary.display(), "tests/data/seeds");
    println!(
        "\nThe daemon stays up until you press Ctrl-C. In another terminal, at the top of the \
         repository:\n\n\
         export HOOKWRIGHT_URL={url} HOOKWRIGHT_TOKEN={token}\n\
         alias hookwright={binary}\n\n\
         hookwright delivery list\n\
         hookwright plugin list\n\
         curl -i {url}/in/zenlix/{ZENLIX_TOKEN} --data-binary @{samples}/000-zenlix.json\n\
         curl -i {url}/in/zenlix/{ZENLIX_TOKEN} --data '{{\"action\": \"cre'\n\
         curl -s -H \"Authorization: Bearer $HOOKWRIGHT_TOKEN\" '{url}/v1/deliveries?limit=1'\n",
        token = daemon.token(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut seen = sink.count();
        let ended = tokio::signal::ctrl_c();
        tokio::pin!(ended);
        loop {
            tokio::select! {
                _ = &mut ended => return,
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    for request in sink.requests().iter().skip(seen) {
                        let (method, path, size) = (&request.method, &request.path, request.body.len());
                        println!("the receiver got {method} {path}, {size} bytes");
                        seen += 1;
                    }
                }
            }
        }
    });
}
