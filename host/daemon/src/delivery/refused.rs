//! What the other side has against a TLS connection once it is made.
//!
//! In TLS 1.3 a client's certificate is looked at after the handshake, as the client sees it
//! (RFC 8446, appendix E.1.3): what the receiver says then, says why there will be no answer. The
//! client of HTTP only says that the connection was lost; and where that happens just as a
//! request is handed to it, it may say nothing at all.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hyper_util::client::legacy::connect::{CaptureConnection, Connected};
use tokio::sync::Notify;

use super::connect::Dialled;
use crate::access::tls;

/// How long the client of HTTP has to notice that its connection is refused. It may know better:
/// a request that was not sent yet goes out over another connection.
const PATIENCE: Duration = Duration::from_millis(500);

/// Why a connection is refused, for all who want to know.
#[derive(Clone, Debug, Default)]
pub struct Refused(Arc<State>);

#[derive(Debug, Default)]
struct State {
    words: OnceLock<String>,
    there: Notify,
}

impl Refused {
    /// The first reason holds.
    pub(super) fn because(&self, words: String) {
        self.0.words.get_or_init(|| words);
        self.0.there.notify_one();
    }

    fn of(connected: &Connected) -> Option<Self> {
        let mut extras = http::Extensions::new();
        connected.get_extras(&mut extras);
        Some(extras.get::<Dialled>()?.refused.clone())
    }

    async fn words(&self) -> String {
        loop {
            // One request is on a connection at a time: nobody else takes the notice.
            if let Some(words) = self.0.words.get() {
                return words.clone();
            }
            self.0.there.notified().await;
        }
    }
}

/// Why the connection of a request that failed was refused, if it was: then nobody has looked at
/// the request.
pub(super) fn words(error: &hyper_util::client::legacy::Error) -> Option<String> {
    let refused = error.connect_info().and_then(Refused::of);
    let words = refused.and_then(|refused| refused.0.words.get().cloned());
    words.or_else(|| tls::refusal(error))
}

/// Resolves when the connection that a request is on is refused and the client of HTTP has not
/// noticed; else never.
pub(super) async fn unnoticed(mut connection: CaptureConnection) -> String {
    let refused = connection.wait_for_connection_metadata().await.as_ref().and_then(Refused::of);
    let Some(refused) = refused else { return std::future::pending().await };
    let words = refused.words().await;
    tokio::time::sleep(PATIENCE).await;
    words
}
