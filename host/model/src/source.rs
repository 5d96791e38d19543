//! Helpdesk installations that post events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::json_text;
use crate::request::{DigestEncoding, HmacDigest};
use crate::{JwtAuth, Name, SourceId, Timestamp};

/// One helpdesk installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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
    #[schema(value_type = serde_json::Value)]
    pub settings: Arc<str>,
    /// How posts prove where they come from.
    pub auth: SourceAuth,
    /// IANA name of the zone of times that carry none; UTC if absent.
    pub time_zone: Option<String>,
    /// For how many seconds the same post, byte for byte, counts as a repetition. Posts that
    /// carry an id of their own are known by that, for a week. 0: never.
    #[serde(default = "Source::default_repeat_window")]
    pub repeat_window_s: u32,
    /// Whether an update that does not say what changed is compared with the ticket's last
    /// event, and so becomes `ticket.priority_changed` and the like.
    #[serde(default)]
    pub track_changes: bool,
    /// The connection through which fields and comments of its tickets are written back.
    #[serde(default)]
    pub connection: Option<Name>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Source {
    /// Longer than helpdesks wait before they repeat a post that they got no answer to, and
    /// shorter than it takes for the same to happen twice, in most cases.
    pub const DEFAULT_REPEAT_WINDOW_S: u32 = 300;

    /// [`Source::DEFAULT_REPEAT_WINDOW_S`], for reading documents that do not say.
    #[must_use]
    pub fn default_repeat_window() -> u32 {
        Self::DEFAULT_REPEAT_WINDOW_S
    }
}

/// How a source's posts prove where they come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceAuth {
    /// They do not. Anyone who can reach the port can post; it must be asked for.
    // With braces, so that serde refuses a key that would not be used.
    None {},
    /// A token, as the last part of the URL (`/in/{source}/{token}`) or as
    /// `Authorization: Bearer`.
    Token {
        /// The name of the secret that holds the token.
        secret: Name,
    },
    /// An HMAC of the body in `X-Hub-Signature` (`sha1=…`), `X-Hub-Signature-256` (`sha256=…`)
    /// or `X-Hub-Signature-512` (`sha512=…`).
    HubSignature {
        /// The name of the secret that holds the key.
        secret: Name,
    },
    /// An HMAC of the body, in a header of any name.
    Hmac {
        /// The name of the secret that holds the key.
        secret: Name,
        /// The header that holds the signature.
        header: String,
        /// The hash function.
        digest: HmacDigest,
        /// What stands before the signature, such as `sha256=`.
        #[serde(default)]
        prefix: String,
        /// How the signature is written.
        #[serde(default = "hex")]
        encoding: DigestEncoding,
    },
    /// A user name and password (`Authorization: Basic`).
    Basic {
        /// The user name.
        username: String,
        /// The name of the secret that holds the password.
        secret: Name,
    },
    /// A signature after Standard Webhooks: `webhook-id`, `webhook-timestamp` and
    /// `webhook-signature`.
    StandardWebhooks {
        /// The name of the secret that holds the key, which starts with `whsec_`.
        secret: Name,
    },
    /// A signed token (JWT).
    Jwt(Box<JwtAuth>),
}

impl SourceAuth {
    /// The name of the secret that posts are checked with, if there is one.
    #[must_use]
    pub fn secret(&self) -> Option<&Name> {
        match self {
            Self::None {} => None,
            Self::Token { secret }
            | Self::HubSignature { secret }
            | Self::Hmac { secret, .. }
            | Self::Basic { secret, .. }
            | Self::StandardWebhooks { secret } => Some(secret),
            Self::Jwt(jwt) => jwt.secret.as_ref(),
        }
    }
}

fn hex() -> DigestEncoding {
    DigestEncoding::Hex
}
