//! What is made, changed and removed by its name.

use anyhow::bail;
use hookwright_model::Name;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::super::super::client::Client;
use super::super::super::exit;
use super::super::tidy::Wanted;
use crate::setup::{
    ConnectionWanted, Current, PolicyWanted, Removals, Setup, SourceWanted, SubscriptionWanted,
};

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

pub(super) fn document_of(item: &impl serde::Serialize) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(item)? {
        Value::Object(fields) => Ok(fields),
        _ => bail!("it has no fields"),
    }
}

pub(super) fn read_item<T: Item>(fields: Map<String, Value>) -> anyhow::Result<T> {
    serde_path_to_error::deserialize(Value::Object(fields))
        .map_err(|error| anyhow::anyhow!("{} of the {}: {}", error.path(), T::KIND, error.inner()))
}

/// The one of this name.
pub(in crate::cli) async fn find<T: Item>(client: &Client, name: &Name) -> anyhow::Result<T> {
    let all = T::all(client.get("/v1/setup").await?);
    let found = all.into_iter().find(|one| one.name() == name);
    found.ok_or_else(|| exit::not_found(format!("there is no {} `{name}`", T::KIND)))
}

/// The same with its version, which was there before it.
pub(super) async fn find_version<T: Item>(
    client: &Client,
    name: &Name,
) -> anyhow::Result<(T, Option<String>)> {
    let path = format!("/v1/{}/{name}", T::LIST);
    let (_, version) = client.get_version::<IgnoredAny>(&path).await?;
    Ok((find(client, name).await?, version))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("{value}") };
        map
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
