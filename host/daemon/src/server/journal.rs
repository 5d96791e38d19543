//! `/v1/journal`: what is kept, and how much there is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hookwright_model::JournalSettings;
use hookwright_store::keeping::StoreSize;
use serde::Serialize;

use super::problem::Problem;
use crate::app::App;

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = JournalShown)]
pub(super) struct Shown {
    settings: JournalSettings,
    bytes: StoreSize,
}

/// Shows what the journal keeps, and how much there is.
#[utoipa::path(
    get, path = "/v1/journal",
    responses((status = 200, body = Shown)),
)]
pub(super) async fn show(State(app): State<Arc<App>>) -> Result<Json<Shown>, Problem> {
    let bytes = app.store.size().await?;
    let settings = app.registry.snapshot().configuration.journal.clone();
    Ok(Json(Shown { settings, bytes }))
}
