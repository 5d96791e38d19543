//! Someone who is logged in.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use hookwright_model::{AccessRole, Language, Name, Timestamp, User, UserId};
use hookwright_store::StoredSession;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{IDLE, LONGEST};
use crate::server::auth::Actor;

/// What is mixed with a cookie to make what forms carry.
const CSRF: &[u8] = b"hookwright csrf";

/// Someone who is logged in.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub id: UserId,
    /// What they are called.
    pub user: Name,
    /// What they may do.
    pub role: AccessRole,
    /// What they want to be spoken to in; what their browser asks for if absent.
    pub language: Option<Language>,
    /// What forms of this session carry, so that other sites cannot send them.
    pub csrf: String,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

/// A session that has just begun.
pub struct NewSession {
    /// The value of the cookie. It is nowhere else.
    pub cookie: String,
    /// The session.
    pub session: Session,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({}, {})", self.user, self.role)
    }
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.session, f)
    }
}

impl Session {
    pub(super) fn of(cookie: &str, stored: &StoredSession, user: &User) -> Self {
        Self {
            id: user.id,
            user: user.name.clone(),
            role: user.role,
            language: user.language,
            csrf: csrf(cookie),
            expires_at: stored.seen_at.after(IDLE).min(stored.made_at.after(LONGEST)),
        }
    }

    /// Whether a form was made for this session. Takes as long for all that are not.
    #[must_use]
    pub fn is_own_form(&self, csrf: &str) -> bool {
        self.csrf.as_bytes().ct_eq(csrf.as_bytes()).into()
    }

    /// As the one who does something, from this address.
    #[must_use]
    pub fn actor(&self, from: Option<IpAddr>) -> Actor {
        Actor::user(&self.user, self.role, from)
    }
}

/// Follows from the cookie, which nobody else knows, and does not lead back to it: nothing has to
/// be kept of it.
fn csrf(cookie: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(cookie.as_bytes());
    // Any length of key will do.
    let tag = mac.map(|mac| mac.chain_update(CSRF).finalize().into_bytes());
    tag.map(|tag| BASE64_URL_SAFE_NO_PAD.encode(tag)).unwrap_or_default()
}

/// 256 random bits, as text.
pub(super) fn random() -> Result<String, getrandom::Error> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}
