//! Making and changing subscriptions and connections.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use hookwright_model::{EventId, Role};
use http::{StatusCode, Uri};
use minijinja::context;
use serde_json::json;

use super::access::Routes;
use super::asked;
use super::dry_run::{recent, shown as rehearsed};
use super::editing::{Entered, Form, Shown, document, is_channel, page, version};
use super::forms::{Entries, Mistakes};
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::for_console_setup::{Kind, Seen, dry_run_unsaved, save_one, test, version_of};
use crate::server::problem::Problem;
use crate::setup::{Turn, turn};

pub(super) fn routes() -> Routes {
    Routes::default()
        .administering("/console/subscriptions/new", get(new_subscription).post(make_subscription))
        .administering("/console/connections/new", get(new_connection).post(make_connection))
        .administering(
            "/console/subscriptions/{name}/edit",
            get(edit_subscription).post(change_subscription),
        )
        .administering(
            "/console/connections/{name}/edit",
            get(edit_connection).post(change_connection),
        )
}

/// The pages of a kind.
pub(super) fn base(kind: Kind) -> &'static str {
    match kind {
        Kind::Subscription => "/console/subscriptions",
        Kind::Connection => "/console/connections",
    }
}

async fn new_subscription(
    State(app): State<Arc<App>>,
    visit: Visit,
    uri: Uri,
) -> Result<Response, Refusal> {
    new(&app, &visit, Kind::Subscription, &uri)
}

async fn new_connection(
    State(app): State<Arc<App>>,
    visit: Visit,
    uri: Uri,
) -> Result<Response, Refusal> {
    new(&app, &visit, Kind::Connection, &uri)
}

/// The plugins to choose from, or the form for the one that was chosen.
fn new(app: &App, visit: &Visit, kind: Kind, uri: &Uri) -> Result<Response, Refusal> {
    let asked = asked::read(uri, &["plugin"]);
    if asked["plugin"].is_empty() {
        return Ok(choose(app, visit, kind));
    }
    let form = Form::new(app, kind, &asked["plugin"], None)?;
    let mut usual = json!({"enabled": true, "settings": {}});
    if kind == Kind::Subscription {
        usual["events"] = json!(["ticket.created"]);
    }
    let entries = form.entries(&usual);
    let action = format!("{}/new?plugin={}", base(kind), form.plugin.key.name);
    Ok(page(app, visit, &form, &entries, Mistakes::new(), fresh(&action, None)))
}

fn choose(app: &App, visit: &Visit, kind: Kind) -> Response {
    let there = app.registry.snapshot();
    let mut known = std::collections::BTreeMap::new();
    // The newest of each comes last.
    for one in there.configuration.plugins.iter().filter(|one| one.key.role == Role::Destination) {
        let title = one.descriptor.title.as_str();
        known.insert(one.key.name.to_string(), (title, one.descriptor.description.as_str()));
    }
    let writes = |name: &str| name.ends_with("-api");
    let plugins: Vec<_> = known
        .into_iter()
        .filter(|(name, _)| kind == Kind::Subscription || writes(name))
        .map(|(name, (title, description))| context! { name, title, description })
        .collect();
    let is_subscription = kind == Kind::Subscription;
    let context = context! { plugins, base => base(kind), is_subscription };
    visit.page("setup-choose.html", context)
}

/// A form that nothing was wrong with yet.
fn fresh<'a>(action: &'a str, seen: Option<(&'a str, &'a str)>) -> Shown<'a> {
    let status = StatusCode::OK;
    Shown { status, action, seen, problem: None, conflict: false, more: context! {} }
}

async fn edit_subscription(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    edit(&app, &visit, Kind::Subscription, &name)
}

async fn edit_connection(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    edit(&app, &visit, Kind::Connection, &name)
}

/// The form of one that there is, with what an admin has set.
fn form_of(app: &App, kind: Kind, name: &str) -> Result<Form, Problem> {
    let old = document(app, kind, name)?;
    let (plugin, digest) = version(&old);
    let mut form = Form::new(app, kind, &plugin, digest)?;
    form.old = Some(old);
    Ok(form)
}

fn edit(app: &App, visit: &Visit, kind: Kind, name: &str) -> Result<Response, Refusal> {
    let form = form_of(app, kind, name)?;
    let entries = form.entries(form.old.as_ref().unwrap_or_default());
    let version = version_of(app, kind, name)?;
    let action = format!("{}/{name}/edit", base(kind));
    let shown = fresh(&action, Some((name, &version)));
    Ok(page(app, visit, &form, &entries, Mistakes::new(), shown))
}

async fn make_subscription(
    State(app): State<Arc<App>>,
    visit: Visit,
    uri: Uri,
    sent: Bytes,
) -> Result<Response, Refusal> {
    make(app, visit, Kind::Subscription, &uri, &sent).await
}

async fn make_connection(
    State(app): State<Arc<App>>,
    visit: Visit,
    uri: Uri,
    sent: Bytes,
) -> Result<Response, Refusal> {
    make(app, visit, Kind::Connection, &uri, &sent).await
}

async fn make(
    app: Arc<App>,
    visit: Visit,
    kind: Kind,
    uri: &Uri,
    sent: &[u8],
) -> Result<Response, Refusal> {
    let asked = asked::read(uri, &["plugin"]);
    let entries = Entries::of(sent);
    let digest = entries.text("/digest").parse().ok();
    let form = Form::new(&app, kind, &asked["plugin"], digest)?;
    let action = format!("{}/new?plugin={}", base(kind), form.plugin.key.name);
    Ok(save(&app, &visit, &form, &entries, &action, None).await)
}

async fn change_subscription(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    sent: Bytes,
) -> Result<Response, Refusal> {
    change(app, visit, Kind::Subscription, &name, &sent).await
}

async fn change_connection(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
    sent: Bytes,
) -> Result<Response, Refusal> {
    change(app, visit, Kind::Connection, &name, &sent).await
}

async fn change(
    app: Arc<App>,
    visit: Visit,
    kind: Kind,
    name: &str,
    sent: &[u8],
) -> Result<Response, Refusal> {
    let entries = Entries::of(sent);
    let form = form_of(&app, kind, name)?;
    let action = format!("{}/{name}/edit", base(kind));
    let seen = Some((name, entries.text("version")));
    Ok(save(&app, &visit, &form, &entries, &action, seen).await)
}

/// Saves what was entered, tries it out on an event, or shows the form again with what is wrong.
async fn save(
    app: &Arc<App>,
    visit: &Visit,
    form: &Form,
    entries: &Entries,
    action: &str,
    seen: Option<(&str, &str)>,
) -> Response {
    let is_try = form.kind == Kind::Subscription && entries.has("try");
    // What is free to be the name of a new secret is so until it is taken.
    let turn = if is_try { None } else { Some(turn(app).await) };
    let mut mistakes = Mistakes::new();
    let entered = form.read(&app.registry.snapshot().configuration, entries, &mut mistakes);
    let again =
        |mistakes: Mistakes, shown: Shown<'_>| page(app, visit, form, entries, mistakes, shown);
    if !mistakes.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return again(mistakes, Shown { status, ..fresh(action, seen) });
    }
    let problem = match turn {
        None => match try_out(app, entries, entered).await {
            Ok(more) => return again(Mistakes::new(), Shown { more, ..fresh(action, seen) }),
            Err(problem) => problem,
        },
        Some(turn) => match keep(app, visit, form, turn, entered, seen).await {
            Ok(response) => return response,
            Err(problem) => problem,
        },
    };
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let conflict = status == StatusCode::PRECONDITION_FAILED;
    let mistakes: Mistakes = problem.errors().iter().cloned().map(at_field).collect();
    let words = mistakes.is_empty().then(|| problem.detail().to_owned());
    let problem = words.as_deref().filter(|_| !conflict);
    again(mistakes, Shown { status, conflict, problem, ..fresh(action, seen) })
}

/// Where a mistake of the planner's is in the form.
fn at_field(mistake: crate::server::problem::FieldProblem) -> crate::server::problem::FieldProblem {
    let pointer = match mistake.pointer.strip_prefix("/signing/0") {
        Some(rest) => format!("/signing{rest}"),
        None => mistake.pointer,
    };
    crate::server::problem::FieldProblem { pointer, ..mistake }
}

async fn try_out(
    app: &Arc<App>,
    entries: &Entries,
    entered: Entered,
) -> Result<minijinja::Value, Problem> {
    let Entered { document, secrets } = entered;
    let wanted: crate::setup::SubscriptionWanted = crate::server::body::convert(document)?;
    let text = entries.text("event").trim();
    let event = match text.parse::<EventId>() {
        Ok(event) => event,
        Err(_) if text.is_empty() => recent(app, &wanted).await?.ok_or_else(|| {
            Problem::not_found("there is no event in the journal that it would take")
        })?,
        Err(error) => return Err(Problem::bad_request(error.to_string())),
    };
    let rehearsal = dry_run_unsaved(app, wanted, secrets, event).await?;
    let tried = rehearsed(&rehearsal);
    Ok(context! { tried, event => event.to_string() })
}

async fn keep(
    app: &Arc<App>,
    visit: &Visit,
    form: &Form,
    turn: Turn,
    entered: Entered,
    seen: Option<(&str, &str)>,
) -> Result<Response, Problem> {
    let Entered { document, secrets } = entered;
    let actor = visit.actor()?;
    let version = seen.map(|(name, version)| Seen { name, version });
    let name = save_one(app, &actor, turn, form.kind, version, document, secrets).await?;
    let to = format!("{}/{name}", base(form.kind));
    // Setting a channel up tests the connection.
    if seen.is_none()
        && form.kind == Kind::Subscription
        && is_channel(form.plugin.key.name.as_str())
    {
        let delivery = test(app, actor, name.as_str()).await?;
        return Ok(Redirect::to(&format!("{to}?test={delivery}")).into_response());
    }
    Ok(visit.done(&to, "note-saved", name.as_str()))
}
