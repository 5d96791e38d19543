//! Names, as people write them.

/// A name without regard to case and punctuation, so that `ticketId`, `Ticket-ID` and
/// `ticket_id` are one.
#[must_use]
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a field with this name holds a secret. Helpdesks that cannot sign put one into the
/// body; it is of no use in the event, where destinations, templates and people would see it.
#[must_use]
pub fn is_private(name: &str) -> bool {
    let name = plain(name);
    let part_of = ["secret", "token", "passw", "apikey", "accesskey", "authoriz", "signature"];
    let whole = ["auth", "hash", "key", "pass", "psw", "pwd", "sign"];
    part_of.iter().any(|part| name.contains(part)) || whole.contains(&name.as_str())
}

/// A name as it is shown in messages: what is longer than a name can be is cut.
#[must_use]
pub fn short(name: &str) -> String {
    const LENGTH: usize = 80;
    let mut shown: String = name.chars().take(LENGTH).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut() {
        assert_eq!(short("создана"), "создана");
        assert_eq!(short(&"я".repeat(1000)), "я".repeat(80) + "…");
    }

    #[test]
    fn spelling_does_not_matter() {
        for name in ["ticket_id", "ticketId", "Ticket-ID", "ticket.id", "ticket[id]", " ticket id"]
        {
            assert_eq!(plain(name), "ticketid", "{name}");
        }
        assert_eq!(plain("Новая заявка"), "новаязаявка");
        assert_eq!(plain("№"), "");
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in ["secret", "HDE_TOKEN", "password", "api-key", "access_key", "key", "psw"] {
            assert!(is_private(name), "{name}");
        }
        for name in ["title", "keyboard", "passport_number", "hashtag", "design"] {
            assert!(!is_private(name), "{name}");
        }
    }
}
