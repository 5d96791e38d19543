//! The comment or answer in a body.

use hookwright_sdk::html;
use hookwright_sdk::ticket::{Attachment, Comment, Person, PersonKind, Ticket, Visibility};

use crate::kind::Kind;
use crate::person::person;
use crate::record::Record;

/// What somebody wrote.
#[derive(Debug, Default)]
pub(crate) struct Message {
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
}

impl Message {
    /// `comment.text` is plain, `comment.html` is HTML, and `comment.body` can be either.
    pub(crate) fn take(record: &mut Record<'_>) -> Self {
        let mut text = record.text("comment.text");
        let mut html = record.text("comment.html");
        match record.text("comment.body") {
            Some(body) if is_html(&body) => html = html.or(Some(body)),
            body => text = text.or(body),
        }
        let text = text.or_else(|| html.as_deref().map(html::to_text));
        Self { text: text.map(|text| text.replace("\r\n", "\n")), html }
    }
}

/// Whether a text is HTML, as the product's editor and mails make it: people seldom write the
/// end of an element.
fn is_html(text: &str) -> bool {
    const ENDS: [&str; 9] =
        ["</p>", "</div>", "<br>", "<br/>", "<br />", "</span>", "</a>", "</b>", "</strong>"];
    text.contains('<') && ENDS.iter().any(|end| text.contains(end))
}

/// Who can see a comment follows from what happened: answers go to the customer, comments are
/// notes among agents.
fn visibility(verb: &str) -> Visibility {
    match verb {
        "replied" => Visibility::Public,
        "commented" => Visibility::Internal,
        _ => Visibility::Unknown,
    }
}

/// The comment that an event is about, if there is anything of it. The time is left out.
pub(crate) fn comment(
    record: &mut Record<'_>,
    kind: &Kind,
    ticket: &Ticket,
    attachments: Vec<Attachment>,
) -> Option<Comment> {
    let message = Message::take(record);
    let comment = Comment {
        id: record.text("comment.id"),
        visibility: visibility(kind.verb()),
        author: author(record, kind, ticket),
        text: message.text,
        html: message.html,
        channel: record.text("comment.channel").or_else(|| kind.channel.clone()),
        created_at: None,
        attachments,
    };
    let is_there =
        comment.id.is_some() || comment.text.is_some() || !comment.attachments.is_empty();
    is_there.then_some(comment)
}

/// What the customer says of the help they got.
pub(crate) fn rating(record: &mut Record<'_>, ticket: &Ticket) -> Option<Comment> {
    let text = record.text("rating.comment")?;
    let text = Some(text.replace("\r\n", "\n"));
    Some(Comment { text, author: ticket.customer.clone(), ..Comment::default() })
}

/// Who wrote it: what the body says, filled up with what it says of those whom the ticket
/// knows.
pub(crate) fn author(record: &mut Record<'_>, kind: &Kind, ticket: &Ticket) -> Option<Person> {
    let (customer, assignee) = (ticket.customer.as_ref(), ticket.assignees.first());
    let said = person(record, "comment.author", kind.author.unwrap_or_default());
    let Some(mut said) = said else {
        return match kind.author? {
            // A ticket has one customer. Any agent can write, not only the one it is given to.
            PersonKind::Customer if customer.is_some() => customer.cloned(),
            kind => Some(Person { kind, ..Person::default() }),
        };
    };
    let known = [customer, assignee].into_iter().flatten();
    if let Some(known) = known.into_iter().find(|known| is_same(known, &said)) {
        said.name = said.name.or_else(|| known.name.clone());
        said.email = said.email.or_else(|| known.email.clone());
        said.phone = said.phone.or_else(|| known.phone.clone());
        said.kind = kind.author.unwrap_or(known.kind);
    }
    Some(said)
}

fn is_same(one: &Person, other: &Person) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    same(&one.id, &other.id) || same(&one.email, &other.email)
}
