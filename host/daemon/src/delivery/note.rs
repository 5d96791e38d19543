//! What is written down of an attempt, and what follows from its answer.

use std::sync::Arc;

use bytes::Bytes;
use hookwright_model::{
    Attempt, AttemptId, AttemptResult, CallRecord, Delivery, FollowUp, Name, Received, Sent,
    Timestamp, Timings, Verdict,
};

use super::client::{Answer, MAX_ANSWER};
use super::fill::Filled;

/// What an attempt was, before its delivery is moved on.
pub(super) struct Tried {
    pub(super) started_at: Timestamp,
    pub(super) sent: Option<Sent>,
    pub(super) received: Option<Received>,
    pub(super) timings: Timings,
    pub(super) record: Option<CallRecord>,
}

impl Tried {
    pub(super) fn into_attempt(self, delivery: &Delivery, result: AttemptResult) -> Attempt {
        Attempt {
            id: AttemptId::new(),
            delivery_id: delivery.id,
            number: delivery.attempts,
            position: delivery.position,
            revision: delivery.resends,
            started_at: self.started_at,
            sent: self.sent,
            received: self.received,
            timings: self.timings,
            result,
            judge: self.record,
            notes: Vec::new(),
        }
    }
}

/// The answer without secrets.
pub(super) fn scrubbed(filled: &Filled, answer: &Answer) -> Received {
    let scrubber = &filled.scrubber;
    let headers = answer.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), scrubber.text(&value))
    });
    let mut body = Bytes::from(scrubber.bytes(&answer.body).into_owned());
    // It was read a little further than it is kept, for the scrubber's sake.
    let complete = answer.complete && body.len() <= MAX_ANSWER;
    body.truncate(MAX_ANSWER);
    Received { status: answer.status, headers: headers.collect(), body, complete }
}

pub(super) fn result_of(verdict: &Verdict) -> AttemptResult {
    match verdict {
        Verdict::Delivered { note, .. } => AttemptResult::Delivered { note: note.clone() },
        Verdict::Failed { reason } => AttemptResult::Failed { reason: reason.clone() },
        Verdict::Resend { reason, .. } => AttemptResult::Resend { reason: reason.clone() },
        Verdict::Unknown { reason } => AttemptResult::Unknown { reason: reason.clone() },
        Verdict::Retry { reason, not_before, .. } => {
            AttemptResult::Retry { reason: reason.clone(), asked: *not_before }
        }
    }
}

/// A delivery of its own, a child of this one. What writes back goes through the connection.
pub(super) fn child(
    delivery: &Delivery,
    follow_up: FollowUp,
    connection: Option<&Name>,
) -> Delivery {
    let (requests, digest) = match &follow_up {
        FollowUp::Send(request) => (Some(vec![Arc::new(request.clone())]), delivery.digest),
        FollowUp::SetField { .. } | FollowUp::AddComment { .. } => (None, None),
    };
    Delivery {
        parent: Some(delivery.id),
        connection: connection.filter(|_| follow_up.writes_back()).cloned(),
        follow_up: Some(follow_up),
        requests,
        digest,
        ..Delivery::new(delivery.event_id, delivery.subscription_id, Timestamp::now())
    }
}
