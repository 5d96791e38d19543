//! The colour of a ticket's state, as Zammad has it, whichever helpdesk's word the state is.

use hookwright_sdk::Host;
use hookwright_sdk::ticket::Ticket;

/// What a ticket's state means to those who work on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It should have been done by now.
    Escalated,
    /// It waits for an agent.
    Open,
    /// It is done.
    Closed,
    /// Anything else, such as waiting for the customer.
    Other,
}

/// Words for `new` and `open`, in lower case.
const OPEN: &[&str] = &[
    "new",
    "open",
    "opened",
    "reopened",
    "assigned",
    "accepted",
    "registered",
    "unlock",
    "neu",
    "offen",
    "новая",
    "новый",
    "открыта",
    "открыт",
    "открыто",
    "новое",
];
/// Words for `closed`, in lower case.
const CLOSED: &[&str] = &[
    "closed",
    "close",
    "completed",
    "resolved",
    "solved",
    "done",
    "ok",
    "geschlossen",
    "закрыта",
    "закрыт",
    "закрыто",
    "решена",
    "решен",
    "выполнена",
    "выполнено",
];

impl Mood {
    /// Of a ticket after an event.
    #[must_use]
    pub fn of(ticket: &Ticket, event_type: &str, host: &dyn Host) -> Self {
        let verb = event_type.split_once('.').map_or(event_type, |(_, verb)| verb);
        let state = ticket.state.as_deref().unwrap_or_default().trim().to_lowercase();
        let closed = CLOSED.contains(&state.as_str())
            || (state.is_empty() && matches!(verb, "closed" | "resolved"));
        if closed {
            return Self::Closed;
        }
        let due = ticket.due_at.as_deref().and_then(|due| host.to_utc(due).ok());
        if verb == "sla_reached" || due.is_some_and(|due| due < host.now()) {
            return Self::Escalated;
        }
        let open = OPEN.contains(&state.as_str())
            || verb == "reminder_reached"
            || (state.is_empty() && matches!(verb, "created" | "reopened"));
        if open { Self::Open } else { Self::Other }
    }

    /// As Zammad's `ticket.current_state_color`.
    #[must_use]
    pub fn hex(self) -> &'static str {
        match self {
            Self::Escalated => "#f35912",
            Self::Open => "#faab00",
            Self::Closed => "#38ad69",
            Self::Other => "#000000",
        }
    }

    /// As a colour of Adaptive Cards.
    #[must_use]
    pub fn card(self) -> &'static str {
        match self {
            Self::Escalated => "attention",
            Self::Open => "warning",
            Self::Closed => "good",
            Self::Other => "default",
        }
    }
}

#[cfg(test)]
mod tests {
    use hookwright_sdk::testing::FakeHost;

    use super::*;

    fn mood(state: &str, event_type: &str) -> Mood {
        let state = Some(state.to_owned()).filter(|state| !state.is_empty());
        let host = FakeHost { now: 5, times: vec![("early".into(), 4)], ..FakeHost::default() };
        Mood::of(&Ticket { state, ..Ticket::default() }, event_type, &host)
    }

    #[test]
    fn states_of_several_helpdesks() {
        assert_eq!(mood("open", "ticket.updated"), Mood::Open);
        assert_eq!(mood("Closed", "ticket.updated"), Mood::Closed);
        assert_eq!(mood("Открыта", "ticket.updated"), Mood::Open);
        assert_eq!(mood("pending close", "ticket.updated"), Mood::Other);
        assert_eq!(mood("pending reminder", "ticket.reminder_reached"), Mood::Open);
        assert_eq!(mood("", "ticket.created"), Mood::Open);
        assert_eq!(mood("", "ticket.closed"), Mood::Closed);
        assert_eq!(mood("open", "ticket.sla_reached"), Mood::Escalated);
    }

    #[test]
    fn a_ticket_that_is_late_is_escalated_until_it_is_closed() {
        let host = FakeHost { now: 5, times: vec![("early".into(), 4)], ..FakeHost::default() };
        let late = |state: &str| Ticket {
            state: Some(state.into()),
            due_at: Some("early".into()),
            ..Ticket::default()
        };
        assert_eq!(Mood::of(&late("open"), "ticket.updated", &host), Mood::Escalated);
        assert_eq!(Mood::of(&late("closed"), "ticket.updated", &host), Mood::Closed);
        assert_eq!((Mood::Escalated.hex(), Mood::Escalated.card()), ("#f35912", "attention"));
    }
}
