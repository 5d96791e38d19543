//! Who wrote the answer.

use hookwright_sdk::ticket::{Person, PersonKind, TicketEvent};

/// Why the answer does not count as the customer's; nothing if it does.
pub(crate) fn is_not_the_customer(body: &TicketEvent) -> Option<String> {
    let author = of(body);
    let kind = author.map_or(PersonKind::Unknown, |author| author.kind);
    let who = match (kind, author, &body.ticket.customer) {
        (PersonKind::Customer, _, _) => return None,
        (PersonKind::Agent, _, _) => "an agent",
        (PersonKind::System, _, _) => "a machine",
        (PersonKind::Unknown, Some(author), Some(customer)) if is_same(author, customer) => {
            return None;
        }
        (PersonKind::Unknown, _, _) => "somebody who is not known to be the customer",
    };
    Some(format!("the answer is from {who}, and `only_customer` is set"))
}

/// The author of the comment; who did it, if it has none.
pub(crate) fn of(body: &TicketEvent) -> Option<&Person> {
    let author = body.comment.as_ref().and_then(|comment| comment.author.as_ref());
    author.or(body.actor.as_ref())
}

fn is_same(one: &Person, other: &Person) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    same(&one.id, &other.id) || same(&one.email, &other.email)
}
