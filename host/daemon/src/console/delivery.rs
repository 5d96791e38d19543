//! `/console/deliveries/{id}`: one delivery, what was sent and what came back.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::{
    Attempt, AttemptResult, DeliveryId, DeliveryState, Received, Sent, Timestamp, Timings,
};
use hookwright_store::{DeliveryFilter, Page};
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::access::Routes;
use super::body::{Shown, download, indented};
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::for_console;
use crate::server::problem::Problem;

/// The most children that are listed; the search has all.
const MAX_CHILDREN: usize = 50;
/// The most attempts that are shown in full: the last ones.
const MAX_ATTEMPTS: usize = 50;

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/deliveries/{id}", get(show))
        .reading("/console/deliveries/{id}/attempts/{number}/{part}", get(part))
        .operating("/console/deliveries/{id}/retry", post(retry))
        .operating("/console/deliveries/{id}/cancel", post(cancel))
}

/// An id in a path: what is none is not there.
pub(super) fn id<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found("there is nothing with this id"))
}

#[derive(Serialize)]
struct AttemptShown<'a> {
    number: u32,
    position: u32,
    revision: u32,
    started_at: Timestamp,
    sent: Option<SentShown<'a>>,
    received: Option<ReceivedShown<'a>>,
    phases: Vec<(&'static str, u64)>,
    total_us: u64,
    #[serde(flatten)]
    result: &'a AttemptResult,
    judge: Option<&'a hookwright_model::CallRecord>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct SentShown<'a> {
    method: &'a str,
    url: &'a str,
    headers: &'a [(String, String)],
    body: Shown,
}

#[derive(Serialize)]
struct ReceivedShown<'a> {
    status: u16,
    headers: &'a [(String, String)],
    body: Shown,
    complete: bool,
}

impl<'a> AttemptShown<'a> {
    fn of(attempt: &'a Attempt) -> Self {
        let sent = |sent: &'a Sent| SentShown {
            method: &sent.method,
            url: &sent.url,
            headers: &sent.headers,
            body: Shown::of(&sent.body),
        };
        let received = |received: &'a Received| ReceivedShown {
            status: received.status,
            headers: &received.headers,
            body: Shown::of(&received.body),
            complete: received.complete,
        };
        Self {
            number: attempt.number,
            position: attempt.position,
            revision: attempt.revision,
            started_at: attempt.started_at,
            sent: attempt.sent.as_ref().map(sent),
            received: attempt.received.as_ref().map(received),
            phases: phases(attempt.timings),
            total_us: attempt.timings.total_us,
            result: &attempt.result,
            judge: attempt.judge.as_ref(),
            notes: &attempt.notes,
        }
    }
}

/// Where the time went, one after the other. What is left of the time until the headers is that
/// of sending and waiting.
fn phases(timings: Timings) -> Vec<(&'static str, u64)> {
    let Timings { token_us, resolve_us, connect_us, tls_us, headers_us, total_us } = timings;
    let before = [token_us, resolve_us, connect_us, tls_us];
    let before: u64 = before.into_iter().flatten().fold(0, u64::saturating_add);
    let waiting = headers_us.map(|until| until.saturating_sub(before));
    let reading = headers_us.map(|until| total_us.saturating_sub(until));
    let all = [
        ("token", token_us),
        ("resolve", resolve_us),
        ("connect", connect_us),
        ("tls", tls_us),
        ("wait", waiting),
        ("read", reading),
    ];
    all.into_iter().filter_map(|(phase, micros)| Some((phase, micros?))).collect()
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let id: DeliveryId = id(&text)?;
    let entry = app.store.entry(id).await?;
    let caused = DeliveryFilter { parent: Some(id), ..DeliveryFilter::default() };
    let page = Page { before: None, limit: MAX_CHILDREN };
    let children = app.store.find_deliveries(caused, page).await?;
    let left_out = entry.attempts.len().saturating_sub(MAX_ATTEMPTS);
    let attempts: Vec<_> = entry.attempts.iter().skip(left_out).map(AttemptShown::of).collect();
    let delivery = &entry.delivery;
    let requests = delivery.requests.as_ref().and_then(|all| serde_json::to_string(all).ok());
    // One that waits for it is held up though it has failed.
    let is_final = delivery.state.is_final();
    let may_cancel = !is_final
        || matches!(delivery.state, DeliveryState::Failed | DeliveryState::Unknown)
            && delivery.lane.is_some();
    Ok(visit.page(
        "delivery.html",
        context! {
            delivery => Serde(&entry.summary),
            event => Serde(&entry.event),
            remote_id => delivery.remote_id.as_deref(),
            digest => delivery.digest.map(|digest| digest.short()),
            follow_up => delivery.follow_up.as_ref().and_then(|what| serde_json::to_string(what).ok()).as_deref().map(indented),
            transform => Serde(&delivery.transform),
            requests => requests.as_deref().map(indented).map(|text| Serde(Shown::of(text.as_bytes()))),
            request_count => delivery.requests.as_ref().map(Vec::len),
            position => delivery.position,
            attempts => Serde(attempts),
            left_out,
            children => Serde(&children.items),
            more_children => children.next.is_some(),
            is_final,
            may_cancel,
        },
    ))
}

/// A body as a whole.
async fn part(
    State(app): State<Arc<App>>,
    Path((text, number, part)): Path<(String, u32, String)>,
) -> Result<Response, Refusal> {
    let id: DeliveryId = id(&text)?;
    let attempts = app.store.attempts(id).await?;
    let attempt = attempts.into_iter().find(|attempt| attempt.number == number);
    let body = attempt.and_then(|attempt| match part.as_str() {
        "request" => attempt.sent.map(|sent| sent.body),
        "answer" => attempt.received.map(|received| received.body),
        _ => None,
    });
    let body = body.ok_or_else(|| Problem::not_found("there is no such body"))?;
    Ok(download(&format!("{id}-{number}-{part}"), body))
}

async fn retry(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let id: DeliveryId = id(&text)?;
    for_console::retry(app, visit.actor()?, id).await?;
    Ok(visit.done(&format!("/console/deliveries/{id}"), "note-retried", ""))
}

async fn cancel(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let id: DeliveryId = id(&text)?;
    for_console::cancel(app, visit.actor()?, id).await?;
    Ok(visit.done(&format!("/console/deliveries/{id}"), "note-canceled", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_add_up_to_the_whole() {
        let timings = Timings {
            token_us: None,
            resolve_us: Some(10),
            connect_us: Some(20),
            tls_us: Some(30),
            headers_us: Some(100),
            total_us: 130,
        };
        let phases_ = phases(timings);
        let names: Vec<_> = phases_.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["resolve", "connect", "tls", "wait", "read"]);
        assert_eq!(phases_.iter().map(|(_, micros)| micros).sum::<u64>(), 130);
        assert!(phases(Timings { total_us: 5, ..Timings::default() }).is_empty());
    }
}
