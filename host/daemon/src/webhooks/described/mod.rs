//! What the API's description says of webhooks and their policies. They are read and shown field
//! by field, so no type says it.

mod documents;
mod query;

pub(crate) use self::documents::schemas;
pub(super) use self::query::{Pages, PolicyQuery, WebhookQuery};

#[cfg(test)]
mod tests;
