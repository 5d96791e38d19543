//! `hookwright apply` and `hookwright export`: everything that is set up, as a file.

mod apply;
pub(super) mod change;
mod document;
pub(super) mod edit;
mod export;
mod file;
mod missing;
mod prune;
pub(super) mod tidy;

pub(super) use apply::{Apply, upload};
pub(super) use export::Export;
