//! `/console/settings/mail`: through which server people are told by mail, who they are, and
//! whether it works.

mod form;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use hookwright_model::AccessRole;
use http::StatusCode;
use minijinja::context;
use minijinja::value::{Serde, Value};

use super::access::Routes;
use super::editing::{note, told};
use super::fields::{Fields, is_mendable};
use super::forms::{Entries, Mistakes};
use super::refusal::Refusal;
use super::visit::Visit;
use crate::app::App;
use crate::server::for_console_mail as mail;
use crate::server::problem::Problem;
use crate::setup::turn;

/// Its address.
const HERE: &str = "/console/settings/mail";

pub(super) fn routes() -> Routes {
    Routes::default()
        .reading(HERE, get(show))
        .administering(HERE, post(save))
        .administering("/console/settings/mail/remove", post(remove))
        .operating("/console/settings/mail/test", post(test))
}

/// What a page says beside what is set up.
struct Shown {
    status: StatusCode,
    /// The version that the form was opened with; the one that there is, if it is none.
    seen: Option<String>,
    mistakes: Mistakes,
    /// What is wrong beside what is wrong in fields.
    problem: Option<String>,
    more: Value,
}

impl Default for Shown {
    fn default() -> Self {
        let (status, more) = (StatusCode::OK, context! {});
        Self { status, seen: None, mistakes: Mistakes::new(), problem: None, more }
    }
}

impl Shown {
    /// What was refused, and why. What the visitor cannot mend here is a page of its own.
    fn of(problem: Problem) -> Result<Self, Refusal> {
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
        // The page has words of its own for that.
        let is_conflict = status == StatusCode::PRECONDITION_FAILED;
        if !is_conflict && !is_mendable(&problem) {
            return Err(problem.into());
        }
        let mistakes = problem.errors().to_vec();
        let words = mistakes.is_empty() && !is_conflict;
        let problem = words.then(|| problem.detail().to_owned());
        Ok(Self { status, mistakes, problem, ..Self::default() })
    }
}

async fn show(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Refusal> {
    Ok(draw(&app, &visit, None, Shown::default()).await?)
}

/// The page, with what was entered, if something was.
async fn draw(
    app: &App,
    visit: &Visit,
    entered: Option<&Entries>,
    shown: Shown,
) -> Result<Response, Problem> {
    let there = app.registry.snapshot();
    let settings = there.configuration.mail.as_ref();
    let as_it_is;
    let entries = match entered {
        Some(entered) => entered,
        None => {
            as_it_is = form::entries(settings);
            &as_it_is
        }
    };
    let (waiting, next_try_at) = app.store.waiting_mails().await?;
    let version = match shown.seen {
        Some(seen) => seen,
        None => mail::version(app)?,
    };
    let mut left = shown.mistakes.clone();
    let mut placed = Vec::new();
    let parts = form::SECTIONS.map(|section| {
        let fields = form::draw(section, entries, &mut left);
        note(&fields, &mut placed);
        Serde(fields)
    });
    let held = form::held(entries, &mut left);
    let [server, mails] = parts;
    let may = visit.may(AccessRole::Admin);
    let context = context! {
        is_set_up => settings.is_some(),
        settings => Serde(settings),
        port => settings.map(hookwright_model::MailSettings::port),
        waiting,
        next_try_at => next_try_at.map(|at| at.to_string()),
        server,
        mails,
        held => Serde(held),
        secrets => there.configuration.secrets.iter().filter(|_| may)
            .map(ToString::to_string).collect::<Vec<_>>(),
        version,
        mistakes => told(&shown.mistakes, &placed),
        problem => shown.problem,
        conflict => shown.status == StatusCode::PRECONDITION_FAILED,
        ..shown.more
    };
    Ok(visit.page_with(shown.status, "mail.html", context))
}

async fn save(State(app): State<Arc<App>>, visit: Visit, sent: Bytes) -> Result<Response, Refusal> {
    let entries = Entries::of(&sent);
    let saved = async {
        // What is free to be the name of a new secret is so until it is taken.
        let turn = turn(&app).await;
        let read = form::read(&app.registry.snapshot().configuration, &entries);
        let (wanted, secrets) = read?;
        let seen = entries.text("version");
        mail::save(&app, &visit.actor()?, turn, seen, wanted, secrets).await
    };
    let problem = match saved.await {
        Ok(()) => return Ok(visit.done(HERE, "note-set", "")),
        Err(problem) => problem,
    };
    let mut shown = Shown::of(problem)?;
    let new = form::entered(&entries);
    shown.mistakes =
        shown.mistakes.into_iter().map(|mistake| form::at_field(mistake, &new)).collect();
    // Whoever sends the form once more as it is has still not seen what was changed.
    shown.seen = Some(entries.text("version").to_owned());
    Ok(draw(&app, &visit, Some(&entries), shown).await?)
}

async fn remove(
    State(app): State<Arc<App>>,
    visit: Visit,
    sent: Bytes,
) -> Result<Response, Refusal> {
    let form = Fields::read(&sent);
    match mail::remove(&app, &visit.actor()?, form.get("version")).await {
        Ok(()) => Ok(visit.done(HERE, "note-removed", "")),
        Err(problem) => Ok(draw(&app, &visit, None, Shown::of(problem)?).await?),
    }
}

/// Sends a mail with what is set up, and says what came of it.
async fn test(State(app): State<Arc<App>>, visit: Visit, sent: Bytes) -> Result<Response, Refusal> {
    let form = Fields::read(&sent);
    let to = form.get("to").to_owned();
    let shown = match mail::test(&app, &visit.actor()?, &to).await {
        Ok(tried) => Shown { more: context! { tried => Serde(tried), to }, ..Shown::default() },
        Err(problem) => {
            let mut shown = Shown::of(problem)?;
            // It is about the one field of this form.
            let wrong = std::mem::take(&mut shown.mistakes).pop().map(|mistake| mistake.detail);
            Shown { more: context! { to, to_wrong => wrong }, ..shown }
        }
    };
    Ok(draw(&app, &visit, None, shown).await?)
}
