//! Sending what waits, apart from everything else.

use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{MailSettings, Timestamp};
use hookwright_store::{Configuration, Mail, MailOutcome, StoreError};

use super::Trouble;
use crate::app::App;

/// Mails that are looked at in one go.
const BATCH: usize = 100;
/// How long until a mail is tried again that could not be sent; twice as long each time …
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// … up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
/// How long a mail is tried: who reads it later is told of what is over.
const GIVEN_UP: Duration = Duration::from_secs(24 * 3_600);
/// How long mails are kept that were sent, so that none is sent twice.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How long nothing is looked at, at most.
const REST: Duration = Duration::from_secs(3_600);
/// Until the store is asked again when it cannot be read or written.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends mails when they are due, as long as the daemon runs.
pub async fn run(app: Arc<App>) {
    // What waited for a mail server that did not work may find that it does: it is tried when
    // the daemon starts, and when mail is set up differently or a secret of it is changed.
    let mut known = None;
    loop {
        let set_up = set_up(&app.registry.snapshot().configuration);
        let is_new = known.as_ref() != Some(&set_up);
        let horizon = if is_new { Timestamp::from_millis(i64::MAX) } else { Timestamp::now() };
        let wait = match pass(&app, set_up.0.as_ref(), horizon).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(%error, "mails cannot be read or noted");
                PATIENCE
            }
        };
        known = Some(set_up);
        tokio::select! {
            () = app.operations.mail_due.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// How mail is set up, and when its secrets were set.
fn set_up(there: &Configuration) -> (Option<MailSettings>, Vec<Option<Timestamp>>) {
    let secrets = there.mail.iter().flat_map(MailSettings::secrets);
    let set_at = secrets.map(|(_, name)| there.secrets_set_at.get(name).copied());
    (there.mail.clone(), set_at.collect())
}

/// Sends what is due by then. Says how long there is nothing to do.
async fn pass(
    app: &Arc<App>,
    settings: Option<&MailSettings>,
    horizon: Timestamp,
) -> Result<Duration, StoreError> {
    app.store.forget_mails(Timestamp::now().before(KEPT)).await?;
    let mut horizon = horizon;
    loop {
        let mails = app.store.due_mails(horizon, BATCH).await?;
        // Those of this go wait now, whatever the horizon was.
        horizon = Timestamp::now();
        let mut trouble = None;
        let count = mails.len();
        for mail in mails {
            let outcome = match settings.filter(|settings| settings.enabled) {
                None => Err(Trouble::Server("mail is not set up, or disabled".to_owned())),
                // Others would wait for the same.
                Some(_) if trouble.is_some() => {
                    Err(Trouble::Server(trouble.clone().unwrap_or_default()))
                }
                Some(settings) => send(app, &mail, settings).await,
            };
            if let Err(Trouble::Server(why)) = &outcome {
                trouble = Some(why.clone());
            }
            note(app, &mail, outcome).await?;
        }
        if count == 0 {
            break;
        }
    }
    let (_, next) = app.store.waiting_mails().await?;
    Ok(next
        .map_or(REST, |next| next.since(Timestamp::now()).clamp(Duration::from_millis(100), REST)))
}

/// Sends a mail in a task of its own: a fault in it must not end this one.
async fn send(app: &Arc<App>, mail: &Mail, settings: &MailSettings) -> Result<String, Trouble> {
    let (app, mail, settings) = (Arc::clone(app), mail.clone(), settings.clone());
    let sent = tokio::spawn(async move { app.mailer.send(&mail, &settings).await });
    let fault = |_| Err(Trouble::Server("a fault of the daemon".to_owned()));
    sent.await.unwrap_or_else(fault)
}

/// Takes note of what became of a mail.
async fn note(app: &App, mail: &Mail, outcome: Result<String, Trouble>) -> Result<(), StoreError> {
    let now = Timestamp::now();
    let to = mail.recipient.as_str();
    let outcome = match outcome {
        Ok(said) => {
            app.store.note_mail(mail.id, MailOutcome::Sent).await?;
            tracing::info!(to, said, "a mail is sent");
            return Ok(());
        }
        Err(trouble) => {
            let due = now.after(wait(mail.tries));
            if due >= mail.created_at.after(GIVEN_UP) {
                tracing::error!(to, %trouble, tries = mail.tries + 1, "a mail is given up");
                MailOutcome::GivenUp
            } else {
                tracing::warn!(to, %trouble, again_at = %due, "a mail could not be sent");
                MailOutcome::Again(due)
            }
        }
    };
    app.store.note_mail(mail.id, outcome).await
}

/// Until the next try, after so many.
fn wait(tries: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << tries.min(20)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour() {
        let waits: Vec<_> = (0..11).map(|tries| wait(tries).as_secs()).collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]);
        assert_eq!(wait(u32::MAX), LONGEST_WAIT);
    }
}
