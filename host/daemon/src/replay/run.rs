//! Goes on with the replays that are running, each at its own rate.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hookwright_model::{Replay, ReplayId, ReplayMove, ReplayState, Timestamp};
use hookwright_store::{Page, ReplayFilter, StoreError};
use tokio::time::Instant;

use super::{Closed, can_go_on, step};
use crate::app::App;
use crate::live::Topic;

/// How long to wait while others need the queue more.
const BUSY: Duration = Duration::from_millis(200);
/// How long to wait when the store did not do what was asked.
const TROUBLE: Duration = Duration::from_secs(5);
/// Between two steps of which the first made nothing: others want to write too.
const BREATH: Duration = Duration::from_millis(5);
/// The store is asked at least this often.
const MAX_SLEEP: Duration = Duration::from_secs(60);

/// Goes on with what is running until the daemon ends. What is not done then goes on when it is
/// started again.
pub async fn run(app: Arc<App>) {
    let mut ready = app.ready.subscribe();
    let mut turns = Turns::default();
    loop {
        let sleep = turns.round(&app).await;
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = app.replays.notified() => {}
            _ = ready.wait_for(|ready| !ready) => return,
        }
    }
}

/// When each goes on.
#[derive(Default)]
struct Turns(HashMap<ReplayId, Instant>);

impl Turns {
    /// Goes on with each whose turn it is. Says how long to sleep.
    async fn round(&mut self, app: &App) -> Duration {
        let filter = ReplayFilter { state: Some(ReplayState::Running) };
        let running =
            match app.store.replays(filter, Page { before: None, limit: usize::MAX }).await {
                Ok(running) => running,
                Err(error) => {
                    tracing::error!(%error, "the store cannot be asked for replays");
                    return TROUBLE;
                }
            };
        self.0.retain(|id, _| running.iter().any(|replay| replay.id == *id));
        // Oldest first.
        for replay in running.iter().rev() {
            if !*app.ready.borrow() || app.scheduler.is_busy() {
                return BUSY;
            }
            let turn = self.0.entry(replay.id).or_insert_with(Instant::now);
            if *turn <= Instant::now() {
                let pause = go_on(app, replay).await;
                *turn = Instant::now() + pause;
            }
        }
        let next = self.0.values().min();
        next.map_or(MAX_SLEEP, |next| next.saturating_duration_since(Instant::now()))
    }
}

/// Makes a step. Says how long to wait until the next.
async fn go_on(app: &App, replay: &Replay) -> Duration {
    match try_to_go_on(app, replay).await {
        Ok(made) => (Duration::from_secs(made) / replay.rate.max(1)).max(BREATH),
        Err(StoreError::Damaged(detail)) => {
            tracing::error!(replay = %replay.id, detail, "a replay cannot go on");
            let reason = format!("the store is damaged: {detail}");
            leave(app, replay, ReplayMove::Fail(reason)).await
        }
        Err(error) => {
            tracing::warn!(replay = %replay.id, %error, "a replay waits");
            TROUBLE
        }
    }
}

/// How many deliveries were put into the queue.
async fn try_to_go_on(app: &App, replay: &Replay) -> Result<u64, StoreError> {
    let snapshot = app.registry.snapshot();
    if let Err(closed) = can_go_on(&snapshot, &replay.what) {
        let reason = closed.reason().to_owned();
        let to = match closed {
            Closed::Removed => ReplayMove::Fail(reason),
            Closed::Held(_) => ReplayMove::Pause(Some(reason)),
        };
        leave(app, replay, to).await;
        return Ok(0);
    }
    let now = Timestamp::now();
    let next = step::next(&*app.store, &snapshot, replay, now).await?;
    // Paused or canceled meanwhile.
    let Some(after) = app.store.step_replay(next).await? else { return Ok(0) };
    let made = after.done.saturating_sub(replay.done);
    app.live.tell(Topic::Replays, 1);
    if made > 0 {
        app.scheduler.due(now);
    }
    if after.state == ReplayState::Done {
        let Replay { id, done, skipped, .. } = after;
        tracing::info!(replay = %id, done, skipped, "a replay is done");
    }
    Ok(made)
}

/// Ends or pauses a replay that cannot go on now.
async fn leave(app: &App, replay: &Replay, to: ReplayMove) -> Duration {
    let (id, word) = (replay.id, to.as_str());
    match app.store.move_replay(id, to, Timestamp::now()).await {
        Ok(Replay { reason, .. }) => {
            app.live.tell(Topic::Replays, 1);
            let reason = reason.unwrap_or_default();
            tracing::warn!(replay = %id, reason, "a replay does not go on: {word}");
            BREATH
        }
        // Somebody was quicker.
        Err(StoreError::Conflict(_) | StoreError::NotFound(_)) => BREATH,
        Err(error) => {
            tracing::warn!(replay = %id, %error, "a replay cannot be noted to {word}");
            TROUBLE
        }
    }
}
