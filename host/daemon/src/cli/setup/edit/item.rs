//! What is made, changed and removed by its name.

use anyhow::bail;
use hookwright_model::Name;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::super::super::client::Client;
use super::super::super::exit;
use super::super::tidy::Wanted;
use crate::mistake::in_words;
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
}

/// Each by the name of its list in set-ups, which is also that of its addresses.
macro_rules! items {
    ($($wanted:ty: $list:ident;)*) => {$(
        impl Item for $wanted {
            const LIST: &str = stringify!($list);
            fn name(&self) -> &Name {
                &self.name
            }
            fn all(current: Current) -> Vec<Self> {
                current.$list
            }
            fn alone(self) -> Setup {
                Setup { $list: vec![self], ..Setup::default() }
            }
            fn removed(names: Vec<Name>) -> Removals {
                Removals { $list: names, ..Removals::default() }
            }
        }
    )*};
}

items! {
    SubscriptionWanted: subscriptions;
    ConnectionWanted: connections;
    SourceWanted: sources;
    PolicyWanted: policies;
}

/// A version of another plugin is none of this one. Where there are no versions, nothing happens.
pub(super) fn forget_version(fields: &mut Map<String, Value>, patch: &Map<String, Value>) {
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
        forget_version(&mut fields, &map(json!({"plugin": "a"})));
        assert!(fields.contains_key("digest"));
        forget_version(&mut fields, &map(json!({"plugin": "b"})));
        assert!(!fields.contains_key("digest"));
    }
}
