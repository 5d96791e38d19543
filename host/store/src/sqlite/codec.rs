//! How things of the model lie in rows.

use std::borrow::Cow;

use bytes::Bytes;
use hookwright_model::request::{Part, Template};
use hookwright_model::{
    Attempt, AttemptResult, CallRecord, DeliveryState, Received, Request, Sent, Timings,
};
use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::pack::{pack, unpack};
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
        DeliveryState::Unknown => 6,
    }
}

pub(super) fn state_of(number: i64) -> Result<DeliveryState> {
    let found = DeliveryState::ALL.into_iter().find(|state| state_number(*state) == number);
    found.ok_or_else(|| StoreError::damaged("a delivery's state", number))
}

/// A column of 16 bytes.
#[derive(Clone, Copy)]
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
struct Head<'a> {
    method: Cow<'a, str>,
    url: Cow<'a, Template>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    headers: Cow<'a, [(String, Template)]>,
    body: Body<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body<'a> {
    None,
    Text,
    Bytes,
    Parts(Cow<'a, Template>),
}

/// The head, and the body packed.
pub(super) fn request_to_row(request: &Request) -> Result<(String, Vec<u8>)> {
    let (body, plain): (_, &[u8]) = match request.body.0.as_slice() {
        [] => (Body::None, &[]),
        [Part::Text(text)] => (Body::Text, text.as_bytes()),
        [Part::Bytes(bytes)] => (Body::Bytes, bytes),
        _ => (Body::Parts(Cow::Borrowed(&request.body)), &[]),
    };
    let head = Head {
        method: Cow::Borrowed(&request.method),
        url: Cow::Borrowed(&request.url),
        headers: Cow::Borrowed(&request.headers),
        body,
    };
    Ok((to_json(&head)?, pack(plain)))
}

pub(super) fn request_from_row(head: &str, packed: &[u8]) -> Result<Request> {
    let Head { method, url, headers, body } = from_json("a request", head)?;
    let plain = || unpack(packed).map(Cow::into_owned);
    let body = match body {
        Body::None => Template::default(),
        Body::Text => Template::text(
            String::from_utf8(plain()?).map_err(|error| StoreError::damaged("a request", error))?,
        ),
        Body::Bytes => Template(vec![Part::Bytes(plain()?)]),
        Body::Parts(template) => template.into_owned(),
    };
    let (method, url) = (method.into_owned(), url.into_owned());
    Ok(Request { method, url, headers: headers.into_owned(), body })
}

/// An attempt but for its bodies and the columns that are searched.
#[derive(Serialize, Deserialize)]
struct Detail<'a> {
    position: u32,
    revision: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<SentHead<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received: Option<ReceivedHead<'a>>,
    timings: Timings,
    result: Cow<'a, AttemptResult>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    judge: Option<Cow<'a, CallRecord>>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    notes: Cow<'a, [String]>,
}

#[derive(Serialize, Deserialize)]
struct SentHead<'a> {
    method: Cow<'a, str>,
    url: Cow<'a, str>,
    headers: Cow<'a, [(String, String)]>,
}

#[derive(Serialize, Deserialize)]
struct ReceivedHead<'a> {
    headers: Cow<'a, [(String, String)]>,
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
        method: Cow::Borrowed(&sent.method),
        url: Cow::Borrowed(&sent.url),
        headers: Cow::Borrowed(&sent.headers),
    });
    let received = attempt.received.as_ref().map(|received| ReceivedHead {
        headers: Cow::Borrowed(&received.headers),
        complete: received.complete,
    });
    let detail = Detail {
        position: attempt.position,
        revision: attempt.revision,
        sent,
        received,
        timings: attempt.timings,
        result: Cow::Borrowed(&attempt.result),
        judge: attempt.judge.as_ref().map(Cow::Borrowed),
        notes: Cow::Borrowed(&attempt.notes),
    };
    let sent_body = attempt.sent.as_ref().filter(|_| !same_body).map(|sent| pack(&sent.body));
    let received_body = attempt.received.as_ref().map(|received| pack(&received.body));
    Ok(AttemptRow { detail: to_json(&detail)?, sent_body, received_body })
}

fn unpacked(stored: Option<Vec<u8>>) -> Result<Option<Bytes>> {
    stored.map(|stored| Ok(Bytes::from(unpack(&stored)?.into_owned()))).transpose()
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
    let detail: Detail<'_> = from_json("an attempt", &row.detail)?;
    let Detail { position, revision, timings, result, judge, notes, .. } = detail;
    let sent_body = unpacked(row.sent_body)?;
    let received_body = unpacked(row.received_body)?.unwrap_or_default();
    let sent = detail.sent.map(|SentHead { method, url, headers }| Sent {
        method: method.into_owned(),
        url: url.into_owned(),
        headers: headers.into_owned(),
        body: sent_body
            .or_else(|| stored_body(position, revision).map(Bytes::from))
            .unwrap_or_default(),
    });
    let received = detail.received.map(|ReceivedHead { headers, complete }| Received {
        status: status.unwrap_or(0),
        headers: headers.into_owned(),
        body: received_body,
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
        result: result.into_owned(),
        judge: judge.map(Cow::into_owned),
        notes: notes.into_owned(),
    })
}
