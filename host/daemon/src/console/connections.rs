//! `/console/connections`: through which fields and comments are written back.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use minijinja::context;
use minijinja::value::Serde;

use super::access::Routes;
use super::editing::document;
use super::forms::pretty;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::registry::Snapshot;
use crate::server::for_console_setup::{self as setup, Kind};
use crate::server::problem::Problem;

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/connections", get(list))
        .reading("/console/connections/{name}", get(show))
        .administering("/console/connections/{name}/remove", get(sure).post(remove))
}

/// The sources and subscriptions that write through a connection.
fn users(there: &Snapshot, name: &str) -> Vec<String> {
    let sources = there.configuration.sources.iter();
    let sources =
        sources.filter(|one| one.connection.as_ref().is_some_and(|it| it.as_str() == name));
    sources.map(|one| one.name.to_string()).collect()
}

async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let there = app.registry.snapshot();
    let items = there.configuration.connections.iter().map(|one| {
        context! {
            name => one.name.as_str(),
            enabled => one.enabled,
            plugin => one.plugin.as_str(),
            sources => users(&there, one.name.as_str()).join(", "),
        }
    });
    visit.page("connections.html", context! { items => items.collect::<Vec<_>>() })
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let there = app.registry.snapshot();
    let mut all = there.configuration.connections.iter();
    let one = all.find(|one| one.name.as_str() == name || one.id.to_string() == name);
    let one = one.ok_or_else(|| Problem::not_found("there is no such connection"))?;
    let document = document(&app, Kind::Connection, &name)?;
    let secrets: Vec<_> = one.secrets.iter().map(|(slot, name)| (slot, name.as_str())).collect();
    let context = context! {
        name => one.name.as_str(),
        enabled => one.enabled,
        plugin => one.plugin.as_str(),
        digest => one.digest.short(),
        settings => pretty(document.get("settings").unwrap_or_default()),
        secrets => Serde(secrets),
        sources => users(&there, one.name.as_str()).join(", "),
        updated_at => one.updated_at.to_string(),
    };
    Ok(visit.page("connection.html", context))
}

async fn sure(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    drop(document(&app, Kind::Connection, &name)?);
    let context = context! {
        name,
        base => "/console/connections",
        is_subscription => false,
        waiting => 0,
        more => false,
    };
    Ok(visit.page("setup-remove.html", context))
}

async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    setup::remove_one(&app, &visit.actor()?, Kind::Connection, &name).await?;
    Ok(visit.done("/console/connections", "note-removed", &name))
}
