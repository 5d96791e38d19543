//! Helpdesk installations that post events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::json_text;
use crate::{Name, SourceId, Timestamp};

/// One helpdesk installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Never changes.
    pub id: SourceId,
    /// What events of it carry, and the last part of its URL.
    pub name: Name,
    /// Whether posts are taken in.
    pub enabled: bool,
    /// The source plugin that reads its posts.
    pub plugin: Name,
    /// For the plugin, as JSON text.
    #[serde(with = "json_text")]
    pub settings: Arc<str>,
    /// How posts prove where they come from.
    pub auth: SourceAuth,
    /// IANA name of the zone of times that carry none; UTC if absent.
    pub time_zone: Option<String>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How a source's posts prove where they come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceAuth {
    /// They do not. Anyone who can reach the port can post; it must be asked for.
    None,
    /// A token, as the last part of the URL (`/in/{source}/{token}`) or as
    /// `Authorization: Bearer`.
    Token {
        /// The name of the secret that holds the token.
        secret: Name,
    },
    /// An HMAC of the body in `X-Hub-Signature` (`sha1=…`) or `X-Hub-Signature-256`
    /// (`sha256=…`).
    HubSignature {
        /// The name of the secret that holds the key.
        secret: Name,
    },
}
