//! `/webhooks` and `/webhook_policies`: the Webhooks API of R-Service (Xurrent, 4me), for clients
//! that know it. A webhook is a subscription to the plugin `r-service`, and everything else
//! that a subscription is; what is made here is set up as `/v1/apply` does it.

mod address;
mod change;
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

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use hookwright_model::SubscriptionId;

use crate::app::App;
use crate::registry::Snapshot;
use crate::server::auth;

/// The destination plugin whose subscriptions are webhooks.
pub(crate) const PLUGIN: &str = "r-service";

/// For administrators, as in R-Service.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/webhooks", get(webhook::list).post(webhook::create))
        .route("/webhooks/enabled", get(webhook::enabled))
        .route("/webhooks/disabled", get(webhook::disabled))
        .route("/webhooks/{id}", get(webhook::show).patch(webhook::update).delete(webhook::remove))
        .route("/webhooks/{id}/test", post(webhook::test))
        .route("/webhook_policies", get(policies::list).post(policies::create))
        .route("/webhook_policies/enabled", get(policies::enabled))
        .route("/webhook_policies/disabled", get(policies::disabled))
        .route(
            "/webhook_policies/{name}",
            get(policies::show).patch(policies::update).delete(policies::remove),
        )
        .route_layer(from_fn_with_state(Arc::clone(app), auth::may_administer))
        .layer(from_fn(message::add))
}

/// The subscription that has this number, whichever plugin it uses.
pub(crate) fn by_number(snapshot: &Snapshot, text: &str) -> Option<SubscriptionId> {
    let number: i64 = text.parse().ok()?;
    let numbers = &snapshot.configuration.numbers.subscriptions;
    numbers.iter().find(|(_, known)| **known == number).map(|(id, _)| *id)
}
