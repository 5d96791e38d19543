//! The console: pages for people, under `/console`. A page is a module here with its routes, a
//! template in `console/templates` and its texts in `console/i18n`; it calls what the API calls.

pub mod access;
pub mod asked;
mod assets;
mod audit;
pub mod back;
pub mod body;
mod connections;
mod deliveries;
mod delivery;
mod destinations;
mod dry_run;
mod edit;
mod editing;
mod embedded;
mod events;
mod fields;
pub mod forms;
mod gate;
mod journal;
pub mod language;
mod live;
mod login;
mod mail;
mod nav;
pub mod number;
mod overview;
mod people;
mod plugins;
mod policies;
pub mod refusal;
mod rejects;
mod replays;
mod schema;
mod secrets;
mod settings;
pub mod shown;
mod sources;
mod subscriptions;
mod switch;
pub mod template;
#[cfg(test)]
mod tests;
pub mod text;
mod users;
pub mod visit;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::{any, get};
use http::StatusCode;

use crate::app::App;
use crate::server::problem::Problem;
use access::Routes;
use refusal::Refusal;

/// All pages. A new one is a line here.
fn pages() -> Vec<Routes> {
    vec![
        overview::routes(),
        live::routes(),
        subscriptions::routes(),
        connections::routes(),
        edit::routes(),
        dry_run::routes(),
        deliveries::routes(),
        delivery::routes(),
        events::routes(),
        rejects::routes(),
        replays::routes(),
        destinations::routes(),
        audit::routes(),
        journal::routes(),
        plugins::routes(),
        sources::routes(),
        secrets::routes(),
        people::routes(),
        settings::routes(),
        mail::routes(),
        policies::routes(),
    ]
}

/// All routes of the console, and the way to it.
pub fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let missing = async || Refusal::from(Problem::not_found("there is no such page"));
    let pages = pages().into_iter().map(Routes::into_router);
    pages
        .fold(Router::new(), Router::merge)
        .merge(login::routes())
        .merge(switch::routes())
        .merge(assets::routes())
        .route("/console/{*rest}", any(missing))
        .route("/console/", get(async || Redirect::permanent("/console")))
        .method_not_allowed_fallback(async || {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            Refusal::from(Problem::new(status, "Method not allowed", "this page is not for that"))
        })
        .layer(from_fn_with_state(Arc::clone(app), gate::enter))
        // The gate has read it, as far as it may go.
        .layer(DefaultBodyLimit::disable())
        .route("/", get(async || Redirect::to("/console")))
}
