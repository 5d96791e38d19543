//! Erasing all traces of a ticket, a person or a text.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{EventId, Timestamp};
use hookwright_store::StoreError;
use hookwright_store::keeping::{Counts, Sought};
use serde::Serialize;

use super::PAUSE;
use crate::app::App;

/// Events that are counted or erased in one batch.
const BATCH: usize = 20;
/// How often, and at what distance, it is tried to empty the log while the admin waits.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);
/// A store up to this size, in bytes, is written anew without being asked: that takes seconds.
const REWRITTEN_UP_TO: u64 = 256 << 20;
/// And afterwards, until it succeeds.
const LATER: Duration = Duration::from_secs(10);

/// What was erased, or would be.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = ErasureReport)]
pub struct Report {
    /// Whether nothing was erased, but only looked for.
    pub dry_run: bool,
    /// How much.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether the store was written anew, so that no copy is left between the rows of others.
    pub rewritten: bool,
    /// Whether the log of the store's changes, too, holds nothing of it any more. If not, that is
    /// being seen to.
    pub log_emptied: bool,
}

/// Erases all of it; or says only how much there is. A large store is only written anew if that is
/// asked for.
///
/// # Errors
/// When the store fails. What was erased by then is erased, and it can be asked for again.
pub async fn erase(
    app: &Arc<App>,
    sought: Sought,
    dry_run: bool,
    rewrite: bool,
) -> Result<Report, StoreError> {
    let sought = Arc::new(sought);
    let mut report = Report { dry_run, ..Report::default() };
    let mut known = HashSet::new();
    let mut after = None;
    loop {
        let found = app.store.find(Arc::clone(&sought), after).await?;
        // Several events can lead to the same.
        let events: Vec<_> =
            found.events.into_iter().filter(|event| known.insert(*event)).collect();
        for events in events.chunks(BATCH) {
            if dry_run {
                report.counts += app.store.count(events.to_vec()).await?;
            } else {
                remove(app, events.to_vec(), &mut report.counts).await?;
            }
        }
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let found = app.store.find_rejects(Arc::clone(&sought), after).await?;
        if dry_run {
            report.counts.rejects += found.rejects.len() as u64;
        } else if !found.rejects.is_empty() {
            report.counts += app.store.erase(Vec::new(), found.rejects).await?.counts;
        }
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        let erased = app.store.erase_audit(Arc::clone(&sought), after, dry_run).await?;
        report.counts.audit += erased.entries;
        after = erased.next;
        if after.is_none() {
            break;
        }
    }
    if !dry_run {
        // An erased delivery can have been in the way of others.
        app.scheduler.due(Timestamp::now());
        app.health.forget_words();
        app.health.keep(&*app.store).await?;
        app.operations.outages.forget_words();
        app.store.forget_mail_words().await?;
        let size = app.store.size().await?;
        if rewrite || size.journal + size.free <= REWRITTEN_UP_TO {
            report.rewritten = app.store.rewrite().await?;
        }
        report.log_emptied = empty_log(app).await?;
        let Counts { events, deliveries, rejects, .. } = report.counts;
        tracing::info!(events, deliveries, rejects, "erased from the journal");
    }
    Ok(report)
}

async fn remove(
    app: &App,
    mut events: Vec<EventId>,
    counts: &mut Counts,
) -> Result<(), StoreError> {
    while !events.is_empty() {
        let erased = app.store.erase(events, Vec::new()).await?;
        app.gone.add(&erased.running);
        *counts += erased.counts;
        events = erased.left;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn empty_log(app: &Arc<App>) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        if app.store.empty_log().await? {
            return Ok(true);
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
    let app = Arc::clone(app);
    tokio::spawn(async move {
        while !app.store.empty_log().await.unwrap_or(false) {
            tokio::time::sleep(LATER).await;
        }
        tracing::info!("the log of changes holds nothing any more of what was erased");
    });
    Ok(false)
}
