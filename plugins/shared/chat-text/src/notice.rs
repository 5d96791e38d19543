//! What a message says: the parts that Zammad's predefined webhooks put together, for an event
//! of any helpdesk.

use hookwright_sdk::operation::Operation;
use hookwright_sdk::ticket::{Change, Person, TicketEvent, Visibility};
use hookwright_sdk::{Event, Host, html};

use crate::{Mood, clean, link, markdown, mrkdwn, words};

/// The longest title: as many characters as a ticket of Zammad can have.
const MAX_TITLE: usize = 250;
/// The longest number: likewise.
const MAX_NUMBER: usize = 60;
/// The longest name of a person or a group, and the longest value of a field, in characters.
const MAX_NAME: usize = 60;
/// The longest name of a field, in characters.
const MAX_FIELD: usize = 30;
/// The most changes that are named.
const MAX_CHANGES: usize = 8;

/// How text from a ticket is kept from being markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Mattermost, Rocket.Chat, Teams.
    Markdown,
    /// Slack.
    Mrkdwn,
    /// There is none.
    Plain,
}

impl Syntax {
    /// The text so that it shows as itself.
    #[must_use]
    pub fn escape(self, text: &str) -> String {
        match self {
            Self::Markdown => markdown::escape(text),
            Self::Mrkdwn => mrkdwn::escape(text),
            Self::Plain => text.to_owned(),
        }
    }
}

/// The parts of a message. `message` and `changes` are markup, the others are not.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The ticket's title, or else what can be said instead; never empty.
    pub title: String,
    /// `Ticket#10081`.
    pub label: String,
    /// Whether `label` holds a number.
    pub numbered: bool,
    /// A page of the helpdesk.
    pub link: Option<String>,
    /// `Created by Christopher Miller at …`.
    pub message: String,
    /// Whether it is about a comment that customers cannot see.
    pub internal: bool,
    /// Lines such as `* State: open`; may be empty.
    pub changes: String,
    /// What was written; may be empty.
    pub text: String,
    /// The colour.
    pub mood: Mood,
    /// Whether it is about the host itself, and about no ticket.
    pub operational: bool,
}

impl Notice {
    /// Puts it together.
    #[must_use]
    pub fn new(event: &Event, body: &TicketEvent, host: &dyn Host, syntax: Syntax) -> Self {
        if let Ok(Some(operation)) = Operation::of(event) {
            return Self::operation(event, &operation, host, syntax);
        }
        let ticket = &body.ticket;
        let (noun, verb) =
            event.event_type.split_once('.').unwrap_or(("ticket", &event.event_type));
        let number = [&ticket.number, &ticket.id].into_iter().flatten();
        let number = number.map(|text| clean::line(text, MAX_NUMBER)).find(|text| !text.is_empty());
        let noun = words::sentence(noun);
        let label =
            number.as_ref().map_or_else(|| noun.clone(), |number| format!("{noun}#{number}"));
        let title = ticket.title.as_deref().map(|title| clean::line(title, MAX_TITLE));
        let title = title.filter(|title| !title.is_empty()).unwrap_or_else(|| match &number {
            Some(_) => label.clone(),
            None => words::sentence(&event.event_type),
        });
        let writer = Writer { event, body, host, syntax, verb };
        let visibility = body.comment.as_ref().map(|comment| comment.visibility);
        let internal = visibility == Some(Visibility::Internal);
        let mut message = writer.message();
        if internal {
            message.push_str(" (internal)");
        }
        Self {
            internal,
            link: ticket.url.as_deref().and_then(link::checked),
            message,
            changes: writer.changes(&title),
            text: text(body),
            mood: Mood::of(ticket, &event.event_type, host),
            numbered: number.is_some(),
            label,
            title,
            operational: false,
        }
    }

    /// What happened to the host.
    fn operation(event: &Event, told: &Operation, host: &dyn Host, syntax: Syntax) -> Self {
        let verb = event.event_type.rsplit('.').next().unwrap_or_default();
        let title = clean::line(&told.summary, MAX_TITLE);
        let at = words::time(event.occurred_at, host);
        Self {
            title: if title.is_empty() { words::sentence(&event.event_type) } else { title },
            label: "Hookwright".to_owned(),
            numbered: false,
            link: told.url.as_deref().and_then(link::checked),
            message: syntax.escape(&format!("{} at {at}", words::sentence(verb))),
            internal: false,
            changes: String::new(),
            text: clean::clean(&told.text()).trim().to_owned(),
            mood: match verb {
                "enabled" | "recovered" | "resumed" => Mood::Closed,
                "rejecting" => Mood::Open,
                _ => Mood::Escalated,
            },
            operational: true,
        }
    }
}

fn text(body: &TicketEvent) -> String {
    let only_html = body.comment.as_ref().filter(|comment| comment.text.is_none());
    let from_html = only_html.and_then(|comment| comment.html.as_deref()).map(html::to_text);
    let text = from_html.as_deref().filter(|text| !text.is_empty()).or(body.text());
    clean::clean(text.unwrap_or_default()).trim().to_owned()
}

struct Writer<'a> {
    event: &'a Event,
    body: &'a TicketEvent,
    host: &'a dyn Host,
    syntax: Syntax,
    verb: &'a str,
}

impl Writer<'_> {
    fn name(&self, text: &str) -> String {
        self.syntax.escape(&clean::line(text, MAX_NAME))
    }

    fn person(&self, person: Option<&Person>) -> Option<String> {
        person.and_then(Person::label).map(|label| self.name(label)).filter(|name| !name.is_empty())
    }

    fn due(&self) -> Option<String> {
        let due = self.body.ticket.due_at.as_deref()?;
        Some(self.syntax.escape(&words::known_time(due, self.host)))
    }

    fn message(&self) -> String {
        let author = self.body.comment.as_ref().and_then(|comment| comment.author.as_ref());
        let by = self.person(self.body.actor.as_ref()).or_else(|| self.person(author));
        let at = self.syntax.escape(&words::time(self.event.occurred_at, self.host));
        match (self.verb, self.due(), by) {
            ("sla_reached", Some(due), _) => format!("Escalated at {due}"),
            ("sla_reached", None, _) => "Escalated".to_owned(),
            ("sla_warning", Some(due), _) => format!("Will escalate at {due}"),
            ("sla_warning", None, _) => "Will escalate".to_owned(),
            ("reminder_reached", ..) => "Reminder reached!".to_owned(),
            ("other" | "", ..) => format!("Last updated at {at}"),
            (verb, _, by) => {
                let what = self.syntax.escape(&words::sentence(verb));
                by.map_or_else(|| format!("{what} at {at}"), |by| format!("{what} by {by} at {at}"))
            }
        }
    }

    fn changes(&self, title: &str) -> String {
        let title = self.syntax.escape(title);
        let customer = self.person(self.body.ticket.customer.as_ref());
        let from = customer.as_ref().map(|name| format!(" from \"{name}\"")).unwrap_or_default();
        let due =
            |word: &str| self.due().map(|due| format!(" {word} \"{due}\"")).unwrap_or_default();
        let list = &self.body.changes;
        match self.verb {
            "sla_reached" => {
                format!("The ticket ({title}){from} has been escalated{}!", due("since"))
            }
            "sla_warning" => format!("The ticket ({title}){from} will escalate{}!", due("at")),
            "reminder_reached" => {
                let with =
                    customer.map(|name| format!(" with customer \"{name}\"")).unwrap_or_default();
                format!("A ticket needs attention: reminder reached for ({title}){with}.")
            }
            "created" => self.facts(),
            _ if list.is_empty() => self.facts(),
            _ => {
                let mut lines: Vec<_> =
                    list.iter().take(MAX_CHANGES).map(|one| self.change(one)).collect();
                if list.len() > MAX_CHANGES {
                    lines.push(format!("* and {} more", list.len() - MAX_CHANGES));
                }
                lines.join("\n")
            }
        }
    }

    fn change(&self, change: &Change) -> String {
        let field = match change.field.as_str() {
            "assignees" => "Owner".to_owned(),
            field => self.syntax.escape(&clean::line(&words::sentence(field), MAX_FIELD)),
        };
        let value = |value: &Option<String>| {
            let shown = self.name(value.as_deref().unwrap_or_default());
            if shown.is_empty() { "-".to_owned() } else { shown }
        };
        format!("* {field}: {} -> {}", value(&change.from), value(&change.to))
    }

    /// Zammad's three, as far as they are known. Nobody is `-`, as there.
    fn facts(&self) -> String {
        let ticket = &self.body.ticket;
        let known = |text: &Option<String>| {
            text.as_deref().map(|text| self.name(text)).filter(|text| !text.is_empty())
        };
        let (group, state) = (known(&ticket.group), known(&ticket.state));
        let owners = ticket.assignees.iter().take(3).filter_map(Person::label);
        let owners = self.name(&owners.collect::<Vec<_>>().join(", "));
        let owner = match owners.is_empty() {
            false => Some(owners),
            true => (group.is_some() || state.is_some()).then(|| "-".to_owned()),
        };
        let lines = [("Group", group), ("Owner", owner), ("State", state)];
        let lines =
            lines.into_iter().filter_map(|(label, value)| Some(format!("* {label}: {}", value?)));
        lines.collect::<Vec<_>>().join("\n")
    }
}
