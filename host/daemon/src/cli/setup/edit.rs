//! Making, changing and removing one thing: what `apply` does, with a document of one entry.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context as _, bail};
use hookwright_model::Name;
use http::Method;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::super::client::Client;
use super::super::exit::{self, Refused};
use super::super::output;
use super::apply::Applied;
use super::document;
use super::tidy::{self, Wanted};
use super::{change, prune};
use crate::mistake::in_words;
use crate::setup::{
    Action, Change, ConnectionWanted, Current, PolicyWanted, Removals, Setup, SourceWanted,
    SubscriptionWanted,
};

/// A field and what it is to be.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Assignment {
    path: Vec<String>,
    value: Value,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (field, value) = text.split_once('=').ok_or_else(|| {
            "use FIELD=VALUE, such as enabled=false or settings.chat_id=-100".to_owned()
        })?;
        let path: Vec<_> = match field.strip_prefix('/') {
            Some(pointer) => {
                pointer.split('/').map(|key| key.replace("~1", "/").replace("~0", "~")).collect()
            }
            None => field.split('.').map(str::to_owned).collect(),
        };
        if path.iter().any(String::is_empty) {
            return Err(format!("`{field}` names no field"));
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Ok(Self { path, value })
    }
}

/// Fields, from the command line or a file.
#[derive(clap::Args)]
#[group(skip)]
pub(in crate::cli) struct Fields {
    /// Fields of fields with a dot between them, or as a JSON Pointer. A value that is not JSON is
    /// a text; `null` is as if it had never been said.
    #[arg(value_name = "FIELD=VALUE")]
    fields: Vec<Assignment>,
    /// Take fields from a file, in TOML or JSON; `-` for the standard input.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

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

/// Whether to ask.
#[derive(clap::Args)]
#[group(skip)]
pub(in crate::cli) struct Yes {
    /// Do not ask.
    #[arg(long, short)]
    pub(in crate::cli) yes: bool,
}

/// What is made, changed and removed by its name.
pub(in crate::cli) trait Item: Wanted {
    fn name(&self) -> &Name;
    fn all(current: Current) -> Vec<Self>;
    fn alone(self) -> Setup;
    fn removed(names: Vec<Name>) -> Removals;
    /// What the daemon calls all of them.
    const LIST: &str;
    /// What is not right any more when this is changed.
    fn forget(_: &mut Map<String, Value>, _: &Map<String, Value>) {}
}

impl Item for SubscriptionWanted {
    const LIST: &str = "subscriptions";
    fn name(&self) -> &Name {
        &self.name
    }
    fn all(current: Current) -> Vec<Self> {
        current.subscriptions
    }
    fn alone(self) -> Setup {
        Setup { subscriptions: vec![self], ..Setup::default() }
    }
    fn removed(names: Vec<Name>) -> Removals {
        Removals { subscriptions: names, ..Removals::default() }
    }
    fn forget(fields: &mut Map<String, Value>, patch: &Map<String, Value>) {
        forget_version(fields, patch);
    }
}

impl Item for ConnectionWanted {
    const LIST: &str = "connections";
    fn name(&self) -> &Name {
        &self.name
    }
    fn all(current: Current) -> Vec<Self> {
        current.connections
    }
    fn alone(self) -> Setup {
        Setup { connections: vec![self], ..Setup::default() }
    }
    fn removed(names: Vec<Name>) -> Removals {
        Removals { connections: names, ..Removals::default() }
    }
    fn forget(fields: &mut Map<String, Value>, patch: &Map<String, Value>) {
        forget_version(fields, patch);
    }
}

impl Item for SourceWanted {
    const LIST: &str = "sources";
    fn name(&self) -> &Name {
        &self.name
    }
    fn all(current: Current) -> Vec<Self> {
        current.sources
    }
    fn alone(self) -> Setup {
        Setup { sources: vec![self], ..Setup::default() }
    }
    fn removed(names: Vec<Name>) -> Removals {
        Removals { sources: names, ..Removals::default() }
    }
}

impl Item for PolicyWanted {
    const LIST: &str = "policies";
    fn name(&self) -> &Name {
        &self.name
    }
    fn all(current: Current) -> Vec<Self> {
        current.policies
    }
    fn alone(self) -> Setup {
        Setup { policies: vec![self], ..Setup::default() }
    }
    fn removed(names: Vec<Name>) -> Removals {
        Removals { policies: names, ..Removals::default() }
    }
}

/// A version of another plugin is none of this one.
fn forget_version(fields: &mut Map<String, Value>, patch: &Map<String, Value>) {
    if patch.get("plugin").is_some_and(|plugin| fields.get("plugin") != Some(plugin)) {
        fields.remove("digest");
    }
}

impl Fields {
    /// All of them, those of the command line last.
    fn read(self, kind: &str) -> anyhow::Result<Map<String, Value>> {
        let mut all = match self.file {
            None => Map::new(),
            Some(file) => document::fields(&super::file::text(&file)?, kind)
                .with_context(|| format!("{} is not usable", file.display()))?,
        };
        lay_over(&mut all, patch(self.fields));
        Ok(all)
    }
}

/// What is assigned, as one merge patch.
pub(in crate::cli) fn patch(assignments: Vec<Assignment>) -> Map<String, Value> {
    let mut all = Map::new();
    for Assignment { path, value } in assignments {
        let patch = path
            .into_iter()
            .rev()
            .fold(value, |value, key| Value::Object(Map::from_iter([(key, value)])));
        if let Value::Object(patch) = patch {
            lay_over(&mut all, patch);
        }
    }
    all
}

/// Adds fields to a patch: one that is null says so.
fn lay_over(fields: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (fields.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(more)) => lay_over(inner, more),
            (_, value) => {
                fields.insert(name, value);
            }
        }
    }
}

/// RFC 7396.
pub(in crate::cli) fn merge(fields: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                fields.remove(&name);
            }
            Value::Object(patch) => {
                let inner = fields.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if !inner.is_object() {
                    *inner = Value::Object(Map::new());
                }
                if let Value::Object(inner) = inner {
                    merge(inner, patch);
                }
            }
            value => {
                fields.insert(name, value);
            }
        }
    }
}

fn document_of(item: &impl serde::Serialize) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(item)? {
        Value::Object(fields) => Ok(fields),
        _ => bail!("it has no fields"),
    }
}

fn read_item<T: Item>(fields: Map<String, Value>) -> anyhow::Result<T> {
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let words = in_words(&error.inner().to_string());
        anyhow::anyhow!("{} of the {}: {words}", error.path(), T::KIND)
    })
}

/// The one of this name.
pub(in crate::cli) async fn find<T: Item>(client: &Client, name: &Name) -> anyhow::Result<T> {
    let all = T::all(client.get("/v1/setup").await?);
    let found = all.into_iter().find(|one| one.name() == name);
    found.ok_or_else(|| exit::not_found(format!("there is no {} `{name}`", T::KIND)))
}

/// The same with its version, which was there before it.
async fn find_version<T: Item>(
    client: &Client,
    name: &Name,
) -> anyhow::Result<(T, Option<String>)> {
    let path = format!("/v1/{}/{name}", T::LIST);
    let (_, version) = client.get_version::<IgnoredAny>(&path).await?;
    Ok((find(client, name).await?, version))
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
        merge(&mut wanted, self.fields.read(T::KIND)?);
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
        merge(&mut fields, patch);
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
    T::forget(&mut fields, &patch);
    merge(&mut fields, patch);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("{value}") };
        map
    }

    /// The examples of RFC 7396, appendix A, whose targets and patches are objects.
    #[test]
    fn merging_is_as_the_rfc_says() {
        for (target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            let mut merged = map(target);
            merge(&mut merged, map(patch));
            assert_eq!(Value::Object(merged), result);
        }
    }

    #[test]
    fn fields_are_named_by_dots_or_pointers() {
        let read = |text: &str| text.parse::<Assignment>().map(|one| (one.path, one.value));
        let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        assert_eq!(read("enabled=false"), Ok((path(&["enabled"]), json!(false))));
        assert_eq!(
            read("settings.url=http://a?b=c"),
            Ok((path(&["settings", "url"]), json!("http://a?b=c")))
        );
        assert_eq!(read("/settings/a.b~1c=\"5\""), Ok((path(&["settings", "a.b/c"]), json!("5"))));
        assert_eq!(read("retry="), Ok((path(&["retry"]), json!(""))));
        assert!(read("enabled").unwrap_err().contains("FIELD=VALUE"));
        assert!(read("=5").unwrap_err().contains("names no field"));
        let given = ["a.b=1", "a.c=null", "d=[1]"].map(|text| text.parse().unwrap());
        let fields = Fields { fields: given.to_vec(), file: None };
        let all = fields.read("subscription").unwrap();
        assert_eq!(Value::Object(all), json!({"a": {"b": 1, "c": null}, "d": [1]}));
    }

    #[test]
    fn another_plugin_has_other_versions() {
        let digest = "0".repeat(64);
        let mut fields = map(json!({"plugin": "a", "digest": digest}));
        SubscriptionWanted::forget(&mut fields, &map(json!({"plugin": "a"})));
        assert!(fields.contains_key("digest"));
        SubscriptionWanted::forget(&mut fields, &map(json!({"plugin": "b"})));
        assert!(!fields.contains_key("digest"));
    }
}
