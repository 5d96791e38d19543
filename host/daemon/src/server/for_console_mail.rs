//! What the console's page of mail does, as the API does.

use hookwright_model::MailSettings;

use super::auth::Actor;
use super::etag::{self, Tag};
use super::mail;
use super::problem::Problem;
use crate::app::App;
use crate::setup::{Removals, SecretWanted, Setup, Turn, turn};

pub use mail::Tried;

/// The version of the settings; it is one also if mail is not set up.
///
/// # Errors
/// When they cannot be written as JSON.
pub fn version(app: &App) -> Result<String, Problem> {
    let settings = &app.registry.snapshot().configuration.mail;
    Ok(Tag::of(settings, settings)?.wanted().to_owned())
}

fn is_as_seen(app: &App, seen: &str) -> Result<(), Problem> {
    if version(app)? == seen {
        return Ok(());
    }
    Err(etag::changed("it was changed since you opened this form"))
}

/// Sets mail up, with the secrets that were entered beside it, in the turn in which these were
/// given their names.
///
/// # Errors
/// With all that is wrong; 412 if the settings were changed since they were seen.
pub async fn save(
    app: &App,
    actor: &Actor,
    turn: Turn,
    seen: &str,
    wanted: MailSettings,
    secrets: Vec<SecretWanted>,
) -> Result<(), Problem> {
    is_as_seen(app, seen)?;
    let setup = Setup { mail: Some(wanted), secrets, ..Setup::default() };
    let plan = setup.plan_in(turn, app).await.map_err(|problem| problem.within("/mail"))?;
    plan.make(app, actor).await.map(drop)
}

/// Removes the settings. Their secrets stay.
///
/// # Errors
/// When there are none; 412 if they were changed since they were seen.
pub async fn remove(app: &App, actor: &Actor, seen: &str) -> Result<(), Problem> {
    let turn = turn(app).await;
    is_as_seen(app, seen)?;
    let remove = Removals { mail: true, ..Removals::default() };
    let plan = Setup { remove, ..Setup::default() }.plan_in(turn, app).await?;
    plan.make(app, actor).await.map(drop)
}

/// Sends a mail to try out how mail is set up.
///
/// # Errors
/// When the address is none, or mail is not set up.
pub async fn test(app: &App, actor: &Actor, to: &str) -> Result<Tried, Problem> {
    mail::tried_by(app, actor, to).await
}
