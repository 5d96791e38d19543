//! `hookwright subscription dry-run`: what would be sent.

use hookwright_model::{Digest, EventId, Name};
use serde_json::{Value, json};

use super::client::Client;
use super::output;
use super::paint::inert;

pub(super) async fn show(
    client: &Client,
    name: &Name,
    event: EventId,
    digest: Option<Digest>,
) -> anyhow::Result<()> {
    let wanted = json!({ "event": event, "digest": digest });
    let run: Value = client.post(&format!("/v1/subscriptions/{name}/dry-run"), &wanted).await?;
    if client.json {
        return output::json(&run);
    }
    let text = |value: &Value| inert(value.as_str().unwrap_or_default()).into_owned();
    let taken = if run["routing"]["taken"] == true { "takes" } else { "does not take" };
    println!("`{name}` {taken} the event: {}", text(&run["routing"]["detail"]));
    if let Some(reason) = run["reason"].as_str() {
        println!("{}: {}", text(&run["outcome"]), inert(reason));
    }
    for request in run["requests"].as_array().into_iter().flatten() {
        println!("\n{} {}", text(&request["method"]), text(&request["url"]));
        for header in request["headers"].as_array().into_iter().flatten() {
            println!("{}: {}", text(&header[0]), text(&header[1]));
        }
        let body = &request["body"];
        println!("\n{}", inert(&body.as_str().map_or_else(|| body.to_string(), str::to_owned)));
    }
    if let Some(call) = run["call"].as_object() {
        let log = call.get("logs").and_then(Value::as_array);
        for line in log.into_iter().flatten() {
            println!("{}: {}", text(&line["level"]), text(&line["message"]));
        }
        println!("\nfuel {}, {} microseconds", call["fuel"], call["micros"]);
    }
    Ok(())
}
