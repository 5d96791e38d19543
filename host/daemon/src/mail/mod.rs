//! Telling people by mail: one mail when deliveries of a subscription begin to fail and one when
//! they succeed again, and one for what happens to the daemon itself.
//!
//! Mails are kept in the store, in the commit of what they tell, and sent by a task of its own:
//! no delivery waits for a mail server, and a crash loses none.

pub mod address;
mod compose;
mod outages;
mod run;
mod smtp;
#[cfg(test)]
mod tests;
pub mod texts;

use hookwright_model::{Name, Timestamp};
use hookwright_store::{Mail, MailPart};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use compose::Composed;
pub(crate) use outages::Failed;
pub use outages::Outages;
pub use run::run;
pub(crate) use smtp::tls as trusted;
pub use smtp::{Mailer, Trouble};

/// The longest words of others that a mail holds, in characters.
pub const MAX_WORDS: usize = 1_000;

/// What a mail tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum About {
    /// Deliveries of a subscription fail.
    OutageBegan {
        /// Its name.
        subscription: Name,
        /// What it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// When the first attempt failed.
        since: Timestamp,
        /// How many deliveries have failed for good.
        failed: u32,
    },
    /// They succeed again.
    OutageEnded {
        /// Its name.
        subscription: Name,
        /// What it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// When the first attempt failed.
        since: Timestamp,
        /// When one succeeded.
        until: Timestamp,
        /// How many deliveries have failed for good.
        failed: u32,
    },
    /// Something happened to the daemon.
    Operation {
        /// The type of the event.
        event_type: String,
        /// What it happened to.
        subject: String,
        /// When.
        at: Timestamp,
        /// A page for people.
        url: String,
        /// How many like it were not told.
        #[serde(default)]
        left_out: u64,
    },
    /// Somebody tries whether mail arrives.
    Test,
}

/// A mail for each of these people, once for each. Mails of one thread are about the same thing.
pub(crate) fn to_each(
    recipients: &[String],
    thread: Option<(Uuid, MailPart)>,
    about: &About,
    words: Option<&str>,
    now: Timestamp,
) -> Vec<Mail> {
    // Only maps with keys that are no strings, and failing writers, can fail; there are none here.
    let doc = serde_json::to_string(about).unwrap_or_default();
    let words = words.map(|words| words.chars().take(MAX_WORDS).collect::<String>());
    let (thread, part) = thread.unwrap_or((Uuid::now_v7(), MailPart::First));
    let mail = |recipient: &String| Mail {
        id: Uuid::now_v7(),
        thread,
        part,
        recipient: recipient.clone(),
        doc: doc.clone(),
        words: words.clone(),
        created_at: now,
        due: now,
        tries: 0,
    };
    recipients.iter().map(mail).collect()
}
