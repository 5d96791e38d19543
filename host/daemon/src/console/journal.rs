//! `/console/journal`: what is kept, for how long, and how much there is.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use minijinja::context;
use minijinja::value::Serde;

use super::access::Routes;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;

pub(super) fn routes() -> Routes {
    Routes::default().reading("/console/journal", get(show))
}

async fn show(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Refusal> {
    let size = app.store.size().await?;
    let snapshot = app.registry.snapshot();
    let settings = &snapshot.configuration.journal;
    let rules = settings.redact.iter().map(|rule| {
        let by = [("header", &rule.header), ("pointer", &rule.pointer), ("pattern", &rule.pattern)];
        let by = by.into_iter().find_map(|(kind, text)| Some((kind, text.as_deref()?)));
        let (kind, text) = by.unwrap_or(("pattern", ""));
        context! {
            kind,
            text,
            what => Serde(&rule.what),
            source => rule.source.as_ref().map(ToString::to_string),
            subscription => rule.subscription.as_ref().map(ToString::to_string),
        }
    });
    Ok(visit.page(
        "journal.html",
        context! {
            keep_for => settings.keep_for.to_string(),
            keep_bytes => settings.keep_bytes.map(|size| size.0),
            keep_rejects_for => settings.keep_rejects_for.to_string(),
            redact_failed_after => settings.redact_failed_after.to_string(),
            rules => rules.collect::<Vec<_>>(),
            bytes => size.journal,
            free => size.free,
        },
    ))
}
