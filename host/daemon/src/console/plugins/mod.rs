//! `/console/plugins`: what is installed, what it asks for and is granted, and who uses which
//! version.

mod install;
mod limits;
mod pin;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::{Digest, Name, PluginKey, PluginVersion, Role};
use minijinja::context;
use minijinja::value::{Serde, Value};

use super::access::Routes;
use super::delivery::id;
use super::refusal::Refusal;
use super::schema;
use super::users;
use super::visit::Visit;
use crate::app::App;
use crate::delivery::breaker::Suspended;
use crate::registry::{Snapshot, newest};
use crate::server::for_console_admin;
use crate::server::problem::Problem;
use crate::setup::users_of_plugin;

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading("/console/plugins", get(list))
        .administering("/console/plugins/install", get(install::form).post(install::install))
        .reading("/console/plugins/{digest}", get(show))
        .administering("/console/plugins/{digest}/limits", get(limits::form).post(limits::set))
        .administering("/console/plugins/{digest}/pin", get(pin::form).post(pin::pin))
        .operating("/console/plugins/{digest}/resume", post(resume))
        .administering("/console/plugins/{digest}/remove", post(remove))
}

/// The version that an address names.
fn find(there: &Snapshot, text: &str) -> Result<PluginVersion, Problem> {
    let digest: Digest = id(text)?;
    let mut all = there.configuration.plugins.iter();
    let unknown = || Problem::not_found(format!("there is no plugin with the digest {digest}"));
    all.find(|version| version.digest == digest).cloned().ok_or_else(unknown)
}

/// All versions of a plugin, newest first.
fn versions<'a>(
    there: &'a Snapshot,
    key: &'a PluginKey,
) -> impl Iterator<Item = &'a PluginVersion> {
    there.configuration.plugins.iter().rev().filter(move |version| version.key == *key)
}

/// A version in a table.
fn row(there: &Snapshot, version: &PluginVersion, suspended: &[Suspended]) -> Value {
    let latest = newest(&there.configuration, version.key.role, &version.key.name);
    context! {
        digest => version.digest.to_string(),
        short => version.digest.short(),
        version => version.descriptor.version.as_str(),
        installed_at => version.installed_at.to_string(),
        size => version.size,
        is_newest => latest == Some(version.digest),
        is_suspended => suspended.iter().any(|one| one.digest == version.digest),
        users => users::shown(&users_of_plugin(&there.configuration, version.digest)),
    }
}

async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let there = app.registry.snapshot();
    let suspended = app.breaker.suspended();
    let mut plugins = BTreeMap::<&PluginKey, Vec<&PluginVersion>>::new();
    for version in there.configuration.plugins.iter().rev() {
        plugins.entry(&version.key).or_default().push(version);
    }
    let plugins = plugins.into_iter().map(|(key, versions)| {
        let title = versions.first().map_or("", |version| version.descriptor.title.as_str());
        let versions = versions.iter().map(|version| row(&there, version, &suspended));
        context! {
            role => key.role.as_str(),
            name => key.name.to_string(),
            title,
            versions => versions.collect::<Vec<_>>(),
        }
    });
    visit.page("plugins.html", context! { plugins => plugins.collect::<Vec<_>>() })
}

/// What the users of a version have given it: secrets for its slots, and what they ask of events.
fn granted(there: &Snapshot, version: &PluginVersion) -> Vec<Value> {
    let all = &there.configuration;
    let one = |kind: &str, name: &Name, secrets: &BTreeMap<String, Name>, events: Vec<String>| {
        let slots = version.descriptor.secrets.iter().map(|slot| {
            context! {
                slot => slot.name.as_str(),
                secret => secrets.get(&slot.name).map(ToString::to_string),
            }
        });
        context! {
            kind,
            name => name.to_string(),
            href => users::page_of(kind, name.as_str()),
            slots => slots.collect::<Vec<_>>(),
            events,
        }
    };
    let subscriptions = all.subscriptions.iter().filter(|one| one.digest == version.digest);
    let subscriptions = subscriptions.map(|each| {
        let events = each.events.iter().map(ToString::to_string).collect();
        one("subscription", &each.name, &each.secrets, events)
    });
    let connections = all.connections.iter().filter(|one| one.digest == version.digest);
    let connections =
        connections.map(|each| one("connection", &each.name, &each.secrets, Vec::new()));
    subscriptions.chain(connections).collect()
}

fn suspensions(there: &Snapshot, suspended: &[Suspended], digest: Digest) -> Vec<Value> {
    let all = &there.configuration;
    let mut names = HashMap::new();
    names.extend(all.subscriptions.iter().map(|one| (one.id.uuid(), &one.name)));
    names.extend(all.connections.iter().map(|one| (one.id.uuid(), &one.name)));
    let of_it = suspended.iter().filter(|one| one.digest == digest);
    let shown = of_it.map(|one| {
        context! {
            call => Serde(one.call),
            whom => one.target.and_then(|target| names.get(&target)).map(ToString::to_string),
            since => one.since.to_string(),
            last_error => one.last_error.as_str(),
            next_probe_at => one.next_probe_at.map(|at| at.to_string()),
        }
    });
    shown.collect()
}

async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let there = app.registry.snapshot();
    let version = find(&there, &text)?;
    let all_suspended = app.breaker.suspended();
    let used = users_of_plugin(&there.configuration, version.digest);
    let others = versions(&there, &version.key).map(|one| row(&there, one, &all_suspended));
    let pinned = pin::candidates(&there, &version).len();
    let limits = there.configuration.limits.get(&version.key).cloned().unwrap_or_default();
    Ok(visit.page(
        "plugin.html",
        context! {
            plugin => Serde(&version),
            short => version.digest.short(),
            kind => version.key.role.as_str(),
            is_source => version.key.role == Role::Source,
            users => users::shown(&used),
            is_used => !used.is_empty(),
            granted => granted(&there, &version),
            settings => Serde(schema::rows(&version.descriptor.settings_schema)),
            suspended => suspensions(&there, &all_suspended, version.digest),
            versions => others.collect::<Vec<_>>(),
            elsewhere => pinned,
            limits => limits::rows(&limits),
        },
    ))
}

async fn resume(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let digest: Digest = id(&text)?;
    for_console_admin::resume_plugin(app, visit.actor()?, digest).await?;
    Ok(visit.done(&format!("/console/plugins/{digest}"), "note-plugin-resumed", ""))
}

async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(text): Path<String>,
) -> Result<Response, Refusal> {
    let digest: Digest = id(&text)?;
    for_console_admin::remove_plugin(app, visit.actor()?, digest).await?;
    Ok(visit.done("/console/plugins", "note-removed", ""))
}
