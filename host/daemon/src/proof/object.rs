//! Reading JSON objects.

use serde::Deserialize;

/// Reads an object, and nothing that is not written as one: serde would take a list as a
/// structure, by position, where other readers of the same bytes see no fields at all.
pub(super) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    json.trim_ascii_start().starts_with(b"{").then(|| serde_json::from_slice(json).ok())?
}
