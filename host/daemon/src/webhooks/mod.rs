//! `/webhooks` and `/webhook_policies`: the Webhooks API of R-Service (Xurrent, 4me), for clients
//! that know it. A webhook is a subscription to the plugin `r-service`, and everything else
//! that a subscription is; what is made here is set up as `/v1/apply` does it.

mod address;
mod change;
mod described;
mod event;
mod fields;
mod filter;
mod listing;
mod message;
mod name;
mod page;
mod policies;
mod record;
mod reference;
mod show;
#[cfg(test)]
mod tests;
mod webhook;

use std::sync::Arc;

use hookwright_model::SubscriptionId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::registry::Snapshot;

pub(crate) use described::schemas;
pub(crate) use message::{add as add_message, is_theirs};

/// The destination plugin whose subscriptions are webhooks.
pub(crate) const PLUGIN: &str = "r-service";

/// For administrators, as in R-Service.
pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(webhook::list, webhook::create))
        .routes(routes!(webhook::enabled))
        .routes(routes!(webhook::disabled))
        .routes(routes!(webhook::show, webhook::update, webhook::remove))
        .routes(routes!(webhook::test))
        .routes(routes!(policies::list, policies::create))
        .routes(routes!(policies::enabled))
        .routes(routes!(policies::disabled))
        .routes(routes!(policies::show, policies::update, policies::remove))
}

/// The subscription that has this number, whichever plugin it uses.
pub(crate) fn by_number(snapshot: &Snapshot, text: &str) -> Option<SubscriptionId> {
    let number: i64 = text.parse().ok()?;
    let numbers = &snapshot.configuration.numbers.subscriptions;
    numbers.iter().find(|(_, known)| **known == number).map(|(id, _)| *id)
}
