//! Which version subscriptions and connections use: another one for several of them at once, with
//! what changes shown first.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use hookwright_model::{Digest, PluginVersion, Role};
use http::StatusCode;
use minijinja::context;
use minijinja::value::{Serde, Value};

use super::super::fields::{self, Fields};
use super::super::refusal::Refusal;
use super::super::visit::Visit;
use super::find;
use crate::app::App;
use crate::registry::Snapshot;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::{ConnectionWanted, Setup, SubscriptionWanted, turn};

/// Somebody who uses another version.
pub(super) struct Candidate {
    /// `subscription` or `connection`.
    kind: &'static str,
    name: String,
    /// What they are pinned to.
    from: Digest,
}

impl Candidate {
    /// What the box is called that chooses it.
    fn field(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

/// Who uses another version of the same plugin.
pub(super) fn candidates(there: &Snapshot, version: &PluginVersion) -> Vec<Candidate> {
    if version.key.role != Role::Destination {
        return Vec::new();
    }
    let all = &there.configuration;
    let is_of_it = |plugin: &_, digest| *plugin == version.key.name && digest != version.digest;
    let subscriptions = all.subscriptions.iter().filter(|one| is_of_it(&one.plugin, one.digest));
    let subscriptions = subscriptions.map(|one| Candidate {
        kind: "subscription",
        name: one.name.to_string(),
        from: one.digest,
    });
    let connections = all.connections.iter().filter(|one| is_of_it(&one.plugin, one.digest));
    let connections = connections.map(|one| Candidate {
        kind: "connection",
        name: one.name.to_string(),
        from: one.digest,
    });
    subscriptions.chain(connections).collect()
}

/// The set-up in which those that were chosen use this version.
fn setup(
    there: &Snapshot,
    version: &PluginVersion,
    is_chosen: impl Fn(&Candidate) -> bool,
) -> Setup {
    let mut setup = Setup::default();
    for one in candidates(there, version).iter().filter(|one| is_chosen(one)) {
        let all = &there.configuration;
        if one.kind == "subscription" {
            let found = all.subscriptions.iter().find(|found| found.name.as_str() == one.name);
            setup.subscriptions.extend(found.map(|found| SubscriptionWanted {
                digest: Some(version.digest),
                ..SubscriptionWanted::from(found)
            }));
        } else {
            let found = all.connections.iter().find(|found| found.name.as_str() == one.name);
            setup.connections.extend(found.map(|found| ConnectionWanted {
                digest: Some(version.digest),
                ..ConnectionWanted::from(found)
            }));
        }
    }
    setup
}

/// What is in the way, with the names of those for whom it is instead of their numbers.
fn named(problem: Problem, setup: &[(String, String)]) -> Problem {
    let errors = problem.errors().iter().map(|error| {
        let whose = setup.iter().find_map(|(at, name)| {
            let rest = error.pointer.strip_prefix(at)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("/{name}{rest}"))
        });
        let pointer = whose.unwrap_or_else(|| error.pointer.clone());
        FieldProblem { pointer, detail: error.detail.clone() }
    });
    let errors: Vec<_> = errors.collect();
    if errors.is_empty() { problem } else { Problem::invalid(errors) }
}

/// Where each stands in a set-up.
fn places(setup: &Setup) -> Vec<(String, String)> {
    let subscriptions = setup.subscriptions.iter().enumerate();
    let subscriptions = subscriptions
        .map(|(at, one)| (format!("/subscriptions/{at}"), format!("subscription/{}", one.name)));
    let connections = setup.connections.iter().enumerate();
    let connections = connections
        .map(|(at, one)| (format!("/connections/{at}"), format!("connection/{}", one.name)));
    subscriptions.chain(connections).collect()
}

fn page(
    visit: &Visit,
    status: StatusCode,
    there: &Snapshot,
    version: &PluginVersion,
    is_chosen: impl Fn(&Candidate) -> bool,
    more: Value,
) -> Response {
    let all = &there.configuration.plugins;
    let rows = candidates(there, version).into_iter().map(|one| {
        let from = all.iter().find(|known| known.digest == one.from);
        context! {
            field => one.field(),
            kind => one.kind,
            chosen => is_chosen(&one),
            from => from.map_or("?", |from| from.descriptor.version.as_str()),
            from_short => one.from.short(),
            from_digest => one.from.to_string(),
            is_older => from.is_some_and(|from| from.installed_at > version.installed_at),
            name => one.name,
        }
    });
    let context = context! {
        plugin => Serde(version),
        short => version.digest.short(),
        candidates => rows.collect::<Vec<_>>(),
        ..more
    };
    visit.page_with(status, "plugin-pin.html", context)
}

/// Shows what would change, and what would be in the way of it.
pub(super) async fn form(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let there = app.registry.snapshot();
    let version = find(&there, &text)?;
    let wanted = setup(&there, &version, |_| true);
    let places = places(&wanted);
    let more = match wanted.plan(&app).await {
        Ok(_) => context! {},
        Err(problem) if fields::is_mendable(&problem) => {
            fields::refused(&named(problem, &places)).1
        }
        Err(problem) => return Err(problem.into()),
    };
    Ok(page(&visit, StatusCode::OK, &there, &version, |_| true, more))
}

pub(super) async fn pin(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let is_chosen = |one: &Candidate| form.all("who").any(|chosen| chosen == one.field());
    let turn = turn(&app).await;
    let there = app.registry.snapshot();
    let version = find(&there, &text)?;
    let wanted = setup(&there, &version, is_chosen);
    let places = places(&wanted);
    if places.is_empty() {
        let problem = Problem::bad_request("nobody was chosen");
        let (status, more) = fields::refused(&problem);
        return Ok(page(&visit, status, &there, &version, is_chosen, more));
    }
    let made = match wanted.plan_in(turn, &app).await {
        Ok(plan) => plan.make(&app, &visit.actor()?).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok(_) => {
            let to = format!("/console/plugins/{}", version.digest);
            Ok(visit.done(&to, "note-plugin-pinned", &places.len().to_string()))
        }
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&named(problem, &places));
            Ok(page(&visit, status, &there, &version, is_chosen, more))
        }
        Err(problem) => Err(problem.into()),
    }
}
