//! One thing, changed in an editor.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::Command;

use anyhow::{Context as _, bail};
use hookwright_model::Name;

use super::super::super::client::Client;
use super::super::{document, tidy};
use super::item::{Item, find_version, read_item};
use super::{Place, send};

/// Opens one in an editor.
pub(in crate::cli) async fn edit<T: Item>(client: &Client, name: &Name) -> anyhow::Result<()> {
    let (item, version) = find_version::<T>(client, name).await?;
    let base = tidy::body(&item)?;
    let path = std::env::temp_dir().join(format!("hookwright-{name}-{}.toml", std::process::id()));
    let cannot = || format!("cannot write {}", path.display());
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&path).with_context(cannot)?;
    file.write_all(base.as_bytes()).with_context(cannot)?;
    drop(file);
    let result = edited::<T>(client, name, version, &path).await;
    match &result {
        Ok(()) => drop(std::fs::remove_file(&path)),
        Err(_) => eprintln!("hookwright: what was written is in {}", path.display()),
    }
    result
}

async fn edited<T: Item>(
    client: &Client,
    name: &Name,
    version: Option<String>,
    path: &std::path::Path,
) -> anyhow::Result<()> {
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok());
    let editor = editor.filter(|editor| !editor.is_empty()).unwrap_or_else(|| "vi".to_owned());
    // As others do it: the variable may have options in it.
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path);
    let status = shell.status().with_context(|| format!("cannot run {editor}"))?;
    if !status.success() {
        bail!("{editor} ended with {status}; nothing was changed");
    }
    let text = std::fs::read_to_string(path).context("cannot read what was written")?;
    let item: T = read_item(document::fields(&text, T::KIND)?)?;
    if item.name() != name {
        bail!("a name stays: make another {} and remove `{name}`", T::KIND);
    }
    send(client, item, Place::Of(version), false).await
}
