//! Posts that cannot be read are kept, so that nothing is lost while a template, a plugin or a
//! setting is mended.

use std::sync::Arc;

use hookwright_model::{Name, Reject, RejectDetail, RejectId, Timestamp};
use hookwright_store::RejectCap;

use super::{Accepted, Posted};
use crate::app::App;
use crate::live::Topic;
use crate::operations::{Operation, Operations};
use crate::server::problem::Problem;

/// How many are kept, and how much of a disk they may take.
pub const CAP: RejectCap = RejectCap { posts: 1_000, bytes: 256 << 20 };

/// Keeps a post that cannot be read. The problem, which is what the helpdesk is told, says
/// under which id.
pub(super) async fn keep(app: &App, source: &Name, posted: &Posted, problem: Problem) -> Problem {
    let now = Timestamp::now();
    let reject = Reject {
        id: RejectId::new(),
        source: source.clone(),
        times: 1,
        first_at: now,
        last_at: now,
        size: posted.original.body.len() as u64,
        detail: RejectDetail {
            status: problem.status(),
            title: problem.title().to_owned(),
            reason: problem.detail().to_owned(),
            pointer: problem.errors().first().map(|error| error.pointer.clone()),
            method: posted.method.clone(),
            query: posted.query.clone(),
        },
    };
    let snapshot = app.registry.snapshot();
    let original = super::redacted(&snapshot, Some(source), Arc::clone(&posted.original));
    let told = Operation::source_rejecting(source, problem.title());
    let kept = app.store.keep_reject(reject, original, CAP).await;
    Operations::tell(app, vec![told]).await;
    match kept {
        Ok(id) => {
            app.statistics.rejected(source, now);
            app.live.tell(Topic::Rejects, 1);
            problem.at(format!("/v1/rejects/{id}"))
        }
        Err(error) => {
            tracing::error!(%source, %error, "a post that cannot be read could not be kept");
            problem
        }
    }
}

/// Reads a kept post again, as its source is set up now. If it can be read it is a reject no
/// more.
///
/// # Errors
/// When it cannot be read, or its source is gone.
pub async fn read_again(app: &App, id: RejectId) -> Result<Accepted, Problem> {
    let (reject, original) = app.store.reject(id).await?;
    let snapshot = app.registry.snapshot();
    let Some(entry) = snapshot.sources.get(reject.source.as_str()) else {
        return Err(Problem::not_found(format!("there is no source `{}` any more", reject.source)));
    };
    let posted = Posted {
        method: reject.detail.method,
        query: reject.detail.query,
        original: Arc::new(original),
        token_id: None,
    };
    let accepted = super::post(app, Arc::clone(entry), posted).await?;
    app.store.remove_reject(id).await?;
    app.live.tell(Topic::Rejects, 1);
    Ok(accepted)
}
