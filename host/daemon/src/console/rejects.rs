//! `/console/rejects`: posts that could not be read.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::RejectId;
use http::Uri;
use minijinja::context;
use minijinja::value::Serde;

use super::access::Routes;
use super::asked;
use super::body::{Shown, download};
use super::delivery::id;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::for_console;

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/rejects", get(list))
        .reading("/console/rejects/{id}", get(show))
        .reading("/console/rejects/{id}/original", get(original))
        .operating("/console/rejects/{id}/retry", post(retry))
        .operating("/console/rejects/{id}/remove", post(remove))
}

async fn list(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Result<Response, Refusal> {
    let asked = asked::read(&uri, &["source", "cursor"]);
    let cursor = Some(asked["cursor"].as_str()).filter(|cursor| !cursor.is_empty());
    let page = for_console::page::<RejectId>(cursor)?;
    let source = for_console::source(&asked["source"])?;
    let rejects = app.store.rejects(source, page).await?;
    let last = rejects.last().filter(|_| rejects.len() == page.limit);
    let next = last.map(|last| asked::query(&asked, Some(&last.id.to_string())));
    let snapshot = app.registry.snapshot();
    let sources = snapshot.configuration.sources.iter().map(|source| source.name.to_string());
    Ok(visit.page(
        "rejects.html",
        context! {
            items => Serde(&rejects),
            next,
            asked => Serde(&asked),
            sources => sources.collect::<Vec<_>>(),
            first => asked::is_first(&asked),
        },
    ))
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let (reject, original) = app.store.reject(id(&text)?).await?;
    let headers = original.headers.iter();
    let headers = headers.map(|(name, value)| (name, String::from_utf8_lossy(value)));
    Ok(visit.page(
        "reject.html",
        context! {
            reject => Serde(&reject),
            pointer => reject.detail.pointer.as_deref(),
            query => Serde(&reject.detail.query),
            headers => Serde(headers.collect::<Vec<_>>()),
            original => Serde(Shown::of(&original.body)),
        },
    ))
}

async fn original(
    State(app): State<Arc<App>>,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let id: RejectId = id(&text)?;
    let (_, original) = app.store.reject(id).await?;
    Ok(download(&format!("{id}-original"), original.body))
}

async fn retry(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    for_console::retry_reject(app, visit.actor()?, id(&text)?).await?;
    Ok(visit.done("/console/events", "note-read", ""))
}

async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    for_console::remove_reject(app, visit.actor()?, id(&text)?).await?;
    Ok(visit.done("/console/rejects", "note-removed", ""))
}
