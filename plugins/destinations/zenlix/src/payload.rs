//! Zenlix's payload: names, order and structure are those of the sample in seed 000 (Zenlix
//! webhooks).

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Payload {
    pub(crate) ticket: Ticket,
    pub(crate) initial_user: User,
    pub(crate) action: String,
    pub(crate) description: String,
    pub(crate) dt: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ticket {
    pub(crate) code: Option<String>,
    pub(crate) prio: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) subject: Option<String>,
    /// Separated by commas.
    pub(crate) tags: String,
    pub(crate) urlhash: Option<String>,
    pub(crate) created_at: Option<String>,
    /// A truth value in words.
    pub(crate) inspect_after_ok: &'static str,
    /// A truth value in words.
    pub(crate) individual_ok: &'static str,
    pub(crate) deadline_time: Option<String>,
    pub(crate) sla: Unknown,
    pub(crate) client: Vec<User>,
    pub(crate) fields: Unknown,
    pub(crate) watched: Vec<User>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) author: User,
    pub(crate) target_group: Option<String>,
    pub(crate) target_user: Vec<User>,
    pub(crate) logs: Vec<LogEntry>,
}

/// A list that is empty in the sample; what its items look like is not documented.
pub(crate) type Unknown = [(); 0];

/// Somebody; nobody, where it is not known who, since in the sample there is always an object.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct User {
    pub(crate) email: Option<String>,
    pub(crate) profile: Profile,
    pub(crate) contacts: Contacts,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Profile {
    pub(crate) full_name: Option<String>,
    pub(crate) lang: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Contacts {
    pub(crate) email: Option<String>,
    /// The sample has none; Zenlix has the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Comment {
    pub(crate) author: User,
    pub(crate) text: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct LogEntry {
    pub(crate) author: User,
    pub(crate) action: String,
    pub(crate) dt: String,
}
