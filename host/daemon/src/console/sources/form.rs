//! Making a source, and changing one.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use hookwright_model::{Role, Source};
use http::{StatusCode, Uri};
use minijinja::context;
use minijinja::value::Serde;
use serde_json::{Map, Value, json};

use super::super::body::indented;
use super::super::fields::{self, Fields};
use super::super::refusal::Refusal;
use super::super::visit::Visit;
use super::super::{asked, schema};
use super::{auth, find, page};
use crate::app::App;
use crate::registry::Snapshot;
use crate::server::body::convert;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::{Setup, SourceWanted, turn};

/// What the form has beside the proof.
const NAMES: [&str; 5] = ["name", "plugin", "settings", "time_zone", "repeat_window_s"];
/// What it has of the proof. The secret itself is typed anew each time.
const PROOF: [&str; 14] = [
    "auth",
    "secret_from",
    "secret_name",
    "username",
    "header",
    "digest",
    "prefix",
    "encoding",
    "location",
    "jwt_key",
    "public_key",
    "issuer",
    "audience",
    "algorithms",
];

type Values = BTreeMap<&'static str, String>;

/// What the form has if nothing has been filled in.
fn blank() -> Values {
    let mut values: Values =
        NAMES.iter().chain(&PROOF).map(|name| (*name, String::new())).collect();
    values.extend([("leeway_s", String::new()), ("connection", String::new())]);
    values.insert("settings", "{}".to_owned());
    values.insert("repeat_window_s", Source::DEFAULT_REPEAT_WINDOW_S.to_string());
    values.insert("digest", "sha256".to_owned());
    values.insert("encoding", "hex".to_owned());
    values.insert("location", "header".to_owned());
    values.insert("jwt_key", "issuer".to_owned());
    values.insert("secret_from", "generated".to_owned());
    values.insert("enabled", "yes".to_owned());
    values.insert("track_changes", String::new());
    values
}

/// As it is filled in for what there is.
fn of(source: &Source) -> Values {
    let mut values = blank();
    let settings = indented(&source.settings);
    let yes = |yes: bool| if yes { "yes".to_owned() } else { String::new() };
    values.extend(auth::values(&source.auth));
    values.extend([
        ("name", source.name.to_string()),
        ("plugin", source.plugin.to_string()),
        ("settings", settings),
        ("time_zone", source.time_zone.clone().unwrap_or_default()),
        ("repeat_window_s", source.repeat_window_s.to_string()),
        ("connection", source.connection.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("track_changes", yes(source.track_changes)),
        ("enabled", yes(source.enabled)),
        ("seen", source.updated_at.to_string()),
    ]);
    let has_secret = source.auth.secret().is_some();
    values.insert("secret_from", if has_secret { "kept" } else { "generated" }.to_owned());
    values
}

/// As it was filled in.
fn typed(form: &Fields) -> Values {
    let mut values = blank();
    for (name, value) in &mut values {
        form.typed(name).clone_into(value);
    }
    values.insert("seen", form.get("seen").to_owned());
    values
}

fn draw(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    values: &Values,
    old: Option<&Source>,
    more: minijinja::Value,
) -> Response {
    let there = app.registry.snapshot();
    let all = &there.configuration;
    let mut plugins = BTreeMap::new();
    for version in all.plugins.iter().filter(|version| version.key.role == Role::Source) {
        // The one that was installed last is the one that is used.
        plugins.insert(version.key.name.to_string(), version);
    }
    let chosen = plugins.get(&values["plugin"]).copied();
    let settings = chosen.map(|version| schema::rows(&version.descriptor.settings_schema));
    let choices = plugins.iter().map(|(name, version)| {
        context! {
            name,
            title => version.descriptor.title.as_str(),
            description => version.descriptor.description.as_str(),
        }
    });
    let context = context! {
        is_new => old.is_none(),
        is_chosen => chosen.is_some(),
        title => chosen.map(|version| version.descriptor.title.as_str()),
        values => Serde(values),
        plugins => choices.collect::<Vec<_>>(),
        settings => Serde(settings.unwrap_or_default()),
        secrets => all.secrets.iter().map(ToString::to_string).collect::<Vec<_>>(),
        connections => all.connections.iter().map(|one| one.name.to_string()).collect::<Vec<_>>(),
        kept => old.and_then(|old| old.auth.secret()).map(ToString::to_string),
        usual => auth::usual(&values["plugin"]),
        kinds => auth::KINDS,
        ..more
    };
    visit.page_with(status, "source-form.html", context)
}

/// First which helpdesk it is; then the rest, with what is usual for it.
pub(super) async fn new(State(app): State<Arc<App>>, visit: Visit, uri: Uri) -> Response {
    let asked = asked::read(&uri, &["plugin"]);
    let mut values = blank();
    values.insert("plugin", asked["plugin"].clone());
    values.insert("auth", auth::usual(&asked["plugin"]).to_owned());
    if asked["plugin"] == "r-service" {
        values.insert("location", "body".to_owned());
    }
    draw(&app, &visit, StatusCode::OK, &values, None, context! {})
}

pub(super) async fn edit(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let entry = find(&app.registry.snapshot(), &name)?;
    let values = of(&entry.source);
    Ok(draw(&app, &visit, StatusCode::OK, &values, Some(&entry.source), context! {}))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Refusal> {
    take(&app, &visit, None, &Fields::read(&body)).await
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let entry = find(&app.registry.snapshot(), &name)?;
    take(&app, &visit, Some(&entry.source), &Fields::read(&body)).await
}

/// Makes what the form says. A secret that was generated is on the page that follows, and on no
/// other.
async fn take(
    app: &App,
    visit: &Visit,
    old: Option<&Source>,
    form: &Fields,
) -> Result<Response, Refusal> {
    match make(app, visit, old, form).await {
        Ok((name, Some(secret))) => {
            Ok(page(app, visit, StatusCode::OK, &name, Some(&secret)).await?)
        }
        Ok((name, None)) => Ok(visit.done(&format!("/console/sources/{name}"), "note-set", &name)),
        Err(problem) if fields::is_mendable(&problem) => {
            let (status, more) = fields::refused(&problem);
            let mut values = typed(form);
            if let Some(old) = old {
                values.insert("name", old.name.to_string());
            }
            Ok(draw(app, visit, status, &values, old, more))
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn make(
    app: &App,
    visit: &Visit,
    old: Option<&Source>,
    form: &Fields,
) -> Result<(String, Option<String>), Problem> {
    let turn = turn(app).await;
    let there = app.registry.snapshot();
    if let Some(old) = old
        && find(&there, old.name.as_str())?.source.updated_at.to_string() != form.get("seen")
    {
        let detail = "it was changed since you opened this form: open it again";
        return Err(Problem::new(StatusCode::CONFLICT, "Conflict", detail));
    }
    let (wanted, read) = wanted(&there, old, form)?;
    let name = wanted.name.to_string();
    if old.is_none() && there.sources.contains_key(&wanted.name) {
        return Err(wrong("/name", format!("there is a source `{name}` already")));
    }
    let shown = read.secret.as_ref().filter(|_| read.is_generated);
    let shown = shown.map(|secret| secret.value.clone());
    let secrets = Vec::from_iter(read.secret);
    let plan = Setup { sources: vec![wanted], secrets, ..Setup::default() };
    let plan = plan.plan_in(turn, app).await.map_err(|problem| problem.within("/sources/0"))?;
    plan.make(app, &visit.actor()?).await?;
    Ok((name, shown))
}

/// The form as the document that the API takes.
fn wanted(
    there: &Snapshot,
    old: Option<&Source>,
    form: &Fields,
) -> Result<(SourceWanted, auth::Read), Problem> {
    let name = old.map_or_else(|| form.get("name").to_owned(), |old| old.name.to_string());
    let name = name.parse().map_err(|error| wrong("/name", format!("{error}")))?;
    let settings = form.given("settings").unwrap_or("{}");
    let settings: Value = serde_json::from_str(settings)
        .map_err(|error| wrong("/settings", format!("this is no JSON: {error}")))?;
    let read = auth::read(form, there, &name, old.map(|old| &old.auth))?;
    let mut document = Map::new();
    document.insert("name".into(), name.as_str().into());
    document.insert("plugin".into(), form.get("plugin").into());
    document.insert("auth".into(), read.document.clone());
    document.insert("settings".into(), settings);
    document.insert("enabled".into(), form.has("enabled").into());
    document.insert("track_changes".into(), form.has("track_changes").into());
    for field in ["time_zone", "connection"] {
        if let Some(value) = form.given(field) {
            document.insert(field.into(), value.into());
        }
    }
    if let Some(seconds) = form.given("repeat_window_s") {
        let seconds = seconds.parse::<u32>();
        let seconds = seconds
            .map_err(|_| wrong("/repeat_window_s", "this is no number of seconds".into()))?;
        document.insert("repeat_window_s".into(), json!(seconds));
    }
    Ok((convert(document.into())?, read))
}

fn wrong(pointer: &str, detail: String) -> Problem {
    Problem::invalid(vec![FieldProblem { pointer: pointer.to_owned(), detail }])
}
