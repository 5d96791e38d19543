//! What an event is known by, so that a repeated post makes nothing twice.

use std::time::Duration;

use hookwright_model::{Digest, Event, Original, Source};
use hookwright_store::Once;

use super::Posted;

/// How long an id of the helpdesk's own stands for its event. Longer than any helpdesk tries
/// to deliver: EddyDesk and Standard Webhooks give up within days.
const ID_HOLDS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a post as a whole is known by; events may have ids of their own.
pub(super) enum PostKey<'a> {
    /// An id that whoever posts gave it.
    Id(Vec<u8>),
    /// What was posted, byte for byte, for so long.
    Content(&'a Posted, Duration),
    /// Nothing: it is never a repetition.
    None,
}

impl<'a> PostKey<'a> {
    /// The verified token's id if there is one, else the header `Idempotency-Key`, else all of
    /// it within the source's window.
    pub(super) fn of(posted: &'a Posted, source: &Source) -> Self {
        let header = posted.original.header("idempotency-key");
        let id = posted.token_id.as_deref().map(str::as_bytes).or(header);
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            return Self::Id(id.to_vec());
        }
        match Duration::from_secs(source.repeat_window_s.into()) {
            Duration::ZERO => Self::None,
            window => Self::Content(posted, window),
        }
    }

    /// What the event at this position of the post is known by.
    pub(super) fn once(&self, event: &Event, position: usize) -> Option<Once> {
        if let Some(once) = by_own_id(event) {
            return Some(once);
        }
        let (key, holds) = match self {
            Self::Id(id) => (parts(&[b"post", id, &position.to_le_bytes()]), ID_HOLDS),
            Self::Content(posted, window) => {
                let digest = content(posted);
                (parts(&[b"content", digest.as_bytes(), &position.to_le_bytes()]), *window)
            }
            Self::None => return None,
        };
        Some(Once { key, until: event.received_at.after(holds) })
    }
}

/// By the id that the helpdesk, or the CloudEvent, gave the event.
pub(super) fn by_own_id(event: &Event) -> Option<Once> {
    let id = event.dedupe_key.as_deref().filter(|id| !id.is_empty())?;
    let key = parts(&[b"event", id.as_bytes()]);
    Some(Once { key, until: event.received_at.after(ID_HOLDS) })
}

fn content(posted: &Posted) -> Digest {
    let Original { body, .. } = &*posted.original;
    let mut all = vec![posted.method.as_bytes(), body];
    for (name, value) in &posted.query {
        all.extend([name.as_bytes(), value.as_bytes()]);
    }
    parts(&all)
}

/// Of several things, each with its length, so that nothing can pass for something else.
fn parts(parts: &[&[u8]]) -> Digest {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&part.len().to_le_bytes());
        all.extend_from_slice(part);
    }
    Digest::of(&all)
}
