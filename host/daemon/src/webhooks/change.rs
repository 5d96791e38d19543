//! Making, changing and removing webhooks: as a document for `/v1/apply` that a client would
//! have written.

use hookwright_model::{Name, Signing, Subscription};
use serde_json::{Map, Value, json};
use url::Url;

use super::PLUGIN;
use super::address::Credentials;
use super::event;
use super::fields::Fields;
use crate::app::App;
use crate::registry::Snapshot;
use crate::server::auth::Actor;
use crate::server::problem::{FieldProblem, Problem};
use crate::setup::{
    Removals, SecretWanted, Setup, SubscriptionWanted, User, free_secret, is_own_alone,
};

/// The plugin's slots for the user name and the password of the address.
const SLOTS: [&str; 2] = ["username", "password"];
/// How much of a subscription's name stands in the names of its secrets, in bytes.
const SECRET_BASE: usize = 48;

/// What is to be set up, and which secrets nothing needs then, as far as is known here.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) setup: Setup,
    pub(super) unneeded: Vec<Name>,
}

impl Wanted {
    /// A webhook with these fields changed, and all others as they are.
    ///
    /// # Errors
    /// When there is nothing that a field means.
    pub(super) fn changed(
        snapshot: &Snapshot,
        there: &Subscription,
        fields: Fields,
    ) -> Result<Self, Problem> {
        let mut subscription = SubscriptionWanted::from(there);
        let mut wanted = Self::default();
        let mut settings = match std::mem::take(&mut subscription.settings) {
            Value::Object(settings) => settings,
            _ => Map::new(),
        };
        if let Some(event) = &fields.event {
            subscription.events = event::types_of(event).unwrap_or_default().to_vec();
            settings.insert("test_event".to_owned(), json!(event));
        }
        if let Some(name) = fields.name {
            // It defaults to what the event is called.
            let name = name.or(fields.event);
            let name =
                name.unwrap_or_else(|| event::name_of(there, &Value::Object(settings.clone())));
            settings.insert("name".to_owned(), json!(name));
        }
        if let Some(address) = fields.address {
            let before = settings.insert("uri".to_owned(), json!(address.uri));
            let before = before.as_ref().and_then(Value::as_str);
            match address.credentials {
                Credentials::None => wanted.forget(there, &mut subscription),
                Credentials::Kept => kept(there, before, &address.uri)?,
                Credentials::Given { username, password } => {
                    for (slot, value) in SLOTS.into_iter().zip([username, password]) {
                        let name = secret_name(snapshot, there, slot)?;
                        wanted.setup.secrets.push(SecretWanted { name: name.clone(), value });
                        subscription.secrets.insert(slot.to_owned(), name);
                    }
                }
            }
        }
        if let Some(policy) = fields.webhook_policy {
            subscription.signing.retain(|signing| signing.policy().is_none());
            subscription.signing.extend(policy.map(|policy| Signing::Jwt { policy }));
        }
        let Fields { disabled, description, mail_exceptions_to, source, source_id, .. } = fields;
        set(&mut subscription.enabled, disabled.map(|disabled| !disabled));
        set(&mut subscription.description, description);
        set(&mut subscription.mail_exceptions_to, mail_exceptions_to);
        set(&mut subscription.external.source, source);
        set(&mut subscription.external.source_id, source_id);
        subscription.settings = Value::Object(settings);
        wanted.setup.subscriptions.push(subscription);
        Ok(wanted)
    }

    /// No webhook any more.
    pub(super) fn removed(there: &Subscription) -> Self {
        let subscriptions = vec![there.name.clone()];
        let remove = Removals { subscriptions, ..Removals::default() };
        let setup = Setup { remove, ..Setup::default() };
        Self { setup, unneeded: own_secrets(there).cloned().collect() }
    }

    /// The address has no user name any more.
    fn forget(&mut self, there: &Subscription, subscription: &mut SubscriptionWanted) {
        self.unneeded.extend(own_secrets(there).cloned());
        subscription.secrets.retain(|slot, _| !SLOTS.contains(&slot.as_str()));
    }

    /// Checks it and sets it up.
    ///
    /// # Errors
    /// Names every field that is wrong.
    pub(super) async fn make(self, app: &App, actor: &Actor, is_new: bool) -> Result<(), Problem> {
        let mut setup = self.setup.clone();
        setup.remove.secrets = self.unneeded;
        let plan = match setup.plan(app).await {
            Ok(plan) => Ok(plan),
            // What was this webhook's own may be used by something else that an admin set up.
            Err(_) => self.setup.plan(app).await,
        };
        let mut plan = plan.map_err(|problem| in_fields(&problem))?;
        if is_new {
            for subscription in plan.subscriptions_mut() {
                // Known only to the store: what is sent names the webhook by it.
                let number = app.store.number(subscription.id).await?;
                let settings = serde_json::from_str(&subscription.settings);
                let mut settings: Map<String, Value> = settings.unwrap_or_default();
                settings.insert("webhook_id".to_owned(), json!(number));
                subscription.settings = Value::Object(settings).to_string().into();
            }
        }
        plan.make(app, actor).await.map(drop)
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// What is shown with stars is sent back: then there must be something behind them, and it stays
/// where it was meant to go.
fn kept(there: &Subscription, before: Option<&str>, uri: &str) -> Result<(), Problem> {
    let origin = |uri: &str| Url::parse(uri).ok().map(|url| url.origin());
    let detail = if there.secrets.is_empty() {
        "there are stars in place of a user name and a password, and none are known"
    } else if before.and_then(origin) != origin(uri) {
        "the user name and the password belong to another host; write those for this one"
    } else {
        return Ok(());
    };
    Err(wrong_uri(detail))
}

fn wrong_uri(detail: &str) -> Problem {
    Problem::invalid(vec![FieldProblem { pointer: "/uri".to_owned(), detail: detail.to_owned() }])
}

/// Secrets that were made for the address of this webhook.
fn own_secrets(there: &Subscription) -> impl Iterator<Item = &Name> {
    let bound = there.secrets.iter().filter(|(slot, name)| is_own(there, slot, name));
    bound.map(|(_, name)| name)
}

fn secret_base(there: &Subscription) -> &str {
    // Names are ASCII.
    let name = there.name.as_str();
    &name[..name.len().min(SECRET_BASE)]
}

/// Whether a secret has a name that is made here, and not by an admin.
fn is_own(there: &Subscription, slot: &str, secret: &Name) -> bool {
    let number = secret.as_str().strip_prefix(secret_base(there));
    let number = number.and_then(|rest| rest.strip_suffix(slot)?.strip_suffix('.'));
    number.is_some_and(|number| {
        let digits = number.strip_prefix('-').unwrap_or(number);
        digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Its own, if nothing else uses it, or one that is free.
fn secret_name(snapshot: &Snapshot, there: &Subscription, slot: &str) -> Result<Name, Problem> {
    let configuration = &snapshot.configuration;
    let who = User { kind: "subscription".to_owned(), name: there.name.clone() };
    let own = there.secrets.get(slot).filter(|bound| is_own(there, slot, bound));
    if let Some(own) = own.filter(|own| is_own_alone(configuration, own, &who)) {
        return Ok(own.clone());
    }
    let base = secret_base(there);
    let numbered = (2..1_000_u32).map(|number| format!("{base}-{number}.{slot}"));
    let names = std::iter::once(format!("{base}.{slot}")).chain(numbered);
    let free = free_secret(configuration, names);
    free.ok_or_else(|| wrong_uri("there is no name for its secrets"))
}

/// What is wrong with a set-up, in the fields of a webhook.
fn in_fields(problem: &Problem) -> Problem {
    let errors = problem.errors();
    if errors.is_empty() {
        return problem.clone();
    }
    Problem::invalid(errors.iter().map(in_field).collect())
}

fn in_field(error: &FieldProblem) -> FieldProblem {
    let detail = error.detail.clone();
    if error.pointer.starts_with("/secrets/") {
        let detail = format!("its user name and its password: {detail}");
        return FieldProblem { pointer: "/uri".to_owned(), detail };
    }
    let places = [
        ("/settings/uri", "/uri"),
        ("/settings/name", "/name"),
        ("/settings/test_event", "/event"),
        ("/events", "/event"),
        ("/description", "/description"),
        ("/mail_exceptions_to", "/mail_exceptions_to"),
        ("/external/source_id", "/sourceID"),
        ("/external/source", "/source"),
        ("/signing", "/webhook_policy"),
    ];
    let inside = error.pointer.strip_prefix("/subscriptions/0").unwrap_or_default();
    let place = places.into_iter().find(|(place, _)| inside.starts_with(place));
    match place {
        Some((_, field)) => FieldProblem { pointer: field.to_owned(), detail },
        // Set by other means than this; then the place is of use.
        None if inside.is_empty() => FieldProblem { pointer: String::new(), detail },
        None => {
            let detail = format!("`{}` of the subscription: {detail}", &inside[1..]);
            FieldProblem { pointer: String::new(), detail }
        }
    }
}

/// There must be something that calls webhooks.
pub(super) fn not_installed() -> Problem {
    let detail = format!(
        "webhooks are sent by the plugin `{PLUGIN}`, which is not installed: `hookwright plugin \
         install destination-{PLUGIN}.wasm`"
    );
    Problem::new(http::StatusCode::CONFLICT, "Conflict", detail)
}
