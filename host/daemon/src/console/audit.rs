//! `/console/audit`: who did what.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use hookwright_model::{AuditEntry, FieldChange};
use http::{StatusCode, Uri};
use minijinja::context;
use minijinja::value::Serde;
use serde_json::Value;

use super::access::Routes;
use super::asked;
use super::body::Shown;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::for_console;

/// What can be asked for.
const NAMES: [&str; 6] = ["actor", "action", "target", "since", "until", "cursor"];

pub(super) fn routes() -> Routes {
    Routes::default().operating("/console/audit", get(list))
}

async fn list(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Result<Response, Refusal> {
    let asked = asked::read(&uri, &NAMES);
    let cursor = Some(asked["cursor"].as_str()).filter(|cursor| !cursor.is_empty());
    let narrowed = asked.iter().any(|(name, value)| *name != "cursor" && !value.is_empty());
    let form = context! { asked => Serde(&asked), narrowed, first => asked::is_first(&asked) };
    let (items, next) = match for_console::audit(app, &asked::query(&asked, cursor)).await {
        Ok(found) => found,
        Err(problem) if problem.status() == 400 => {
            let context = context! {
                problem => problem.detail(),
                items => Vec::<()>::new(),
                ..form
            };
            return Ok(visit.page_with(StatusCode::BAD_REQUEST, "audit.html", context));
        }
        Err(problem) => return Err(problem.into()),
    };
    let items: Vec<_> = items.iter().map(shown).collect();
    let next = next.map(|next| asked::query(&asked, Some(&next)));
    Ok(visit.page("audit.html", context! { items, next, ..form }))
}

fn shown(entry: &AuditEntry) -> minijinja::Value {
    let change = |change: &FieldChange| {
        let (from, to) = (side(&change.from), side(&change.to));
        context! { pointer => change.pointer.as_str(), from, to }
    };
    context! {
        id => entry.id.to_string(),
        at => entry.at.to_string(),
        kind => entry.actor.kind.as_str(),
        actor => entry.actor.name.as_str(),
        action => entry.action.as_str(),
        target_kind => entry.target.kind.as_str(),
        target => entry.target.name.as_str(),
        address => entry.address.map(|address| address.to_string()),
        changes => entry.changes.iter().map(change).collect::<Vec<_>>(),
    }
}

/// One side of a change; none if there was nothing.
fn side(value: &Value) -> Option<Serde<Shown>> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(Serde(Shown::of(text.as_bytes())))
}
