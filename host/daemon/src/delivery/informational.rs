//! Answers before the answer (1xx). There may be several; a receiver that sends nothing else is not
//! about to answer, and reading all it sends would take a processor until the deadline.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http::Request;
use tokio::sync::Notify;

/// More than a receiver that says every few seconds that it is still at work.
const MOST: u32 = 100;

/// Counts them.
#[derive(Clone, Default)]
pub(super) struct Informational(Arc<Count>);

#[derive(Default)]
struct Count {
    seen: AtomicU32,
    enough: Notify,
}

impl Informational {
    /// Counts those that come for a request.
    pub(super) fn counted<B>(request: &mut Request<B>) -> Self {
        let this = Self::default();
        let count = Arc::clone(&this.0);
        hyper::ext::on_informational(request, move |_| {
            if count.seen.fetch_add(1, Ordering::Relaxed) == MOST {
                count.enough.notify_one();
            }
        });
        this
    }

    /// Resolves when there were too many, and says so.
    pub(super) async fn too_many(&self) -> String {
        self.0.enough.notified().await;
        format!("the receiver sent more than {MOST} informational answers (1xx) and no other")
    }
}
