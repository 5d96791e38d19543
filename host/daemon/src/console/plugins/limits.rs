//! The bounds of a plugin's calls.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use hookwright_model::{Limits, PluginVersion};
use http::StatusCode;
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde_json::{Map, json};

use super::super::fields::{self, Fields};
use super::super::refusal::Refusal;
use super::super::visit::Visit;
use super::find;
use crate::app::App;
use crate::server::body::convert;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::{PluginWanted, Setup};

/// A name, a value, the least and the most.
type Limit = (&'static str, u64, u64, u64);

/// Each limit as it is, as is usual, and as it can be.
pub(super) fn rows(limits: &Limits) -> Vec<Value> {
    let usual = Limits::default();
    let both = limits.ranges().into_iter().zip(usual.ranges());
    let row = |((name, value, min, max), (_, usual, ..)): (Limit, Limit)| {
        context! { name, value, usual, min, max, is_usual => value == usual }
    };
    both.map(row).collect()
}

pub(super) async fn form(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let there = app.registry.snapshot();
    let version = find(&there, &text)?;
    let limits = there.configuration.limits.get(&version.key).cloned().unwrap_or_default();
    Ok(page(&visit, StatusCode::OK, &version, rows(&limits), context! {}))
}

fn page(
    visit: &Visit,
    status: StatusCode,
    version: &PluginVersion,
    limits: Vec<Value>,
    more: Value,
) -> Response {
    let context = context! { plugin => Serde(version), limits, ..more };
    visit.page_with(status, "plugin-limits.html", context)
}

/// The form as the document that the API takes.
fn wanted(form: &Fields) -> Result<Limits, Problem> {
    let (mut document, mut mistakes) = (Map::new(), Vec::new());
    for (name, ..) in Limits::default().ranges() {
        let Some(text) = form.given(name) else { continue };
        // People write long numbers with blanks and the like.
        let digits: String =
            text.chars().filter(|one| !matches!(one, ' ' | '\u{a0}' | '_')).collect();
        match digits.parse::<u64>() {
            Ok(number) => drop(document.insert(name.to_owned(), json!(number))),
            Err(_) => mistakes.push(FieldProblem {
                pointer: format!("/limits/{name}"),
                detail: "this is no whole number".to_owned(),
            }),
        }
    }
    if !mistakes.is_empty() {
        return Err(Problem::invalid(mistakes));
    }
    convert(document.into())
}

pub(super) async fn set(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let version = find(&app.registry.snapshot(), &text)?;
    let set = async {
        let limits = if form.has("usual") { Limits::default() } else { wanted(&form)? };
        let plugins = vec![PluginWanted { digest: version.digest, limits: Some(limits) }];
        let plan = Setup { plugins, ..Setup::default() }.plan(&app).await;
        let plan = plan.map_err(|problem| problem.within("/plugins/0"))?;
        plan.make(&app, &visit.actor()?).await
    };
    match set.await {
        Ok(_) => Ok(visit.done(&format!("/console/plugins/{}", version.digest), "note-set", "")),
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, context) = fields::refused(&problem);
            let typed = Limits::default().ranges().map(|(name, usual, min, max)| {
                context! { name, value => form.get(name), usual, min, max, is_usual => false }
            });
            Ok(page(&visit, status, &version, typed.to_vec(), context))
        }
        Err(problem) => Err(problem.into()),
    }
}
