//! Zenlix's payload, as far as it is read.

use hookwright_sdk::document::{Items, Text};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Payload<'a> {
    #[serde(borrow)]
    pub(crate) ticket: Ticket<'a>,
    #[serde(borrow)]
    pub(crate) initial_user: Option<User<'a>>,
    #[serde(borrow)]
    pub(crate) action: Text<'a>,
    #[serde(borrow)]
    pub(crate) description: Text<'a>,
    #[serde(borrow)]
    pub(crate) dt: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Ticket<'a> {
    #[serde(borrow)]
    pub(crate) code: Text<'a>,
    #[serde(borrow)]
    pub(crate) prio: Text<'a>,
    #[serde(borrow)]
    pub(crate) status: Text<'a>,
    #[serde(borrow)]
    pub(crate) text: Text<'a>,
    #[serde(borrow)]
    pub(crate) subject: Text<'a>,
    #[serde(borrow)]
    pub(crate) tags: Text<'a>,
    #[serde(borrow)]
    pub(crate) created_at: Text<'a>,
    #[serde(borrow)]
    pub(crate) client: Items<User<'a>>,
    #[serde(borrow)]
    pub(crate) comments: Items<Comment<'a>>,
    #[serde(borrow)]
    pub(crate) author: Option<User<'a>>,
    #[serde(borrow)]
    pub(crate) target_group: Text<'a>,
    #[serde(borrow)]
    pub(crate) target_user: Items<User<'a>>,
    #[serde(borrow)]
    pub(crate) logs: Items<LogEntry<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct User<'a> {
    #[serde(borrow)]
    pub(crate) email: Text<'a>,
    #[serde(borrow)]
    pub(crate) profile: Profile<'a>,
    #[serde(borrow)]
    pub(crate) contacts: Contacts<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Profile<'a> {
    #[serde(borrow)]
    pub(crate) full_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Contacts<'a> {
    #[serde(borrow)]
    pub(crate) email: Text<'a>,
    #[serde(borrow)]
    pub(crate) phone: Text<'a>,
}

/// Neither id nor time.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Comment<'a> {
    #[serde(borrow)]
    pub(crate) author: User<'a>,
    #[serde(borrow)]
    pub(crate) text: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LogEntry<'a> {
    #[serde(borrow)]
    pub(crate) action: Text<'a>,
    #[serde(borrow)]
    pub(crate) dt: Text<'a>,
}
