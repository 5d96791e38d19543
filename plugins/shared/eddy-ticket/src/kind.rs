//! What happened, by the name that the helpdesk gives it.

use std::collections::BTreeMap;

use hookwright_sdk::Problem;
use hookwright_sdk::ticket::PersonKind;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::name::plain;

/// What everything becomes whose name is not known.
pub const OTHER: &str = "ticket.other";

/// All that can happen to a ticket.
const VERBS: [&str; 32] = [
    "created",
    "updated",
    "deleted",
    "restored",
    "archived",
    "merged",
    "commented",
    "replied",
    "assigned",
    "team_changed",
    "department_changed",
    "requester_changed",
    "status_changed",
    "priority_changed",
    "type_changed",
    "locked",
    "unlocked",
    "resolved",
    "reopened",
    "closed",
    "review_requested",
    "approved",
    "rejected",
    "frozen",
    "unfrozen",
    "sla_warning",
    "sla_reached",
    "reminder_reached",
    "rated",
    "board_column_changed",
    "major_incident_status_changed",
    "other",
];

/// A kind of event.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Kind {
    /// The canonical type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// How the comment came.
    pub channel: Option<String>,
    /// Who writes the comment.
    pub author: Option<PersonKind>,
    /// Fields of the ticket that follow from the name.
    pub fields: Map<String, Value>,
    /// Where the body has its fields, if the name is that of a known template.
    pub places: BTreeMap<String, String>,
}

/// The names that are known.
#[derive(Debug)]
pub struct Kinds {
    /// By plain name.
    table: BTreeMap<String, Kind>,
}

impl Kinds {
    /// Reads a table.
    ///
    /// # Errors
    /// When it is not one.
    pub fn read(table: &str) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        struct Table {
            event_types: BTreeMap<String, Kind>,
        }
        let table: Table = serde_json::from_str(table)
            .map_err(|error| Problem::new(format!("the plugin's table of events: {error}")))?;
        let table = table.event_types.into_iter().map(|(name, kind)| (plain(&name), kind));
        Ok(Self { table: table.collect() })
    }

    /// The kind with this name, if it is known: what the settings say, else a canonical type,
    /// else what the table says, else a canonical type in another spelling.
    #[must_use]
    pub fn find(&self, name: &str, settings: &BTreeMap<String, String>) -> Option<Kind> {
        let canonical = |verb: &str| Kind::of(format!("ticket.{verb}"));
        let is_canonical = |verb: &&str| VERBS.contains(verb);
        let spelt = plain(name);
        let verb = spelt.strip_prefix("ticket").unwrap_or(&spelt);
        let known = self.table.get(&spelt).or_else(|| self.table.get(verb));
        let by_settings = settings.iter().find(|(known, _)| plain(known) == spelt);
        if let Some((_, event_type)) = by_settings {
            // The rest of what the table says holds as long as the type does.
            let same = known.filter(|known| known.event_type == *event_type);
            return Some(same.cloned().unwrap_or_else(|| Kind::of(event_type.clone())));
        }
        let as_it_is = name.strip_prefix("ticket.").filter(is_canonical).map(canonical);
        as_it_is
            .or_else(|| known.cloned())
            .or_else(|| VERBS.iter().find(|known| plain(known) == verb).map(|verb| canonical(verb)))
    }
}

impl Kind {
    /// A kind of which no more is known than its type.
    #[must_use]
    pub fn of(event_type: impl Into<String>) -> Self {
        Self { event_type: event_type.into(), ..Self::default() }
    }

    /// What happened to the ticket.
    pub(crate) fn verb(&self) -> &str {
        self.event_type.split_once('.').map_or("", |(_, verb)| verb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_first_then_the_table_then_canonical_types() {
        let table = r#"{"about": "", "event_types": {
            "ticket_answer": {"type": "ticket.replied", "channel": "classic"},
            "closed": {"type": "ticket.resolved", "guess": true}
        }}"#;
        let kinds = Kinds::read(table).unwrap();
        let none = BTreeMap::new();
        let find = |name: &str| kinds.find(name, &none).map(|kind| kind.event_type);
        assert_eq!(find("Ticket-Answer").as_deref(), Some("ticket.replied"));
        assert_eq!(find("closed").as_deref(), Some("ticket.resolved"));
        assert_eq!(find("ticket.closed").as_deref(), Some("ticket.closed"));
        assert_eq!(find("status_changed").as_deref(), Some("ticket.status_changed"));
        assert_eq!(find("что-то"), None);
        let settings = BTreeMap::from([
            ("ticket_answer".to_owned(), "ticket.replied".to_owned()),
            ("Закрыта".to_owned(), "ticket.closed".to_owned()),
            ("rated".to_owned(), "ticket.updated".to_owned()),
        ]);
        let find = |name: &str| kinds.find(name, &settings).unwrap();
        assert_eq!(find("ticket_answer").channel.as_deref(), Some("classic"));
        assert_eq!(find("закрыта").event_type, "ticket.closed");
        assert_eq!(find("rated").event_type, "ticket.updated");
    }
}
