//! The command line, against a daemon.

mod commands;
mod round_trip;
mod set_up;
mod shells;
mod tried;

use std::process::{Command, Output, Stdio};

use hookwright_tests::Daemon;
use serde_json::Value;

/// A plugin that takes any settings, and two sources.
const DESK: &str = r#"
    [[secret]]
    name = "key"
    env = "KEY"
    [[secret]]
    name = "bot"
    env = "BOT"

    [[plugin]]
    file = "target/plugins/source-zenlix.wasm"
    [[plugin]]
    file = "target/plugins/destination-zammad-api.wasm"
    [[plugin]]
    file = "target/plugins/destination-telegram.wasm"

    [[policy]]
    name = "prod"
    algorithm = "hs256"
    secret = "key"

    [[connection]]
    name = "desk-api"
    plugin = "zammad-api"
    settings = { base_url = "https://desk.example" }
    secrets = { token = "key" }

    [[source]]
    name = "desk"
    plugin = "zenlix"
    auth = { kind = "token", secret = "key" }
    connection = "desk-api"

    [[subscription]]
    name = "duty"
    events = ["ticket.*"]
    plugin = "telegram"
    settings = { chat_id = 5 }
    secrets = { token = "bot" }
"#;
const KEY: &str = "S3NTINEL-key-of-thirty-two-bytes-and-more";
const BOT: &str = "123456:S3NTINEL-bot";

fn desk() -> Daemon {
    let daemon = Daemon::start();
    daemon.apply(DESK, &[("KEY", KEY), ("BOT", BOT)]);
    daemon
}

fn text(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&text(output)).unwrap()
}

/// What it fails with: the code, and what it says.
fn failed(output: &Output) -> (i32, String) {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}

/// With something on its standard input.
fn with_input(mut command: Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}
