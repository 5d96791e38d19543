//! The payload: `type`, `timestamp` and `data`, and beside them what else the envelope says.

use hookwright_sdk::Event;
use hookwright_sdk::serde_json::{self, Value};
use hookwright_sdk::time::rfc3339;
use serde::de::IgnoredAny;

/// The payload as compact JSON.
///
/// The data is spliced in as it is, so that its keys stay in order and its numbers keep all
/// their digits.
///
/// # Errors
/// When the event's data is not JSON.
pub(crate) fn of(event: &Event) -> Result<String, String> {
    serde_json::from_str::<IgnoredAny>(&event.data)
        .map_err(|error| format!("the data of the event is not JSON: {error}"))?;
    let string = |text: &str| Value::from(text).to_string();
    let mut out = String::with_capacity(event.data.len() + 300);
    let mut member = |name: &str, value: &str| {
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&format!("\"{name}\":"));
        out.push_str(value);
    };
    member("type", &string(&event.event_type));
    member("timestamp", &string(&rfc3339(event.occurred_at)));
    // The specification leaves it open where more of an envelope goes. Beside the data it
    // cannot be taken for a field of the ticket.
    member("id", &string(&event.id));
    member("source", &string(&event.source));
    if let Some(subject) = &event.subject {
        member("subject", &string(subject));
    }
    member("data", &compact(&event.data));
    out.push('}');
    Ok(out)
}

/// Valid JSON without the white space between its tokens.
fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            in_string = c == '"';
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_and_the_rest_stays() {
        for (json, expected) in [
            (" { \"b\" : [ 1 , true ] ,\r\n\t\"a\" : 1.50 } ", r#"{"b":[1,true],"a":1.50}"#),
            (r#"{"a b" : " c "}"#, r#"{"a b":" c "}"#),
            (r#"["\" \\", " \\\" "]"#, r#"["\" \\"," \\\" "]"#),
            ("[10000000000000000000000 ]", "[10000000000000000000000]"),
            (r#"["\ud800 \u2028", "\/"]"#, r#"["\ud800 \u2028","\/"]"#),
            (" null ", "null"),
        ] {
            assert_eq!(compact(json), expected);
        }
    }
}
