//! What somebody may have meant.

/// The known word that is most like another, if one is alike.
pub(super) fn suggest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let lower = word.to_lowercase();
    let rated = known.map(|known| {
        let begins = known.starts_with(&lower) || lower.starts_with(known);
        let alike = strsim::jaro_winkler(&lower, known);
        (if begins && lower.len() > 2 { alike.max(0.95) } else { alike }, known)
    });
    // Below this, words that have little in common would be offered.
    let alike = rated.filter(|(alike, _)| *alike > 0.8);
    alike.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known)
}

/// Words in one sentence.
pub(super) fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_is_offered() {
        let known = || ["id", "number", "priority", "state", "organization"].into_iter();
        assert_eq!(suggest("prio", known()), Some("priority"));
        assert_eq!(suggest("organisation", known()), Some("organization"));
        assert_eq!(suggest("State", known()), Some("state"));
        assert_eq!(suggest("colour", known()), None);
    }
}
