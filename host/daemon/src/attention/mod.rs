//! What needs somebody to look: gathered from what is in memory anyway, and from indexes that hold
//! little else. The journal is not gone through.

mod flow;
mod idle;
mod mail;
mod room;
mod set_up;
mod tokens;
mod troubled;

use hookwright_model::Timestamp;
use hookwright_store::StoreError;
use serde::Serialize;

use crate::app::App;

/// What needs somebody to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AttentionItem)]
pub struct Item {
    /// What kind of thing it is.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub about: About,
    /// Since when, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// How many, where there can be several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What is wrong.
    pub detail: String,
    /// What to do.
    pub advice: String,
    /// Where the API says more.
    pub path: String,
}

/// What kind of thing needs somebody to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[schema(as = AttentionKind)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// There is little room on the disk.
    DiskLow,
    /// A source takes no posts: its plugin or its secret is missing.
    SourceUnusable,
    /// A subscription cannot deliver: its plugin, a secret or a key is missing.
    SubscriptionUnusable,
    /// A connection cannot be written through: its plugin, a secret or a key is missing.
    ConnectionUnusable,
    /// A policy signs nothing: its key is missing.
    PolicyUnusable,
    /// A subscription was disabled, as its deliveries failed for long.
    SubscriptionDisabled,
    /// The last attempts of a subscription failed.
    SubscriptionFailing,
    /// A subscription waits for its address to be confirmed.
    SubscriptionUnconfirmed,
    /// A plugin version is not called, as it failed again and again.
    PluginSuspended,
    /// Requests to a destination wait, as it is ill.
    CircuitOpen,
    /// Deliveries wait for one that failed, as their subscription's order says.
    OrderHeld,
    /// Deliveries have waited for long.
    DeliveriesWaiting,
    /// Posts could not be read within the last day.
    Rejects,
    /// A replay waits to be resumed.
    ReplayPaused,
    /// A replay cannot go on.
    ReplayFailed,
    /// A token is not valid for much longer, or is not since lately.
    TokenExpiring,
    /// Somebody is to be told by mail, and none can be sent.
    MailMissing,
    /// Mails could not be sent.
    MailFailing,
    /// A subscription takes events that cannot come: its source or their type is not known.
    SubscriptionIdle,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[schema(as = AttentionSeverity)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something is not delivered, or not taken in.
    Error,
    /// It works, and may not for long, or somebody has forgotten it.
    Warning,
}

/// What something is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AttentionAbout)]
pub struct About {
    /// `subscription`, `connection`, `source`, `policy`, `plugin`, `destination`, `replay`, `token`, `mail` or
    /// `disk`.
    pub what: &'static str,
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its id, if it has one; of a plugin its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl About {
    fn named(what: &'static str, name: &(impl ToString + ?Sized)) -> Self {
        Self { what, name: Some(name.to_string()), id: None }
    }

    fn with_id(self, id: &impl ToString) -> Self {
        Self { id: Some(id.to_string()), ..self }
    }
}

impl Kind {
    fn severity(self) -> Severity {
        match self {
            Self::DiskLow
            | Self::SourceUnusable
            | Self::SubscriptionUnusable
            | Self::ConnectionUnusable
            | Self::PolicyUnusable
            | Self::SubscriptionDisabled
            | Self::PluginSuspended
            | Self::CircuitOpen
            | Self::OrderHeld
            | Self::ReplayFailed => Severity::Error,
            Self::SubscriptionFailing
            | Self::SubscriptionUnconfirmed
            | Self::DeliveriesWaiting
            | Self::Rejects
            | Self::ReplayPaused
            | Self::TokenExpiring
            | Self::MailMissing
            | Self::MailFailing
            | Self::SubscriptionIdle => Severity::Warning,
        }
    }

    fn item(self, about: About, detail: impl Into<String>, advice: impl Into<String>) -> Item {
        Item {
            kind: self,
            severity: self.severity(),
            about,
            since: None,
            count: None,
            detail: detail.into(),
            advice: advice.into(),
            path: String::new(),
        }
    }
}

impl Item {
    fn since(self, since: Option<Timestamp>) -> Self {
        Self { since, ..self }
    }

    fn count(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }

    fn at(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }
}

/// What needs somebody to look, what is worst first.
///
/// # Errors
/// When the store cannot be read.
pub async fn items(app: &App) -> Result<Vec<Item>, StoreError> {
    let now = Timestamp::now();
    let mut items = Vec::new();
    items.extend(room::disk(&app.data));
    items.extend(set_up::items(app));
    items.extend(troubled::items(app));
    items.extend(flow::items(app, now).await?);
    items.extend(tokens::items(app, now).await?);
    items.extend(mail::items(app, now).await?);
    items.extend(idle::items(app).await?);
    items.sort_by(|a, b| {
        let order = |item: &Item| (item.severity, item.kind, item.since);
        order(a).cmp(&order(b)).then_with(|| a.about.name.cmp(&b.about.name))
    });
    Ok(items)
}
