//! `/console/destinations`: where requests go, and whether it is well.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use minijinja::context;
use minijinja::value::Serde;

use super::access::Routes;
use super::visit::Visit;
use crate::app::App;
use crate::delivery::breaker::CircuitState;

pub(super) fn routes() -> Routes {
    Routes::default().reading("/console/destinations", get(list))
}

async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let mut items = app.breaker.destinations();
    // What is not well comes first.
    items.sort_by(|a, b| {
        let key = |state| state == CircuitState::Closed;
        (key(a.state), &a.origin).cmp(&(key(b.state), &b.origin))
    });
    visit.page("destinations.html", context! { items => Serde(items) })
}
