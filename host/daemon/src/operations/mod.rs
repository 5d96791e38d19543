//! What the daemon tells of itself: as events of its own, which subscriptions take that ask for
//! them, and as mail to admins.
//!
//! What is told is bounded, and nothing is told of deliveries that tell something: it could go on
//! without end.

mod limit;
mod operation;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookwright_model::{Delivery, Event, Subscription, Timestamp};
use hookwright_store::{Aside, Changes, Mail, NewEvent, Post, Store, StoreError};
use tokio::sync::Notify;

use crate::app::App;
use crate::control::{self, Kind};
use crate::mail::{About, Outages, to_each};
use crate::public_url::PublicUrl;
use crate::registry::Snapshot;
use limit::Limit;

pub(crate) use operation::{By, Operation, Suspension};

/// What is told, and what was.
pub struct Operations {
    url: PublicUrl,
    events: Limit,
    mails: Limit,
    /// What does not work, and was told of.
    announced: Mutex<HashSet<String>>,
    /// Outages of subscriptions that people are told of by mail.
    pub outages: Outages,
    /// Told when there are mails to send.
    pub mail_due: Notify,
}

/// Whether something may be told that happened while an event was delivered.
pub(crate) fn may_tell(event: &Event) -> bool {
    Kind::of(event) != Some(Kind::Operational)
}

/// What is told of subscriptions that an admin enables or disables.
pub(crate) fn switched(snapshot: &Snapshot, changed: &[Subscription]) -> Vec<Operation> {
    let told = changed.iter().filter_map(|new| {
        let was_enabled = snapshot.subscriptions.get(&new.id)?.subscription.enabled;
        match (was_enabled, new.enabled) {
            (true, false) => Some(Operation::subscription_disabled(new, None, By::Admin)),
            (false, true) => Some(Operation::subscription_enabled(new)),
            _ => None,
        }
    });
    told.collect()
}

impl Operations {
    /// With the outages that the store knows.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn open(store: &dyn Store, url: PublicUrl) -> Result<Self, StoreError> {
        Ok(Self {
            url,
            events: Limit::new(10, 60),
            mails: Limit::new(3, 3_600),
            announced: Mutex::default(),
            outages: Outages::open(store).await?,
            mail_due: Notify::new(),
        })
    }

    /// Remembers that something does not work. Says whether that is new.
    pub(crate) fn announce(&self, what: String) -> bool {
        self.announced().insert(what)
    }

    /// Forgets that something did not work. Says whether it was remembered.
    pub(crate) fn withdraw(&self, what: &str) -> bool {
        self.announced().remove(what)
    }

    /// The same for all that begins so.
    pub(crate) fn withdraw_all(&self, start: &str) -> bool {
        let mut announced = self.announced();
        let before = announced.len();
        announced.retain(|what| !what.starts_with(start));
        announced.len() < before
    }

    fn announced(&self) -> MutexGuard<'_, HashSet<String>> {
        // Nothing inside panics half way; what the lock guards is whole.
        self.announced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events and mails that tell of these. Events that nobody takes are not kept: what they
    /// tell is in the journal and in the log already.
    pub(crate) fn aside(
        &self,
        snapshot: &Snapshot,
        operations: Vec<Operation>,
        now: Timestamp,
    ) -> Aside {
        let mut aside = Aside::default();
        let mut events = Vec::new();
        for operation in operations {
            aside.mails.extend(self.mails_of(snapshot, &operation, now));
            match self.routed(snapshot, &operation, now) {
                Ok(event) => events.extend(event),
                // No event of this module is such.
                Err(problem) => tracing::error!(problem, "an event of the daemon cannot be made"),
            }
        }
        if !events.is_empty() {
            aside.events = Some(Post { original: Arc::default(), events, lease: None });
        }
        aside
    }

    fn routed(
        &self,
        snapshot: &Snapshot,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Option<NewEvent>, String> {
        let make = |left_out| {
            let data = operation.data(&self.url, left_out);
            let (event_type, subject) = (operation.event_type, &operation.subject);
            let made = control::event(event_type, subject, "operation/1", &data, now);
            made.map_err(|problem| problem.detail().to_owned())
        };
        let matched = snapshot.routes.matching(&make(0)?);
        for failure in &matched.failures {
            let mistake = failure.mistake.one_line();
            let (event_type, subscription) = (operation.event_type, &failure.subscription);
            tracing::warn!(event_type, %subscription, mistake, "a condition cannot be evaluated");
        }
        if matched.takers.is_empty() {
            return Ok(None);
        }
        let Some(left_out) = self.events.take(&operation.key(), now) else { return Ok(None) };
        let event = make(left_out)?;
        let deliveries = matched.takers.iter().map(|entry| {
            let delivery = Delivery::new(event.id, entry.subscription.id, now);
            Delivery { lane: entry.subscription.order.lane(&event), ..delivery }
        });
        let deliveries = deliveries.collect();
        Ok(Some(NewEvent { event: Arc::new(event), deliveries, once: None }))
    }

    fn mails_of(&self, snapshot: &Snapshot, operation: &Operation, now: Timestamp) -> Vec<Mail> {
        let Some(settings) = &snapshot.configuration.mail else { return Vec::new() };
        if settings.to.is_empty() || !operation.is_mailed {
            return Vec::new();
        }
        let Some(left_out) = self.mails.take(&operation.key(), now) else { return Vec::new() };
        let about = About::Operation {
            event_type: operation.event_type.to_owned(),
            subject: operation.subject.clone(),
            at: now,
            url: self.url.at(&operation.path),
            left_out,
        };
        to_each(&settings.to, None, &about, operation.detail.as_deref(), now)
    }

    /// The same for changes of what is set up, of which they become a part.
    pub(crate) fn join(
        &self,
        snapshot: &Snapshot,
        operations: Vec<Operation>,
        changes: &mut Changes,
    ) {
        // What admins do is not mailed to them.
        let aside = self.aside(snapshot, operations, Timestamp::now());
        match (&mut changes.events, aside.events) {
            (Some(post), Some(more)) => post.events.extend(more.events),
            (events @ None, more) => *events = more,
            (Some(_), None) => {}
        }
    }

    /// Tells of something that is committed already, or is not kept at all.
    pub(crate) async fn tell(app: &App, operations: Vec<Operation>) {
        let (now, snapshot) = (Timestamp::now(), app.registry.snapshot());
        let Aside { events, mails, .. } = app.operations.aside(&snapshot, operations, now);
        let told = async {
            if let Some(post) = events {
                app.store.accept(post).await?;
                app.scheduler.due(now);
            }
            if !mails.is_empty() {
                app.store.add_mails(mails).await?;
                app.operations.mail_due.notify_one();
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = told.await {
            tracing::warn!(%error, "what happened to the daemon could not be told");
        }
    }
}
