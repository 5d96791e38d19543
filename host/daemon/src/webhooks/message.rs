//! What went wrong, also in the words that clients of R-Service read: problem details have
//! `message` besides.

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::{Map, Value};

use crate::server::problem::Problem;

/// More than the problems of a document that is taken.
const MAX_PROBLEM: usize = 8 << 20;

/// Where clients of R-Service ask.
const PLACES: [&str; 2] = ["/webhooks", "/webhook_policies"];

/// Adds it to an answer that is a problem, also where there is nothing or another method is taken.
pub(crate) async fn add(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/problem+json") {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_PROBLEM).await else {
        return Problem::unavailable("what is wrong could not be said").into_response();
    };
    let body = with_message(&bytes).unwrap_or_else(|| bytes.to_vec());
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(body))
}

/// Whether clients of R-Service ask there.
pub(crate) fn is_theirs(path: &str) -> bool {
    let rest = PLACES.iter().find_map(|place| path.strip_prefix(place));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn with_message(problem: &[u8]) -> Option<Vec<u8>> {
    let mut problem: Map<String, Value> = serde_json::from_slice(problem).ok()?;
    let wrong: Vec<_> =
        problem.get("errors").and_then(Value::as_array).map_or_else(Vec::new, |errors| {
            let text = |error: &Value, field: &str| {
                error.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let line = |error| (text(error, "pointer"), text(error, "detail"));
            errors.iter().map(line).collect()
        });
    let message = if wrong.is_empty() {
        problem.get("detail")?.as_str()?.to_owned()
    } else {
        let line = |(pointer, detail): &(String, String)| match pointer.trim_start_matches('/') {
            "" => detail.clone(),
            field => format!("{field}: {detail}"),
        };
        wrong.iter().map(line).collect::<Vec<_>>().join("; ")
    };
    problem.insert("message".to_owned(), message.into());
    serde_json::to_vec(&problem).ok()
}
