//! `/v1/setup`: everything that is set up, as `/v1/apply` takes it; and plugins as they were
//! installed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use hookwright_model::Digest;
use http::header;

use super::problem::Problem;
use crate::app::App;
use crate::setup::Current;

/// Shows everything that is set up, as `POST /v1/apply` takes it: secrets only by name, plugins by
/// their digests.
#[utoipa::path(get, path = "/v1/setup", responses((status = 200, body = Current)))]
pub(super) async fn current(State(app): State<Arc<App>>) -> Json<Current> {
    Json(Current::of(&app.registry.snapshot().configuration))
}

/// Gives a plugin as it was installed: the bytes that the digest is of.
#[utoipa::path(
    get, path = "/v1/plugins/{digest}/component",
    params(("digest" = Digest, Path, description = "SHA-256 of its bytes.")),
    responses(
        (status = 200, content_type = "application/wasm", body = Vec<u8>),
        (status = 404),
    ),
)]
pub(super) async fn component(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<([(header::HeaderName, &'static str); 1], Vec<u8>), Problem> {
    let digest: Digest = text.parse().map_err(|error| Problem::bad_request(format!("{error}")))?;
    let bytes = app.store.plugin_bytes(digest).await?;
    Ok(([(header::CONTENT_TYPE, "application/wasm")], bytes))
}
