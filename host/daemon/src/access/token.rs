//! Keeps an access token while it is good, and sees to it that only one is fetched at a time,
//! however many deliveries wait for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hookwright_model::Secret;
use tokio::sync::watch;

use super::token_server::TokenServer;
use crate::delivery::client::Sender;
use crate::delivery::scrub::Scrubber;

/// How long before its end a token is no longer used: what was sent with it has to arrive.
const MARGIN: Duration = Duration::from_secs(30);
/// How long a failure is told to others without asking again. A server that refuses is not
/// asked by every delivery in turn, which might lock the account.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest that a failure is remembered because the server asked for it.
const MAX_PAUSE: Duration = Duration::from_secs(300);

/// An access token.
#[derive(Debug)]
pub(super) struct Token {
    /// All of the header's value.
    pub value: Secret,
    /// The same for the journal.
    pub masked: String,
    /// Takes it out of answers.
    pub scrubber: Arc<Scrubber>,
    /// For how long it is good.
    pub lifetime: Duration,
}

/// Why there is no token. The text holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In words.
    pub reason: String,
    /// How long the server asked to wait.
    pub not_before: Option<Duration>,
}

/// A client's account at an authorization server, and the token it has now.
pub(super) struct Account {
    server: TokenServer,
    sender: Arc<Sender>,
    slot: Arc<Slot>,
}

/// What is known of the token. Tokens are thrown away only by whom they failed.
#[derive(Default)]
pub(super) struct Slot(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Empty,
    Good {
        token: Arc<Token>,
        until: Instant,
    },
    Failed {
        failure: Failure,
        until: Instant,
    },
    Fetching(watch::Receiver<Option<Outcome>>),
}

type Outcome = Result<Arc<Token>, Failure>;

impl Failure {
    /// A failure for this reason.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: format!("no access token: {}", reason.into()), not_before: None }
    }
}

impl Account {
    pub(super) fn new(server: TokenServer, sender: Arc<Sender>) -> Self {
        Self { server, sender, slot: Arc::default() }
    }

    /// The token, fetched if there is none; and whether it was kept from before.
    ///
    /// # Errors
    /// When the authorization server gives none.
    pub(super) async fn token(&self) -> Result<(Arc<Token>, bool), Failure> {
        let fetch = || {
            let (server, sender) = (self.server.clone(), Arc::clone(&self.sender));
            async move { server.fetch(&sender).await }
        };
        self.slot.token(Instant::now(), fetch).await
    }

    /// A receiver did not take this token: another is fetched when one is needed.
    pub(super) fn refused(&self, token: &Arc<Token>) {
        self.slot.refused(token);
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn token<F>(
        self: &Arc<Self>,
        now: Instant,
        fetch: impl FnOnce() -> F,
    ) -> Result<(Arc<Token>, bool), Failure>
    where
        F: Future<Output = Result<Token, Failure>> + Send + 'static,
    {
        let mut outcome = {
            let mut state = self.lock();
            match &*state {
                State::Good { token, until } if now < *until => {
                    return Ok((Arc::clone(token), true));
                }
                State::Failed { failure, until } if now < *until => {
                    let left = until.saturating_duration_since(now);
                    let not_before = failure.not_before.map(|_| left);
                    return Err(Failure { not_before, ..failure.clone() });
                }
                // Closed without an outcome: it was stopped halfway.
                State::Fetching(outcome)
                    if outcome.has_changed().is_ok() || outcome.borrow().is_some() =>
                {
                    outcome.clone()
                }
                _ => {
                    let outcome = self.start(fetch());
                    *state = State::Fetching(outcome.clone());
                    outcome
                }
            }
        };
        let there = outcome.wait_for(Option::is_some).await;
        let outcome = there.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or_else(|| Err(Failure::new("asking for it was stopped halfway"))).map(
            // Asked for before it was fetched.
            |token| (token, false),
        )
    }

    /// In a task of its own: a delivery that waits no longer does not stop it for the others.
    fn start<F>(self: &Arc<Self>, fetch: F) -> watch::Receiver<Option<Outcome>>
    where
        F: Future<Output = Result<Token, Failure>> + Send + 'static,
    {
        let (tell, outcome) = watch::channel(None);
        let slot = Arc::clone(self);
        tokio::spawn(async move {
            let asked = Instant::now();
            let outcome = fetch.await.map(Arc::new);
            *slot.lock() = match &outcome {
                Ok(token) => {
                    State::Good { token: Arc::clone(token), until: asked + usable(token.lifetime) }
                }
                Err(failure) => {
                    let pause = failure.not_before.unwrap_or_default().clamp(PAUSE, MAX_PAUSE);
                    State::Failed { failure: failure.clone(), until: Instant::now() + pause }
                }
            };
            tell.send_replace(Some(outcome));
        });
        outcome
    }

    fn refused(&self, token: &Arc<Token>) {
        let mut state = self.lock();
        if matches!(&*state, State::Good { token: now, .. } if Arc::ptr_eq(now, token)) {
            *state = State::Empty;
        }
    }
}

/// For how long a token that is good for `lifetime` is used.
fn usable(lifetime: Duration) -> Duration {
    lifetime - MARGIN.min(lifetime / 4)
}

#[cfg(test)]
mod tests;
