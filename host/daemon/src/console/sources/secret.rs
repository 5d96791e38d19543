//! Secrets of sources: generated, shown once, and named after their source.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hookwright_model::Name;

use crate::registry::Snapshot;
use crate::server::problem::Problem;
use crate::setup::free_secret;

/// A new secret for this kind of proof: 256 random bits.
pub(super) fn generate(kind: &str) -> Result<String, Problem> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Problem::unavailable(format!("no random numbers: {error}")))?;
    Ok(match kind {
        // Standard Webhooks says how its keys are written.
        "standard_webhooks" => format!("whsec_{}", BASE64_STANDARD.encode(random)),
        // It may stand in URLs, headers and fields of forms.
        _ => BASE64_URL_SAFE_NO_PAD.encode(random),
    })
}

/// A name for a new secret of a source: one that is free.
pub(super) fn name(there: &Snapshot, source: &Name) -> Result<Name, Problem> {
    // Names are ASCII, and room is left for what follows.
    let base: String = source.as_str().chars().take(Name::MAX_LEN - 10).collect();
    let names = (1..1_000_u32).map(|number| match number {
        1 => format!("{base}-key"),
        _ => format!("{base}-key-{number}"),
    });
    let free = free_secret(&there.configuration, names);
    free.ok_or_else(|| Problem::bad_request("name a secret: there is no free name left"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (one, other) = (generate("token").unwrap(), generate("token").unwrap());
        assert!(one != other && one.len() == 43);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert!(generate("standard_webhooks").unwrap().starts_with("whsec_"));
    }

    #[test]
    fn names_that_are_taken_are_not_given_again() {
        let mut there = Snapshot::default();
        let source: Name = "desk".parse().unwrap();
        for expected in ["desk-key", "desk-key-2", "desk-key-3"] {
            let name = name(&there, &source).unwrap();
            assert_eq!(name.as_str(), expected);
            there.configuration.secrets.push(name);
        }
        let long: Name = "x".repeat(Name::MAX_LEN).parse().unwrap();
        assert!(name(&there, &long).unwrap().as_str().ends_with("-key"));
    }
}
