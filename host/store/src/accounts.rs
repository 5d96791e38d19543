//! Users, their sessions, tokens, and who changed what.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use hookwright_model::{
    ActorKind, AuditEntry, AuditId, Digest, Name, PasswordHash, Timestamp, Token, TokenId, User,
    UserId,
};

use crate::keeping::Sought;
use crate::{Page, Result, Times};

/// The part of a store that knows who may do what, and who did. What is changed and what is said
/// of it in the audit log are one change.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Keeps a token.
    async fn add_token(&self, token: Token, audit: AuditEntry) -> Result<()>;

    /// All tokens.
    async fn tokens(&self) -> Result<Vec<Token>>;

    /// Notes when a token was used.
    async fn note_use(&self, id: TokenId, now: Timestamp) -> Result<()>;

    /// Forgets a token. Says whether there was one.
    async fn remove_token(&self, id: TokenId, audit: AuditEntry) -> Result<bool>;

    /// Adds someone who can log in.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](crate::StoreError::Conflict) if someone has this name.
    async fn add_user(&self, user: User, audit: AuditEntry) -> Result<()>;

    /// Everyone who can log in, by name.
    async fn users(&self) -> Result<Vec<User>>;

    /// The one of this name, if there is one.
    async fn user(&self, name: Name) -> Result<Option<User>>;

    /// Changes someone.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](crate::StoreError::Conflict) if they were changed or removed
    /// meanwhile.
    async fn change_user(&self, change: UserChange) -> Result<()>;

    /// Removes someone, with their sessions. Says whether they were there.
    async fn remove_user(&self, id: UserId, audit: AuditEntry) -> Result<bool>;

    /// Begins a session, which is a login of its user, if they may log in with this password
    /// hash still. Says whether it was begun.
    async fn open_session(
        &self,
        session: StoredSession,
        password: PasswordHash,
        audit: AuditEntry,
    ) -> Result<bool>;

    /// The session of a cookie with this hash, and whose it is.
    async fn session(&self, hash: Digest) -> Result<Option<(StoredSession, User)>>;

    /// Notes that a session is used.
    async fn see_session(&self, hash: Digest, now: Timestamp) -> Result<()>;

    /// Ends a session. Says whether there was one.
    async fn close_session(&self, hash: Digest, audit: Option<AuditEntry>) -> Result<bool>;

    /// Forgets sessions that were last seen, or begun, at these moments or before.
    async fn forget_sessions(&self, seen: Timestamp, made: Timestamp) -> Result<()>;

    /// Notes what was done.
    async fn note_audit(&self, entries: Vec<AuditEntry>) -> Result<()>;

    /// What was done, newest first.
    async fn audit(&self, filter: AuditFilter, page: Page<AuditId>) -> Result<Vec<AuditEntry>>;

    /// Forgets, in a small batch, what was done before this moment. Says whether there may be
    /// more.
    async fn forget_audit(&self, before: Timestamp) -> Result<bool>;

    /// Looks, in a small batch of entries after `after`, for what is sought in changes, and
    /// unless this is only a look, takes these changes' values out.
    async fn erase_audit(
        &self,
        sought: Arc<Sought>,
        after: Option<AuditId>,
        dry_run: bool,
    ) -> Result<ErasedAudit>;
}

/// A change of a user.
#[derive(Clone, Debug)]
pub struct UserChange {
    /// As they are to be.
    pub user: User,
    /// When they were last changed, as far as is known.
    pub was: Timestamp,
    /// Whether they are logged out everywhere.
    pub ends_sessions: bool,
    /// What was done.
    pub audit: Vec<AuditEntry>,
}

/// Someone who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Of the cookie.
    pub hash: Digest,
    /// Whose it is.
    pub user: UserId,
    /// When they logged in.
    pub made_at: Timestamp,
    /// When it was last used, give or take a minute.
    pub seen_at: Timestamp,
    /// Where they logged in from.
    pub address: IpAddr,
}

/// Which entries of the audit log: those for which all of it holds.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// By an actor of this kind.
    pub actor_kind: Option<ActorKind>,
    /// By an actor of this name.
    pub actor: Option<String>,
    /// This action; all of a kind of thing if it ends in `.*`.
    pub action: Option<String>,
    /// Done to a thing of this kind.
    pub target_kind: Option<String>,
    /// Done to a thing of this name.
    pub target: Option<String>,
    /// When it was done.
    pub times: Times,
}

/// A batch of what was erased from the audit log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasedAudit {
    /// Entries in which there was something.
    pub entries: u64,
    /// After which to go on; none at the end.
    pub next: Option<AuditId>,
}
