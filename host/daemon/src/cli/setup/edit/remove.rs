//! Removing, and asking before.

use hookwright_model::Name;

use super::super::super::client::Client;
use super::super::super::{exit, output};
use super::super::{change, prune};
use super::apply;
use super::item::Item;
use crate::setup::Setup;

/// Whether to ask.
#[derive(clap::Args)]
#[group(skip)]
pub(in crate::cli) struct Yes {
    /// Do not ask.
    #[arg(long, short)]
    pub(in crate::cli) yes: bool,
}

/// Removes some.
pub(in crate::cli) async fn remove<T: Item>(
    client: &Client,
    names: Vec<Name>,
    yes: bool,
) -> anyhow::Result<()> {
    let all = T::all(client.get("/v1/setup").await?);
    for name in &names {
        if !all.iter().any(|one| one.name() == name) {
            return Err(exit::not_found(format!("there is no {} `{name}`", T::KIND)));
        }
    }
    let setup = Setup { remove: T::removed(names.clone()), ..Setup::default() };
    ask_to_remove(client, T::KIND, &names, yes).await?;
    apply(client, &setup, "/remove", false).await
}

/// Asks with all that follows from it.
pub(in crate::cli) async fn ask_to_remove(
    client: &Client,
    kind: &str,
    names: &[Name],
    yes: bool,
) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    let mut question = Vec::new();
    for name in names {
        let what = prune::consequence(client, kind, name.as_str()).await?;
        let what = what.map(|what| format!(" ({what})")).unwrap_or_default();
        question.push(format!("{kind} {name}{what}"));
    }
    output::confirm(&format!("Remove {}?", change::named(&question)), false)
}
