//! EddyDesk's tags and what stands for them in an event of any helpdesk.

use hookwright_sdk::serde_json::Value;
use hookwright_sdk::ticket::{Attachment, Person, TicketEvent};
use hookwright_sdk::{Event, Host, html};

use crate::fault::{Fault, did_you_mean};

/// What tags can be asked of.
struct Facts<'a> {
    event: &'a Event,
    ticket: TicketEvent,
    occurred_at: String,
}

/// The tags of one event, or of none when settings are checked.
pub(crate) struct Tags<'a>(Option<Facts<'a>>);

type Get = fn(&Facts<'_>) -> Option<String>;

/// Tags that are seen in the product's documents and in public configurations, then those that
/// this plugin adds. A tag without a value here is looked for in the helpdesk's own fields.
const TAGS: [(&str, Get); 42] = [
    ("ticket_id", |facts| facts.ticket.ticket.id.clone()),
    ("unique_id", |facts| facts.ticket.ticket.number.clone()),
    ("ticket_name", |facts| facts.ticket.ticket.title.clone()),
    ("parent_ticket_id", |_| None),
    ("company_name", |facts| facts.ticket.ticket.organization.clone()),
    ("user_id", |facts| facts.customer()?.id.clone()),
    ("user_name", |facts| facts.customer()?.name.clone()),
    ("user_email", |facts| facts.customer()?.email.clone()),
    ("user_phone", |facts| facts.customer()?.phone.clone()),
    ("priority", |facts| facts.ticket.ticket.priority.clone()),
    ("status", |facts| facts.ticket.ticket.state.clone()),
    ("status_id", |_| None),
    ("department", |facts| facts.ticket.ticket.group.clone()),
    ("owner_id", |facts| facts.owner()?.id.clone()),
    ("owner_name", |facts| facts.owner()?.name.clone()),
    ("owner_email", |facts| facts.owner()?.email.clone()),
    ("owner_phone", |facts| facts.owner()?.phone.clone()),
    ("sla_remaining_minutes", |_| None),
    ("answer_last", |facts| facts.answer()),
    ("answer_last_without_html", |facts| facts.answer_text()),
    ("last_answer_attachments_links", |facts| links(&facts.ticket.comment.as_ref()?.attachments)),
    ("attachments_preview_links", |facts| {
        let of_answer = facts.ticket.comment.as_ref().and_then(|post| links(&post.attachments));
        of_answer.or_else(|| links(&facts.ticket.ticket.attachments))
    }),
    ("last_post_id", |facts| facts.ticket.comment.as_ref()?.id.clone()),
    ("last_post_user_id", |facts| facts.author()?.id.clone()),
    ("last_post_user_name", |facts| facts.author()?.name.clone()),
    ("last_post_user_email", |facts| facts.author()?.email.clone()),
    ("last_post_date", |facts| facts.ticket.comment.as_ref()?.created_at.clone()),
    ("date_create", |facts| facts.ticket.ticket.created_at.clone()),
    ("date_update", |facts| facts.ticket.ticket.updated_at.clone()),
    ("sla_date", |facts| facts.ticket.ticket.due_at.clone()),
    ("creator_group_name", |_| None),
    ("link_staff", |facts| facts.ticket.ticket.url.clone()),
    ("ticket_type", |facts| facts.ticket.ticket.kind.clone()),
    ("ticket_text", |facts| facts.ticket.ticket.text.clone()),
    ("tags", |facts| {
        let tags = &facts.ticket.ticket.tags;
        (!tags.is_empty()).then(|| tags.join(", "))
    }),
    ("actor_id", |facts| facts.ticket.actor.as_ref()?.id.clone()),
    ("actor_name", |facts| facts.ticket.actor.as_ref()?.label().map(str::to_owned)),
    ("event", |facts| Some(facts.event.event_type.clone())),
    ("event_id", |facts| Some(facts.event.id.clone())),
    ("event_time", |facts| Some(facts.occurred_at.clone())),
    ("event_name", |facts| facts.ticket.origin.event.clone()),
    ("source", |facts| Some(facts.event.source.clone())),
];

/// A field that only this helpdesk has, by its own name.
const FIELD: &str = "fields.";

/// EddyDesk's own fields are numbered.
const CUSTOM: &str = "custom_field_";

impl<'a> Tags<'a> {
    /// The tags of an event.
    pub(crate) fn of(event: &'a Event, host: &dyn Host) -> Result<Self, Fault> {
        let ticket = TicketEvent::read(&event.data).map_err(Fault::Event)?;
        let occurred_at = host.to_local(event.occurred_at);
        Ok(Self(Some(Facts { event, ticket, occurred_at })))
    }

    /// Digits for every tag, as many as the tag is long: they can stand anywhere, and lines and
    /// columns stay the template's.
    pub(crate) fn sample() -> Self {
        Self(None)
    }

    /// The value of a tag, which is so long with its braces.
    pub(crate) fn value(&self, name: &str, length: usize) -> Result<Value, Fault> {
        let known = TAGS.iter().find(|(known, _)| *known == name);
        let field = name.strip_prefix(FIELD);
        if known.is_none() && field.is_none() && !name.starts_with(CUSTOM) {
            return Err(unknown(name));
        }
        let Some(facts) = &self.0 else { return Ok("1".repeat(length).into()) };
        let found = known.and_then(|(_, get)| get(facts)).map(Value::String);
        let fields = &facts.ticket.ticket.fields;
        Ok(found.or_else(|| fields.get(field.unwrap_or(name)).cloned()).unwrap_or_default())
    }
}

fn unknown(name: &str) -> Fault {
    let meant = match did_you_mean(name, TAGS.iter().map(|(known, _)| *known)) {
        Some(meant) => format!("did you mean `{{{meant}}}`?"),
        None => format!("a field of the helpdesk's own is `{{{FIELD}{name}}}`"),
    };
    Fault::Settings(format!("unknown tag `{{{name}}}`; {meant}"))
}

fn links(files: &[Attachment]) -> Option<String> {
    let links: Vec<_> = files.iter().filter_map(|file| file.url.as_deref()).collect();
    (!links.is_empty()).then(|| links.join("\n"))
}

impl Facts<'_> {
    fn customer(&self) -> Option<&Person> {
        self.ticket.ticket.customer.as_ref()
    }

    fn owner(&self) -> Option<&Person> {
        self.ticket.ticket.assignees.first()
    }

    fn author(&self) -> Option<&Person> {
        self.ticket.comment.as_ref()?.author.as_ref()
    }

    /// As it was written: HTML if it was HTML.
    fn answer(&self) -> Option<String> {
        let html = self.ticket.comment.as_ref().and_then(|comment| comment.html.as_deref());
        html.or_else(|| self.ticket.text()).map(str::to_owned)
    }

    fn answer_text(&self) -> Option<String> {
        let text = self.ticket.text().map(str::to_owned);
        text.or_else(|| Some(html::to_text(self.ticket.comment.as_ref()?.html.as_deref()?)))
    }
}
