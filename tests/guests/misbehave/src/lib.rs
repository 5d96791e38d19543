//! A destination that does what the event's `do` tells it. Tests use it to show that each way
//! to fail is told apart, costs one delivery and reaches no neighbour.

#![cfg(target_family = "wasm")]

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

use hookwright_sdk::{
    Comment, Decision, Descriptor, Destination, Encoding, Event, Exchange, Failure, FieldValue,
    FollowUp, Host, Judge, Judgement, Level, Request, SecretSlot, Visibility, delivery_id, secret,
    text,
};
use serde::Deserialize;

struct Misbehave;

#[derive(Deserialize)]
#[serde(default)]
struct Settings {
    /// Where requests go.
    url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { url: "https://example.com/hook".into() }
    }
}

#[derive(Deserialize)]
struct Command {
    #[serde(default, rename = "do")]
    command: String,
    /// What `judge` does: the same words, and its own.
    #[serde(default)]
    judge: String,
    /// A number, for those that need one.
    #[serde(default)]
    n: usize,
    /// A text that `find` looks for, each byte XORed with 0xff so that it does not find this.
    #[serde(default)]
    masked: Vec<u8>,
    /// What connections get of the event that a write was caused by.
    #[serde(default)]
    ticket: Ticket,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ticket {
    /// What `judge` does of a write.
    judge: String,
}

/// Survives calls only if an instance does.
static CALLS: AtomicU32 = AtomicU32::new(0);

impl Destination for Misbehave {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            name: "misbehave",
            version: env!("CARGO_PKG_VERSION"),
            title: "Misbehave",
            description: "Does what the event tells it, above all what it must not.",
            events: &["*"],
            settings_schema: r#"{"type":"object","properties":{"url":{"type":"string"}},"additionalProperties":false}"#,
            secrets: &[SecretSlot {
                name: "token",
                title: "Token",
                description: "Any text.",
                required: false,
            }],
            origins: &[],
        }
    }

    fn transform(event: &Event, settings: &Settings, host: &dyn Host) -> Result<Decision, Failure> {
        let command: Command = hookwright_sdk::serde_json::from_str(&event.data)
            .map_err(|error| Failure::Rejected(error.to_string()))?;
        let url = settings.url.as_str();
        let post = |body: String| Request::post(url).body(body);
        let request = match command.command.as_str() {
            "reject" => return Err(Failure::Rejected("told to reject".into())),
            "misconfigured" => return Err(Failure::Misconfigured("told to be".into())),
            "transient" => return Err(Failure::Transient("told to fail for now".into())),
            "skip" => return Ok(Decision::Skip("told to skip".into())),
            "many" => return Ok(Decision::Deliver(vec![post("one".into()); command.n])),
            "count" => post((CALLS.fetch_add(1, Ordering::Relaxed) + 1).to_string()),
            "bad-url" => Request::post("ftp://example.com/"),
            "bad-method" => Request::new("CONNECT", url),
            "header-injection" => post(String::new()).header("X-Ticket", "a\r\nX-Admin: yes"),
            "reserved-header" => post(String::new()).header("Host", "other.example"),
            "undeclared-secret" => {
                post(String::new()).header("X-Key", secret("password", Encoding::Raw))
            }
            "use-secret" => {
                Request::post([text(url), text("?t="), secret("token", Encoding::Percent)])
                    .header("Authorization", [text("Bearer "), secret("token", Encoding::Raw)])
                    .header("X-Delivery", delivery_id())
                    .body([text("{\"token\":\""), secret("token", Encoding::Json), text("\"}")])
            }
            "facts" => post(format!(
                "{} {} {} {}",
                host.settings(),
                host.now(),
                host.attempt(),
                String::from_utf8_lossy(&host.original_body())
            )),
            "huge-output" => post("x".repeat(command.n)),
            "find" => post(find(&command.masked).to_string()),
            other => {
                run(other, command.n, host);
                post(event.data.clone())
            }
        };
        Ok(Decision::Deliver(vec![request]))
    }
}

impl Judge for Misbehave {
    fn judge(exchange: &Exchange, _: &Settings, host: &dyn Host) -> Judgement {
        let Ok(command) = hookwright_sdk::serde_json::from_str::<Command>(&exchange.event.data)
        else {
            return Judgement::failed("the event is not a command");
        };
        let status = exchange.answer.status;
        let writes = exchange.event.event_type.starts_with("connection.");
        match if writes { command.ticket.judge.as_str() } else { command.judge.as_str() } {
            "follow-ups" => {
                Judgement { follow_ups: follow_ups(exchange), ..Judgement::delivered(None, None) }
            }
            "slow-down" if status == 429 => Judgement::slow_down("told to slow down", 50),
            "resend" => Judgement::resend("told to", exchange.request.clone().body("changed")),
            "find" => Judgement::failed(format!("found {}", find(&command.masked))),
            "echo" => Judgement::failed(String::from_utf8_lossy(&exchange.answer.body)),
            other => {
                run(other, command.n, host);
                match status {
                    200..300 => Judgement::delivered(None, None),
                    _ => Judgement::retry(format!("status {status}")),
                }
            }
        }
    }
}

/// One of each kind.
fn follow_ups(exchange: &Exchange) -> Vec<FollowUp> {
    let answered = String::from_utf8_lossy(&exchange.answer.body).into_owned();
    vec![
        FollowUp::SetField(FieldValue {
            field: "state".into(),
            value: "{\"is\": [1, null]}".into(),
        }),
        FollowUp::AddComment(Comment { visibility: Visibility::Public, text: answered }),
        FollowUp::Send(exchange.request.clone().body("sent because of the answer")),
    ]
}

/// What both exports can be told.
fn run(command: &str, n: usize, host: &dyn Host) {
    match command {
        "loop" => loop {
            black_box(0);
        },
        "recurse" => {
            black_box(recurse(black_box(1)));
        }
        "grow" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        "panic" => panic!("told to panic"),
        "huge-log" => host.log(Level::Info, &"x".repeat(n)),
        "log-flood" => {
            for line in 0..n {
                host.log(Level::Info, &format!("line {line}"));
            }
        }
        "spin" => {
            for i in 0..n {
                black_box(i);
            }
        }
        _ => {}
    }
}

#[allow(unconditional_recursion)]
fn recurse(n: u64) -> u64 {
    let kept = black_box([n; 64]);
    recurse(n + 1) + black_box(kept)[0]
}

/// How often a text stands anywhere in the memory of this instance.
fn find(masked: &[u8]) -> usize {
    let Some(first) = masked.first() else { return 0 };
    let size = memory_size();
    let mut found = 0;
    for start in 0..size.saturating_sub(masked.len()) {
        // SAFETY: below the size of the memory, every address of WebAssembly can be read.
        let byte = |at: usize| unsafe { std::ptr::read_volatile(at as *const u8) };
        if byte(start) == !first
            && masked.iter().enumerate().all(|(i, masked)| byte(start + i) == !masked)
        {
            found += 1;
        }
    }
    found
}

fn memory_size() -> usize {
    core::arch::wasm32::memory_size(0) << 16
}

hookwright_sdk::export_destination!(Misbehave, judge);
