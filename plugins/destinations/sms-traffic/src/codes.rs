//! The error codes of SMS Traffic. They are no HTTP statuses, although some look like them.

use std::collections::BTreeMap;

use hookwright_sdk::serde_json;
use serde::Deserialize;

const TABLE: &str = include_str!("../data/codes.json");

/// What the codes mean.
#[derive(Default, Deserialize)]
pub(crate) struct Codes {
    /// The errors that may be gone on another try.
    temporary: Vec<u32>,
    /// In words, by their numbers.
    codes: BTreeMap<String, String>,
}

impl Codes {
    /// The document's table.
    pub(crate) fn read() -> Self {
        // A test holds the table against this type.
        serde_json::from_str(TABLE).unwrap_or_default()
    }

    /// What a code means.
    pub(crate) fn meaning(&self, code: &str) -> &str {
        self.codes.get(code).map_or("an unknown error", String::as_str)
    }

    /// Whether it may be gone on another try.
    pub(crate) fn is_temporary(&self, code: &str) -> bool {
        code.parse().is_ok_and(|code| self.temporary.contains(&code))
    }
}
