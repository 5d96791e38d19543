//! Where the fields of an event are looked for.

use std::collections::BTreeMap;

use hookwright_sdk::Problem;
use serde::Deserialize;

/// The names that fields go by: a table that comes with the plugin, under what the settings
/// say.
#[derive(Debug)]
pub struct Fields<'a> {
    /// A name that is a guess has a `?` before it.
    table: BTreeMap<String, Vec<String>>,
    settings: &'a BTreeMap<String, String>,
}

impl<'a> Fields<'a> {
    /// Reads a table. `settings` gives a name or a JSON Pointer per field, and then that is the
    /// only place where the field is looked for.
    ///
    /// # Errors
    /// When the table is not one.
    pub fn read(table: &str, settings: &'a BTreeMap<String, String>) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct Table {
            fields: BTreeMap<String, Vec<String>>,
        }
        let table: Table = serde_json::from_str(table)
            .map_err(|error| Problem::new(format!("the plugin's table of fields: {error}")))?;
        Ok(Self { table: table.fields, settings })
    }

    /// What the settings say.
    pub(crate) fn settings(&self) -> &'a BTreeMap<String, String> {
        self.settings
    }

    /// The table's names for a field.
    pub(crate) fn names(&self, field: &str) -> impl Iterator<Item = &str> {
        let names = self.table.get(field);
        names.into_iter().flatten().map(|name| name.trim_start_matches('?'))
    }
}
