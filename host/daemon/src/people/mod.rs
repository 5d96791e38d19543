//! People who use the console: who they are, logging in and out, what they may do.
//!
//! A session is a random value in a cookie. The store has its hash only, and is asked each time:
//! another process may have ended it, as `hookwright user` does.

mod change;
pub mod cookie;
mod password;
mod refusals;
mod session;
mod throttle;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hookwright_model::{AuditTarget, Digest, Name, Secret, Timestamp, User};
use hookwright_store::{Result as Stored, Store, StoreError, StoredSession};

pub use change::{Changed, UserPatch, UserWanted};
pub use password::{MAX_PASSWORD, MIN_PASSWORD, PasswordMistake};
pub use session::{NewSession, Session};

use crate::audit;
use crate::server::auth::Actor;
use password::Hasher;
use refusals::Refusals;
use throttle::Throttle;

/// A session that is not used for so long ends.
pub const IDLE: Duration = Duration::from_secs(12 * 60 * 60);
/// And after so long in any case.
pub const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// That a session is used is noted at most this often.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// Who can log in, and who is logged in.
pub struct People {
    store: Arc<dyn Store>,
    hasher: Hasher,
    throttle: Mutex<Throttle>,
    refusals: Mutex<Refusals>,
}

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginRefused {
    /// The name, the password or both are wrong, or they may not log in. Which it is, is not said.
    #[error("the name or the password is wrong")]
    Wrong,
    /// It was tried too often.
    #[error("too many attempts: try again in {} seconds", seconds(*.0))]
    TooOften(Duration),
    /// So many log in at once that this one is not looked at.
    #[error("too many people log in at once: try again in a few seconds")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Rounded up: who comes back then is let in.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl LoginRefused {
    /// After how many seconds it can be tried again, if that is what matters.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::TooOften(wait) => Some(seconds(*wait)),
            Self::Busy => Some(5),
            Self::Wrong | Self::Store(_) => None,
        }
    }
}

impl People {
    /// The people of a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            hasher: Hasher::default(),
            throttle: Mutex::default(),
            refusals: Mutex::default(),
        }
    }

    /// Logs someone in: a session with a cookie of its own.
    ///
    /// # Errors
    /// When they are not let in.
    pub async fn log_in(
        &self,
        name: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<NewSession, LoginRefused> {
        self.log_in_at(name, password, from, Timestamp::now()).await
    }

    async fn log_in_at(
        &self,
        name: &str,
        password: &str,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<NewSession, LoginRefused> {
        let typed = name.trim().to_lowercase();
        let allowed = self.throttle().begin(&typed, from, Instant::now());
        let user = self.named(&typed).await?;
        let known = user.as_ref().map(|user| user.name.clone());
        let attempt = match allowed {
            Ok(attempt) => attempt,
            Err(wait) => {
                self.refused(known, from, now);
                return Err(LoginRefused::TooOften(wait));
            }
        };
        let hash = user.as_ref().map(|user| user.password.clone());
        let is_right = self.hasher.verify(Secret::from(password.to_owned()), hash).await;
        let is_right = is_right.map_err(|password::Busy| LoginRefused::Busy)?;
        if let Some(user) = user.filter(|user| is_right && !user.disabled)
            && let Some(session) = self.open(&user, from, now).await?
        {
            self.throttle().succeeded(attempt, &typed, from);
            return Ok(session);
        }
        self.refused(known, from, now);
        Err(LoginRefused::Wrong)
    }

    async fn named(&self, typed: &str) -> Stored<Option<User>> {
        match typed.parse::<Name>() {
            Ok(name) => self.store.user(name).await,
            Err(_) => Ok(None),
        }
    }

    /// None if they were changed meanwhile.
    async fn open(
        &self,
        user: &User,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Option<NewSession>, LoginRefused> {
        let cookie = session::random().map_err(|error| StoreError::Other(error.to_string()))?;
        let stored = StoredSession {
            hash: Digest::of(cookie.as_bytes()),
            user: user.id,
            made_at: now,
            seen_at: now,
            address: from,
        };
        let actor = Actor::user(&user.name, user.role, Some(from));
        let target = AuditTarget::new("user", &user.name);
        let entry = audit::entry(&actor, "user.login", target, Vec::new());
        let session = Session::of(&cookie, &stored, user);
        let is_open = self.store.open_session(stored, user.password.clone(), entry).await?;
        Ok(is_open.then_some(NewSession { cookie, session }))
    }

    /// Who a cookie is the session of, if it is one that has not ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn session(&self, cookie: &str) -> Stored<Option<Session>> {
        self.session_at(cookie, Timestamp::now()).await
    }

    async fn session_at(&self, cookie: &str, now: Timestamp) -> Stored<Option<Session>> {
        let hash = Digest::of(cookie.as_bytes());
        let Some((stored, user)) = self.store.session(hash).await? else { return Ok(None) };
        let has_ended = stored.seen_at.after(IDLE) <= now || stored.made_at.after(LONGEST) <= now;
        if has_ended || user.disabled {
            return Ok(None);
        }
        if now.since(stored.seen_at) >= NOTED_EVERY {
            self.store.see_session(hash, now).await?;
        }
        Ok(Some(Session::of(cookie, &stored, &user)))
    }

    /// Ends the session of a cookie, if it is one. Whoever asks for it is there.
    ///
    /// # Errors
    /// When that cannot be noted.
    pub async fn log_out(&self, cookie: &str, from: Option<IpAddr>) -> Stored<()> {
        let hash = Digest::of(cookie.as_bytes());
        let Some((_, user)) = self.store.session(hash).await? else { return Ok(()) };
        let actor = Actor::user(&user.name, user.role, from);
        let target = AuditTarget::new("user", &user.name);
        let entry = audit::entry(&actor, "user.logout", target, Vec::new());
        self.store.close_session(hash, Some(entry)).await.map(drop)
    }

    /// Notes what was refused and not noted yet, and forgets sessions that have ended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tidy(&self, now: Timestamp, is_end: bool) -> Stored<()> {
        let entries = self.refusals().due(now, is_end);
        if !entries.is_empty() {
            self.store.note_audit(entries).await?;
        }
        self.store.forget_sessions(now.before(IDLE), now.before(LONGEST)).await
    }

    /// Notes that somebody was refused. The answer does not wait for it: by how long it takes it
    /// could be told which names there are.
    fn refused(&self, name: Option<Name>, from: IpAddr, now: Timestamp) {
        let Some(entry) = self.refusals().note(name, from, now) else { return };
        let store = Arc::clone(&self.store);
        tokio::spawn(async move { audit::note_in(&*store, entry).await });
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        // Nothing inside panics half way; what the lock guards is whole.
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusals(&self) -> std::sync::MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tidies as long as the daemon runs.
pub async fn keep(app: Arc<crate::app::App>) {
    loop {
        tokio::time::sleep(NOTED_EVERY).await;
        if let Err(error) = app.people.tidy(Timestamp::now(), false).await {
            tracing::warn!(%error, "sessions that have ended could not be forgotten");
        }
    }
}

#[cfg(test)]
mod tests;
