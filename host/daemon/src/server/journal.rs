//! `/v1/journal`: what is kept, and how much there is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hookwright_model::JournalSettings;
use hookwright_store::keeping::StoreSize;
use serde::Serialize;

use super::problem::Problem;
use crate::app::App;

#[derive(Serialize)]
pub(super) struct Shown {
    settings: JournalSettings,
    bytes: StoreSize,
}

pub(super) async fn show(State(app): State<Arc<App>>) -> Result<Json<Shown>, Problem> {
    let bytes = app.store.size().await?;
    let settings = app.registry.snapshot().configuration.journal.clone();
    Ok(Json(Shown { settings, bytes }))
}
