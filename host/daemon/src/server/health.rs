//! `/livez` and `/readyz`.

use std::sync::Arc;

use axum::extract::State;

use super::problem::Problem;
use crate::app::App;

/// The process answers.
#[utoipa::path(
    get, path = "/livez",
    responses((status = 200, body = String)),
)]
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// Posts would be taken: the store answers and can be written, and the daemon is not about to
/// end.
#[utoipa::path(
    get, path = "/readyz",
    responses((status = 200, body = String)),
)]
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if !*app.ready.borrow() {
        return Err(Problem::unavailable("the daemon is ending"));
    }
    app.store.next_due().await?;
    app.store.writable().await?;
    Ok("ok\n")
}
