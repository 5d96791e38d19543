//! The people in a body.

use hookwright_sdk::ticket::{Person, PersonKind};

use crate::record::Record;

/// Who stands at `ticket.customer` and the like, if anybody.
pub(crate) fn person(record: &mut Record<'_>, at: &str, kind: PersonKind) -> Option<Person> {
    let mut text = |part: &str| record.text(&format!("{at}.{part}"));
    // Nobody is user 0.
    let id = text("id").filter(|id| id != "0");
    let email = text("email");
    let phone = text("phone");
    let names = [text("name"), text("last_name")];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = Some(name).filter(|name| !name.is_empty());
    let is_somebody = id.is_some() || name.is_some() || email.is_some() || phone.is_some();
    is_somebody.then_some(Person { id, name, email, phone, kind })
}
