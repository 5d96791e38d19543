//! Encryption of secrets at rest: XChaCha20-Poly1305, with a key that is not in the store.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hookwright_model::Secret;
use zeroize::Zeroizing;

const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;

/// Encrypts and decrypts secrets.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
}

/// Why there is no usable key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is no key.
    #[error("{place} does not hold a key: expected 32 bytes in base64 (44 characters)")]
    Format {
        /// Where it was found.
        place: String,
    },
    /// Others can read the file.
    #[error("others than its owner can read {path} (mode {mode:03o}): `chmod 600 {path}`")]
    Permissions {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// The file cannot be read or made.
    #[error("the key file {path} cannot be used: {error}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
}

impl Vault {
    /// A vault with a key in base64, as from an environment variable called `place`.
    ///
    /// # Errors
    /// When the text is no key.
    pub fn from_text(text: &str, place: &str) -> Result<Self, KeyError> {
        let bytes = BASE64_STANDARD.decode(text.trim()).map(Zeroizing::new).ok();
        let key = bytes.and_then(|bytes| <[u8; KEY_LEN]>::try_from(bytes.as_slice()).ok());
        match key.map(Zeroizing::new) {
            Some(key) => Ok(Self { cipher: XChaCha20Poly1305::new((&*key).into()) }),
            None => Err(KeyError::Format { place: place.to_owned() }),
        }
    }

    /// A vault with the key in a file, which is made, for this user only, if it is not there.
    ///
    /// # Errors
    /// When the file cannot be read or made, holds no key, or can be read by others.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let io = |error| KeyError::Io { path: path.display().to_string(), error };
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_key_file(path).map_err(io)?
            }
            Err(error) => return Err(io(error)),
        };
        let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Permissions { path: path.display().to_string(), mode });
        }
        Self::from_text(&text, &path.display().to_string())
    }

    /// Encrypts a secret. The name goes into the seal: another secret's value does not open
    /// under it.
    pub(crate) fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>, String> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|error| format!("no random numbers: {error}"))?;
        let payload = Payload { msg: secret, aad: name.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| "it is too large to be encrypted".to_owned())?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts what [`Vault::seal`] made; nothing if it was made with another key or for
    /// another name, or was changed.
    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Option<Secret> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload { msg: sealed, aad: name.as_bytes() };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).ok().map(Secret::new)
    }
}

fn make_key_file(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    getrandom::fill(&mut *key).map_err(io::Error::other)?;
    let text = Zeroizing::new(BASE64_STANDARD.encode(*key));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    // Secrets that are stored next must not outlive the key.
    file.sync_all()?;
    if let Some(dir) = path.parent() {
        fs::File::open(dir)?.sync_all()?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_and_the_name_open_a_secret() {
        let vault = Vault::from_text(&BASE64_STANDARD.encode([7; 32]), "test").unwrap();
        let other = Vault::from_text(&BASE64_STANDARD.encode([8; 32]), "test").unwrap();
        let sealed = vault.seal("token", b"s3cr3t").unwrap();
        assert_eq!(vault.open("token", &sealed).unwrap().expose(), b"s3cr3t");
        assert!(vault.open("password", &sealed).is_none());
        assert!(other.open("token", &sealed).is_none());
        assert!(vault.open("token", &sealed[..10]).is_none());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(vault.open("token", &changed).is_none());
        assert_ne!(vault.seal("token", b"s3cr3t").unwrap(), sealed, "a nonce is used once");
        assert!(!sealed.windows(6).any(|window| window == b"s3cr3t"));
    }

    #[test]
    fn the_key_file_is_made_once_and_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        let sealed = Vault::from_file(&path).unwrap().seal("a", b"b").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Vault::from_file(&path).unwrap().open("a", &sealed).unwrap().expose(), b"b");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = Vault::from_file(&path).map(drop).unwrap_err().to_string();
        assert!(error.contains("mode 640") && error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn what_is_no_key_is_said_to_be_none() {
        for text in ["", "short", &BASE64_STANDARD.encode([0; 31]), &"!".repeat(44)] {
            let error = Vault::from_text(text, "HOOKWRIGHT_KEY").map(drop).unwrap_err();
            assert!(error.to_string().starts_with("HOOKWRIGHT_KEY does not hold a key"));
        }
    }
}
