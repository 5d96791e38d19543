//! Looking after the data directory: who works on it, whether it is in order, copies of it.

pub mod doctor;
pub mod restore;

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The store's file in a data directory.
#[must_use]
pub fn store_file(data: &Path) -> PathBuf {
    data.join("hookwright.db")
}

/// The file of the key of the secrets in a data directory.
#[must_use]
pub fn key_file(data: &Path) -> PathBuf {
    data.join("secret.key")
}

/// Below this much free room, in bytes, something must be done soon.
pub const LITTLE_ROOM: u64 = 1 << 30;
/// Below this much free room, in bytes, the next burst of events is refused.
pub const NO_ROOM: u64 = 64 << 20;

/// The room on the disk of a data directory that this process may use, in bytes.
///
/// # Errors
/// When the operating system does not say.
pub fn free_room(data: &Path) -> std::io::Result<u64> {
    let found = rustix::fs::statvfs(data)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// The right of one daemon to work on a data directory, until this is dropped or the process
/// ends, however it does.
#[derive(Debug)]
pub struct Claim {
    _file: File,
}

impl Claim {
    /// Takes it. Two daemons on one store would each send what the other is sending.
    ///
    /// # Errors
    /// When another process has it.
    pub fn take(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .with_context(|| {
                format!("cannot write {}: the data directory has to be writable", path.display())
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another daemon works on {}: stop it first, or give this one another `--data`",
                data.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Whether a daemon works on a data directory.
    #[must_use]
    pub fn is_taken(data: &Path) -> bool {
        let Ok(file) = File::open(data.join("lock")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}
