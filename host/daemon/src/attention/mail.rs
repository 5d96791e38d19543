//! Mail that somebody wants, and does not get.

use std::time::Duration;

use hookwright_model::{Subscription, Timestamp};
use hookwright_store::StoreError;

use super::{About, Item, Kind};
use crate::app::App;

/// Mails that were given up are told of for so long after they were made: a day is how long they
/// are tried.
const TOLD: Duration = Duration::from_secs(2 * 86_400);
/// So many subscriptions are named.
const NAMED: usize = 5;
/// Where the API says more.
const PATH: &str = "/v1/mail";

pub(super) async fn items(app: &App, now: Timestamp) -> Result<Vec<Item>, StoreError> {
    let about = || About { what: "mail", name: None, id: None };
    let snapshot = app.registry.snapshot();
    let settings = snapshot.configuration.mail.as_ref();
    if settings.is_some_and(|settings| settings.enabled) {
        let (waiting, given_up) = app.store.failed_mails(now.before(TOLD)).await?;
        if waiting + given_up == 0 {
            return Ok(Vec::new());
        }
        let why = app.mailer.trouble().map(|why| format!(". The last answer: {why}"));
        let detail = format!(
            "{waiting} mails could not be sent yet and {given_up} were given up{}",
            why.unwrap_or_default()
        );
        let advice = "mend the mail server or `[mail]`, and try it with `hookwright mail test`: \
                      what waits is sent, for a day";
        let item = Kind::MailFailing.item(about(), detail, advice);
        return Ok(vec![item.count(waiting + given_up).at(PATH)]);
    }
    let all = snapshot.configuration.subscriptions.iter();
    let wants = |one: &&Subscription| one.enabled && !one.mail_exceptions_to.is_empty();
    let names: Vec<_> = all.filter(wants).map(|one| one.name.as_str()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let more = if names.len() > NAMED { ", …" } else { "" };
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let state = if settings.is_none() { "is not set up" } else { "is disabled" };
    let detail = format!(
        "mail {state}, and somebody is to be told by mail when deliveries fail of: {shown}{more}"
    );
    let advice =
        "set up `[mail]` with `hookwright apply`, or take `mail_exceptions_to` out of them";
    let item = Kind::MailMissing.item(about(), detail, advice);
    Ok(vec![item.count(u64::try_from(names.len()).unwrap_or(u64::MAX)).at(PATH)])
}
