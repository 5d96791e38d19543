//! Taking in what the host says itself: past routing, and from there the way of any event.

use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{Delivery, DeliveryId, DeliveryState, Event, SubscriptionId};
use hookwright_store::{Lease, NewEvent, Post, Work};

use crate::app::App;
use crate::server::problem::Problem;

/// How long deliveries wait that there is no room for: longer than it takes until the
/// subscription that they came with is set up.
const SOON: Duration = Duration::from_secs(5);

/// Events of the host's own, each for one subscription, with room to work on them at once.
/// The room has to be used or given back: [`Own::work`], [`Own::release`].
pub struct Own {
    works: Vec<Work>,
    lease: Option<Lease>,
}

impl Own {
    /// Takes room for them.
    #[must_use]
    pub fn reserve(app: &App, events: Vec<(Event, SubscriptionId)>) -> Self {
        let works = events.into_iter().map(|(event, subscription)| work(event, subscription));
        Self::of(app, works.collect())
    }

    fn of(app: &App, mut works: Vec<Work>) -> Self {
        let lease = app.scheduler.reserve(works.iter_mut().map(|work| {
            let bytes = work.bytes();
            (&mut work.delivery, bytes)
        }));
        for Work { delivery, event, .. } in works.iter_mut().filter(|work| !is_reserved(work)) {
            delivery.next_attempt_at = Some(event.received_at.after(SOON));
        }
        Self { works, lease }
    }

    /// What is to be committed, if there is anything.
    #[must_use]
    pub fn post(&self) -> Option<Post> {
        let original = Arc::clone(&self.works.first()?.original);
        let events = self.works.iter().map(|work| NewEvent {
            event: Arc::clone(&work.event),
            deliveries: vec![work.delivery.clone()],
            once: None,
        });
        Some(Post { original, events: events.collect(), lease: self.lease })
    }

    /// Works on what was committed.
    pub fn work(self, app: &App) {
        let (reserved, others): (Vec<_>, Vec<_>) = self.works.into_iter().partition(is_reserved);
        if let Some(due) = others.iter().filter_map(|work| work.delivery.next_attempt_at).min() {
            app.scheduler.due(due);
        }
        app.scheduler.work(reserved);
    }

    /// Gives the room back when nothing was committed.
    pub fn release(self, app: &App) {
        let reserved = self.works.iter().filter(|work| is_reserved(work));
        reserved.for_each(|work| app.scheduler.release(work));
    }

    /// Takes in one event, and returns the id of its delivery.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn send(
        app: &App,
        event: Event,
        subscription: SubscriptionId,
    ) -> Result<DeliveryId, Problem> {
        let work = work(event, subscription);
        let id = work.delivery.id;
        let own = Self::of(app, vec![work]);
        if let Some(post) = own.post()
            && let Err(error) = app.store.accept(post).await
        {
            own.release(app);
            return Err(error.into());
        }
        own.work(app);
        Ok(id)
    }
}

fn is_reserved(work: &Work) -> bool {
    work.delivery.state == DeliveryState::Running
}

fn work(event: Event, subscription: SubscriptionId) -> Work {
    let delivery = Delivery::new(event.id, subscription, event.received_at);
    // Nothing was posted.
    Work { delivery, event: Arc::new(event), original: Arc::default() }
}
