//! Zenlix's words for actions, statuses and priorities.

use std::collections::BTreeMap;

/// The action for a type of event: the source's table read backwards, and for what Zenlix does
/// not have, what its people would call it. Everything else is a change of the ticket: `edit`.
///
/// The noun does not matter: a receiver made for Zenlix knows tickets only.
pub(crate) fn action(event_type: &str, settings: &BTreeMap<String, String>) -> String {
    if let Some(action) = settings.get(event_type) {
        return action.clone();
    }
    let action = match verb(event_type) {
        "created" => "create",
        // "Заявка переадресована": to somebody else, or to another group.
        "assigned" | "team_changed" | "department_changed" => "refer",
        "locked" => "lock",
        "unlocked" => "unlock",
        "resolved" | "closed" => "ok",
        "reopened" => "unok",
        "review_requested" => "waitok",
        "approved" => "approve",
        "deleted" => "delete",
        "restored" => "restore",
        "commented" | "replied" => "comment",
        // Known to the product, and not in its document.
        "rejected" => "noapprove",
        "archived" => "arch",
        _ => "edit",
    };
    action.to_owned()
}

/// What happened, without to what.
pub(crate) fn verb(event_type: &str) -> &str {
    event_type.split_once('.').map_or(event_type, |(_, verb)| verb)
}

/// Helpdesks' words for Zenlix's statuses.
const STATUSES: [(&str, &[&str]); 5] = [
    ("free", &["free", "new", "open", "opened", "reopened", "assigned", "новая", "открыта"]),
    ("lock", &["lock", "locked", "process", "accepted", "in progress", "в работе", "в процессе"]),
    ("waitsuccess", &["waitsuccess", "waiting for approval", "на проверке"]),
    (
        "success",
        &["success", "closed", "completed", "done", "resolved", "solved", "закрыта", "выполнена"],
    ),
    ("arch", &["arch", "archived", "merged", "в архиве"]),
];

/// Helpdesks' words for Zenlix's priorities.
const PRIORITIES: [(&str, &[&str]); 3] = [
    ("low", &["low", "lowest", "minor", "низкий"]),
    ("normal", &["normal", "medium", "middle", "средний", "обычный", "нормальный"]),
    (
        "high",
        &["high", "highest", "top", "urgent", "critical", "высокий", "срочный", "критический"],
    ),
];

/// The status, or what the event says of it where the helpdesk does not say.
pub(crate) fn status(
    word: Option<&str>,
    event_type: &str,
    settings: &BTreeMap<String, String>,
) -> Option<String> {
    if let Some(word) = word {
        return Some(translated(word, settings, &STATUSES));
    }
    let status = match verb(event_type) {
        "unlocked" => "free",
        "locked" => "lock",
        "review_requested" => "waitsuccess",
        "resolved" | "closed" | "approved" => "success",
        "archived" => "arch",
        _ => return None,
    };
    Some(status.to_owned())
}

/// The priority.
pub(crate) fn priority(word: &str, settings: &BTreeMap<String, String>) -> String {
    translated(word, settings, &PRIORITIES)
}

/// The settings come before the table, and what is in neither stays as it is.
fn translated(
    word: &str,
    settings: &BTreeMap<String, String>,
    table: &[(&str, &[&str])],
) -> String {
    if let Some(found) = settings.get(word) {
        return found.clone();
    }
    // Zammad numbers its priorities: `2 normal`.
    let plain = word.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    let plain = plain.trim_end().to_lowercase().replace(['_', '-'], " ");
    let found = table.iter().find(|(_, words)| words.contains(&plain.as_str()));
    found.map_or_else(|| word.to_owned(), |(zenlix, _)| (*zenlix).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_of_helpdesks() {
        for (word, expected) in [
            ("lock", "lock"),
            ("open", "free"),
            ("In_Progress", "lock"),
            ("Закрыта", "success"),
            ("merged", "arch"),
            ("pending reminder", "pending reminder"),
            ("", ""),
        ] {
            assert_eq!(status(Some(word), "ticket.locked", &BTreeMap::new()).unwrap(), expected);
        }
        let settings = [("open".to_owned(), "lock".to_owned())].into();
        assert_eq!(status(Some("open"), "ticket.created", &settings).as_deref(), Some("lock"));
        assert_eq!(status(None, "ticket.archived", &settings).as_deref(), Some("arch"));
        assert_eq!(status(None, "ticket.commented", &settings), None);
    }

    #[test]
    fn priorities_of_helpdesks() {
        for (word, expected) in [
            ("normal", "normal"),
            ("2 normal", "normal"),
            ("3 high", "high"),
            ("Medium", "normal"),
            ("Критический", "high"),
            ("2", "2"),
            ("P1", "P1"),
        ] {
            assert_eq!(priority(word, &BTreeMap::new()), expected);
        }
    }
}
