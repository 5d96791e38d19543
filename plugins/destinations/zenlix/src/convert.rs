//! From the canonical words to Zenlix's.

use hookwright_sdk::html;
use hookwright_sdk::ticket::{Comment, Person, TicketEvent};
use hookwright_sdk::{Event, Host};

use crate::Settings;
use crate::payload::{self, Contacts, LogEntry, Payload, Profile, User};
use crate::time::{local, relocated};
use crate::words;

/// The payload, as far as the event fills it.
pub(crate) fn payload(
    event: &Event,
    body: &TicketEvent,
    settings: &Settings,
    host: &dyn Host,
) -> Payload {
    let action = words::action(&event.event_type, &settings.actions);
    let dt = local(event.occurred_at, host);
    let comment = body.comment.as_ref();
    let actor = body.actor.as_ref().or(comment.and_then(|comment| comment.author.as_ref()));
    let initial_user = somebody(actor, &settings.lang);
    let logged_at = comment.and_then(|comment| comment.created_at.as_deref());
    Payload {
        ticket: ticket(
            event,
            body,
            settings,
            host,
            LogEntry {
                author: initial_user.clone(),
                action: action.clone(),
                dt: match logged_at {
                    Some(time) if action == "comment" => relocated(time, host),
                    _ => dt.clone(),
                },
            },
        ),
        initial_user,
        action,
        description: description(event, body),
        dt,
    }
}

fn ticket(
    event: &Event,
    body: &TicketEvent,
    settings: &Settings,
    host: &dyn Host,
    entry: LogEntry,
) -> payload::Ticket {
    let found = &body.ticket;
    let user = |person: &Person| user(person, &settings.lang);
    let time = |text: &Option<String>| text.as_deref().map(|text| relocated(text, host));
    let is_new = words::verb(&event.event_type) == "created";
    // Other helpdesks have a new ticket's text as its first comment.
    let first = body.comment.as_ref().filter(|_| is_new && found.text.is_none());
    let text = found.text.clone().or_else(|| first.and_then(comment_text));
    let comment = body.comment.as_ref().filter(|_| first.is_none());
    let comment = comment.and_then(|comment| {
        let text = comment_text(comment)?;
        Some(payload::Comment { author: somebody(comment.author.as_ref(), &settings.lang), text })
    });
    let customer = found.customer.as_ref();
    let author = if is_new { body.actor.as_ref().or(customer) } else { customer };
    payload::Ticket {
        code: found.number.clone().or(found.id.clone()).or(event.subject.clone()),
        prio: found.priority.as_deref().map(|word| words::priority(word, &settings.priorities)),
        status: words::status(found.state.as_deref(), &event.event_type, &settings.statuses),
        // As browsers send what is written into a form.
        text: text.map(|text| text.replace("\r\n", "\n").replace('\n', "\r\n")),
        subject: found.title.clone(),
        tags: found.tags.join(","),
        // What stands for the ticket in addresses: its id, where people know it by a number.
        urlhash: found.id.clone(),
        created_at: time(&found.created_at),
        inspect_after_ok: "false",
        individual_ok: "false",
        deadline_time: time(&found.due_at),
        sla: [],
        client: customer.map(user).into_iter().collect(),
        fields: [],
        watched: Vec::new(),
        comments: comment.into_iter().collect(),
        author: somebody(author, &settings.lang),
        target_group: found.group.clone(),
        target_user: found.assignees.iter().map(user).collect(),
        logs: vec![entry],
    }
}

fn comment_text(comment: &Comment) -> Option<String> {
    comment.text.clone().or_else(|| comment.html.as_deref().map(html::to_text))
}

/// What is said of the event in words: by the helpdesk, else what changed, else the helpdesk's
/// name for it, so that an `edit` still says what it was.
fn description(event: &Event, body: &TicketEvent) -> String {
    if let Some(description) = &body.origin.description {
        return description.clone();
    }
    let changes = body.changes.iter().map(|change| {
        let word = |side: &Option<String>| side.clone().unwrap_or_else(|| "?".to_owned());
        format!("{}: {} -> {}", change.field, word(&change.from), word(&change.to))
    });
    let changes = changes.collect::<Vec<_>>().join("; ");
    if !changes.is_empty() {
        return changes;
    }
    body.origin.event.clone().unwrap_or_else(|| event.event_type.clone())
}

/// People are known by their addresses in Zenlix: one to log in with, one to write to.
fn user(person: &Person, lang: &str) -> User {
    let login = person.id.as_ref().filter(|id| id.contains('@')).or(person.email.as_ref());
    User {
        email: login.cloned(),
        profile: Profile { full_name: person.label().map(str::to_owned), lang: lang.to_owned() },
        contacts: Contacts { email: person.email.clone(), phone: person.phone.clone() },
    }
}

fn somebody(person: Option<&Person>, lang: &str) -> User {
    person.map_or_else(|| user(&Person::default(), lang), |person| user(person, lang))
}
