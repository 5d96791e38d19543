//! A setting that all chats have.

use hookwright_sdk::ticket::{TicketEvent, Visibility};
use serde::Deserialize;

/// What becomes of comments that customers cannot see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InternalComments {
    /// Sent like others, and marked.
    #[default]
    Send,
    /// Nothing is sent.
    Skip,
}

impl InternalComments {
    /// Why nothing is sent, if so.
    #[must_use]
    pub fn leave_out(self, event: &TicketEvent) -> Option<String> {
        let comment = event.comment.as_ref();
        let internal = comment.is_some_and(|found| found.visibility == Visibility::Internal);
        (internal && self == Self::Skip).then(|| {
            "the comment is internal, and the setting `internal_comments` is `skip`".to_owned()
        })
    }
}
