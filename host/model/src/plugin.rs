//! Plugins and their versions.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;

use crate::{Name, Timestamp};

/// What a plugin is for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads what a helpdesk posts.
    Source,
    /// Turns events into requests.
    Destination,
}

impl Role {
    /// `source` or `destination`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a plugin is known by: a source and a destination may share a name.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct PluginKey {
    /// What it is for.
    pub role: Role,
    /// Its name.
    pub name: Name,
}

impl fmt::Display for PluginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.role, self.name)
    }
}

/// SHA-256 of the bytes of a plugin as they were installed; shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// A text that is not a digest.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("expected a SHA-256 digest of 64 hexadecimal digits")]
pub struct BadDigest;

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest whose bytes were stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first 12 digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = BadDigest;
    fn from_str(text: &str) -> Result<Self, BadDigest> {
        if text.len() != 64 || !text.is_ascii() {
            return Err(BadDigest);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| BadDigest)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| BadDigest)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a plugin says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Descriptor {
    /// Its name.
    pub name: Name,
    /// Its own version; the host goes by the digest.
    pub version: String,
    /// For people.
    pub title: String,
    /// For people.
    pub description: String,
    /// A web page.
    pub homepage: Option<String>,
    /// The event types it understands or gives.
    pub events: Vec<String>,
    /// JSON Schema of the settings, as JSON text.
    #[schema(value_type = String)]
    pub settings_schema: Arc<str>,
    /// The secrets it can use.
    pub secrets: Vec<SecretSlot>,
    /// The origins it wants to reach.
    pub origins: Vec<String>,
}

/// A place for a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecretSlot {
    /// What the plugin calls it.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where to get it.
    pub description: String,
    /// Whether a subscription needs it.
    pub required: bool,
}

/// One immutable version of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PluginVersion {
    /// Which plugin.
    pub key: PluginKey,
    /// Of the installed bytes.
    pub digest: Digest,
    /// Size of the installed bytes.
    pub size: u64,
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// The contract it was built for, such as `hookwright:plugin@1.0.0`.
    pub contract: String,
    /// Whether it reads answers.
    pub judges: bool,
    /// Whether it checks settings.
    pub checks_settings: bool,
    /// Interfaces of `wasi:` that it imports, all of them inert.
    pub wasi_imports: Vec<String>,
    /// When it was installed.
    pub installed_at: Timestamp,
}

/// The bounds of one call of a plugin. All of them are always on; an admin can move each
/// within the range that [`Limits::check`] allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Units of computation; about one per WebAssembly instruction, bulk memory operations
    /// by size. Deterministic: the same call uses the same fuel everywhere.
    #[schema(minimum = 100000, maximum = 1e12)]
    pub fuel: u64,
    /// Wall time, in milliseconds. The backstop, for what fuel does not see.
    #[schema(minimum = 10, maximum = 60000)]
    pub deadline_ms: u64,
    /// All linear memories together, in bytes.
    #[schema(minimum = 1048576, maximum = 536870912)]
    pub memory_bytes: u64,
    /// Elements of each table.
    #[schema(minimum = 10, maximum = 50000)]
    pub table_elements: u64,
    /// What goes in: event, original payload, settings or answer, in bytes.
    #[schema(minimum = 1024, maximum = 67108864)]
    pub input_bytes: u64,
    /// What comes out through one call or one log line, in bytes.
    #[schema(minimum = 1024, maximum = 67108864)]
    pub output_bytes: u64,
    /// Requests of one decision.
    #[schema(minimum = 1, maximum = 1000)]
    pub requests: u32,
    /// Log lines kept; further ones are counted and dropped.
    #[schema(minimum = 1, maximum = 10000)]
    pub log_lines: u32,
    /// Log text and stderr kept, in bytes.
    #[schema(minimum = 100, maximum = 1048576)]
    pub log_bytes: u32,
}

/// A limit outside its range.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("limits.{name} is {value}: it must be between {min} and {max}")]
pub struct BadLimit {
    /// The field.
    pub name: &'static str,
    value: u64,
    min: u64,
    max: u64,
}

/// Bytes in a mebibyte.
const MIB: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            // About 100 ms of straight computation; a 6 KB ticket takes 0.6 million.
            fuel: 200_000_000,
            // Ten times what the fuel lasts, so that on a busy machine fuel, which is
            // deterministic, still ends a loop before the clock, which is not.
            deadline_ms: 1_000,
            memory_bytes: 64 * MIB,
            // SpiderMonkey needs 7,700 elements, CPython 5,700.
            table_elements: 20_000,
            input_bytes: 2 * MIB,
            output_bytes: 2 * MIB,
            // A text of 10,000 characters is three Telegram messages.
            requests: 100,
            log_lines: 64,
            log_bytes: 16 << 10,
        }
    }
}

impl Limits {
    /// The most memory that an admin can allow, in bytes; what the pool is built for.
    pub const MAX_MEMORY_BYTES: u64 = 512 * MIB;
    /// The largest table that an admin can allow; what the pool is built for.
    pub const MAX_TABLE_ELEMENTS: u64 = 50_000;

    /// The wall time of a call.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }

    /// Each limit: its name, its value, the least and the most that it can be.
    #[must_use]
    pub fn ranges(&self) -> [(&'static str, u64, u64, u64); 9] {
        [
            ("fuel", self.fuel, 100_000, 1_000_000_000_000),
            ("deadline_ms", self.deadline_ms, 10, 60_000),
            ("memory_bytes", self.memory_bytes, MIB, Self::MAX_MEMORY_BYTES),
            ("table_elements", self.table_elements, 10, Self::MAX_TABLE_ELEMENTS),
            ("input_bytes", self.input_bytes, 1 << 10, 64 * MIB),
            ("output_bytes", self.output_bytes, 1 << 10, 64 * MIB),
            ("requests", self.requests.into(), 1, 1_000),
            ("log_lines", self.log_lines.into(), 1, 10_000),
            ("log_bytes", self.log_bytes.into(), 100, MIB),
        ]
    }

    /// Checks that every limit is within its range.
    ///
    /// # Errors
    /// Names the first limit that is not, and its range.
    pub fn check(&self) -> Result<(), BadLimit> {
        for (name, value, min, max) in self.ranges() {
            if !(min..=max).contains(&value) {
                return Err(BadLimit { name, value, min, max });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_sha256() {
        let digest = Digest::of(b"abc");
        assert_eq!(
            digest.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for bad in ["", "ba78", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(bad.parse::<Digest>(), Err(BadDigest), "{bad}");
        }
    }

    #[test]
    fn limits_cannot_be_turned_off() {
        assert_eq!(Limits::default().check(), Ok(()));
        let none = Limits { fuel: 0, ..Limits::default() };
        assert_eq!(
            none.check().unwrap_err().to_string(),
            "limits.fuel is 0: it must be between 100000 and 1000000000000"
        );
        let huge = Limits { memory_bytes: u64::MAX, ..Limits::default() };
        assert_eq!(huge.check().unwrap_err().name, "memory_bytes");
        let typo = serde_json::from_str::<Limits>(r#"{"feul":1}"#).unwrap_err();
        assert!(typo.to_string().contains("feul"), "{typo}");
    }
}
