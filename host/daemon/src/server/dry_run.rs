//! Dry runs: what a subscription would send for an event that was taken in. Nothing is sent.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::{Digest, EventId, Name, Subscription};
use serde::Deserialize;

use super::body::Document;
use super::problem::{FieldProblem, Problem};
use super::subscriptions;
use crate::app::App;
use crate::delivery::rehearsal::{Rehearsal, facts};
use crate::registry::SubscriptionEntry;
use crate::setup::{SecretWanted, Setup, SubscriptionWanted};

/// What a dry run is made with.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DryRunWanted)]
pub(super) struct Wanted {
    /// The event, by its id.
    event: EventId,
    /// Another version of the plugin than the one that it is pinned to.
    #[serde(default)]
    digest: Option<Digest>,
}

/// A subscription that there need not be, and an event.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UnsavedDryRunWanted)]
pub(super) struct WantedUnsaved {
    /// As it would be set up.
    subscription: SubscriptionWanted,
    /// The event, by its id.
    event: EventId,
}

/// Says what a subscription would send for an event. Nothing is sent; secrets and signatures are
/// masked.
#[utoipa::path(
    post, path = "/v1/subscriptions/{name}/dry-run",
    params(("name" = Name, Path, description = "Its name, or its id.")),
    request_body = Wanted,
    responses((status = 200, body = Rehearsal), (status = 404), (status = 422)),
)]
pub(super) async fn of_one(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Document(wanted): Document<Wanted>,
) -> Result<Json<Rehearsal>, Problem> {
    saved(&app, &name, wanted.event, wanted.digest).await.map(Json)
}

/// Says what a subscription would send for an event, before it is set up. Nothing is sent; secrets
/// and signatures are masked.
#[utoipa::path(
    post, path = "/v1/dry-run",
    request_body = WantedUnsaved,
    responses((status = 200, body = Rehearsal), (status = 404), (status = 422)),
)]
pub(super) async fn of_unsaved(
    State(app): State<Arc<App>>,
    Document(wanted): Document<WantedUnsaved>,
) -> Result<Json<Rehearsal>, Problem> {
    let WantedUnsaved { subscription, event } = wanted;
    let rehearsal = unsaved(&app, subscription, Vec::new(), event).await;
    rehearsal.map(Json).map_err(inside)
}

/// Mistakes are told where they stand in the document that was sent.
fn inside(problem: Problem) -> Problem {
    let at = |error: &FieldProblem| FieldProblem {
        pointer: format!("/subscription{}", error.pointer),
        detail: error.detail.clone(),
    };
    let errors: Vec<_> = problem.errors().iter().map(at).collect();
    if errors.is_empty() { problem } else { Problem::invalid(errors) }
}

/// Of a subscription as it is, perhaps with another version of its plugin.
///
/// # Errors
/// When there is no such subscription, event or version.
pub(super) async fn saved(
    app: &App,
    name: &str,
    event: EventId,
    digest: Option<Digest>,
) -> Result<Rehearsal, Problem> {
    let entry = subscriptions::entry(app, name)?;
    match digest.filter(|digest| *digest != entry.subscription.digest) {
        None => run(app, &entry, event).await,
        Some(digest) => run(app, &another_version(app, &entry, digest).await?, event).await,
    }
}

/// A subscription with another version of its plugin.
///
/// # Errors
/// When there is no such version of it.
pub(super) async fn another_version(
    app: &App,
    entry: &SubscriptionEntry,
    digest: Digest,
) -> Result<SubscriptionEntry, Problem> {
    let snapshot = app.registry.snapshot();
    let mut versions = snapshot.configuration.plugins.iter();
    let plugin = &entry.subscription.plugin;
    if !versions.any(|one| one.digest == digest && one.key.name == *plugin) {
        let detail = format!("no version of the plugin `{plugin}` has this digest");
        return Err(Problem::invalid(vec![FieldProblem { pointer: "/digest".into(), detail }]));
    }
    let subscription = Subscription { digest, ..entry.subscription.clone() };
    Ok(app.registry.rehearsal(&subscription, &[]).await?)
}

/// Of a subscription that is not set up, or not like this, with secrets that would come with it.
///
/// # Errors
/// With what is wrong in it, or when there is no such event.
pub(super) async fn unsaved(
    app: &App,
    wanted: SubscriptionWanted,
    secrets: Vec<SecretWanted>,
    event: EventId,
) -> Result<Rehearsal, Problem> {
    let name = wanted.name.clone();
    let setup = Setup { subscriptions: vec![wanted], secrets, ..Setup::default() };
    let plan = setup.plan(app).await.map_err(|problem| problem.within("/subscriptions/0"))?;
    match plan.into_subscription() {
        (Some(subscription), secrets) => {
            let entry = app.registry.rehearsal(&subscription, &secrets).await?;
            run(app, &entry, event).await
        }
        // It is as it was.
        (None, _) => saved(app, name.as_str(), event, None).await,
    }
}

/// Of one that is ready for use.
///
/// # Errors
/// When there is no such event.
pub(super) async fn run(
    app: &App,
    entry: &SubscriptionEntry,
    event: EventId,
) -> Result<Rehearsal, Problem> {
    let (event, original) = app.store.event(event).await?;
    Ok(Rehearsal::of(&app.plugins, entry, event, original, facts()).await)
}
