//! Figures of the last day, in lists.

use std::collections::HashMap;
use std::time::Duration;

use hookwright_model::{Counts, Step, Subject, SubjectKind, Timestamp};
use hookwright_store::{Span, StoreError};

use crate::app::App;

/// What figures of a day are of.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What was counted in the last day of everyone of a kind, by one question to the store. Whoever
/// has nothing is left out. It is a few seconds behind.
pub(super) async fn of_the_day(
    app: &App,
    kind: SubjectKind,
) -> Result<HashMap<Subject, Counts>, StoreError> {
    let now = Timestamp::now();
    let span = Span::new(Step::Hour, now.before(DAY), now);
    Ok(app.store.sums(kind, span).await?.into_iter().collect())
}
