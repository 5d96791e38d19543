//! When deliveries of a subscription count as failing, and since when they do not any more.
//!
//! An outage begins when a delivery has failed for good, or when some attempts in a row have
//! failed over some minutes. It ends with the first delivery that succeeds.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookwright_model::{MailSettings, Subscription, SubscriptionId, Timestamp};
use hookwright_store::{
    Mail, MailPart, Outage, OutageChange, Store, StoreError, SubscriptionHealth,
};
use uuid::Uuid;

use super::{About, MAX_WORDS, to_each};

/// So many attempts in a row that failed …
const FAILURES: u32 = 5;
/// … the first of which was as long ago: a receiver that is restarted is back before.
const SUSTAINED: Duration = Duration::from_secs(10 * 60);
/// The most outages of a subscription within an hour. Where some deliveries fail and others do
/// not, each failure would be one.
const MOST_AN_HOUR: usize = 6;
const HOUR: Duration = Duration::from_secs(3_600);

/// The outages that there are.
pub struct Outages {
    known: Mutex<HashMap<SubscriptionId, Known>>,
}

#[derive(Default)]
struct Known {
    outage: Option<Outage>,
    /// When those of the last hour began.
    begun: VecDeque<Timestamp>,
}

/// That a delivery has failed, or an attempt.
pub(crate) struct Failed {
    pub(crate) for_good: bool,
    pub(crate) health: Option<SubscriptionHealth>,
    /// Without secrets, and without what is not to be kept.
    pub(crate) words: Option<String>,
}

impl Outages {
    /// Those that were written down.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(store: &dyn Store) -> Result<Self, StoreError> {
        let known = store.outages().await?.into_iter().map(|outage| {
            (outage.subscription, Known { outage: Some(outage), ..Known::default() })
        });
        Ok(Self { known: Mutex::new(known.collect()) })
    }

    /// As if nothing had failed yet.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { known: Mutex::default() }
    }

    /// The outage of a subscription, if it has one of which people are told.
    #[must_use]
    pub fn get(&self, subscription: SubscriptionId) -> Option<Outage> {
        self.lock().get(&subscription)?.outage.clone()
    }

    /// Takes note of a failure. Says what of it is to be written down, with the mails that tell
    /// it if an outage begins.
    pub(crate) fn failed(
        &self,
        subscription: &Subscription,
        settings: &MailSettings,
        failed: Failed,
        now: Timestamp,
    ) -> Option<(OutageChange, Vec<Mail>)> {
        let recipients = recipients(subscription, settings);
        let mut all = self.lock();
        let known = match all.get_mut(&subscription.id) {
            Some(known) => known,
            None if recipients.is_empty() => return None,
            None => all.entry(subscription.id).or_default(),
        };
        let words = failed.words.map(|words| words.chars().take(MAX_WORDS).collect::<String>());
        if let Some(outage) = &mut known.outage {
            if !failed.for_good {
                return None;
            }
            outage.failed = outage.failed.saturating_add(1);
            outage.words = words.or(outage.words.take());
            return Some((OutageChange::GoesOn(outage.clone()), Vec::new()));
        }
        let health = failed.health.filter(|health| health.consecutive_failures > 0);
        let since = health.as_ref().and_then(|health| health.failing_since).unwrap_or(now);
        let is_sustained = health.is_some_and(|health| health.consecutive_failures >= FAILURES)
            && since.after(SUSTAINED) <= now;
        if recipients.is_empty() || !(failed.for_good || is_sustained) || !known.has_room(now) {
            return None;
        }
        known.begun.push_back(now);
        let outage = Outage {
            id: Uuid::now_v7(),
            subscription: subscription.id,
            since,
            failed: failed.for_good.into(),
            words,
            recipients,
        };
        known.outage = Some(outage.clone());
        let about = About::OutageBegan {
            subscription: subscription.name.clone(),
            description: subscription.description.clone(),
            since,
            failed: outage.failed,
        };
        let thread = Some((outage.id, MailPart::First));
        let mails = to_each(&outage.recipients, thread, &about, outage.words.as_deref(), now);
        Some((OutageChange::Begins(outage), mails))
    }

    /// Takes note of a delivery that succeeded. Says what of it is to be written down, with the
    /// mails that tell it if an outage ends.
    pub(crate) fn delivered(
        &self,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Option<(OutageChange, Vec<Mail>)> {
        let outage = self.lock().get_mut(&subscription.id)?.outage.take()?;
        let about = About::OutageEnded {
            subscription: subscription.name.clone(),
            description: subscription.description.clone(),
            since: outage.since,
            until: now,
            failed: outage.failed,
        };
        let thread = Some((outage.id, MailPart::Last));
        let mails = to_each(&outage.recipients, thread, &about, outage.words.as_deref(), now);
        Some((OutageChange::Ends(outage), mails))
    }

    /// Forgets in which words deliveries failed: there can be something of a ticket in them.
    pub fn forget_words(&self) {
        let mut all = self.lock();
        all.values_mut().filter_map(|known| known.outage.as_mut()).for_each(|one| one.words = None);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SubscriptionId, Known>> {
        // Nothing inside panics half way; what the lock guards is whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn has_room(&mut self, now: Timestamp) -> bool {
        self.begun.retain(|begun| *begun <= now && now.since(*begun) < HOUR);
        self.begun.len() < MOST_AN_HOUR
    }
}

/// Who is told of the subscription's outages, each once.
fn recipients(subscription: &Subscription, settings: &MailSettings) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for address in subscription.mail_exceptions_to.iter().chain(&settings.to) {
        if !all.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            all.push(address.clone());
        }
    }
    all
}
