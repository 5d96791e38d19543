//! Who logs in. Stands in for people: a token's name and the token itself are name and password.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::{Digest, Scope, Token};

use crate::app::App;
use crate::server::problem::Problem;

/// What somebody may do; each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Post events, which is nothing to see here.
    Poster,
    /// Read everything but secrets.
    Reader,
    /// Operate.
    Operator,
    /// Everything.
    Admin,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Poster => "poster",
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Admin => "admin",
        })
    }
}

/// Somebody who has logged in.
#[derive(Clone, Debug)]
pub struct Session {
    /// The name.
    pub user: String,
    /// What they may do.
    pub role: Role,
    /// What forms have to bring along.
    pub csrf: String,
}

/// Why somebody could not log in.
pub enum LoginRefused {
    /// Name and password do not go together.
    Wrong,
    /// It was tried too often; after so long it can be tried again.
    TooOften(Duration),
    /// It cannot be told.
    Failed(Problem),
}

const LASTS: Duration = Duration::from_secs(12 * 60 * 60);
const MOST: usize = 10_000;

static SESSIONS: LazyLock<Mutex<HashMap<Digest, (Session, Instant)>>> =
    LazyLock::new(Mutex::default);

fn sessions() -> MutexGuard<'static, HashMap<Digest, (Session, Instant)>> {
    SESSIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a session, and returns what its cookie says.
///
/// # Errors
/// When it is refused.
pub async fn log_in(
    app: &App,
    name: &str,
    password: &str,
    _from: IpAddr,
) -> Result<String, LoginRefused> {
    let hash = Digest::of(password.as_bytes());
    let tokens = app.store.tokens().await.map_err(|error| LoginRefused::Failed(error.into()))?;
    let fits = |token: &&Token| token.hash == hash && token.name.as_str() == name;
    let token = tokens.iter().find(fits).ok_or(LoginRefused::Wrong)?;
    let role = match token.scopes.iter().max() {
        Some(Scope::Admin) => Role::Admin,
        Some(Scope::Read) => Role::Reader,
        _ => Role::Poster,
    };
    let failed = |detail: String| LoginRefused::Failed(Problem::unavailable(detail));
    let cookie = random().map_err(failed)?;
    let session = Session { user: name.to_owned(), role, csrf: random().map_err(failed)? };
    let mut sessions = sessions();
    sessions.retain(|_, (_, since)| since.elapsed() < LASTS);
    if sessions.len() >= MOST {
        return Err(failed("too many people have logged in".to_owned()));
    }
    sessions.insert(Digest::of(cookie.as_bytes()), (session, Instant::now()));
    Ok(cookie)
}

/// The session of a cookie, if it has not ended.
pub async fn session(_app: &App, cookie: &str) -> Option<Session> {
    let sessions = sessions();
    let (session, since) = sessions.get(&Digest::of(cookie.as_bytes()))?;
    (since.elapsed() < LASTS).then(|| session.clone())
}

/// Ends a session.
pub async fn log_out(_app: &App, cookie: &str) {
    sessions().remove(&Digest::of(cookie.as_bytes()));
}

/// A text that nobody guesses.
pub(super) fn random() -> Result<String, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
