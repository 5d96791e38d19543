//! Looks after what the journal keeps: lets go of what is old, redacts what is done, erases what
//! is asked for. All of it in batches that no one notices.

pub mod erasure;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookwright_model::{EventId, JournalSettings, Timestamp};
use hookwright_store::StoreError;
use uuid::Uuid;

use crate::app::App;

/// How often what may go is looked for.
const ROUND: Duration = Duration::from_secs(60);
/// How often it is looked for among all events, also those that could not go before.
const WHOLE_ROUND: Duration = Duration::from_secs(60 * 60);
/// How often what is to be redacted is looked for.
const REDACTING: Duration = Duration::from_secs(2);
/// Between two batches others have their turn.
const PAUSE: Duration = Duration::from_millis(20);

/// Lets go of what is of no more use, as long as the daemon runs.
pub async fn retain(app: Arc<App>) {
    let mut rounds = Rounds::default();
    loop {
        let snapshot = app.registry.snapshot();
        if let Err(error) = rounds.one(&app, &snapshot.configuration.journal).await {
            tracing::warn!(%error, "what is of no more use could not be let go of");
        }
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            () = app.keep_anew.notified() => rounds.whole = None,
        }
    }
}

#[derive(Default)]
struct Rounds {
    /// When all events were last looked at.
    whole: Option<Instant>,
    /// Up to which moment.
    looked_until: Option<Timestamp>,
    /// Whether it was said that the journal is too large.
    has_warned: bool,
}

impl Rounds {
    async fn one(&mut self, app: &App, settings: &JournalSettings) -> Result<(), StoreError> {
        let now = Timestamp::now();
        let never = Timestamp::from_millis(i64::MIN);
        let rejects_before = settings.keep_rejects_for.reached_before(now).unwrap_or(never);
        while app.store.forget(now, rejects_before).await? {
            tokio::time::sleep(PAUSE).await;
        }
        if let Some(before) = settings.keep_audit_for.reached_before(now) {
            while app.store.forget_audit(before).await? {
                tokio::time::sleep(PAUSE).await;
            }
        }
        if let Some(before) = settings.keep_for.reached_before(now) {
            self.by_age(app, before).await?;
        }
        if let Some(most) = settings.keep_bytes {
            self.by_size(app, now, most.0).await?;
        }
        while app.store.give_back().await? {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn by_age(&mut self, app: &App, before: Timestamp) -> Result<(), StoreError> {
        let is_whole = self.whole.is_none_or(|last| last.elapsed() >= WHOLE_ROUND);
        let mut after = self.looked_until.filter(|_| !is_whole).map(first_of);
        let mut events = 0;
        loop {
            let swept = app.store.let_go(before, after).await?;
            events += swept.events;
            after = swept.next;
            if after.is_none() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        if is_whole {
            self.whole = Some(Instant::now());
        }
        self.looked_until = Some(before);
        if events > 0 {
            tracing::info!(events, %before, "events were let go of: they are older than is kept");
        }
        Ok(())
    }

    async fn by_size(&mut self, app: &App, now: Timestamp, most: u64) -> Result<(), StoreError> {
        let (mut after, mut events) = (None, 0);
        while app.store.size().await?.journal > most {
            let swept = app.store.let_go(now, after).await?;
            events += swept.events;
            after = swept.next;
            if after.is_none() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        if events > 0 {
            tracing::info!(events, "events were let go of: the journal was larger than is kept");
        }
        let bytes = app.store.size().await?.journal;
        if bytes > most && !self.has_warned {
            tracing::warn!(
                bytes,
                most,
                "the journal is larger than `keep_bytes`, and all that has ended is gone: what is \
                 left waits to be delivered, or is set up"
            );
        }
        self.has_warned = bytes > most;
        Ok(())
    }
}

/// Comes before every event of this moment.
fn first_of(moment: Timestamp) -> EventId {
    let millis = u64::try_from(moment.millis()).unwrap_or(0);
    EventId::from_uuid(Uuid::from_u128(u128::from(millis) << 80))
}

/// Redacts what was delivered, as long as the daemon runs.
pub async fn redact(app: Arc<App>) {
    loop {
        tokio::time::sleep(REDACTING).await;
        loop {
            let redaction = Arc::clone(&app.registry.snapshot().redaction);
            if redaction.is_empty() {
                break;
            }
            match app.store.redact(Timestamp::now(), redaction).await {
                Ok(true) => tokio::time::sleep(PAUSE).await,
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "the journal cannot be redacted; trying again");
                    break;
                }
            }
        }
    }
}
