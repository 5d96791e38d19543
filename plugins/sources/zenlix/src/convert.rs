//! From Zenlix's words to the canonical ones.

use hookwright_sdk::Host;
use hookwright_sdk::ticket::{
    Comment, Origin, Person, PersonKind, Ticket, TicketEvent, Visibility,
};

use crate::payload::{self, Payload, User};

pub(crate) fn ticket_event(
    payload: &Payload<'_>,
    action: &str,
    event_type: &str,
    host: &dyn Host,
) -> TicketEvent {
    let found = &payload.ticket;
    let local = |text: &hookwright_sdk::document::Text<'_>| {
        // Shown with its offset; a time that cannot be read is shown as it is.
        let text = text.get()?;
        Some(host.to_utc(text).map_or_else(|_| text.to_owned(), |time| host.to_local(time)))
    };
    let comment = (event_type == "ticket.commented").then(|| last_comment(found)).flatten();
    let comment = comment.map(|(comment, time)| Comment {
        // The product has internal notes, and the payload does not mark them.
        visibility: Visibility::Unknown,
        author: person(&comment.author, PersonKind::Unknown),
        text: comment.text.owned(),
        created_at: time.and_then(local),
        ..Comment::default()
    });
    let tags = found.tags.get().unwrap_or_default().split(',').map(str::trim);
    TicketEvent {
        ticket: Ticket {
            id: found.code.owned(),
            number: found.code.owned(),
            title: found.subject.owned(),
            text: found.text.get().map(|text| text.replace("\r\n", "\n")),
            state: found.status.owned(),
            priority: found.prio.owned(),
            group: found.target_group.owned(),
            assignees: people(&found.target_user.0, PersonKind::Agent),
            customer: people(&found.client.0, PersonKind::Customer).into_iter().next(),
            tags: tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
            created_at: local(&found.created_at),
            ..Ticket::default()
        },
        comment,
        actor: payload.initial_user.as_ref().or(found.author.as_ref()).and_then(|user| {
            let is_customer = found.client.0.iter().any(|client| same(client, user));
            person(user, if is_customer { PersonKind::Customer } else { PersonKind::Unknown })
        }),
        changes: Vec::new(),
        origin: Origin {
            kind: "zenlix".to_owned(),
            event: Some(action.to_owned()),
            description: payload.description.owned(),
        },
    }
}

/// The newest comment and its time. Comments carry no time; the log does, and where both have
/// the same number of comments, they are the same ones in the same order.
fn last_comment<'a, 'b>(
    ticket: &'b payload::Ticket<'a>,
) -> Option<(&'b payload::Comment<'a>, Option<&'b hookwright_sdk::document::Text<'a>>)> {
    let comments = &ticket.comments.0;
    let logged: Vec<_> =
        ticket.logs.0.iter().filter(|entry| entry.action.get() == Some("comment")).collect();
    let paired = logged.len() == comments.len();
    let time = logged.last().filter(|_| paired).map(|entry| &entry.dt);
    comments.last().map(|comment| (comment, time))
}

fn same(one: &User<'_>, other: &User<'_>) -> bool {
    one.email.get().is_some() && one.email == other.email
}

fn people(users: &[User<'_>], kind: PersonKind) -> Vec<Person> {
    users.iter().filter_map(|user| person(user, kind)).collect()
}

fn person(user: &User<'_>, kind: PersonKind) -> Option<Person> {
    let person = Person {
        id: user.email.owned(),
        name: user.profile.full_name.owned(),
        email: user.contacts.email.get().or(user.email.get()).map(str::to_owned),
        phone: user.contacts.phone.owned(),
        kind,
    };
    (person.name.is_some() || person.email.is_some()).then_some(person)
}
