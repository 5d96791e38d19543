//! How the program ends: what a script can tell apart by the exit code.

use std::fmt;

use http::StatusCode;

// What they mean is in the help of the program.
const FAILURE: u8 = 1;
const USAGE: u8 = 2;
const NOT_FOUND: u8 = 3;
const NOT_ALLOWED: u8 = 4;
const UNREACHABLE: u8 = 5;
const CHANGES: u8 = 6;

/// An answer of the daemon that is no success.
#[derive(Debug)]
pub(super) struct Refused {
    /// Its status.
    pub(super) status: StatusCode,
    /// For people.
    pub(super) text: String,
}

/// What ends the program otherwise than by a refusal.
#[derive(Debug)]
pub(super) enum Stop {
    /// There is no daemon, or no way to it.
    Unreachable(String),
    /// What was asked makes no sense as it was asked.
    Usage(String),
    /// Nothing is shown: that there are changes is what was asked.
    Changes,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(text) | Self::Usage(text) => f.write_str(text),
            Self::Changes => f.write_str("something would change"),
        }
    }
}

impl std::error::Error for Refused {}
impl std::error::Error for Stop {}

/// The exit code of an error, and whether it is told.
pub(super) fn code(error: &anyhow::Error) -> (u8, bool) {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return match stop {
            Stop::Unreachable(_) => (UNREACHABLE, true),
            Stop::Usage(_) => (USAGE, true),
            Stop::Changes => (CHANGES, false),
        };
    }
    let code = match error.downcast_ref::<Refused>().map(|refused| refused.status) {
        Some(StatusCode::NOT_FOUND) => NOT_FOUND,
        Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => NOT_ALLOWED,
        _ => FAILURE,
    };
    (code, true)
}

/// Ends the program without a word when whoever reads its output has enough, as `head` does:
/// `println` panics then.
pub(super) fn quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// Something that is not there, found out without the daemon's word.
pub(super) fn not_found(text: impl Into<String>) -> anyhow::Error {
    Refused { status: StatusCode::NOT_FOUND, text: text.into() }.into()
}

/// Something that makes no sense as it was asked.
pub(super) fn usage(text: impl Into<String>) -> anyhow::Error {
    Stop::Usage(text.into()).into()
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn codes_are_found_behind_what_is_said_of_them() {
        let refused = |status| Refused { status, text: "no".into() };
        let behind: anyhow::Result<()> =
            Err(refused(StatusCode::NOT_FOUND)).context("cannot do it");
        assert_eq!(code(&behind.unwrap_err()), (3, true));
        assert_eq!(code(&refused(StatusCode::FORBIDDEN).into()), (4, true));
        assert_eq!(code(&refused(StatusCode::CONFLICT).into()), (1, true));
        assert_eq!(code(&anyhow::anyhow!("other")), (1, true));
        assert_eq!(code(&Stop::Changes.into()), (6, false));
        // What the help says is what there is.
        for number in [FAILURE, USAGE, NOT_FOUND, NOT_ALLOWED, UNREACHABLE, CHANGES] {
            assert!(super::super::LONG_HELP.contains(&format!("\n  {number}  ")), "{number}");
        }
    }
}
