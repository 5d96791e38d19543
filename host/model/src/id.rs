//! Identifiers: a short prefix and a UUIDv7, so that they say what they name and sort by
//! the time they were made.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that is not the id it was taken for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{text}` is not {what}: expected `{prefix}` and 32 hexadecimal digits")]
pub struct BadId {
    text: String,
    what: &'static str,
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &str = $prefix;

            /// A new id for the present moment.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "each call gives another value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The UUID without the prefix.
            #[must_use]
            pub fn uuid(self) -> Uuid {
                self.0
            }

            /// The id around a UUID that was stored without its prefix.
            #[must_use]
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix($prefix)
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| BadId { text: text.to_owned(), what: $what, prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// Of an event.
    EventId, "evt_", "an event id"
}
id! {
    /// Of a subscription.
    SubscriptionId, "sub_", "a subscription id"
}
id! {
    /// Of a delivery. The same on every retry, also after a crash.
    DeliveryId, "dlv_", "a delivery id"
}
id! {
    /// Of an attempt.
    AttemptId, "att_", "an attempt id"
}
id! {
    /// Of a source.
    SourceId, "src_", "a source id"
}
id! {
    /// Of a connection.
    ConnectionId, "con_", "a connection id"
}
id! {
    /// Of an API token; not the token itself.
    TokenId, "tok_", "a token id"
}
id! {
    /// Of a post that could not be read.
    RejectId, "rej_", "a reject id"
}
id! {
    /// Of a job that delivers again.
    ReplayId, "rpl_", "a replay id"
}
id! {
    /// Of someone who can log in.
    UserId, "usr_", "a user id"
}
id! {
    /// Of an entry in the audit log.
    AuditId, "aud_", "an audit id"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_text_and_name_their_kind() {
        let id = EventId::new();
        assert_eq!(id.to_string().parse::<EventId>(), Ok(id));
        assert!(id.to_string().starts_with("evt_"));
        assert_eq!(
            "dlv_x".parse::<EventId>().unwrap_err().to_string(),
            "`dlv_x` is not an event id: expected `evt_` and 32 hexadecimal digits"
        );
        assert!(format!("dlv_{}", id.uuid().simple()).parse::<EventId>().is_err());
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let ids: Vec<_> = (0..1000).map(|_| DeliveryId::new()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
