//! Fields and what they are to be, as they are said on the command line or in a file.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;
use serde_json::{Map, Value};

use super::super::{document, file};

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

impl Fields {
    /// All of them, those of the command line last.
    pub(super) fn read(self, kind: &str) -> anyhow::Result<Map<String, Value>> {
        let mut all = match self.file {
            None => Map::new(),
            Some(file) => document::fields(&file::text(&file)?, kind)
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
pub(super) fn lay_over(fields: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (fields.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(more)) => lay_over(inner, more),
            (_, value) => {
                fields.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
}
