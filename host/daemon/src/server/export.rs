//! `/v1/export`: the journal as JSON Lines. What is written is read while it is written, a little
//! at a time: an export of everything needs no more memory than one of little, and holds up
//! nobody.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hookwright_model::{Attempt, CallRecord, Digest, Event, FollowUp, Request};
use hookwright_store::{DeliverySummary, Entry, EventHead, Page, StoreError};
use http::{HeaderValue, header};
use hyper::body::{Body, Frame};
use serde::Serialize;
use tokio::sync::mpsc;

use super::problem::Problem;
use super::query::{self, Asked, DeliveryQuery, EventQuery};
use crate::app::App;

/// Deliveries whose ids are read together. Each is then read by itself, with all that was sent.
const DELIVERIES: usize = 100;
/// Events that are read together, with their bodies.
const EVENTS: usize = 10;
/// Lines are sent when they are so many bytes.
const CHUNK: usize = 64 << 10;
/// What is read ahead of a slow client, in chunks.
const AHEAD: usize = 2;

/// A delivery with its event, its requests and its attempts.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ExportedDelivery)]
struct Line {
    #[serde(flatten)]
    summary: DeliverySummary,
    remote_id: Option<String>,
    follow_up: Option<FollowUp>,
    digest: Option<Digest>,
    position: u32,
    requests: Option<Vec<Arc<Request>>>,
    transform: Option<CallRecord>,
    event: EventHead,
    attempts_made: Vec<Attempt>,
}

impl From<Entry> for Line {
    fn from(Entry { delivery, summary, event, attempts }: Entry) -> Self {
        Self {
            summary,
            remote_id: delivery.remote_id,
            follow_up: delivery.follow_up,
            digest: delivery.digest,
            position: delivery.position,
            requests: delivery.requests,
            transform: delivery.transform,
            event,
            attempts_made: attempts,
        }
    }
}

/// Gives all deliveries that fit, newest first, as JSON Lines.
#[utoipa::path(
    get, path = "/v1/export/deliveries",
    params(query::DeliveryQuery),
    responses((status = 200, body = Line, content_type = "application/x-ndjson"),
        (status = 404)),
)]
pub(super) async fn deliveries(
    State(app): State<Arc<App>>,
    asked: Asked<DeliveryQuery>,
) -> Result<Response, Problem> {
    let search = query::deliveries(&app, asked)?;
    no_limit(search.limit)?;
    Ok(stream(|mut lines| async move {
        let mut page = Page { limit: DELIVERIES, ..search.page };
        loop {
            let found = app.store.find_deliveries(search.filter.clone(), page).await?;
            for delivery in found.items {
                match app.store.entry(delivery.id).await {
                    Ok(entry) => lines.add(&Line::from(entry)).await?,
                    // It was let go of meanwhile.
                    Err(StoreError::NotFound(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            lines.send().await?;
            if found.next.is_none() {
                return Ok(());
            }
            page.before = found.next;
        }
    }))
}

/// Gives all events that fit, newest first, as JSON Lines.
#[utoipa::path(
    get, path = "/v1/export/events",
    params(query::EventQuery),
    responses((status = 200, body = Event, content_type = "application/x-ndjson")),
)]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    asked: Asked<EventQuery>,
) -> Result<Response, Problem> {
    let search = query::events(asked)?;
    no_limit(search.limit)?;
    Ok(stream(|mut lines| async move {
        let mut page = Page { limit: EVENTS, ..search.page };
        loop {
            let found = app.store.find_events(search.filter.clone(), page).await?;
            for event in &found.items {
                lines.add(event).await?;
            }
            lines.send().await?;
            if found.next.is_none() {
                return Ok(());
            }
            page.before = found.next;
        }
    }))
}

fn no_limit(limit: Option<usize>) -> Result<(), Problem> {
    let told = "limit: an export has no pages; `since` and `until` bound it";
    limit.map_or(Ok(()), |_| Err(Problem::bad_request(told)))
}

/// Why an export ends early.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the client has gone")]
    Gone,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a line cannot be written: {0}")]
    Line(#[from] serde_json::Error),
}

/// An answer that is written by a task of its own. If it ends early, so does the connection,
/// without the mark that an answer is complete.
fn stream<W>(write: impl FnOnce(Lines) -> W) -> Response
where
    W: Future<Output = Result<(), Ended>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(AHEAD);
    let written = write(Lines { sender: sender.clone(), unsent: Vec::new() });
    tokio::spawn(async move {
        match written.await {
            Ok(()) => {}
            Err(Ended::Gone) => tracing::debug!("an export's client has gone"),
            Err(error) => {
                tracing::error!(%error, "an export broke off");
                drop(sender.send(Err(error)).await);
            }
        }
    });
    let kind = HeaderValue::from_static("application/x-ndjson");
    let body = axum::body::Body::new(Written { receiver });
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// Lines on their way to a client.
struct Lines {
    sender: mpsc::Sender<Result<Bytes, Ended>>,
    unsent: Vec<u8>,
}

impl Lines {
    /// Adds a line. Waits while the client is slow.
    async fn add(&mut self, line: &impl Serialize) -> Result<(), Ended> {
        let start = self.unsent.len();
        serde_json::to_writer(&mut self.unsent, line)?;
        // An event's body is kept as it was written, maybe in several lines. Within texts there
        // are no line breaks in JSON.
        for byte in &mut self.unsent[start..] {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        self.unsent.push(b'\n');
        if self.unsent.len() >= CHUNK { self.send().await } else { Ok(()) }
    }

    /// Sends what was added. Notices that the client has gone also if that is nothing.
    async fn send(&mut self) -> Result<(), Ended> {
        if self.sender.is_closed() {
            return Err(Ended::Gone);
        }
        if self.unsent.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::take(&mut self.unsent).into();
        self.sender.send(Ok(chunk)).await.map_err(|_| Ended::Gone)
    }
}

/// What was written, as an answer's body.
struct Written {
    receiver: mpsc::Receiver<Result<Bytes, Ended>>,
}

impl Body for Written {
    type Data = Bytes;
    type Error = Ended;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Ended>>> {
        self.receiver.poll_recv(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}
