//! What Zammad lets a placeholder ask, and its words for what it does not.

use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::ticket::TicketEvent;
use hookwright_sdk::{Event, Host};

use super::{notification, payload};
use crate::fault::{Fault, did_you_mean};

/// The records of one event by their names, or none when settings are checked.
pub(crate) struct Records(Option<Map<String, Value>>);

/// What a record is one of.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Ticket,
    Article,
    User,
    /// A group, an organization, a state, …
    Other,
    /// Made for the message: no columns but those that are there.
    Made,
}

const ROOTS: [(&str, Class); 5] = [
    ("ticket", Class::Ticket),
    ("article", Class::Article),
    ("notification", Class::Made),
    ("config", Class::Made),
    // Fields of predefined webhooks, of which this is none.
    ("webhook", Class::Made),
];

/// Columns that a record has even if it is not said what is in them.
const TICKET: &str = "id number title group_id owner_id customer_id organization_id state_id \
    priority_id created_at updated_at created_by_id updated_by_id article_count note type \
    close_at close_diff_in_min close_escalation_at close_in_min escalation_at \
    first_response_at first_response_diff_in_min first_response_escalation_at \
    first_response_in_min last_close_at last_contact_agent_at last_contact_at \
    last_contact_customer_at last_owner_update_at pending_time time_unit update_diff_in_min \
    update_escalation_at update_in_min create_article_sender_id create_article_type_id \
    current_state_color group owner customer organization state priority created_by updated_by";
const ARTICLE: &str = "id ticket_id type_id sender_id from to cc subject reply_to message_id \
    message_id_md5 in_reply_to content_type body internal origin_by_id created_at updated_at \
    created_by_id updated_by_id detected_language type sender origin_by created_by updated_by";
const USER: &str = "id login firstname lastname fullname email phone mobile fax web image note \
    department street zip city country address vip verified active organization_id created_at \
    updated_at created_by_id updated_by_id";
const OTHER: &str = "id name note active created_at updated_at created_by_id updated_by_id";

/// In the payload, and no column or method of the record.
const DENIED: [&str; 12] = [
    "attachments",
    "accounted_time",
    "authorizations",
    "groups",
    "last_login",
    "login_failed",
    "members",
    "organizations",
    "password",
    "preferences",
    "roles",
    "ticket_time_accounting",
];

impl Records {
    /// The records of an event: Zammad's own if they are known, else made of what there is.
    pub(crate) fn of(event: &Event, host: &dyn Host) -> Result<Self, Fault> {
        let ticket = TicketEvent::read(&event.data).map_err(Fault::Event)?;
        let mut records = payload::records(&ticket, host);
        records.insert("notification".to_owned(), notification::of(&event.event_type, &ticket));
        records.insert("config".to_owned(), notification::config(&ticket));
        Ok(Self(Some(records)))
    }

    /// For checking templates.
    pub(crate) fn sample() -> Self {
        Self(None)
    }

    /// What stands for a placeholder. What Zammad cannot do is an error in its own words, put
    /// where the value would be; it refuses nothing.
    pub(crate) fn value(&self, name: &str) -> Result<Value, Fault> {
        let mut steps = name.split('.');
        let object = steps.next().unwrap_or_default();
        // Ruby's split leaves out what is empty at the end.
        let methods: Vec<&str> = steps.collect();
        let count = methods.iter().rposition(|method| !method.is_empty()).map_or(0, |at| at + 1);
        let methods = methods.get(..count).unwrap_or_default();
        let Some(records) = &self.0 else { return check(name, object, methods) };
        let class = ROOTS.iter().find(|(root, _)| *root == object).map(|(_, class)| *class);
        let error = |display: &str, what: &str| Ok(format!("#{{{display} / {what}}}").into());
        let Some(mut class) = class else {
            return if object.is_empty() {
                Ok("#{no object provided}".into())
            } else {
                error(object, "no such object")
            };
        };
        if methods.is_empty() {
            return error(object, "missing method");
        }
        let nothing = Value::Null;
        let mut here = records.get(object).unwrap_or(&nothing);
        let mut display = object.to_owned();
        for (number, method) in methods.iter().enumerate() {
            display = format!("{display}.{method}");
            if method.is_empty() {
                return error(&display, "missing method");
            }
            let Some(found) = call(class, here, method) else {
                return error(&display, "no such method");
            };
            let is_last = number + 1 == methods.len();
            match (record_class(class, method), found) {
                (_, None) => return Ok("".into()),
                (Some(_), Some(Value::Object(members))) if members.is_empty() => {
                    return Ok("".into());
                }
                (Some(_), Some(_)) if is_last => return error(&display, "no such method"),
                (Some(next), Some(found)) => (class, here) = (next, found),
                (None, Some(found)) if is_last => return Ok(plain(method, found)),
                // A text has no methods here.
                (None, Some(_)) => {
                    let display = format!("{display}.{}", methods.get(number + 1).unwrap_or(&""));
                    return error(&display, "no such method");
                }
            }
        }
        Ok("".into())
    }
}

/// Asks a record. Nothing when it has no such method; nothing in it when it has no value.
fn call<'a>(class: Class, record: &'a Value, method: &str) -> Option<Option<&'a Value>> {
    let columns = match class {
        Class::Ticket => TICKET,
        Class::Article => ARTICLE,
        Class::User => USER,
        Class::Other => OTHER,
        Class::Made => "",
    };
    let known = columns.split_whitespace().any(|column| column == method);
    // `created_by` inside of a user is a login that only the payload has.
    let is_record = record_class(class, method).is_some();
    let denied = DENIED.contains(&method)
        || method.ends_with("_ids")
        || (!is_record && matches!(method, "created_by" | "updated_by"));
    let found = record.get(method).filter(|_| !denied);
    (known || found.is_some()).then(|| found.filter(|value| !value.is_null()))
}

/// What a method gives, if it gives a record.
fn record_class(class: Class, method: &str) -> Option<Class> {
    match (class, method) {
        (Class::Ticket, "owner" | "customer" | "created_by" | "updated_by")
        | (Class::Article, "created_by" | "updated_by" | "origin_by") => Some(Class::User),
        (Class::Ticket, "group" | "organization" | "priority" | "state")
        | (Class::Article, "type" | "sender") => Some(Class::Other),
        _ => None,
    }
}

/// A value as Zammad puts it in: times as Ruby writes them, no records in lists.
fn plain(method: &str, value: &Value) -> Value {
    let item = |value: &Value| match value {
        Value::Null | Value::Array(_) | Value::Object(_) => "no such item".into(),
        scalar => scalar.clone(),
    };
    match value {
        Value::String(text) if method.ends_with("_at") || method == "pending_time" => {
            time(text).unwrap_or_else(|| text.clone()).into()
        }
        Value::Array(items) => items.iter().map(item).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), item(value))).collect()
        }
        scalar => scalar.clone(),
    }
}

/// `2020-11-13T14:34:35.282Z` as `2020-11-13 14:34:35 UTC`.
fn time(text: &str) -> Option<String> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let seconds = clock.split('.').next()?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b"-:".contains(&b));
    let is_time = date.len() == 10 && seconds.len() == 8 && digits(date) && digits(seconds);
    is_time.then(|| format!("{date} {seconds} UTC"))
}

/// What is certainly wrong with a placeholder; else digits as long as it is, so that lines and
/// columns stay the template's.
fn check(name: &str, object: &str, methods: &[&str]) -> Result<Value, Fault> {
    let roots = || ROOTS.iter().map(|(root, _)| *root);
    let root = ROOTS.iter().find(|(root, _)| *root == object);
    let wrong = match (root, methods) {
        (None, _) => match did_you_mean(object, roots()) {
            Some(meant) => format!("there is no `{object}`; did you mean `{meant}`?"),
            None => format!(
                "there is no `{object}`; there are {}",
                roots().collect::<Vec<_>>().join(", ")
            ),
        },
        (Some(_), []) => format!("say what of it, as in `#{{{object}.id}}`"),
        (Some(_), methods) if methods.contains(&"") => "two dots in a row".to_owned(),
        (Some((_, class)), [method]) if record_class(*class, method).is_some() => {
            format!("say what of it, as in `#{{{name}.id}}`")
        }
        (Some((_, class)), [method, ..]) => {
            let columns = match class {
                Class::Ticket => TICKET,
                Class::Article => ARTICLE,
                _ => "",
            };
            let meant = did_you_mean(method, columns.split_whitespace());
            match meant.filter(|meant| meant != method) {
                // Zammad's objects can have attributes of the admin's own.
                Some(meant) => format!("did you mean `#{{{object}.{meant}}}`?"),
                None => return Ok("1".repeat(name.len() + "#{}".len()).into()),
            }
        }
    };
    Err(Fault::Settings(format!("`#{{{name}}}`: {wrong}")))
}
