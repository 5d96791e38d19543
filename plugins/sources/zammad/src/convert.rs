//! From Zammad's words to the canonical ones.

use hookwright_sdk::document::Text;
use hookwright_sdk::html;
use hookwright_sdk::ticket::{
    Attachment, Comment, Origin, Person, PersonKind, Ticket, TicketEvent, Visibility,
};

use crate::Settings;
use crate::payload::{self, Payload, User};

pub(crate) fn ticket_event(
    payload: &Payload<'_>,
    trigger: Option<String>,
    settings: &Settings,
) -> TicketEvent {
    let article = payload.article.as_ref().filter(|article| article.is_there());
    let comment = article.map(comment);
    let updated_by = || payload.ticket.as_ref().and_then(|ticket| person(&ticket.updated_by));
    let author = comment.as_ref().and_then(|comment| comment.author.clone());
    TicketEvent {
        ticket: payload.ticket.as_ref().map(|found| ticket(found, settings)).unwrap_or_default(),
        comment,
        actor: author.or_else(updated_by),
        changes: Vec::new(),
        origin: Origin {
            kind: "zammad".to_owned(),
            event: payload.event.as_ref().and_then(Text::owned).or(trigger),
            description: None,
        },
    }
}

fn ticket(ticket: &payload::Ticket<'_>, settings: &Settings) -> Ticket {
    let link =
        |id: &str, base: &String| format!("{}/#ticket/zoom/{id}", base.trim_end_matches('/'));
    Ticket {
        id: ticket.id.owned(),
        number: ticket.number.owned(),
        title: ticket.title.owned(),
        state: ticket.state.0.owned(),
        priority: ticket.priority.0.owned(),
        group: ticket.group.0.owned(),
        assignees: person(&ticket.owner).into_iter().collect(),
        customer: person(&ticket.customer),
        organization: ticket.organization.0.owned(),
        created_at: ticket.created_at.owned(),
        updated_at: ticket.updated_at.owned(),
        url: ticket.id.get().zip(settings.url.as_ref()).map(|(id, base)| link(id, base)),
        ..Ticket::default()
    }
}

fn comment(article: &payload::Article<'_>) -> Comment {
    let is_html = article.content_type.get().is_some_and(|kind| kind.starts_with("text/html"));
    let body = article.body.get();
    let by_sender = match article.sender.0.get() {
        Some("Agent") => PersonKind::Agent,
        Some("Customer") => PersonKind::Customer,
        Some("System") => PersonKind::System,
        _ => PersonKind::Unknown,
    };
    // An agent can write down what a customer said on the phone: then the agent made the
    // article, and it comes from the customer.
    let from = article.from.get().map(|from| from_line(from, by_sender));
    Comment {
        id: article.id.owned(),
        visibility: match article.internal {
            Some(true) => Visibility::Internal,
            Some(false) => Visibility::Public,
            None => Visibility::Unknown,
        },
        author: from.or_else(|| person(&article.created_by)),
        text: body.map(|body| if is_html { html::to_text(body) } else { body.to_owned() }),
        html: body.filter(|_| is_html).map(str::to_owned),
        channel: article.kind.0.owned(),
        created_at: article.created_at.owned(),
        attachments: article.attachments.0.iter().map(attachment).collect(),
    }
}

/// The sender of a mail: `Emily Adams <emily@example.com>`.
fn from_line(from: &str, kind: PersonKind) -> Person {
    let (name, email) = match from.rsplit_once('<') {
        Some((name, address)) => (name.trim().trim_matches('"'), address.trim_end_matches('>')),
        None if from.contains('@') => ("", from),
        None => (from, ""),
    };
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Person { name: some(name), email: some(email), kind, ..Person::default() }
}

fn attachment(found: &payload::Attachment<'_>) -> Attachment {
    let preferences = &found.preferences;
    let content_type = preferences.content_type.get().or(preferences.mime_type.get());
    Attachment {
        name: found.filename.owned(),
        content_type: content_type.map(str::to_owned),
        size: found.size.get().and_then(|size| size.parse().ok()),
        url: found.url.owned(),
    }
}

/// Nobody is user 1, whose login is `-`.
fn person(user: &User<'_>) -> Option<Person> {
    let name = match (user.firstname.get(), user.lastname.get()) {
        (Some(first), Some(last)) => Some([first, last].join(" ")),
        (first, last) => first.or(last).map(str::to_owned),
    };
    let email = user.email.get().or_else(|| user.login.get().filter(|login| login.contains('@')));
    let is_agent = user.roles.0.iter().any(|role| matches!(role.get(), Some("Agent" | "Admin")));
    let is_customer = user.roles.0.iter().any(|role| role.get() == Some("Customer"));
    let person = Person {
        id: user.id.owned(),
        name: name.filter(|name| name != "-"),
        email: email.map(str::to_owned),
        phone: user.mobile.get().or(user.phone.get()).map(str::to_owned),
        kind: match (is_agent, is_customer) {
            (true, _) => PersonKind::Agent,
            (false, true) => PersonKind::Customer,
            (false, false) => PersonKind::Unknown,
        },
    };
    let somebody = person.name.is_some() || person.email.is_some();
    somebody.then_some(person)
}
