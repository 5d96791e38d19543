//! `/console/policies`: how the tokens are signed that subscriptions send.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::{Name, Policy, Timestamp};
use http::StatusCode;
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde_json::Map;

use super::access::Routes;
use super::fields::{self, Fields, wrong};
use super::refusal::Refusal;
use super::secrets::in_the_way;
use super::visit::Visit;
use crate::app::App;
use crate::server::body::convert;
use crate::server::for_console_admin;
use crate::server::problem::Problem;
use crate::setup::{PolicyWanted, Removals, Setup, turn};

/// What can be chosen, what is usual first.
const ALGORITHMS: [&str; 10] =
    ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "HS256", "HS384", "HS512", "none"];
/// The fields of the form.
const NAMES: [&str; 6] = ["name", "algorithm", "audience", "expires_in_s", "secret", "seen"];

pub(super) fn routes() -> Routes {
    Routes::default()
        .administering("/console/policies/~new", get(new).post(create))
        .reading("/console/policies/{name}", get(show))
        .administering("/console/policies/{name}/edit", get(edit).post(save))
        .administering("/console/policies/{name}/rotate", post(rotate))
        .administering("/console/policies/{name}/remove", post(remove))
}

fn find(app: &App, name: &str) -> Result<Policy, Problem> {
    let there = app.registry.snapshot();
    let shown: String = name.chars().take(80).collect();
    let unknown = || Problem::not_found(format!("there is no policy `{shown}`"));
    there.policies.get(name).map(|entry| entry.policy.clone()).ok_or_else(unknown)
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let policy = find(&app, &name)?;
    let now = Timestamp::now();
    let there = app.registry.snapshot();
    let users = there
        .configuration
        .subscriptions
        .iter()
        .filter(|one| one.signing.iter().any(|signing| signing.policy() == Some(&policy.name)));
    let users: Vec<_> = users.map(|one| one.name.to_string()).collect();
    let context = context! {
        policy => Serde(&policy),
        issuer => app.public_url.issuer(&policy.name),
        keys => Serde(policy.published(now).collect::<Vec<_>>()),
        is_generated => policy.algorithm.generated().is_some(),
        usual_keep_s => Policy::DEFAULT_KEEP_S,
        most_keep_s => Policy::MAX_KEEP_S,
        users,
    };
    Ok(visit.page("policy.html", context))
}

type Values = BTreeMap<&'static str, String>;

fn draw(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    is_new: bool,
    values: &Values,
    more: Value,
) -> Response {
    let there = app.registry.snapshot();
    let context = context! {
        is_new,
        values => Serde(values),
        algorithms => ALGORITHMS,
        secrets => there.configuration.secrets.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ..more
    };
    visit.page_with(status, "policy-form.html", context)
}

async fn new(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let mut values: Values = NAMES.iter().map(|name| (*name, String::new())).collect();
    values.insert("disabled", String::new());
    values.insert("algorithm", ALGORITHMS[0].to_owned());
    draw(&app, &visit, StatusCode::OK, true, &values, context! {})
}

async fn edit(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let policy = find(&app, &name)?;
    let values = Values::from([
        ("name", policy.name.to_string()),
        ("algorithm", policy.algorithm.as_str().to_owned()),
        ("audience", policy.audience.unwrap_or_default()),
        ("expires_in_s", policy.expires_in_s.map(|one| one.to_string()).unwrap_or_default()),
        ("secret", policy.secret.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("seen", policy.updated_at.to_string()),
        ("disabled", if policy.disabled { "yes".to_owned() } else { String::new() }),
    ]);
    Ok(draw(&app, &visit, StatusCode::OK, false, &values, context! {}))
}

async fn create(
    State(app): State<Arc<App>>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Refusal> {
    take(&app, &visit, None, &Fields::read(&body)).await
}

async fn save(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let policy = find(&app, &name)?;
    take(&app, &visit, Some(&policy.name), &Fields::read(&body)).await
}

/// As it was filled in.
fn typed(old: Option<&Name>, form: &Fields) -> Values {
    let names = NAMES.iter().chain(&["disabled"]);
    let mut values: Values = names.map(|name| (*name, form.get(name).to_owned())).collect();
    values.extend(old.map(|name| ("name", name.to_string())));
    values
}

async fn take(
    app: &App,
    visit: &Visit,
    old: Option<&Name>,
    form: &Fields,
) -> Result<Response, Refusal> {
    if visit.is_given_back() {
        let values = typed(old, form);
        return Ok(draw(app, visit, StatusCode::OK, old.is_none(), &values, context! {}));
    }
    let made = async {
        let turn = turn(app).await;
        if let Some(old) = old {
            form.is_of(find(app, old.as_str())?.updated_at)?;
        }
        let wanted = wanted(old, form)?;
        let name = wanted.name.to_string();
        if old.is_none() && app.registry.snapshot().policies.contains_key(&wanted.name) {
            return Err(wrong("/name", format!("there is a policy `{name}` already")));
        }
        let setup = Setup { policies: vec![wanted], ..Setup::default() };
        let plan = setup.plan_in(turn, app).await;
        let plan = plan.map_err(|problem| problem.within("/policies/0"))?;
        plan.make(app, &visit.actor()?).await?;
        Ok(name)
    };
    match made.await {
        Ok(name) => Ok(visit.done(&format!("/console/policies/{name}"), "note-set", &name)),
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            let values = typed(old, form);
            Ok(draw(app, visit, status, old.is_none(), &values, more))
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The form as the document that the API takes.
fn wanted(old: Option<&Name>, form: &Fields) -> Result<PolicyWanted, Problem> {
    let mut document = Map::new();
    for name in ["name", "algorithm", "audience", "secret"] {
        if let Some(value) = form.given(name) {
            document.insert(name.to_owned(), value.into());
        }
    }
    if let Some(name) = old {
        document.insert("name".to_owned(), name.as_str().into());
    }
    if let Some(seconds) = form.given("expires_in_s") {
        let seconds = seconds.parse::<u32>();
        let seconds =
            seconds.map_err(|_| wrong("/expires_in_s", "this is no number of seconds"))?;
        document.insert("expires_in_s".to_owned(), seconds.into());
    }
    document.insert("disabled".to_owned(), form.has("disabled").into());
    convert(document.into())
}

async fn rotate(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&body);
    let keep_s = form.given("keep_s").map(str::parse::<u64>).transpose();
    let keep_s = keep_s.map_err(|_| wrong("/keep_s", "this is no number of seconds"))?;
    for_console_admin::rotate_policy(app, visit.actor()?, &name, keep_s).await?;
    Ok(visit.done(&format!("/console/policies/{name}"), "note-set", ""))
}

async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let name = find(&app, &name)?.name;
    let remove = Removals { policies: vec![name], ..Removals::default() };
    let plan = Setup { remove, ..Setup::default() }.plan(&app).await.map_err(in_the_way)?;
    plan.make(&app, &visit.actor()?).await?;
    Ok(visit.done("/console/settings", "note-removed", ""))
}
