//! Who asks, and whether they may: API tokens.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::{AccessRole, ActorKind, Digest, Name, Timestamp, Token, TokenId};
use hookwright_store::{Result, Store};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use tokio::sync::Mutex;

use super::client_address::ClientAddress;
use super::problem::Problem;
use crate::app::App;

/// What every token starts with, so that it is recognized where it should not be.
const PREFIX: &str = "hwt_";
/// Tokens that are not known are looked for in the store at most this often: another process
/// may have made them.
const REFRESH: Duration = Duration::from_secs(1);
/// Known tokens are read again after this while: another process may have removed them.
const STALE: Duration = Duration::from_secs(10);
/// That a token is used is noted at most this often, in milliseconds.
const NOTED_EVERY: i64 = 60_000;

/// The tokens that are valid. Only their hashes are known.
pub struct Tokens {
    store: Arc<dyn Store>,
    known: ArcSwap<Known>,
    refreshing: Mutex<()>,
}

struct Known {
    by_hash: HashMap<Digest, Arc<Entry>>,
    read_at: Instant,
}

struct Entry {
    token: Token,
    /// When it was last noted that the token is used, in milliseconds.
    noted_at: AtomicI64,
}

impl Tokens {
    /// Reads the tokens that there are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(store: Arc<dyn Store>) -> Result<Self> {
        let known = ArcSwap::from_pointee(read(&*store, None).await?);
        Ok(Self { store, known, refreshing: Mutex::new(()) })
    }

    /// The token of a request, if there is such.
    async fn find(&self, token: &str) -> Result<Option<Arc<Entry>>> {
        let hash = Digest::of(token.as_bytes());
        let known = self.known.load();
        let age = known.read_at.elapsed();
        let found = known.by_hash.get(&hash);
        if age < REFRESH || (found.is_some() && age < STALE) {
            return Ok(found.cloned());
        }
        let _one = self.refreshing.lock().await;
        // Whoever waited finds what was read meanwhile.
        if self.known.load().read_at == known.read_at {
            self.read_again().await?;
        }
        Ok(self.known.load().by_hash.get(&hash).cloned())
    }

    /// Takes over the tokens that there are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn refresh(&self) -> Result<()> {
        let _one = self.refreshing.lock().await;
        self.read_again().await
    }

    async fn read_again(&self) -> Result<()> {
        let before = self.known.load_full();
        self.known.store(Arc::new(read(&*self.store, Some(&before)).await?));
        Ok(())
    }
}

async fn read(store: &dyn Store, before: Option<&Known>) -> Result<Known> {
    let tokens = store.tokens().await?.into_iter().map(|token| {
        // What was just noted may not be stored yet.
        let known = before.and_then(|known| known.by_hash.get(&token.hash));
        let known = known.map(|entry| entry.noted_at.load(Ordering::Relaxed));
        let noted_at = known.max(token.used_at.map(Timestamp::millis)).unwrap_or(i64::MIN);
        (token.hash, Arc::new(Entry { token, noted_at: noted_at.into() }))
    });
    Ok(Known { by_hash: tokens.collect(), read_at: Instant::now() })
}

impl Entry {
    /// Notes that the token is used, unless that was noted just before.
    fn used(&self, store: &Arc<dyn Store>, now: Timestamp) {
        let noted_at = self.noted_at.load(Ordering::Relaxed);
        if now.millis().saturating_sub(noted_at) < NOTED_EVERY {
            return;
        }
        let (was, is) = (Ordering::Relaxed, Ordering::Relaxed);
        if self.noted_at.compare_exchange(noted_at, now.millis(), was, is).is_err() {
            return;
        }
        let (store, id) = (Arc::clone(store), self.token.id);
        // Nobody waits for it.
        tokio::spawn(async move {
            if let Err(error) = store.note_use(id, now).await {
                tracing::warn!(%error, token = %id, "that a token is used could not be noted");
            }
        });
    }
}

/// Makes a token: what is kept of it, and the token itself, which is shown once.
///
/// # Errors
/// When there are no random numbers.
pub fn make(
    name: Name,
    roles: Vec<AccessRole>,
    expires_at: Option<Timestamp>,
) -> std::result::Result<(Token, String), String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| format!("no random numbers: {error}"))?;
    let text = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
    let token = Token {
        id: TokenId::new(),
        name,
        roles,
        hash: Digest::of(text.as_bytes()),
        created_at: Timestamp::now(),
        expires_at,
        used_at: None,
    };
    Ok((token, text))
}

/// The token in `Authorization: Bearer`.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who does something. Every request that was let through has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What they are.
    pub kind: ActorKind,
    /// What they are called.
    pub name: String,
    /// What they may do: whatever one of these does.
    pub roles: Vec<AccessRole>,
    /// Where their request came from, if it came over the network.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// Who has a token.
    #[must_use]
    pub fn token(token: &Token, address: Option<IpAddr>) -> Self {
        let (name, roles) = (token.name.to_string(), token.roles.clone());
        Self { kind: ActorKind::Token, name, roles, address }
    }

    /// Who is logged in.
    #[must_use]
    pub fn user(name: &Name, role: AccessRole, address: Option<IpAddr>) -> Self {
        Self { kind: ActorKind::User, name: name.to_string(), roles: vec![role], address }
    }

    /// The daemon itself.
    #[must_use]
    pub fn daemon() -> Self {
        let (kind, name) = (ActorKind::Daemon, "hookwright".to_owned());
        Self { kind, name, roles: vec![AccessRole::Admin], address: None }
    }

    /// Who runs a command in the data directory: a user of this machine.
    #[must_use]
    pub fn command_line() -> Self {
        let named = std::env::var("USER").ok().filter(|name| {
            (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let name = named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
        let roles = vec![AccessRole::Admin];
        Self { kind: ActorKind::CommandLine, name, roles, address: None }
    }

    /// The same, whose request came from there.
    #[must_use]
    pub fn from(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// Whether they may do what needs this role.
    #[must_use]
    pub fn may(&self, needed: AccessRole) -> bool {
        self.roles.iter().any(|role| role.allows(needed))
    }

    /// The same as a `Result`, for what is let through by nothing else.
    ///
    /// # Errors
    /// Says what they are and what is needed.
    pub fn need(&self, needed: AccessRole) -> std::result::Result<(), Problem> {
        if self.may(needed) {
            return Ok(());
        }
        let roles: Vec<_> = self.roles.iter().map(|role| role.as_str()).collect();
        let (has, roles) = (if roles.len() == 1 { "role" } else { "roles" }, roles.join(", "));
        let (kind, name) = (self.kind, &self.name);
        let detail = format!("the {kind} `{name}` has the {has} {roles}; this needs {needed}");
        Err(Problem::new(StatusCode::FORBIDDEN, "Not allowed", detail))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Problem> {
        let missing = || Problem::unauthenticated("this route has not looked who asks");
        parts.extensions.get().cloned().ok_or_else(missing)
    }
}

/// Lets requests through whose token allows posting events.
pub async fn may_post(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    allow(&app, AccessRole::Poster, request, next).await
}

/// Lets requests through whose token allows reading.
pub async fn may_read(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    allow(&app, AccessRole::Reader, request, next).await
}

/// Lets requests through whose token allows looking after deliveries.
pub async fn may_operate(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    allow(&app, AccessRole::Operator, request, next).await
}

/// Lets requests through whose token allows everything.
pub async fn may_administer(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    allow(&app, AccessRole::Admin, request, next).await
}

async fn allow(
    app: &App,
    needed: AccessRole,
    mut request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    let Some(token) = bearer(request.headers()) else {
        return Err(Problem::unauthenticated(format!(
            "send a token with the role {needed} as `Authorization: Bearer …`; `hookwright token \
             create` makes one"
        )));
    };
    let Some(entry) = app.tokens.find(token).await? else {
        let detail = "the token is not valid: it was mistyped or removed";
        return Err(Problem::unauthenticated(detail));
    };
    let (token, now) = (&entry.token, Timestamp::now());
    if let Some(at) = token.expired_at(now) {
        let detail = format!("the token `{}` expired at {at}: make another", token.name);
        return Err(Problem::unauthenticated(detail));
    }
    entry.used(&app.store, now);
    let address = request.extensions().get::<ClientAddress>().map(|address| address.0);
    let actor = Actor::token(token, address);
    actor.need(needed)?;
    request.extensions_mut().insert(actor);
    Ok(next.run(request).await)
}
