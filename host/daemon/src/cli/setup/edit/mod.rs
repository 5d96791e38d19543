//! Making, changing and removing one thing: what `apply` does, with a document of one entry.

mod assign;
mod editor;
mod item;
mod remove;

use anyhow::{Context as _, bail};
use hookwright_model::Name;
use http::Method;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

pub(in crate::cli) use self::assign::{Assignment, patch};
use self::assign::{Fields, lay_over};
pub(in crate::cli) use self::editor::edit;
pub(in crate::cli) use self::item::find;
use self::item::{Item, document_of, find_version, forget_version, read_item};
pub(in crate::cli) use self::remove::{Yes, ask_to_remove, remove};
use super::super::client::Client;
use super::super::exit::{self, Refused};
use super::super::output;
use super::apply::Applied;
use super::change;
use crate::merge_patch::merge_members;
use crate::mistake::in_words;
use crate::setup::{Action, Change, Current, Setup};

/// Something new.
#[derive(clap::Args)]
#[group(skip)]
pub(in crate::cli) struct Create {
    #[command(flatten)]
    fields: Fields,
    /// Show what would be made, and make nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Other fields.
#[derive(clap::Args)]
#[group(skip)]
pub(in crate::cli) struct Set {
    #[command(flatten)]
    fields: Fields,
    /// A JSON merge patch (RFC 7396): what it names becomes as it says, what is null in it as if
    /// it had never been said.
    #[arg(long, value_name = "JSON")]
    patch: Option<String>,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What something takes the place of.
enum Place {
    /// There must be nothing yet.
    New,
    /// What has this version.
    Of(Option<String>),
}

impl Create {
    pub(in crate::cli) async fn run<T: Item>(self, client: &Client) -> anyhow::Result<()> {
        self.named::<T>(client).await.map(drop)
    }

    /// The same, and says what it is called.
    pub(in crate::cli) async fn named<T: Item>(self, client: &Client) -> anyhow::Result<Name> {
        let mut wanted = Map::new();
        merge_members(&mut wanted, self.fields.read(T::KIND)?);
        let item: T = read_item(wanted)?;
        let name = item.name().clone();
        send(client, item, Place::New, self.dry_run).await?;
        Ok(name)
    }
}

impl Set {
    pub(in crate::cli) async fn run<T: Item>(
        self,
        client: &Client,
        name: &Name,
    ) -> anyhow::Result<()> {
        let dry_run = self.dry_run;
        let patch = self.patch(T::KIND)?;
        set::<T>(client, name, patch, dry_run).await
    }

    /// The same for what the journal keeps.
    pub(in crate::cli) async fn journal(self, client: &Client) -> anyhow::Result<()> {
        let dry_run = self.dry_run;
        let patch = self.patch("journal")?;
        let current: Current = client.get("/v1/setup").await?;
        let mut fields = document_of(&current.journal)?;
        merge_members(&mut fields, patch);
        let journal = serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
            anyhow::anyhow!("{}: {}", error.path(), in_words(&error.inner().to_string()))
        })?;
        let setup = Setup { journal: Some(journal), ..Setup::default() };
        apply(client, &setup, "/journal", dry_run).await
    }

    /// What is to be different, and whether it is only looked at.
    pub(in crate::cli) fn merge_patch(
        self,
        kind: &str,
    ) -> anyhow::Result<(Map<String, Value>, bool)> {
        let dry_run = self.dry_run;
        Ok((self.patch(kind)?, dry_run))
    }

    fn patch(self, kind: &str) -> anyhow::Result<Map<String, Value>> {
        let mut patch = self.fields.read(kind)?;
        if let Some(text) = &self.patch {
            let more = serde_json::from_str(text).context("--patch is not a JSON object")?;
            lay_over(&mut patch, more);
        }
        if patch.is_empty() {
            return Err(exit::usage("say what is to be set: FIELD=VALUE, --file or --patch"));
        }
        Ok(patch)
    }
}

/// Changes fields of the one of this name.
pub(in crate::cli) async fn set<T: Item>(
    client: &Client,
    name: &Name,
    patch: Map<String, Value>,
    dry_run: bool,
) -> anyhow::Result<()> {
    if patch.get("name").is_some_and(|new| new != name.as_str()) {
        bail!("a name stays: make another {} and remove `{name}`", T::KIND);
    }
    let (item, version) = find_version::<T>(client, name).await?;
    let mut fields = document_of(&item)?;
    forget_version(&mut fields, &patch);
    merge_members(&mut fields, patch);
    send(client, read_item::<T>(fields)?, Place::Of(version), dry_run).await
}

/// One field.
pub(in crate::cli) async fn set_field<T: Item>(
    client: &Client,
    name: &Name,
    field: &str,
    value: impl Into<Value>,
) -> anyhow::Result<()> {
    let patch = Map::from_iter([(field.to_owned(), value.into())]);
    set::<T>(client, name, patch, false).await
}

/// First only to see: that says what changes, and what is wrong.
async fn send<T: Item>(
    client: &Client,
    item: T,
    place: Place,
    dry_run: bool,
) -> anyhow::Result<()> {
    let at = format!("/{}/0", T::LIST);
    let (name, document) = (item.name().clone(), document_of(&item)?);
    let mut planned = planned(client, &item.alone(), &at, true).await?;
    let changes = planned.changes.iter().any(|change| change.action != Action::Unchanged);
    let made = |change: &Change| change.action == Action::Create && change.kind == T::KIND;
    if matches!(place, Place::New) && !planned.changes.iter().any(made) {
        let kind = T::KIND;
        bail!("there is a {kind} `{name}` already: `hookwright {kind} set {name} …` changes it");
    }
    let all = format!("/v1/{}", T::LIST);
    if !dry_run {
        match place {
            Place::New => drop(client.post::<IgnoredAny>(&all, &document).await?),
            Place::Of(version) if changes => {
                let path = format!("{all}/{name}");
                drop(client.change(Method::PUT, &path, &document, version.as_deref()).await?);
            }
            Place::Of(_) => {}
        }
        planned.dry_run = false;
    }
    tell(client, &planned)
}

/// Has the daemon take over a document, and shows what that changed. `at` is where in the
/// document what people named stands.
pub(in crate::cli) async fn apply(
    client: &Client,
    setup: &Setup,
    at: &str,
    dry_run: bool,
) -> anyhow::Result<()> {
    tell(client, &planned(client, setup, at, dry_run).await?)
}

async fn planned(
    client: &Client,
    setup: &Setup,
    at: &str,
    dry_run: bool,
) -> anyhow::Result<Applied> {
    let path = if dry_run { "/v1/apply?dry_run=true" } else { "/v1/apply" };
    let applied: anyhow::Result<Applied> = client.post(path, setup).await;
    applied.map_err(|error| match error.downcast::<Refused>() {
        Ok(refused) => {
            let text = refused.text.replace(&format!("{at}/"), "/").replace(&format!("{at}:"), "");
            Refused { text, ..refused }.into()
        }
        Err(other) => other,
    })
}

fn tell(client: &Client, applied: &Applied) -> anyhow::Result<()> {
    if client.json {
        return output::json(applied);
    }
    change::report(&applied.changes, applied.dry_run);
    Ok(())
}
