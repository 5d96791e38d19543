//! What the admin sets.

use std::collections::BTreeMap;

use hookwright_sdk::serde_json::Value;
use serde::Deserialize;

/// See `settings.schema.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    #[serde(default)]
    pub(crate) method: Method,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    #[serde(default)]
    pub(crate) format: Format,
    #[serde(default)]
    pub(crate) syntax: Syntax,
    #[serde(default)]
    pub(crate) auth: Auth,
}

/// The methods that a dispatcher's rule offers.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Method {
    Get,
    #[default]
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What the body is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    #[default]
    Json,
    Xml,
    Form,
    Text,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// How tags are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Syntax {
    /// `{ticket_id}`
    #[default]
    EddyDesk,
    /// `#{ticket.id}`
    Zammad,
    /// `{{ ticket.id }}`
    Jinja,
}

/// What the receiver knows us by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Auth {
    #[default]
    None,
    Basic {
        /// Instead of the secret `username`.
        username: Option<String>,
    },
    Bearer,
    Header {
        name: String,
    },
}
