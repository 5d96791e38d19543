//! Enabling and disabling a source, another secret for it, and removing it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::super::refusal::Refusal;
use super::super::secrets::in_the_way;
use super::super::visit::Visit;
use super::{find, kind, page, secret};
use crate::app::App;
use crate::server::problem::Problem;
use crate::setup::{Removals, SecretWanted, Setup, SourceWanted, turn};

pub(super) async fn change(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((name, to)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let here = format!("/console/sources/{name}");
    Ok(match to.as_str() {
        "enable" | "disable" => {
            switch(&app, &visit, &name, to == "enable").await?;
            visit.done(&here, "note-set", "")
        }
        "rotate" => rotate(&app, &visit, &name).await?,
        "remove" => {
            remove(&app, &visit, &name).await?;
            visit.done("/console/sources", "note-removed", "")
        }
        other => {
            let shown: String = other.chars().take(40).collect();
            return Err(Problem::not_found(format!("there is nothing like `{shown}`")).into());
        }
    })
}

async fn switch(app: &App, visit: &Visit, name: &str, enabled: bool) -> Result<(), Problem> {
    let turn = turn(app).await;
    let entry = find(&app.registry.snapshot(), name)?;
    let sources = vec![SourceWanted { enabled, ..SourceWanted::from(&entry.source) }];
    let plan = Setup { sources, ..Setup::default() }.plan_in(turn, app).await;
    let plan = plan.map_err(|problem| problem.within("/sources/0"))?;
    plan.make(app, &visit.actor()?).await.map(drop)
}

/// Gives its secret another value. The one before is of no use from then on.
async fn rotate(app: &App, visit: &Visit, name: &str) -> Result<Response, Problem> {
    let turn = turn(app).await;
    let entry = find(&app.registry.snapshot(), name)?;
    let auth = &entry.source.auth;
    let Some(of) = auth.secret() else {
        let detail = "this source has no secret of its own to change";
        return Err(Problem::new(StatusCode::CONFLICT, "Conflict", detail));
    };
    let value = secret::generate(kind(auth))?;
    let secrets = vec![SecretWanted { name: of.clone(), value: value.clone() }];
    let plan = Setup { secrets, ..Setup::default() }.plan_in(turn, app).await?;
    plan.make(app, &visit.actor()?).await?;
    page(app, visit, StatusCode::OK, name, Some(&value)).await
}

async fn remove(app: &App, visit: &Visit, name: &str) -> Result<(), Problem> {
    let turn = turn(app).await;
    let source = find(&app.registry.snapshot(), name)?.source.name.clone();
    let remove = Removals { sources: vec![source], ..Removals::default() };
    let plan = Setup { remove, ..Setup::default() }.plan_in(turn, app).await;
    let plan = plan.map_err(in_the_way)?;
    plan.make(app, &visit.actor()?).await.map(drop)
}
