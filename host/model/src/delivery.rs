//! One event on its way to one subscription.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    AttemptId, CallRecord, DeliveryId, Digest, EventId, FollowUp, Lane, Name, Request,
    SubscriptionId, Timestamp,
};

/// One event for one subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The same on every retry.
    pub id: DeliveryId,
    /// What happened.
    pub event_id: EventId,
    /// Who wants to know.
    pub subscription_id: SubscriptionId,
    /// The delivery whose answer caused this one.
    pub parent: Option<DeliveryId>,
    /// What this one is to do, if it was caused by an answer.
    pub follow_up: Option<FollowUp>,
    /// The connection through which it writes back, once that is known.
    #[serde(default)]
    pub connection: Option<Name>,
    /// Behind which others it stands, if its subscription keeps an order.
    #[serde(default)]
    pub lane: Option<Lane>,
    /// How far it is.
    pub state: DeliveryState,
    /// The requests as the plugin asked for them, secrets unresolved; none before the plugin
    /// has been called.
    pub requests: Option<Vec<Arc<Request>>>,
    /// The version of the plugin that made them.
    pub digest: Option<Digest>,
    /// The position of the request that is sent next.
    pub position: u32,
    /// How often the request at `position` was changed because of an answer.
    pub resends: u32,
    /// Tries that count, of the request at `position`.
    pub counted: u32,
    /// When the request at `position` was first tried, if it was.
    pub tried_since: Option<Timestamp>,
    /// Tries of all requests in all.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is tried next; none when it has ended.
    pub next_attempt_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it is in this state: the last failure, the reason it was skipped.
    pub reason: Option<String>,
    /// The id of what was created on the other side.
    pub remote_id: Option<String>,
    /// What the plugin's call cost and said.
    pub transform: Option<CallRecord>,
}

impl Delivery {
    /// A delivery that is yet to be tried.
    #[must_use]
    pub fn new(event_id: EventId, subscription_id: SubscriptionId, now: Timestamp) -> Self {
        Self {
            id: DeliveryId::new(),
            event_id,
            subscription_id,
            parent: None,
            follow_up: None,
            connection: None,
            lane: None,
            state: DeliveryState::Pending,
            requests: None,
            digest: None,
            position: 0,
            resends: 0,
            counted: 0,
            tried_since: None,
            attempts: 0,
            created_at: now,
            next_attempt_at: Some(now),
            finished_at: None,
            reason: None,
            remote_id: None,
            transform: None,
        }
    }
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its next attempt.
    Pending,
    /// Is being worked on.
    Running,
    /// All its requests were delivered.
    Delivered,
    /// Given up.
    Failed,
    /// The plugin decided that there is nothing to send.
    Skipped,
    /// An admin stopped it.
    Canceled,
    /// A request was sent, no answer came, and sending it again could do twice what it asks
    /// for: an admin has to look.
    Unknown,
}

/// A text that is not the state of a delivery.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is not a delivery state: use pending, running, delivered, failed, skipped, canceled \
     or unknown"
)]
pub struct BadDeliveryState(String);

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Running,
        Self::Delivered,
        Self::Failed,
        Self::Skipped,
        Self::Canceled,
        Self::Unknown,
    ];

    /// Whether nothing more will happen by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Canceled => "canceled",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DeliveryState {
    type Err = BadDeliveryState;
    fn from_str(text: &str) -> Result<Self, BadDeliveryState> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| BadDeliveryState(text.chars().take(40).collect()))
    }
}

/// One try to send one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attempt {
    /// Its own.
    pub id: AttemptId,
    /// Of this delivery.
    pub delivery_id: DeliveryId,
    /// From 1, over all requests of the delivery.
    pub number: u32,
    /// Which of the delivery's requests.
    pub position: u32,
    /// How often that request had been changed because of an answer.
    pub revision: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// What went out; none if nothing could.
    pub sent: Option<Sent>,
    /// What came back; none if nothing did.
    pub received: Option<Received>,
    /// Where the time went.
    pub timings: Timings,
    /// What it means.
    pub result: AttemptResult,
    /// What the plugin's reading of the answer cost and said.
    pub judge: Option<CallRecord>,
    /// What else there is to say, such as what was not written back, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A request as it went out, byte for byte but for secrets, in whose place stands
/// `{secret:name}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sent {
    /// In upper case.
    pub method: String,
    /// With secrets masked.
    pub url: String,
    /// All of them, also the host's own, in the order sent, with secrets masked.
    pub headers: Vec<(String, String)>,
    /// With secrets masked.
    #[serde(with = "text_or_base64")]
    #[schema(value_type = crate::schema::TextOrBase64)]
    pub body: Bytes,
}

/// An answer, secrets that the receiver echoed masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Received {
    /// The HTTP status.
    pub status: u16,
    /// In the order they came.
    pub headers: Vec<(String, String)>,
    /// Cut at the host's limit.
    #[serde(with = "text_or_base64")]
    #[schema(value_type = crate::schema::TextOrBase64)]
    pub body: Bytes,
    /// False when the body was cut.
    pub complete: bool,
}

/// Where an attempt's time went. A phase that did not happen, as connecting does not on a
/// kept connection, is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Timings {
    /// Getting an access token, in microseconds; absent if none was needed or one was at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_us: Option<u64>,
    /// Resolving the name, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolve_us: Option<u64>,
    /// Connecting, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_us: Option<u64>,
    /// The TLS handshake, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_us: Option<u64>,
    /// From the start to the answer's headers, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers_us: Option<u64>,
    /// All of it, in microseconds.
    pub total_us: u64,
}

/// What an attempt means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum AttemptResult {
    /// The receiver has it.
    Delivered {
        /// What there is to say beside the status.
        note: Option<String>,
    },
    /// It will be sent again.
    Retry {
        /// Why.
        reason: String,
        /// How long the receiver asked to wait.
        #[schema(value_type = Option<crate::schema::WholeDuration>)]
        asked: Option<Duration>,
    },
    /// It was given up.
    Failed {
        /// Why.
        reason: String,
    },
    /// A changed request was sent at once.
    Resend {
        /// Why.
        reason: String,
    },
    /// It was sent and no answer came: the receiver may have acted on it or not.
    Unknown {
        /// What is known.
        reason: String,
    },
}

/// Bytes as text where they are UTF-8, and as `{"base64": "…"}` where they are not.
mod text_or_base64 {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Base64 { base64: String },
    }

    pub(super) fn serialize<S: Serializer>(
        bytes: &Bytes,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Form::Base64 { base64: BASE64_STANDARD.encode(bytes) }.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Bytes, D::Error> {
        Ok(match Form::deserialize(d)? {
            Form::Text(text) => text.into(),
            Form::Base64 { base64 } => {
                BASE64_STANDARD.decode(base64).map_err(D::Error::custom)?.into()
            }
        })
    }
}
