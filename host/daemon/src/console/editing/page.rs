//! The page that the form stands on.

use axum::response::Response;
use http::StatusCode;
use minijinja::context;
use minijinja::value::Serde;

use super::super::forms::{Entries, Mistakes, draw};
use super::super::visit::Visit;
use super::{Form, channel, secrets, takes};
use crate::app::App;
use crate::server::for_console_setup::Kind;

/// The parts that are the same for everything, in their order.
const MORE: [&str; 5] = ["proof", "deliver", "network", "answers", "more"];
/// The most names that a field suggests.
const MAX_SUGGESTED: usize = 1_000;

/// How a form is shown.
pub(in super::super) struct Shown<'a> {
    /// The HTTP status.
    pub status: StatusCode,
    /// Where it is sent to.
    pub action: &'a str,
    /// What was changed, and the version that was seen.
    pub seen: Option<(&'a str, &'a str)>,
    /// What is wrong beside what is wrong in fields.
    pub problem: Option<&'a str>,
    /// Whether somebody else has changed it meanwhile.
    pub conflict: bool,
    /// What more the template gets.
    pub more: minijinja::Value,
}

/// The page with the form, what was entered, and what is wrong with it.
pub(in super::super) fn page(
    app: &App,
    visit: &Visit,
    form: &Form,
    entries: &Entries,
    mut mistakes: Mistakes,
    shown: Shown<'_>,
) -> Response {
    let all = mistakes.clone();
    let mut drawn = |section: &str, id: &str| {
        let field = form.section(section)?;
        Some(Serde(draw(&field, entries, &mut mistakes, id)))
    };
    let mut placed = Vec::new();
    let (about, takes) = (drawn("about", "about"), drawn("takes", "takes"));
    [&about, &takes].into_iter().flatten().for_each(|Serde(fields)| note(fields, &mut placed));
    let more: Vec<_> = MORE
        .iter()
        .filter_map(|section| {
            let fields = drawn(section, section)?.0;
            note(&fields, &mut placed);
            let wrong = fields.iter().any(|field| !field.errors.is_empty());
            let used = fields.iter().any(|field| is_used(field, entries));
            (!fields.is_empty()).then(
                || context! { name => *section, fields => Serde(fields), open => wrong || used },
            )
        })
        .collect();
    let settings = draw(&form.settings, entries, &mut mistakes, "settings");
    note(&settings, &mut placed);
    let slots = secrets::slots(&form.plugin, entries, &mut mistakes);
    let events_wrong: Vec<_> = all
        .iter()
        .filter(|one| one.pointer.starts_with("/events"))
        .map(|one| &one.detail)
        .collect();
    let there = app.registry.snapshot();
    let configuration = &there.configuration;
    let chosen = entries.all("/sources");
    let sources = configuration.sources.iter().map(|one| {
        context! { name => one.name.as_str(), chosen => chosen.iter().any(|name| *name == one.name.as_str()) }
    });
    let secrets = app_secrets(&there.configuration.secrets);
    let policies = configuration.policies.iter().map(|one| one.name.to_string());
    let (name, version) = shown.seen.unzip();
    let is_subscription = form.kind == Kind::Subscription;
    let context = context! {
        action => shown.action,
        name,
        version,
        problem => shown.problem,
        conflict => shown.conflict,
        base => if is_subscription { "/console/subscriptions" } else { "/console/connections" },
        is_subscription,
        plugin => form.plugin.key.name.as_str(),
        plugin_title => form.plugin.descriptor.title.as_str(),
        plugin_version => form.plugin.descriptor.version.as_str(),
        plugin_description => form.plugin.descriptor.description.as_str(),
        digest => form.plugin.digest.to_string(),
        digest_short => form.plugin.digest.short(),
        mistakes => told(&all, &placed),
        about,
        takes,
        settings => Serde(settings),
        slots => Serde(slots),
        more,
        sources => sources.collect::<Vec<_>>(),
        nouns => Serde(takes::nouns(entries, &channel::offered(form))),
        patterns => entries.text("/events.more"),
        events_wrong => Serde(events_wrong),
        wishes => Serde(channel::wishes(form, entries)),
        has_switch => channel::has_switch(form),
        repeats => channel::repeats(entries),
        secrets,
        policies => policies.take(MAX_SUGGESTED).collect::<Vec<_>>(),
        ..shown.more
    };
    visit.page_with(shown.status, "setup-form.html", context)
}

/// Which mistakes stand beside which fields.
pub(in super::super) fn note(
    fields: &[super::super::forms::Drawn],
    placed: &mut Vec<(String, String)>,
) {
    for field in fields {
        placed.extend(field.errors.iter().map(|error| (error.clone(), field.id.clone())));
    }
}

/// All mistakes, with the fields that they stand beside.
pub(in super::super) fn told(all: &Mistakes, placed: &[(String, String)]) -> Vec<minijinja::Value> {
    let told = all.iter().map(|one| {
        let id = placed.iter().find(|(detail, _)| *detail == one.detail).map(|(_, id)| id);
        context! { pointer => one.pointer.as_str(), detail => one.detail.as_str(), id }
    });
    told.collect()
}

fn is_used(field: &super::super::forms::Drawn, entries: &Entries) -> bool {
    let picked = !entries.text(&format!("{}.of", field.key)).is_empty();
    let said = !field.value.is_empty() && !matches!(field.kind, "choice" | "branch" | "end");
    picked || said && !field.pointer.is_empty() || !field.rows.is_empty()
}

fn app_secrets(names: &[hookwright_model::Name]) -> Vec<String> {
    names.iter().map(ToString::to_string).take(MAX_SUGGESTED).collect()
}
