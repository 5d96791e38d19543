//! API tokens: who may do what.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::{Digest, Name, Scope, Timestamp, Token, TokenId};
use hookwright_store::{Result, Store};
use http::{HeaderMap, StatusCode, header};
use tokio::sync::Mutex;

use super::problem::Problem;
use crate::app::App;

/// What every token starts with, so that it is recognized where it should not be.
const PREFIX: &str = "hwt_";
/// Tokens that are not known are looked for in the store at most this often: another process
/// may have made them.
const REFRESH: Duration = Duration::from_secs(1);
/// Known tokens are read again after this while: another process may have removed them.
const STALE: Duration = Duration::from_secs(10);

/// The tokens that are valid. Only their hashes are known.
pub struct Tokens {
    store: Arc<dyn Store>,
    known: ArcSwap<Known>,
    refreshing: Mutex<()>,
}

struct Known {
    by_hash: HashMap<Digest, Token>,
    read_at: Instant,
}

impl Tokens {
    /// Reads the tokens that there are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(store: Arc<dyn Store>) -> Result<Self> {
        let known = ArcSwap::from_pointee(read(&*store).await?);
        Ok(Self { store, known, refreshing: Mutex::new(()) })
    }

    /// The token of a request, if it is valid.
    async fn find(&self, token: &str) -> Result<Option<Token>> {
        let hash = Digest::of(token.as_bytes());
        let known = self.known.load();
        let age = known.read_at.elapsed();
        let found = known.by_hash.get(&hash);
        if age < REFRESH || (found.is_some() && age < STALE) {
            return Ok(found.cloned());
        }
        self.refresh().await?;
        Ok(self.known.load().by_hash.get(&hash).cloned())
    }

    /// Takes over the tokens that there are now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn refresh(&self) -> Result<()> {
        let _one = self.refreshing.lock().await;
        self.known.store(Arc::new(read(&*self.store).await?));
        Ok(())
    }
}

async fn read(store: &dyn Store) -> Result<Known> {
    let tokens = store.tokens().await?;
    let by_hash = tokens.into_iter().map(|token| (token.hash, token)).collect();
    Ok(Known { by_hash, read_at: Instant::now() })
}

/// Makes a token: what is kept of it, and the token itself, which is shown once.
///
/// # Errors
/// When there are no random numbers.
pub fn make(name: Name, scopes: Vec<Scope>) -> std::result::Result<(Token, String), String> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| format!("no random numbers: {error}"))?;
    let text = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
    let hash = Digest::of(text.as_bytes());
    let token = Token { id: TokenId::new(), name, scopes, hash, created_at: Timestamp::now() };
    Ok((token, text))
}

/// The token in `Authorization: Bearer`.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The name of the token that a request came with.
#[derive(Clone, Debug)]
pub struct Asker(pub Name);

/// Lets requests through whose token allows posting events.
pub async fn may_post(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    allow(&app, Scope::PostEvents, request, next).await
}

/// Lets requests through whose token allows reading.
pub async fn may_read(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    allow(&app, Scope::Read, request, next).await
}

/// Lets requests through whose token allows everything.
pub async fn may_administer(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    allow(&app, Scope::Admin, request, next).await
}

async fn allow(
    app: &App,
    scope: Scope,
    mut request: Request,
    next: Next,
) -> std::result::Result<Response, Problem> {
    let refuse =
        |detail: &str| Err(Problem::new(StatusCode::UNAUTHORIZED, "Not authenticated", detail));
    let Some(token) = bearer(request.headers()) else {
        return refuse(
            "send a token as `Authorization: Bearer …`; `hookwright token create` makes one",
        );
    };
    match app.tokens.find(token).await? {
        None => refuse("the token is not valid: it was mistyped or removed"),
        Some(token) if !token.allows(scope) => {
            let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
            let detail = format!(
                "the token `{}` has the scope {}; this needs {scope}",
                token.name,
                scopes.join(", ")
            );
            Err(Problem::new(StatusCode::FORBIDDEN, "Not allowed", detail))
        }
        Some(token) => {
            request.extensions_mut().insert(Asker(token.name));
            Ok(next.run(request).await)
        }
    }
}
