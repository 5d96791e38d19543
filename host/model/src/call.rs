//! What a call of a plugin cost, said and ran into: the part of it that is journaled.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How grave a log line is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// For the plugin's author.
    Debug,
    /// For the admin, in passing.
    Info,
    /// For the admin, to look at.
    Warn,
    /// For the admin, to mend.
    Error,
}

/// A line that a plugin wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogLine {
    /// How grave.
    pub level: LogLevel,
    /// Without its line end.
    pub message: String,
}

/// The ways in which a plugin can fail that are not its own decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Used up its fuel.
    OutOfFuel,
    /// Ran past its deadline.
    Deadline,
    /// Asked for more memory or table elements than it may have.
    Memory,
    /// Recursed too deep.
    Stack,
    /// Trapped: a panic, an uncaught exception, an access out of bounds.
    Trap,
    /// Handed over more than it may.
    OutputTooLarge,
    /// Was to be given more than it may take.
    InputTooLarge,
    /// Asked for a request that cannot be sent: URL, method, header.
    BadOutput,
    /// Used a secret that it has not declared.
    UndeclaredSecret,
    /// Was built for a version of the contract that this host does not speak.
    UnsupportedContract,
    /// The host could not run it. Not the plugin's fault.
    Host,
}

impl FaultKind {
    /// Whether the same call will end the same way: then it is not tried again.
    #[must_use]
    pub fn is_deterministic(self) -> bool {
        !matches!(self, Self::Deadline | Self::Host)
    }

    /// In words, such as `out of fuel`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutOfFuel => "out of fuel",
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::Stack => "stack overflow",
            Self::Trap => "trap",
            Self::OutputTooLarge => "output too large",
            Self::InputTooLarge => "input too large",
            Self::BadOutput => "bad output",
            Self::UndeclaredSecret => "undeclared secret",
            Self::UnsupportedContract => "unsupported contract",
            Self::Host => "host",
        }
    }
}

/// A plugin's failure, told so that an admin and the plugin's author know what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fault {
    /// Which kind.
    pub kind: FaultKind,
    /// The plugin, its version and the start of its digest.
    pub plugin: String,
    /// What it was called for: an event's id, or what else there was.
    pub subject: String,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub advice: String,
    /// The guest's functions, innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backtrace: Vec<String>,
    /// The last lines the guest wrote to stderr: often the only words of its author.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
}

impl fmt::Display for Fault {
    /// Everything, most important first: the guest's own words, then the fault, then where.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, plugin, subject, message, advice, backtrace, stderr } = self;
        write!(f, "plugin {plugin} failed on {subject}: {}: {message}", kind.as_str())?;
        if !stderr.is_empty() {
            write!(f, "\nit wrote: {}", stderr.trim_end().replace('\n', "\n          "))?;
        }
        for frame in backtrace {
            write!(f, "\n  at {frame}")?;
        }
        write!(f, "\n{advice}")
    }
}

/// What one call of a plugin cost and said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CallRecord {
    /// Fuel used.
    pub fuel: u64,
    /// Wall time, in microseconds.
    pub micros: u64,
    /// The most memory it had, in bytes.
    pub memory_bytes: u64,
    /// Its log lines, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<LogLine>,
    /// Lines dropped because there were too many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub logs_dropped: u64,
    /// What it wrote to stderr, cut to its end.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
    /// How it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Box<Fault>>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}
