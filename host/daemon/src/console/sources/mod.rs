//! `/console/sources`: helpdesks that post events, what is to be pasted into them, and what came
//! of their posts.

mod auth;
mod change;
mod form;
mod secret;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::{Name, RejectId, Source, SourceAuth, Subject, SubjectKind, ticket};
use hookwright_store::Page;
use http::StatusCode;
use minijinja::context;
use minijinja::value::{Serde, Value};

use super::access::Routes;
use super::body::indented;
use super::day::of_the_day;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::registry::{Snapshot, SourceEntry};
use crate::server::for_console;
use crate::server::problem::Problem;
use crate::setup::users_of_secrets;

/// The most of its last events and rejects that are shown of a source.
const LAST: usize = 10;
/// The most sources of which it is looked up when they posted last.
const MAX_LOOKED_UP: usize = 100;

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/sources", get(list))
        // No source has this name: a name has no `~`.
        .administering("/console/sources/~new", get(form::new).post(form::create))
        .reading("/console/sources/{name}", get(show))
        .administering("/console/sources/{name}/edit", get(form::edit).post(form::save))
        .administering("/console/sources/{name}/{move}", post(change::change))
}

/// The source that an address names.
fn find(there: &Snapshot, name: &str) -> Result<Arc<SourceEntry>, Problem> {
    let shown: String = name.chars().take(80).collect();
    let unknown = || Problem::not_found(format!("there is no source `{shown}`"));
    there.sources.get(name).cloned().ok_or_else(unknown)
}

/// `disabled`, `faulty` if nothing can be taken in for it, or `active`.
fn state(entry: &SourceEntry) -> &'static str {
    if !entry.source.enabled {
        "disabled"
    } else if entry.plugin.is_err() || entry.proof.is_err() {
        "faulty"
    } else {
        "active"
    }
}

/// How its posts prove where they come from, in one word.
fn kind(auth: &SourceAuth) -> &'static str {
    match auth {
        SourceAuth::None {} => "none",
        SourceAuth::Token { .. } => "token",
        SourceAuth::HubSignature { .. } => "hub_signature",
        SourceAuth::Hmac { .. } => "hmac",
        SourceAuth::Basic { .. } => "basic",
        SourceAuth::StandardWebhooks { .. } => "standard_webhooks",
        SourceAuth::Jwt(_) => "jwt",
    }
}

async fn last_events(app: &App, name: &Name, limit: usize) -> Result<Vec<Value>, Problem> {
    let (filter, page) = for_console::events(&format!("source={name}"))?;
    let events = app.store.find_events(filter, Page { limit, ..page }).await?;
    let shown = events.items.iter().map(|event| {
        context! {
            id => event.id.to_string(),
            event_type => event.event_type.to_string(),
            subject => event.subject.as_deref(),
            ticket => ticket::number(&event.data),
            received_at => event.received_at.to_string(),
        }
    });
    Ok(shown.collect())
}

async fn list(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Refusal> {
    let there = app.registry.snapshot();
    let counts = of_the_day(&app, SubjectKind::Source).await?;
    let mut items = Vec::new();
    for (number, source) in there.configuration.sources.iter().enumerate() {
        let Some(entry) = there.sources.get(&source.name) else { continue };
        let last = if number < MAX_LOOKED_UP {
            last_events(&app, &source.name, 1).await?.pop()
        } else {
            None
        };
        let counted = counts.get(&Subject::Source(source.name.clone()));
        items.push(context! {
            name => source.name.to_string(),
            plugin => source.plugin.to_string(),
            auth => kind(&source.auth),
            state => state(entry),
            events => counted.map_or(0, |counted| counted.events),
            rejects => counted.map_or(0, |counted| counted.rejects),
            last,
        });
    }
    Ok(visit.page("sources.html", context! { items }))
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    Ok(page(&app, &visit, StatusCode::OK, &name, None).await?)
}

/// Where its helpdesk posts to; a token is part of it if it is known.
fn address(app: &App, source: &Source, fresh: Option<&str>) -> String {
    let path = match (&source.auth, fresh) {
        (SourceAuth::Token { .. }, Some(token)) => format!("/in/{}/{token}", source.name),
        _ => format!("/in/{}", source.name),
    };
    app.public_url.at(&path)
}

/// For which helpdesk there are words on where to paste what.
fn helpdesk(plugin: &Name) -> &'static str {
    match plugin.as_str() {
        "zammad" => "zammad",
        "zenlix" => "zenlix",
        "helpdeskeddy-channel" => "helpdeskeddy",
        "eddydesk" => "eddydesk",
        "r-service" => "r-service",
        _ => "other",
    }
}

/// A source's page. A secret that has just been made is on it this once.
async fn page(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    name: &str,
    fresh: Option<&str>,
) -> Result<Response, Problem> {
    let there = app.registry.snapshot();
    let entry = find(&there, name)?;
    let source = &entry.source;
    let first = Page::<RejectId> { before: None, limit: LAST };
    let rejects = app.store.rejects(Some(source.name.clone()), first).await?;
    let mut counts = of_the_day(app, SubjectKind::Source).await?;
    let counted = counts.remove(&Subject::Source(source.name.clone())).unwrap_or_default();
    let secret = source.auth.secret();
    let sharing = secret.map(|secret| sharing(&there, secret, source)).unwrap_or_default();
    let (username, header, issuer) = match &source.auth {
        SourceAuth::Basic { username, .. } => (Some(username.as_str()), None, None),
        SourceAuth::Hmac { header, .. } => (None, Some(header.as_str()), None),
        SourceAuth::Jwt(jwt) => (None, None, jwt.issuer.as_deref()),
        _ => (None, None, None),
    };
    let faults = [
        entry.plugin.as_ref().err().cloned(),
        entry.proof.as_ref().err().map(|mistake| mistake.detail.clone()),
    ];
    let context = context! {
        source => Serde(source),
        state => state(&entry),
        faults => faults.into_iter().flatten().collect::<Vec<_>>(),
        auth => kind(&source.auth),
        helpdesk => helpdesk(&source.plugin),
        url => address(app, source, fresh),
        is_https => app.public_url.is_https(),
        secret => secret.map(ToString::to_string),
        sharing,
        fresh,
        username,
        header,
        issuer,
        settings => indented(&source.settings),
        events => last_events(app, &source.name, LAST).await?,
        rejects => Serde(rejects),
        day_events => counted.events,
        day_rejects => counted.rejects,
    };
    Ok(visit.page_with(status, "source.html", context))
}

/// Who else uses a secret.
fn sharing(there: &Snapshot, secret: &Name, source: &Source) -> Vec<String> {
    let mut users = users_of_secrets(&there.configuration);
    let users = users.remove(secret).unwrap_or_default().into_iter();
    let others = users.filter(|user| !(user.kind == "source" && user.name == source.name));
    others.map(|user| user.to_string()).collect()
}
