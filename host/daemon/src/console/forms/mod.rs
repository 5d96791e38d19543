//! Forms drawn from JSON Schema: the settings of plugins, and the fields that subscriptions and
//! connections have themselves. A document becomes what stands in a form ([`Entries`]), a form's
//! entries become a document ([`read()`]); what a form cannot express is JSON text in it.

mod draw;
mod pattern;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;

pub use draw::{Drawn, draw};
pub use read::read;
pub use schema::{Field, Kind, fields, settings};
pub use value::{enter, pretty};

use crate::server::problem::FieldProblem;

/// What stands in a form: the values of each field, as browsers send them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries(BTreeMap<String, Vec<String>>);

/// What is wrong in a form.
pub type Mistakes = Vec<FieldProblem>;

impl Entries {
    /// What a browser has sent.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        let mut entries = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            // Browsers send line breaks as two characters.
            let value = value.replace("\r\n", "\n").replace('\r', "\n");
            entries.0.entry(name.into_owned()).or_default().push(value);
        }
        entries
    }

    /// The first value of a field; empty if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    /// All values of a field.
    #[must_use]
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a field has been sent at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Puts a value in.
    pub fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.entry(name.into()).or_default().push(value.into());
    }

    fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// As it would be sent.
    #[cfg(test)]
    #[must_use]
    pub fn encoded(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, values) in &self.0 {
            for value in values {
                form.append_pair(name, &value.replace('\n', "\r\n"));
            }
        }
        form.finish()
    }
}

/// A part of a JSON Pointer.
#[must_use]
pub fn segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
