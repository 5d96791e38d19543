//! What an outcome says to people who asked for a test: what the receiver answered, and not by
//! which rule that is a failure.

/// What the reason of a test that failed begins with.
const ONCE: &str = "a test is tried once only: ";

/// The reason of a test that failed and is not tried again.
pub(super) fn tried_once(reason: &str) -> String {
    format!("{ONCE}{reason}")
}

/// What was seen, without what the host says around it. A rule that an admin wrote is named.
pub(crate) fn plain(reason: &str) -> &str {
    let seen = reason.strip_prefix(ONCE).unwrap_or(reason);
    match seen.split_once(": ") {
        Some((rule, seen)) if rule.starts_with("rule ") && rule.contains(" of the preset ") => seen,
        _ => seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_left() {
        let preset = "rule 2 of the preset helpdeskeddy: 404 Not Found";
        for (reason, seen) in [
            (preset, "404 Not Found"),
            (&tried_once(preset), "404 Not Found"),
            (&tried_once("rule 1: no: room"), "rule 1: no: room"),
            ("connection refused: os error 111", "connection refused: os error 111"),
        ] {
            assert_eq!(plain(reason), seen, "{reason}");
        }
    }
}
