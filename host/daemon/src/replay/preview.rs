//! How much there is to do, before anything is done.

use std::collections::BTreeMap;

use hookwright_model::{Backfill, Redeliver, ReplayWhat};
use serde::Serialize;

use super::choose::{Word, leaves_out, leaves_out_event};
use super::open_for;
use crate::app::App;
use crate::server::problem::Problem;

/// Events that are read at once.
const PAGE: usize = 100;

/// What a replay would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// How many deliveries it would make.
    pub found: u64,
    /// How many others it would look at and leave out, by why.
    pub left_out: BTreeMap<String, u64>,
}

impl Preview {
    fn count(&mut self, why_not: Option<Word>, count: u64) {
        match why_not {
            None => self.found += count,
            Some(why) => *self.left_out.entry(why.into_owned()).or_default() += count,
        }
    }
}

/// Counts. Events are looked at one by one, as their conditions need.
///
/// # Errors
/// When the store cannot be read, or the subscription is gone meanwhile.
pub async fn preview(app: &App, what: &ReplayWhat) -> Result<Preview, Problem> {
    match what {
        ReplayWhat::Redeliver(what) => redeliver(app, what).await,
        ReplayWhat::Backfill(what) => backfill(app, what).await,
    }
}

async fn redeliver(app: &App, what: &Redeliver) -> Result<Preview, Problem> {
    let snapshot = app.registry.snapshot();
    let mut preview = Preview::default();
    for found in app.store.count_replay(what.clone()).await? {
        let why_not = leaves_out(&snapshot, found.subscription_id, &found.event_type);
        preview.count(why_not, found.count);
    }
    Ok(preview)
}

async fn backfill(app: &App, what: &Backfill) -> Result<Preview, Problem> {
    let snapshot = app.registry.snapshot();
    let entry = open_for(&snapshot, what.subscription)
        .map_err(|closed| Problem::not_found(closed.reason()))?;
    let mut preview = Preview::default();
    let mut after = None;
    loop {
        let page = app.store.replay_events(what.clone(), after, PAGE).await?;
        for found in &page {
            preview.count(leaves_out_event(entry, what, found), 1);
        }
        after = page.last().map(|found| found.event.id);
        if page.len() < PAGE {
            return Ok(preview);
        }
    }
}
