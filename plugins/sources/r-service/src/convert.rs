//! From R-Service's words to the canonical ones.

use hookwright_sdk::ticket::{Change, Comment, Origin, Person, PersonKind, Ticket, TicketEvent};

use crate::link::{self, Links};
use crate::webhook::{Named, Record, Webhook};
use crate::{Settings, events};

pub(crate) fn ticket_event(
    webhook: Webhook,
    record: Record,
    event_type: &str,
    links: &Links<'_>,
    settings: &Settings,
) -> TicketEvent {
    let changes = changes(&record, event_type);
    let Webhook { event, id, actor, account, custom_url, rest: mut fields, .. } = webhook;
    let bases = [settings.url.as_deref(), custom_url.as_deref(), account.as_deref()];
    let request = id.as_deref().filter(|_| event.starts_with("request."));
    let url = link::page(links, bases, request);
    let commented = event_type.ends_with(".commented");
    let note_id = record.note_id.or_else(|| {
        // The documentation's own sample has the note's id nowhere but in this header.
        id.as_deref().filter(|_| commented).and_then(|id| link::note_id(links, id))
    });
    let comment = (commented || note_id.is_some()).then(|| Comment {
        id: note_id,
        // Neither who can see it nor what it says is in a webhook.
        author: actor.clone(),
        ..Comment::default()
    });
    if let Some(payload) = record.rest {
        fields.insert("payload".to_owned(), payload);
    }
    TicketEvent {
        ticket: Ticket {
            number: id.clone(),
            id,
            state: record.status,
            group: record.team.as_ref().and_then(Named::label),
            assignees: record.member.map(agent).into_iter().collect(),
            created_at: record.created_at.map(|time| time.text),
            updated_at: record.updated_at.map(|time| time.text),
            fields,
            url,
            ..Ticket::default()
        },
        comment,
        actor,
        changes,
        origin: Origin { kind: events::SOURCE.to_owned(), event: Some(event), description: None },
    }
}

/// A member of a team works on what is assigned to them.
fn agent(member: Named) -> Person {
    Person { id: member.id, name: member.name, kind: PersonKind::Agent, ..Person::default() }
}

/// What changed, as far as the payload has it: it never has a manager, a column of a board, or
/// the status of a major incident.
fn changes(record: &Record, event_type: &str) -> Vec<Change> {
    let verb = event_type.split_once('.').map_or("", |(_, verb)| verb);
    let label = |named: &Option<Named>| named.as_ref().and_then(Named::label);
    let change = |field: &str, from: Option<String>, to: Option<String>| Change {
        field: field.to_owned(),
        from,
        to,
    };
    let state = verb == "status_changed" || record.previous_status.is_some();
    let (from, to) = (&record.previous_status, &record.status);
    let changed = [
        // Without a member it is nobody's now: whoever it was given to would be in the payload.
        (verb == "assigned").then(|| change("assignees", None, label(&record.member))),
        (verb == "team_changed").then(|| change("group", None, label(&record.team))),
        state.then(|| change("state", from.clone(), to.clone())),
    ];
    changed.into_iter().flatten().collect()
}
