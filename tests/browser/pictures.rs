//! The pictures of the docs. They are made when `HOOKWRIGHT_PICTURES` is set, and on no other run.

use std::sync::atomic::{AtomicUsize, Ordering};

use hookwright_tests::{Daemon, Reply, Seed, Sink, ZAMMAD_KEY, root};

use crate::chromium::Chromium;

pub(crate) const TESTS: &[crate::Test] = &[("pictures", pictures)];

/// Most that a picture may weigh, in bytes.
const MOST: usize = 200_000;

const MORE: &str = r#"
    [[plugin]]
    file = "target/plugins/destination-standard-webhooks.wasm"
    [[subscription]]
    name = "status-page"
    events = ["ticket.*"]
    plugin = "standard-webhooks"
    settings = { url = "http://127.0.0.1:8099/status" }
    retry = { waits_s = [1, 1, 1] }
    [[subscription]]
    name = "old-archive"
    events = ["ticket.*"]
    plugin = "standard-webhooks"
    settings = { url = "http://127.0.0.1:8099/gone" }
    retry = "off"
"#;

fn pictures() {
    let busy = AtomicUsize::new(0);
    let sink = Sink::answering(move |request| match request.path.as_str() {
        "/status" if busy.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) => {
            Reply { status: 503, ..Reply::ok("busy, come back later") }
        }
        "/gone" => Reply { status: 404, ..Reply::ok("this archive has moved") },
        path if path.ends_with("/sendMessage") => {
            Reply::ok(r#"{"ok":true,"result":{"message_id":365}}"#)
        }
        _ => Reply::ok("thank you"),
    });
    let daemon = Daemon::start();
    let desk = std::fs::read_to_string(root().join("examples/demo.toml")).unwrap() + MORE;
    let secrets = [
        ("ZAMMAD_SIGNATURE", ZAMMAD_KEY),
        ("ZENLIX_TOKEN", "zenlix-url-token"),
        ("TELEGRAM_BOT", "123456:demonstration"),
        ("SMS_LOGIN", "desk"),
        ("SMS_PASSWORD", "demonstration"),
    ];
    daemon.apply(&desk.replace("http://127.0.0.1:8099", &sink.url("")), &secrets);
    let mut last = String::new();
    for number in 0..12 {
        let seed = Seed::zammad().delivered_as(&format!("delivery-{number}"));
        let answer = daemon.api().anonymous().post("/in/zammad", &seed.headers(), &seed.body);
        let accepted = answer.expect(202).json();
        accepted["events"][0]["id"].as_str().unwrap().clone_into(&mut last);
    }
    let delivery = daemon.ended(&last, "status-page")["id"].as_str().unwrap().to_owned();
    let chromium = Chromium::logged_in(&daemon, "admin");
    // What is counted is written every few seconds.
    std::thread::sleep(std::time::Duration::from_secs(8));
    let timeline = format!("/console/deliveries/{delivery}");
    for scheme in ["light", "dark"] {
        chromium.scheme(scheme);
        chromium.size(1280, 860, false);
        chromium.open("/console");
        chromium.wait_for(".plot canvas");
        keep(&chromium, &format!("overview-{scheme}"));
        chromium.open(&timeline);
        keep(&chromium, &format!("delivery-{scheme}"));
    }
    chromium.scheme("light");
    chromium.open("/console/subscriptions/status-page/edit");
    keep(&chromium, "subscription-form");
    chromium.narrow();
    chromium.open("/console/deliveries");
    keep(&chromium, "phone");
}

/// Writes what the screen shows to `docs/images`.
fn keep(chromium: &Chromium, name: &str) {
    let picture = chromium.picture();
    assert!(picture.len() < MOST, "{name} has {} bytes", picture.len());
    let folder = root().join("docs/images");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}
