//! `/console/deliveries`: looking for deliveries.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use hookwright_model::DeliveryState;
use http::{StatusCode, Uri};
use minijinja::context;
use minijinja::value::Serde;

use super::access::Routes;
use super::answers;
use super::asked::{self, Asked};
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::for_console;

/// What can be asked for.
const NAMES: [&str; 13] = [
    "state",
    "status",
    "subscription",
    "event",
    "parent",
    "error",
    "source",
    "event_type",
    "subject",
    "ticket",
    "since",
    "until",
    "cursor",
];
/// The most names that a field suggests.
const MAX_SUGGESTED: usize = 300;

pub(super) fn routes() -> Routes {
    Routes::default().reading("/console/deliveries", get(list))
}

async fn list(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Result<Response, Refusal> {
    let asked = asked::read(&uri, &NAMES);
    let query = asked::query(
        &asked,
        Some(&asked["cursor"]).filter(|cursor| !cursor.is_empty()).map(String::as_str),
    );
    let (filter, page) = match for_console::deliveries(&app, &query) {
        Ok(search) => search,
        // What is wrong is told beside the form, in which it can be mended.
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let context = context! {
                problem => problem.detail(),
                items => Vec::<()>::new(),
                ..form(&app, &asked)
            };
            return Ok(visit.page_with(status, "deliveries.html", context));
        }
    };
    let found = app.store.find_deliveries(filter, page).await?;
    let next = found.next.map(|next| asked::query(&asked, Some(&next.to_string())));
    let answers = match asked["subscription"].as_str() {
        "" => None,
        _ => Some(answers::of(&app, &found.items).await?),
    };
    let items = Serde(&found.items);
    let context = context! { items, next, answers, ..form(&app, &asked) };
    Ok(visit.page("deliveries.html", context))
}

/// What the search form is drawn with.
fn form(app: &App, asked: &Asked) -> minijinja::Value {
    let snapshot = app.registry.snapshot();
    let subscriptions = snapshot.configuration.subscriptions.iter();
    let names: Vec<_> = subscriptions.map(|one| one.name.to_string()).take(MAX_SUGGESTED).collect();
    let chosen: Vec<_> = asked["state"].split(',').collect();
    let states: Vec<_> = DeliveryState::ALL
        .into_iter()
        .map(
            |state| context! { name => state.as_str(), chosen => chosen.contains(&state.as_str()) },
        )
        .collect();
    let sources = snapshot.configuration.sources.iter();
    let sources: Vec<_> = sources.map(|one| one.name.to_string()).take(MAX_SUGGESTED).collect();
    let narrowed = asked.iter().any(|(name, value)| *name != "cursor" && !value.is_empty());
    context! {
        asked => Serde(asked),
        states,
        subscriptions => names,
        sources,
        narrowed,
        first => asked::is_first(asked),
    }
}
