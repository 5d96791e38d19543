//! `/v1/destinations`: where requests go, and whether it is well.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::setup::Items;
use crate::app::App;
use crate::delivery::breaker::DestinationShown;

/// Lists where requests go, and whether it is well.
#[utoipa::path(
    get, path = "/v1/destinations",
    responses((status = 200, body = Items<DestinationShown>)),
)]
pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Items<DestinationShown>> {
    Json(Items { items: app.breaker.destinations() })
}
