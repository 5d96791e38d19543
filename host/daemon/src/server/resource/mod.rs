//! What everything that is set up has in common: made by POST, seen by GET, replaced by PUT,
//! changed by PATCH, removed by DELETE. All of it goes through the same plan as a whole set-up
//! does (`/v1/apply`), so that nothing is checked twice or differently.

mod route;
pub(in crate::server) mod save;

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use hookwright_model::Name;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::auth::Actor;
use super::body;
use super::etag::Tag;
use super::problem::{FieldProblem, Problem};
use crate::app::App;
use crate::merge_patch::merge;
use crate::registry::Snapshot;
use crate::setup::{self, Plan, Removals, Setup};

pub(super) use route::{Patch, routes_of};

/// Things of a kind.
pub(super) trait Resource {
    /// As an admin asks for one.
    type Wanted: DeserializeOwned + Serialize + Send;
    /// As one is shown.
    type Shown: Serialize;
    /// What one is called.
    const WORD: &'static str;
    /// What several are called in a set-up, and in URLs.
    const LIST: &'static str;

    /// One by its name or its id, as it would be asked for.
    fn find(there: &Snapshot, name: &str) -> Option<Self::Wanted>;
    /// One of this name as it is shown.
    fn shown(app: &App, there: &Snapshot, name: &str) -> Option<Self::Shown>;
    /// What it is called.
    fn name(wanted: &Self::Wanted) -> &Name;
    /// The set-up that asks for it.
    fn setup(wanted: Self::Wanted) -> Setup;
    /// What asks for it to be there no more.
    fn removal(name: Name) -> Removals;
}

/// There is none of this name.
pub(super) fn unknown(word: &str, name: &str) -> Problem {
    let shown: String = name.chars().take(80).collect();
    Problem::not_found(format!("there is no {word} `{shown}`"))
}

fn found<R: Resource>(there: &Snapshot, name: &str) -> Result<R::Wanted, Problem> {
    R::find(there, name).ok_or_else(|| unknown(R::WORD, name))
}

/// One as it is now, and its version.
fn now<R: Resource>(app: &App, name: &str) -> Result<(R::Shown, Tag), Problem> {
    let there = app.registry.snapshot();
    let wanted = found::<R>(&there, name)?;
    let shown = R::shown(app, &there, R::name(&wanted).as_str());
    let shown = shown.ok_or_else(|| unknown(R::WORD, name))?;
    let tag = Tag::of(&wanted, &shown)?;
    Ok((shown, tag))
}

/// Mistakes are told where they are in the document of one.
fn relocated<R: Resource>(problem: Problem) -> Problem {
    problem.within(&format!("/{}/0", R::LIST))
}

pub(super) fn show<R: Resource>(
    app: &App,
    name: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let (shown, tag) = now::<R>(app, name)?;
    tag.answer(headers, shown)
}

pub(super) async fn create<R: Resource>(
    app: &Arc<App>,
    actor: &Actor,
    body: &[u8],
) -> Result<Response, Problem> {
    let wanted: R::Wanted = body::object(body)?;
    let name = R::name(&wanted).clone();
    let turn = setup::turn(app).await;
    let location = format!("/v1/{}/{name}", R::LIST);
    if R::find(&app.registry.snapshot(), name.as_str()).is_some() {
        let detail = format!("there is a {} `{name}` already; change it by PUT or PATCH", R::WORD);
        return Err(Problem::new(StatusCode::CONFLICT, "Conflict", detail).at(location));
    }
    let plan = R::setup(wanted).plan_in(turn, app).await.map_err(relocated::<R>)?;
    plan.make(app, actor).await?;
    let (shown, tag) = now::<R>(app, name.as_str())?;
    let mut response = tag.on((StatusCode::CREATED, Json(shown)).into_response());
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The document takes the place of what there is. What it leaves out is as is usual.
pub(super) async fn replace<R: Resource>(
    app: &Arc<App>,
    actor: &Actor,
    name: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Problem> {
    let mut document: Value = body::parse(body)?;
    change::<R>(app, actor, name, headers, move |old| {
        if let Value::Object(members) = &mut document {
            members.entry("name").or_insert_with(|| R::name(old).as_str().into());
        }
        Ok(document)
    })
    .await
}

/// What the patch names is changed (RFC 7396).
pub(super) async fn patch<R: Resource>(
    app: &Arc<App>,
    actor: &Actor,
    name: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Problem> {
    let patch = body::patch(headers, body)?;
    // Another plugin has other versions.
    let repins = patch.get("plugin").is_some() && patch.get("digest").is_none();
    change::<R>(app, actor, name, headers, move |old| {
        let mut document = patched(old, patch)?;
        if let (true, Value::Object(members)) = (repins, &mut document) {
            members.remove("digest");
        }
        Ok(document)
    })
    .await
}

/// What there is, changed by a patch.
pub(super) fn patched(old: &impl Serialize, patch: Value) -> Result<Value, Problem> {
    let mut document = serde_json::to_value(old)
        .map_err(|error| Problem::unavailable(format!("it cannot be changed: {error}")))?;
    merge(&mut document, patch);
    Ok(document)
}

async fn change<R: Resource>(
    app: &Arc<App>,
    actor: &Actor,
    name: &str,
    headers: &HeaderMap,
    to: impl FnOnce(&R::Wanted) -> Result<Value, Problem> + Send,
) -> Result<Response, Problem> {
    let turn = setup::turn(app).await;
    let (_, tag) = now::<R>(app, name)?;
    let old = found::<R>(&app.registry.snapshot(), name)?;
    let wanted: R::Wanted = body::convert(to(&old)?)?;
    let name = R::name(&old).clone();
    if *R::name(&wanted) != name {
        let detail = format!("a {} keeps its name, `{name}`: make another one", R::WORD);
        return Err(Problem::invalid(vec![FieldProblem { pointer: "/name".into(), detail }]));
    }
    let plan = R::setup(wanted).plan_in(turn, app).await.map_err(relocated::<R>)?;
    // Last, as RFC 9110 (13.2.1) has it: what would be refused anyway is refused for that.
    tag.check(headers)?;
    plan.make(app, actor).await?;
    let (shown, tag) = now::<R>(app, name.as_str())?;
    Ok(tag.on(Json(shown).into_response()))
}

/// Removes one that nothing needs.
pub(super) async fn remove<R: Resource>(
    app: &Arc<App>,
    actor: &Actor,
    name: &str,
    headers: &HeaderMap,
) -> Result<StatusCode, Problem> {
    let turn = setup::turn(app).await;
    let (_, tag) = now::<R>(app, name)?;
    let name = R::name(&found::<R>(&app.registry.snapshot(), name)?).clone();
    let setup = Setup { remove: R::removal(name), ..Setup::default() };
    let plan = removing(setup.plan_in(turn, app).await)?;
    tag.check(headers)?;
    plan.make(app, actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// That something is still needed is no mistake in a document: there is none.
pub(super) fn removing(plan: Result<Plan, Problem>) -> Result<Plan, Problem> {
    plan.map_err(|problem| {
        if problem.errors().is_empty() {
            return problem;
        }
        let why: Vec<_> = problem.errors().iter().map(|error| error.detail.as_str()).collect();
        Problem::new(StatusCode::CONFLICT, "Conflict", why.join("; "))
    })
}
