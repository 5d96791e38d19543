//! What the telegram plugin sends: as Telegram's own parser reads it, and as a receiver of bots'
//! messages gets it.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Stdio};

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;
use crate::texts::hostile;

const PARSER: Oracle = Oracle::Python("python/tdjson_entities.py", "tdjson");
const RECEIVER: Oracle = Oracle::Node("node/telegram_sink.mjs", "telegram-test-api");

pub(crate) const TESTS: &[Test] = &[
    ("telegram::the_real_parser_gives_the_text_back", &[PARSER], parser),
    ("telegram::zammads_html_becomes_readable_text", &[PARSER], html),
    ("telegram::messages_arrive_at_a_receiver", &[RECEIVER], receiver),
];

/// Telegram counts so.
const MAX_UNITS: usize = 4_096;
const FORMATS: [(&str, &str); 3] = [("plain", "1"), ("html", "2"), ("markdown_v2", "3")];

/// A daemon with a subscription for each format, which has a chat of its own.
fn desk(api: &str) -> Daemon {
    let daemon = Daemon::start();
    let mut toml = String::from(
        r#"
        [[secret]]
        name = "bot"
        env = "BOT"
        [[plugin]]
        file = "target/plugins/destination-telegram.wasm"
        "#,
    );
    for (format, chat) in FORMATS {
        toml.push_str(&format!(
            r#"
            [[subscription]]
            name = "{format}"
            events = ["*"]
            plugin = "telegram"
            settings = {{ chat_id = {chat}, format = "{format}", max_messages = 20, api_url = "{api}" }}
            secrets = {{ token = "bot" }}
            pace = []
            "#
        ));
    }
    daemon.apply(&toml, &[("BOT", "123456:token")]);
    daemon
}

/// Sends an event and waits until it is delivered to all.
fn send(daemon: &Daemon, data: &Value) {
    let event = daemon.send("ticket.commented", data);
    for (format, _) in FORMATS {
        let delivery = daemon.ended(&event, format);
        assert_eq!(delivery["state"], "delivered", "{delivery}");
    }
}

/// The messages to each chat, in the order of [`FORMATS`].
fn messages(daemon: &Daemon, sink: &Sink, data: &Value) -> [Vec<Value>; 3] {
    let before = sink.count();
    send(daemon, data);
    let sent: Vec<Value> = sink.requests()[before..].iter().map(|sent| sent.json()).collect();
    FORMATS.map(|(_, chat)| {
        sent.iter().filter(|message| message["chat_id"] == chat).cloned().collect()
    })
}

fn bot() -> Sink {
    Sink::answering(|_| Reply::ok(r#"{"ok":true,"result":{"message_id":1}}"#))
}

fn text(message: &Value) -> &str {
    message["text"].as_str().unwrap()
}

/// What the parser makes of messages: their plain text, in one.
fn parsed(messages: &[Value]) -> String {
    let cases = messages.iter().map(|message| {
        let mode = match message["parse_mode"].as_str() {
            Some("HTML") => "html",
            Some("MarkdownV2") => "markdown_v2",
            other => panic!("parse mode {other:?}"),
        };
        json!({ "text": text(message), "mode": mode })
    });
    let judgements = PARSER.judge(&cases.collect::<Vec<_>>());
    let texts = messages.iter().zip(judgements).map(|(message, judgement)| {
        assert_eq!(judgement["ok"], true, "{judgement}: {}", text(message));
        let text = judgement["text"].as_str().unwrap().to_owned();
        assert!(text.encode_utf16().count() <= MAX_UNITS && !text.trim().is_empty());
        text
    });
    texts.collect()
}

/// What people see of a text, whatever becomes of its spaces.
fn visible(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{2028}'..='\u{202e}') || c.is_control();
    text.chars().filter(|&c| !c.is_whitespace() && !hidden(c)).collect()
}

fn parser() {
    let sink = bot();
    let daemon = desk(&sink.url(""));
    for hostile in hostile() {
        let title: String = hostile.chars().take(200).collect();
        let data = json!({
            "ticket": { "id": "81", "number": "67081", "title": title, "state": hostile.get(..20) },
            "comment": { "visibility": "public", "text": hostile, "author": { "name": title } },
            "origin": { "kind": "tests" },
        });
        let [plain, html, markdown] = messages(&daemon, &sink, &data);
        assert!(plain.iter().all(|message| message["parse_mode"].is_null()));
        let plain: String = plain.iter().map(text).collect();
        // Nothing of it is missing, and nothing of it was taken for markup.
        assert!(visible(&plain).contains(&visible(&title)), "{title:?} is not in {plain:?}");
        assert!(visible(&plain).contains(&visible(&hostile)), "{hostile:?} is not in {plain:?}");
        assert_eq!(visible(&parsed(&html)), visible(&plain));
        assert_eq!(visible(&parsed(&markdown)), visible(&plain));
    }
}

fn html() {
    let sink = bot();
    let daemon = desk(&sink.url(""));
    let article = "<p>Hello &amp; <b>welcome</b>,</p><ul><li>one &lt; two</li><li>caf&eacute;</li></ul>\
                   <blockquote>quoted<br>twice</blockquote><script>alert('x')</script>\
                   <a href=\"https://example.com/?a=1&amp;b=2\">a link</a><img src=\"cid:1\">";
    let source = r#"
        [[secret]]
        name = "url"
        env = "URL_TOKEN"
        [[plugin]]
        file = "target/plugins/source-zammad.wasm"
        [[source]]
        name = "zammad"
        plugin = "zammad"
        auth = { kind = "token", secret = "url" }
    "#;
    daemon.apply(source, &[("URL_TOKEN", "url-token")]);
    let payload = json!({
        "ticket": { "id": 81, "number": "67081", "title": "Tom & Jerry <tj@example.com>" },
        "article": { "id": 104, "body": article, "content_type": "text/html", "internal": false,
                     "sender": "Customer" },
    });
    let answer = daemon.api().anonymous().post(
        "/in/zammad/url-token",
        &[("Content-Type", "application/json")],
        payload.to_string().as_bytes(),
    );
    let event = answer.expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned();
    for (format, chat) in FORMATS {
        assert_eq!(daemon.ended(&event, format)["state"], "delivered");
        let of_chat = |message: &Value| message["chat_id"] == chat;
        let sent: Vec<Value> =
            sink.requests().iter().map(|sent| sent.json()).filter(of_chat).collect();
        let shown = if format == "plain" { text(&sent[0]).to_owned() } else { parsed(&sent) };
        for part in ["Tom & Jerry <tj@example.com>", "Hello & welcome,", "one < two", "café"] {
            assert!(shown.contains(part), "{format} lacks {part}: {shown}");
        }
        for never in ["alert", "<p>", "&lt;", "&amp;", "cid:1"] {
            assert!(!shown.contains(never), "{format} shows {never}: {shown}");
        }
    }
}

/// The receiver's process, spoken to line by line.
struct Receiver {
    child: std::process::Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Receiver {
    fn start() -> (Self, String) {
        let mut child =
            RECEIVER.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut receiver = Self { child, stdin, stdout: BufReader::new(stdout) };
        let url = receiver.line()["url"].as_str().unwrap().to_owned();
        (receiver, url)
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn messages(&mut self) -> Vec<Value> {
        writeln!(self.stdin, r#"{{"cmd":"messages"}}"#).unwrap();
        self.line()["messages"].as_array().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn receiver() {
    let (mut receiver, url) = Receiver::start();
    let daemon = desk(&url);
    let data = json!({
        "ticket": { "id": "81", "number": "67081", "title": "a < b & *c*" },
        "comment": { "visibility": "public", "text": "x".repeat(9_000) },
        "origin": { "kind": "tests" },
    });
    send(&daemon, &data);
    let arrived = until("the messages to arrive", || {
        let messages = receiver.messages();
        (messages.len() >= 9).then_some(messages)
    });
    assert_eq!(arrived.len(), 9, "three messages in each of three formats");
    for (format, chat) in FORMATS {
        let of_chat: Vec<_> = arrived.iter().filter(|message| message["chat_id"] == chat).collect();
        assert_eq!(of_chat.len(), 3, "{format}");
        assert!(of_chat.iter().all(|message| message["token"] == "123456:token"));
        let all: String = of_chat.iter().map(|message| text(message)).collect();
        assert_eq!(all.matches('x').count(), 9_000);
    }
}
