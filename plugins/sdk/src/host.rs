//! What a plugin may ask of the host.

use crate::Level;
use crate::bindings::imports::hookwright::plugin::{context, log, original, time_zone};

/// The host, seen from a plugin. All it gives is fixed for the event being handled, so that
/// the same event gives the same result again.
pub trait Host {
    /// The settings, as JSON text. Traits of this crate hand them over already read.
    fn settings(&self) -> String;

    /// When the host took in the event, in milliseconds since the Unix epoch.
    fn now(&self) -> u64;

    /// 1 for the first try of this call.
    fn attempt(&self) -> u32;

    /// What the helpdesk posted, byte for byte.
    fn original_body(&self) -> Vec<u8>;

    /// A header of what the helpdesk posted; names are matched without regard to case.
    fn original_header(&self, name: &str) -> Option<Vec<u8>>;

    /// Milliseconds since the Unix epoch of a local time such as `2019-06-11 11:24:18`, in the
    /// zone that the admin has set.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    fn to_utc(&self, local: &str) -> Result<u64, String>;

    /// The local time with its offset, such as `2019-06-11T11:24:18+03:00`.
    fn to_local(&self, milliseconds: u64) -> String;

    /// Writes a line into the delivery's log.
    fn log(&self, level: Level, message: &str);
}

/// The host, when compiled to WebAssembly.
#[doc(hidden)]
pub struct WasmHost;

impl Host for WasmHost {
    fn settings(&self) -> String {
        context::settings()
    }

    fn now(&self) -> u64 {
        context::now()
    }

    fn attempt(&self) -> u32 {
        context::attempt()
    }

    fn original_body(&self) -> Vec<u8> {
        original::body()
    }

    fn original_header(&self, name: &str) -> Option<Vec<u8>> {
        original::header(name)
    }

    fn to_utc(&self, local: &str) -> Result<u64, String> {
        time_zone::to_utc(local)
    }

    fn to_local(&self, milliseconds: u64) -> String {
        time_zone::to_local(milliseconds)
    }

    fn log(&self, level: Level, message: &str) {
        log::write(level, message);
    }
}
