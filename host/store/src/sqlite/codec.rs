//! How things of the model lie in rows.

use bytes::Bytes;
use hookwright_model::request::{Part, Template};
use hookwright_model::{
    Attempt, AttemptResult, CallRecord, DeliveryState, Received, Request, Sent, Timings,
};
use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Result, StoreError};

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Other(error.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| StoreError::damaged(what, error))
}

pub(super) fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
    what: &str,
    text: &str,
) -> Result<T> {
    text.parse().map_err(|error| StoreError::damaged(what, error))
}

pub(super) fn state_number(state: DeliveryState) -> i64 {
    match state {
        DeliveryState::Pending => 0,
        DeliveryState::Running => 1,
        DeliveryState::Delivered => 2,
        DeliveryState::Failed => 3,
        DeliveryState::Skipped => 4,
        DeliveryState::Canceled => 5,
    }
}

pub(super) fn state_of(number: i64) -> Result<DeliveryState> {
    let found = DeliveryState::ALL.into_iter().find(|state| state_number(*state) == number);
    found.ok_or_else(|| StoreError::damaged("a delivery's state", number))
}

/// A column of 16 bytes.
pub(super) struct Id(pub(super) Uuid);

impl rusqlite::types::FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        let uuid = Uuid::from_slice(bytes);
        uuid.map(Self).map_err(|error| rusqlite::types::FromSqlError::Other(Box::new(error)))
    }
}

impl rusqlite::types::ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.0.as_bytes().as_slice().into())
    }
}

/// A request but for its body, which lies in a column of its own where it is plain: most of a
/// row is then stored as it is sent, and not as JSON in JSON.
#[derive(Serialize, Deserialize)]
struct Head {
    method: String,
    url: Template,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, Template)>,
    body: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    None,
    Text,
    Bytes,
    Parts(Template),
}

pub(super) fn request_to_row(request: &Request) -> Result<(String, Vec<u8>)> {
    let (body, plain) = match request.body.0.as_slice() {
        [] => (Body::None, Vec::new()),
        [Part::Text(text)] => (Body::Text, text.clone().into_bytes()),
        [Part::Bytes(bytes)] => (Body::Bytes, bytes.clone()),
        _ => (Body::Parts(request.body.clone()), Vec::new()),
    };
    let Request { method, url, headers, .. } = request.clone();
    Ok((to_json(&Head { method, url, headers, body })?, plain))
}

pub(super) fn request_from_row(head: &str, plain: Vec<u8>) -> Result<Request> {
    let Head { method, url, headers, body } = from_json("a request", head)?;
    let body = match body {
        Body::None => Template::default(),
        Body::Text => Template::text(
            String::from_utf8(plain).map_err(|error| StoreError::damaged("a request", error))?,
        ),
        Body::Bytes => Template(vec![Part::Bytes(plain)]),
        Body::Parts(template) => template,
    };
    Ok(Request { method, url, headers, body })
}

/// An attempt but for its bodies and the columns that are searched.
#[derive(Serialize, Deserialize)]
struct Detail {
    position: u32,
    revision: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<SentHead>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received: Option<ReceivedHead>,
    timings: Timings,
    result: AttemptResult,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    judge: Option<CallRecord>,
}

#[derive(Serialize, Deserialize)]
struct SentHead {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct ReceivedHead {
    headers: Vec<(String, String)>,
    complete: bool,
}

/// The columns of an attempt that hold more than a number.
pub(super) struct AttemptRow {
    pub(super) detail: String,
    pub(super) sent_body: Option<Vec<u8>>,
    pub(super) received_body: Option<Vec<u8>>,
}

/// `same_body` says that what was sent is the body of the request as it is stored.
pub(super) fn attempt_to_row(attempt: &Attempt, same_body: bool) -> Result<AttemptRow> {
    let sent = attempt.sent.as_ref().map(|sent| SentHead {
        method: sent.method.clone(),
        url: sent.url.clone(),
        headers: sent.headers.clone(),
    });
    let received = attempt.received.as_ref().map(|received| ReceivedHead {
        headers: received.headers.clone(),
        complete: received.complete,
    });
    let detail = Detail {
        position: attempt.position,
        revision: attempt.revision,
        sent,
        received,
        timings: attempt.timings,
        result: attempt.result.clone(),
        judge: attempt.judge.clone(),
    };
    let sent_body = attempt.sent.as_ref().filter(|_| !same_body).map(|sent| sent.body.to_vec());
    let received_body = attempt.received.as_ref().map(|received| received.body.to_vec());
    Ok(AttemptRow { detail: to_json(&detail)?, sent_body, received_body })
}

/// `stored_body` gives the body of a request by position and revision.
pub(super) fn attempt_from_row(
    (id, delivery_id, number, started_at, status): (
        hookwright_model::AttemptId,
        hookwright_model::DeliveryId,
        u32,
        hookwright_model::Timestamp,
        Option<u16>,
    ),
    row: AttemptRow,
    stored_body: impl FnOnce(u32, u32) -> Option<Vec<u8>>,
) -> Result<Attempt> {
    let detail: Detail = from_json("an attempt", &row.detail)?;
    let Detail { position, revision, timings, result, judge, .. } = detail;
    let body = |body: Option<Vec<u8>>| Bytes::from(body.unwrap_or_default());
    let sent = detail.sent.map(|SentHead { method, url, headers }| Sent {
        method,
        url,
        headers,
        body: body(row.sent_body.or_else(|| stored_body(position, revision))),
    });
    let received = detail.received.map(|ReceivedHead { headers, complete }| Received {
        status: status.unwrap_or(0),
        headers,
        body: body(row.received_body),
        complete,
    });
    Ok(Attempt {
        id,
        delivery_id,
        number,
        position,
        revision,
        started_at,
        sent,
        received,
        timings,
        result,
        judge,
    })
}
