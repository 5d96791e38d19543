//! What plugins in Rust are written with.
//!
//! A destination turns events into requests, a source turns what a helpdesk posts into
//! events. Either is a type that implements a trait of this crate and one line that exports
//! it:
//!
//! ```ignore
//! struct Telegram;
//!
//! impl Destination for Telegram { /* … */ }
//!
//! hookwright_sdk::export_destination!(Telegram);
//! ```
//!
//! Everything that a plugin asks of the host goes through [`Host`], so that the same code runs
//! in an ordinary test, with [`testing::FakeHost`].

#![deny(unsafe_code)]

#[cfg(all(feature = "allocator", any(target_family = "wasm", test)))]
#[allow(unsafe_code, reason = "an allocator is made of nothing else")]
mod allocator;
pub mod answer;
#[allow(unsafe_code, reason = "generated: the calling convention of components")]
pub mod bindings;
pub mod clean;
pub mod control;
mod descriptor;
mod destination;
pub mod document;
mod host;
pub mod html;
pub mod operation;
mod request;
mod settings;
mod source;
pub mod testing;
pub mod ticket;
pub mod time;
pub mod url;
pub mod write;

pub use descriptor::{Descriptor, SecretSlot};
pub use destination::{CheckSettings, Destination, Judge};
pub use host::Host;
pub use request::{IntoTemplate, delivery_id, secret, sent_at, text};
pub use serde_json;
pub use source::Source;

pub use bindings::imports::hookwright::plugin::log::Level;
pub use bindings::imports::hookwright::plugin::types::{
    BasicCredentials, Credential, Decision, Digest, DigestEncoding, Encoding, Event, Failure, Part,
    Problem, Request, SecretUse, Signature, SignedPart,
};
pub use bindings::parse::{Inbound, ParsedEvent, Rejection};
pub use bindings::response::{
    Answer, Comment, Exchange, FieldValue, FollowUp, Judgement, Postponement, Receipt, Replacement,
    Verdict, Visibility,
};

/// For the macros of this crate; not part of its interface.
#[doc(hidden)]
pub mod glue {
    pub use crate::descriptor::to_wit;
    pub use crate::host::WasmHost;
    pub use crate::settings::{problems, read};
}
