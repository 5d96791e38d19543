//! Making a source, and changing one.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use hookwright_model::{PluginVersion, Role, Source};
use http::{StatusCode, Uri};
use minijinja::context;
use minijinja::value::Serde;
use serde_json::{Map, Value, json};

use super::super::asked;
use super::super::fields::{self, Fields, wrong};
use super::super::forms::{self, Entries, Field, Mistakes, enter, read, settings};
use super::super::mistakes::Placed;
use super::super::refusal::Refusal;
use super::super::visit::Visit;
use super::{auth, find, page};
use crate::app::App;
use crate::registry::Snapshot;
use crate::server::body::convert;
use crate::server::problem::Problem;
use crate::setup::{Setup, SourceWanted, turn};

/// What the form has beside the proof and the plugin's settings.
const NAMES: [&str; 4] = ["name", "plugin", "time_zone", "repeat_window_s"];
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

/// Where in the document the fields stand that are not drawn from a schema, and their ids.
const PLACES: [(&str, &str); 16] = [
    ("/name", "name"),
    ("/auth", "proof"),
    ("/auth/username", "username"),
    ("/auth/header", "header"),
    ("/auth/digest", "digest"),
    ("/auth/prefix", "prefix"),
    ("/auth/encoding", "encoding"),
    ("/auth/public_key", "public_key"),
    ("/auth/issuer", "issuer"),
    ("/auth/audience", "audience"),
    ("/auth/algorithms", "algorithms"),
    ("/auth/leeway_s", "leeway_s"),
    ("/secrets", "secret_value"),
    ("/time_zone", "time_zone"),
    ("/repeat_window_s", "repeat_window_s"),
    ("/connection", "connection"),
];

type Values = BTreeMap<&'static str, String>;

/// What stands in the form.
struct Filled {
    values: Values,
    /// The plugin's settings.
    settings: Entries,
}

/// What is wrong in it.
#[derive(Default)]
struct Wrong {
    mistakes: Mistakes,
    /// What is about no field.
    problem: Option<String>,
}

/// What the form has if nothing has been filled in.
fn blank() -> Values {
    let mut values: Values =
        NAMES.iter().chain(&PROOF).map(|name| (*name, String::new())).collect();
    values.extend([("leeway_s", String::new()), ("connection", String::new())]);
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

/// The version of each source plugin that is used: the one that was installed last.
fn plugins(there: &Snapshot) -> BTreeMap<&str, &PluginVersion> {
    let all = there.configuration.plugins.iter();
    let all = all.filter(|version| version.key.role == Role::Source);
    all.map(|version| (version.key.name.as_str(), version)).collect()
}

/// The field for a plugin's settings. Of a plugin that is not there, nobody knows them.
fn field(there: &Snapshot, plugin: &str) -> Field {
    let version = plugins(there).get(plugin).copied();
    settings(version.map_or("true", |version| &version.descriptor.settings_schema))
}

/// As it is filled in for what there is.
fn of(there: &Snapshot, source: &Source) -> Filled {
    let mut values = blank();
    let given: Option<Value> = serde_json::from_str(&source.settings).ok();
    let mut settings = Entries::default();
    enter(&field(there, source.plugin.as_str()), given.as_ref(), &mut settings);
    let yes = |yes: bool| if yes { "yes".to_owned() } else { String::new() };
    values.extend(auth::values(&source.auth));
    values.extend([
        ("name", source.name.to_string()),
        ("plugin", source.plugin.to_string()),
        ("time_zone", source.time_zone.clone().unwrap_or_default()),
        ("repeat_window_s", source.repeat_window_s.to_string()),
        ("connection", source.connection.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("track_changes", yes(source.track_changes)),
        ("enabled", yes(source.enabled)),
        ("seen", source.updated_at.to_string()),
    ]);
    let has_secret = source.auth.secret().is_some();
    values.insert("secret_from", if has_secret { "kept" } else { "generated" }.to_owned());
    Filled { values, settings }
}

/// As it was filled in.
fn typed(form: &Fields, old: Option<&Source>) -> Values {
    let mut values = blank();
    for (name, value) in &mut values {
        form.typed(name).clone_into(value);
    }
    values.insert("seen", form.get("seen").to_owned());
    values.extend(old.map(|old| ("name", old.name.to_string())));
    values
}

fn draw(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    filled: &Filled,
    old: Option<&Source>,
    wrong: Wrong,
) -> Response {
    let there = app.registry.snapshot();
    let all = &there.configuration;
    let Filled { values, settings } = filled;
    let plugins = plugins(&there);
    let chosen = plugins.get(values["plugin"].as_str()).copied();
    let choices = plugins.iter().map(|(name, version)| {
        context! {
            name => *name,
            title => version.descriptor.title.as_str(),
            description => version.descriptor.description.as_str(),
        }
    });
    let mut mistakes = wrong.mistakes;
    let (told, mut placed) = (mistakes.clone(), Placed::default());
    let settings =
        forms::draw(&field(&there, &values["plugin"]), settings, &mut mistakes, "settings");
    placed.note(&settings);
    // One field names the secret that there is, another holds a new one.
    let secret = if values["secret_from"] == "typed" { "secret_value" } else { "secret_name" };
    let places = [&PLACES[..], &[("/auth/secret", secret)]].concat();
    let mut beside = placed.beside(&places, &mut mistakes);
    beside.entry("secret_name").or_default();
    let context = context! {
        is_new => old.is_none(),
        is_chosen => chosen.is_some(),
        title => chosen.map(|version| version.descriptor.title.as_str()),
        values => Serde(values),
        plugins => choices.collect::<Vec<_>>(),
        settings => Serde(settings),
        mistakes => placed.told(&told),
        wrong => Serde(beside),
        problem => wrong.problem,
        secrets => all.secrets.iter().map(ToString::to_string).collect::<Vec<_>>(),
        connections => all.connections.iter().map(|one| one.name.to_string()).collect::<Vec<_>>(),
        kept => old.and_then(|old| old.auth.secret()).map(ToString::to_string),
        usual => auth::usual(&values["plugin"]),
        kinds => auth::KINDS,
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
    let filled = Filled { values, settings: Entries::default() };
    draw(&app, &visit, StatusCode::OK, &filled, None, Wrong::default())
}

pub(super) async fn edit(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let there = app.registry.snapshot();
    let entry = find(&there, &name)?;
    let filled = of(&there, &entry.source);
    Ok(draw(&app, &visit, StatusCode::OK, &filled, Some(&entry.source), Wrong::default()))
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    visit: Visit,
    body: Bytes,
) -> Result<Response, Refusal> {
    take(&app, &visit, None, &body).await
}

pub(super) async fn save(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let entry = find(&app.registry.snapshot(), &name)?;
    take(&app, &visit, Some(&entry.source), &body).await
}

/// Makes what the form says. A secret that was generated is on the page that follows, and on no
/// other.
async fn take(
    app: &App,
    visit: &Visit,
    old: Option<&Source>,
    body: &[u8],
) -> Result<Response, Refusal> {
    let (form, settings) = (Fields::read(body), Entries::of(body));
    if visit.is_given_back() {
        let filled = Filled { values: typed(&form, old), settings };
        return Ok(draw(app, visit, StatusCode::OK, &filled, old, Wrong::default()));
    }
    match make(app, visit, old, &form, &settings).await {
        Ok((name, Some(secret))) => {
            Ok(page(app, visit, StatusCode::OK, &name, Some(&secret)).await?)
        }
        Ok((name, None)) => Ok(visit.done(&format!("/console/sources/{name}"), "note-set", &name)),
        Err(problem) if fields::is_mendable(&problem) => {
            let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let mistakes = problem.errors().to_vec();
            let problem = mistakes.is_empty().then(|| problem.detail().to_owned());
            let filled = Filled { values: typed(&form, old), settings };
            Ok(draw(app, visit, status, &filled, old, Wrong { mistakes, problem }))
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn make(
    app: &App,
    visit: &Visit,
    old: Option<&Source>,
    form: &Fields,
    settings: &Entries,
) -> Result<(String, Option<String>), Problem> {
    let turn = turn(app).await;
    let there = app.registry.snapshot();
    if let Some(old) = old {
        form.is_of(find(&there, old.name.as_str())?.source.updated_at)?;
    }
    let (wanted, read) = wanted(&there, old, form, settings)?;
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
    settings: &Entries,
) -> Result<(SourceWanted, auth::Read), Problem> {
    let name = old.map_or_else(|| form.get("name").to_owned(), |old| old.name.to_string());
    let name = name.parse().map_err(|error| wrong("/name", format!("{error}")))?;
    let mut mistakes = Mistakes::new();
    let settings = read(&field(there, form.get("plugin")), settings, &mut mistakes);
    if !mistakes.is_empty() {
        return Err(Problem::invalid(mistakes));
    }
    let read = auth::read(form, there, &name, old.map(|old| &old.auth))?;
    let mut document = Map::new();
    document.insert("name".into(), name.as_str().into());
    document.insert("plugin".into(), form.get("plugin").into());
    document.insert("auth".into(), read.document.clone());
    document.insert("settings".into(), settings.unwrap_or_else(|| json!({})));
    document.insert("enabled".into(), form.has("enabled").into());
    document.insert("track_changes".into(), form.has("track_changes").into());
    for field in ["time_zone", "connection"] {
        if let Some(value) = form.given(field) {
            document.insert(field.into(), value.into());
        }
    }
    if let Some(seconds) = form.given("repeat_window_s") {
        let seconds = seconds.parse::<u32>();
        let seconds =
            seconds.map_err(|_| wrong("/repeat_window_s", "this is no number of seconds"))?;
        document.insert("repeat_window_s".into(), json!(seconds));
    }
    Ok((convert(document.into())?, read))
}
