//! `hookwright delivery`.

use hookwright_model::{Attempt, AttemptResult, CallRecord, DeliveryId, FollowUp};
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::export::Output;
use super::output;
use super::paint::{Tone, inert, paint};
use super::search::{self, DeliveryFilter};

#[derive(clap::Subcommand)]
pub(super) enum Delivery {
    /// List deliveries, newest first.
    List {
        #[command(flatten)]
        filter: DeliveryFilter,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Write deliveries as JSON Lines, newest first, each with its event's head, its requests and
    /// its attempts.
    Export {
        #[command(flatten)]
        filter: DeliveryFilter,
        #[command(flatten)]
        output: Output,
    },
    /// Show a delivery with all its attempts: what was sent and what came back.
    Show {
        /// Its id.
        id: DeliveryId,
    },
    /// Try a delivery again that has ended.
    Retry {
        /// Its id.
        id: DeliveryId,
    },
    /// End a delivery that has not ended, or let those go on that wait for one which failed.
    Cancel {
        /// Its id.
        id: DeliveryId,
    },
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<Value>,
}

impl Delivery {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::List { filter, limit } => {
                let items = search::list(client, "/v1/deliveries", &filter.pairs(), limit).await?;
                if client.json {
                    return output::json(&items);
                }
                output::table(
                    &[
                        "id",
                        "created",
                        "event",
                        "ticket",
                        "subscription",
                        "state",
                        "tries",
                        "reason",
                    ],
                    items.iter().map(row),
                );
                Ok(())
            }
            Self::Export { filter, output } => {
                output.write(client, "deliveries", &filter.pairs()).await
            }
            Self::Show { id } => {
                let delivery: Value = client.get(&format!("/v1/deliveries/{id}")).await?;
                let path = format!("/v1/deliveries/{id}/attempts");
                let attempts = search::list(client, &path, &Vec::new(), usize::MAX).await?;
                if client.json {
                    let mut delivery = delivery;
                    delivery["attempts_made"] = attempts.into();
                    return output::json(&delivery);
                }
                let children: Listing =
                    client.get(&format!("/v1/deliveries?parent={id}&limit=500")).await?;
                let attempts: Vec<Attempt> = serde_json::from_value(attempts.into())?;
                show(&delivery, &attempts);
                show_children(&children.items);
                Ok(())
            }
            Self::Retry { id } => {
                client.run(Method::POST, &format!("/v1/deliveries/{id}/retry")).await
            }
            Self::Cancel { id } => {
                client.run(Method::POST, &format!("/v1/deliveries/{id}/cancel")).await
            }
        }
    }
}

fn row(delivery: &Value) -> Vec<String> {
    let text = |field: &str| delivery[field].as_str().unwrap_or_default().to_owned();
    let reason = match &delivery["status"] {
        Value::Null => text("reason"),
        status => format!("{status} {}", text("reason")),
    };
    vec![
        text("id"),
        text("created_at"),
        text("event_type"),
        ticket(delivery),
        text("subscription"),
        text("state"),
        delivery["attempts"].to_string(),
        output::short(reason.trim(), 60),
    ]
}

/// The number by which people know the ticket, or its id.
fn ticket(delivery: &Value) -> String {
    let found = ["ticket", "subject"].iter().find_map(|field| delivery[*field].as_str());
    found.unwrap_or_default().to_owned()
}

/// The journal's entry, in full.
fn show(delivery: &Value, attempts: &[Attempt]) {
    let text = |field: &str| delivery[field].as_str().unwrap_or_default();
    let tone = Tone::of("state", text("state")).unwrap_or(Tone::Head);
    println!("{} {}", text("id"), paint(tone, text("state")));
    output::facts([
        ("event", format!("{} {} from {}", text("event_id"), text("event_type"), text("source"))),
        ("subject", text("subject").to_owned()),
        ("ticket", text("ticket").to_owned()),
        ("subscription", text("subscription").to_owned()),
        ("digest", text("digest").to_owned()),
        ("parent", text("parent").to_owned()),
        ("connection", text("connection").to_owned()),
        ("follow-up", follow_up(&delivery["follow_up"])),
        ("created", text("created_at").to_owned()),
        ("next attempt", text("next_attempt_at").to_owned()),
        ("ended", text("finished_at").to_owned()),
        ("remote id", text("remote_id").to_owned()),
        ("reason", text("reason").to_owned()),
    ]);
    if let Ok(Some(call)) =
        serde_json::from_value::<Option<CallRecord>>(delivery["transform"].clone())
    {
        println!("  {:<13} {}", "transform", cost(&call));
        log(&call);
    }
    for attempt in attempts {
        show_attempt(attempt);
    }
}

/// What a delivery does because of its parent's answer.
fn follow_up(document: &Value) -> String {
    match serde_json::from_value::<FollowUp>(document.clone()) {
        Ok(FollowUp::SetField { field, value }) => format!("writes the field {field}: {value}"),
        Ok(FollowUp::AddComment { internal, text }) => {
            let kind = if internal { "an internal comment" } else { "a public comment" };
            format!("adds {kind}: {}", text)
        }
        Ok(FollowUp::Send(_)) => "sends a request".to_owned(),
        Err(_) => String::new(),
    }
}

/// The deliveries that the answers caused, oldest first.
fn show_children(children: &[Value]) {
    for child in children.iter().rev() {
        let text = |field: &str| child[field].as_str().unwrap_or_default();
        let reason = output::short(text("reason"), 60);
        println!();
        println!("caused {} {} {}", text("id"), text("state"), inert(&reason));
    }
}

fn show_attempt(attempt: &Attempt) {
    let timings = &attempt.timings;
    let parts = [
        ("token", timings.token_us),
        ("resolve", timings.resolve_us),
        ("connect", timings.connect_us),
        ("tls", timings.tls_us),
        ("headers", timings.headers_us),
        ("total", Some(timings.total_us)),
    ];
    let parts = parts
        .into_iter()
        .filter_map(|(name, micros)| Some(format!("{name} {}", milliseconds(micros?))));
    println!();
    println!(
        "attempt {} at {} (request {}; {})",
        attempt.number,
        attempt.started_at,
        attempt.position + 1,
        parts.collect::<Vec<_>>().join(", ")
    );
    if let Some(sent) = &attempt.sent {
        println!("  > {} {}", sent.method, inert(&sent.url.to_string()));
        for (name, value) in &sent.headers {
            println!("  > {}", inert(&format!("{name}: {value}")));
        }
        body("  > ", &sent.body);
    }
    if let Some(received) = &attempt.received {
        println!("  < {}", received.status);
        for (name, value) in &received.headers {
            println!("  < {}", inert(&format!("{name}: {value}")));
        }
        body("  < ", &received.body);
        if !received.complete {
            println!("  < (cut)");
        }
    }
    if let Some(call) = &attempt.judge {
        println!("  judge: {}", cost(call));
        log(call);
    }
    let result = match &attempt.result {
        AttemptResult::Delivered { note: None } => "delivered".to_owned(),
        AttemptResult::Delivered { note: Some(note) } => format!("delivered: {note}"),
        AttemptResult::Retry { reason, asked: None } => format!("to be tried again: {reason}"),
        AttemptResult::Retry { reason, asked: Some(asked) } => {
            format!("to be tried again after {} s: {reason}", asked.as_secs_f64())
        }
        AttemptResult::Failed { reason } => format!("failed: {reason}"),
        AttemptResult::Resend { reason } => format!("changed and sent again: {reason}"),
        AttemptResult::Unknown { reason } => format!("outcome unknown: {reason}"),
    };
    println!("  = {}", inert(&result).replace('\n', "\n    "));
    for note in &attempt.notes {
        println!("  note: {}", inert(note).replace('\n', "\n    "));
    }
}

fn body(prefix: &str, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    println!("{}", prefix.trim_end());
    match std::str::from_utf8(bytes) {
        Ok(text) => text.lines().for_each(|line| println!("{prefix}{}", inert(line))),
        Err(_) => println!("{prefix}({} bytes that are not text)", bytes.len()),
    }
}

/// What a call cost, for people.
pub(super) fn cost(call: &CallRecord) -> String {
    let CallRecord { fuel, micros, memory_bytes, .. } = call;
    format!("{fuel} fuel, {}, {} KiB", milliseconds(*micros), memory_bytes >> 10)
}

/// What a call said.
pub(super) fn log(call: &CallRecord) {
    for line in &call.logs {
        println!("    {:?}: {}", line.level, inert(&line.message));
    }
    if call.logs_dropped > 0 {
        println!("    ({} more lines were dropped)", call.logs_dropped);
    }
    for line in call.stderr.lines() {
        println!("    stderr: {}", inert(line));
    }
}

fn milliseconds(micros: u64) -> String {
    format!("{}.{:03} ms", micros / 1_000, micros % 1_000)
}
