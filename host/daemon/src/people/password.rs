//! Passwords: which are taken, and what is kept of them.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::SaltString;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::{PasswordHash, Secret};
use tokio::sync::Semaphore;

/// The shortest password, in characters.
pub const MIN_PASSWORD: usize = 12;
/// The longest.
pub const MAX_PASSWORD: usize = 128;

/// Hashes made at once. Each takes 19 MiB, and that is meant: it is what makes guessing dear.
const AT_ONCE: usize = 2;
/// Those that may wait for it beside these.
const WAITING: usize = 32;

/// A password that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordMistake {
    /// Too short, or too long.
    #[error("a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")]
    Length,
    /// The first that is tried.
    #[error("the password is the user's name")]
    IsName,
}

/// So many hashes are asked for that this one is not made.
#[derive(Debug)]
pub(super) struct Busy;

/// Whether a password can be used by someone of this name.
pub(super) fn check(password: &str, name: &str) -> Result<(), PasswordMistake> {
    if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&password.chars().count()) {
        return Err(PasswordMistake::Length);
    }
    if password.to_lowercase() == name.to_lowercase() {
        return Err(PasswordMistake::IsName);
    }
    Ok(())
}

/// A password that nobody guesses: 120 random bits in 20 characters.
pub(super) fn generate() -> Result<String, getrandom::Error> {
    let mut random = [0; 15];
    getrandom::fill(&mut random)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}

/// Makes a hash. Takes a while, and 19 MiB.
///
/// # Errors
/// When there are no random numbers.
pub(super) fn hash(password: &Secret) -> Result<PasswordHash, String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| format!("no random numbers: {error}"))?;
    let salt = SaltString::encode_b64(&salt).map_err(|error| error.to_string())?;
    let hash = Argon2::default().hash_password(password.expose(), &salt);
    hash.map(|hash| PasswordHash(hash.to_string())).map_err(|error| error.to_string())
}

/// Checks and makes hashes on threads that nobody waits for, a few at a time.
pub(super) struct Hasher {
    places: Arc<Semaphore>,
    working: Semaphore,
    /// What names are checked against that nobody has, so that they take as long. Made for the
    /// first check of all, whoever it is of: to make it takes as long as the check.
    nobody: Arc<OnceLock<PasswordHash>>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            working: Semaphore::new(AT_ONCE),
            nobody: Arc::default(),
        }
    }
}

impl Hasher {
    /// Whether a password is the one that this hash was made of; never, if there is none.
    pub(super) async fn verify(
        &self,
        password: Secret,
        hash: Option<PasswordHash>,
    ) -> Result<bool, Busy> {
        let exists = hash.is_some();
        let nobody = Arc::clone(&self.nobody);
        let check = move || {
            // Of what cannot be typed: no password is that short. Without random numbers there
            // are no sessions either.
            let made = || self::hash(&Secret::new(Vec::new())).unwrap_or_default();
            let nobody = nobody.get_or_init(made);
            verify(&password, hash.as_ref().unwrap_or(nobody))
        };
        let is_right = self.work(check).await?;
        Ok(is_right && exists)
    }

    /// What is kept of a password.
    pub(super) async fn hash(
        &self,
        password: Secret,
    ) -> Result<Result<PasswordHash, String>, Busy> {
        self.work(move || hash(&password)).await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let _place = self.places.try_acquire().map_err(|_| Busy)?;
        let _turn = self.working.acquire().await.map_err(|_| Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

/// What is too long is no password, and is not worked through.
fn verify(password: &Secret, hash: &PasswordHash) -> bool {
    let longest = MAX_PASSWORD * char::MAX.len_utf8();
    let bytes = password.expose();
    let bytes = bytes.get(..longest).map_or(bytes, |_| &[]);
    let parsed = argon2::PasswordHash::new(&hash.0);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(bytes, &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_are_taken() {
        for (password, is_good) in [
            ("", Err(PasswordMistake::Length)),
            ("elevenchars", Err(PasswordMistake::Length)),
            ("twelve chars", Ok(())),
            // Characters, not bytes.
            ("пароль", Err(PasswordMistake::Length)),
            ("двенадцать12", Ok(())),
            ("Anna.Petrovna", Err(PasswordMistake::IsName)),
        ] {
            assert_eq!(check(password, "anna.petrovna"), is_good, "{password}");
        }
        assert_eq!(check(&"x".repeat(128), "anna"), Ok(()));
        assert_eq!(check(&"x".repeat(129), "anna"), Err(PasswordMistake::Length));
        let made = generate().unwrap();
        assert_eq!(check(&made, "anna"), Ok(()));
        assert_ne!(made, generate().unwrap());
    }

    #[tokio::test]
    async fn what_is_kept_of_them() {
        let hasher = Hasher::default();
        let secret = |text: &str| Secret::from(text.to_owned());
        let kept = hasher.hash(secret("twelve chars")).await.unwrap().unwrap();
        assert!(kept.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.0);
        let again = hasher.hash(secret("twelve chars")).await.unwrap().unwrap();
        assert_ne!(kept, again, "each has a salt of its own");
        let is = async |text: &str, hash: Option<&PasswordHash>| {
            hasher.verify(secret(text), hash.cloned()).await.unwrap()
        };
        assert!(hasher.nobody.get().is_none(), "nobody waits for it when the daemon starts");
        assert!(is("twelve chars", Some(&kept)).await);
        assert!(hasher.nobody.get().is_some(), "the first check takes as long whoever it is of");
        assert!(!is("twelve charz", Some(&kept)).await);
        assert!(!is("", Some(&kept)).await);
        assert!(!is("", None).await, "not even with what nobody has");
        assert!(!is("twelve chars", Some(&PasswordHash::default())).await);
        let empty = hash(&secret("")).unwrap();
        assert!(!is(&"x".repeat(10_000), Some(&kept)).await);
        assert!(verify(&secret(""), &empty));
    }
}
