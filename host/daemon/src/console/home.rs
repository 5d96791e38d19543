//! `/console`: the first page.

use axum::response::Redirect;
use axum::routing::get;

use super::access::Routes;

pub(super) fn routes() -> Routes {
    Routes::default().reading("/console", get(async || Redirect::to("/console/deliveries")))
}
