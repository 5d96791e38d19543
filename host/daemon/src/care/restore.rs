//! From a copy of the store to a data directory.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use hookwright_store::{SqliteStore, Vault};

use super::{key_file, store_file};

/// Puts a copy into a data directory that has no store, after checking that it is whole with the key
/// file that belongs to it, if one is given.
///
/// # Errors
/// When the copy is damaged or from a newer version, or there is a store already; then nothing
/// has changed.
pub fn restore(copy: &Path, data: &Path, key: Option<&Path>) -> anyhow::Result<()> {
    let file = store_file(data);
    if file.exists() {
        bail!(
            "{} is there already; restore into another directory, or move this one away",
            file.display()
        );
    }
    let faults = SqliteStore::faults(copy)
        .with_context(|| format!("{} cannot be read as a store", copy.display()))?;
    if let Some(first) = faults.first() {
        bail!("{} is damaged: {first}", copy.display());
    }
    let (version, newest) = SqliteStore::versions(copy)?;
    if !(1..=newest).contains(&version) {
        bail!(
            "{} is no store that this program knows: it has version {version}, and versions from \
             1 to {newest} are known",
            copy.display()
        );
    }
    fs::create_dir_all(data)
        .with_context(|| format!("cannot make the data directory {}", data.display()))?;
    if let Some(key) = key {
        // Reading it would make it if it were not there.
        if !key.exists() {
            bail!("there is no {}", key.display());
        }
        Vault::from_file(key)?;
        let to = key_file(data);
        if to.exists() {
            bail!("{} is there already; it would be overwritten", to.display());
        }
        fs::copy(key, &to).with_context(|| format!("cannot copy the key to {}", to.display()))?;
    }
    // Under another name first: a store's name never stands for half of one.
    SqliteStore::back_up(copy, &file)?;
    Ok(())
}
