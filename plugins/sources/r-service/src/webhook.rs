//! A webhook's body, as far as it is read.

use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::ticket::{Person, PersonKind};
use hookwright_sdk::{Host, Problem};

use crate::fields::{Fields, kind};

/// What every event has in common.
pub(crate) struct Webhook {
    /// The upstream name.
    pub(crate) event: String,
    /// The id of the record.
    pub(crate) id: Option<String>,
    pub(crate) actor: Option<Person>,
    /// The account's address.
    pub(crate) account: Option<String>,
    /// The account's address by a name of its own.
    pub(crate) custom_url: Option<String>,
    /// What is about this event only, and where it stands.
    pub(crate) payload: Option<Value>,
    pub(crate) payload_at: String,
    /// Everything that is not above, and the two addresses.
    pub(crate) rest: Map<String, Value>,
}

impl Webhook {
    pub(crate) fn read(mut body: Fields) -> Result<Self, Problem> {
        let Some(event) = body.take_text("event")? else {
            let message = "no `event`: this is not a webhook of R-Service, Xurrent or 4me";
            return Err(Problem::at(body.place("event"), message));
        };
        Ok(Self {
            event,
            id: body.take_text("object_id")?,
            actor: actor(&mut body)?,
            account: body.text("account")?,
            custom_url: body.text("custom_url")?,
            payload_at: body.place("payload"),
            payload: body.take("payload"),
            rest: body.rest(),
        })
    }
}

/// The fields of a person are there and empty when nobody but the system did it.
fn actor(body: &mut Fields) -> Result<Option<Person>, Problem> {
    let told = body.has("person_id") || body.has("person_name");
    let (id, name) = (body.take_text("person_id")?, body.take_text("person_name")?);
    let kind = match (&id, &name) {
        (None, None) => PersonKind::System,
        _ => PersonKind::Unknown,
    };
    Ok(told.then(|| Person { id, name, kind, ..Person::default() }))
}

/// What a payload says of the record.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) status: Option<String>,
    pub(crate) previous_status: Option<String>,
    pub(crate) note_id: Option<String>,
    pub(crate) team: Option<Named>,
    pub(crate) member: Option<Named>,
    pub(crate) created_at: Option<Moment>,
    pub(crate) updated_at: Option<Moment>,
    /// Everything that is not above, and team and member, which have fields of their own.
    pub(crate) rest: Option<Value>,
}

/// A team or a person.
pub(crate) struct Named {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
}

/// A time as RFC 3339, and in milliseconds since the Unix epoch.
pub(crate) struct Moment {
    pub(crate) text: String,
    pub(crate) millis: u64,
}

impl Record {
    /// A payload that is kept as it is.
    pub(crate) fn unread(payload: Option<Value>) -> Self {
        Self { rest: payload, ..Self::default() }
    }

    pub(crate) fn read(payload: Option<Value>, at: &str, host: &dyn Host) -> Result<Self, Problem> {
        let mut payload = match payload {
            None => return Ok(Self::default()),
            Some(Value::Object(map)) => Fields::new(at, map),
            Some(other) => {
                return Err(Problem::at(at, format!("{}; expected an object", kind(&other))));
            }
        };
        let record = Self {
            status: payload.take_text("status")?,
            previous_status: payload.take_text("previous_status")?,
            note_id: payload.take_text("note_id")?,
            team: named(&payload, "team")?,
            member: named(&payload, "member")?,
            created_at: moment(&mut payload, "created_at", host)?,
            updated_at: moment(&mut payload, "updated_at", host)?,
            rest: None,
        };
        let rest = payload.rest();
        Ok(Self { rest: (!rest.is_empty()).then_some(Value::Object(rest)), ..record })
    }

    /// Keeps nothing of the rest but what cannot be a password or a token.
    pub(crate) fn without_secrets(mut self) -> Self {
        if let Some(Value::Object(map)) = &mut self.rest {
            map.retain(|key, _| matches!(key.as_str(), "app_offering" | "customer_account_id"));
        } else {
            self.rest = None;
        }
        self
    }
}

impl Named {
    /// The name, else the id.
    pub(crate) fn label(&self) -> Option<String> {
        self.name.clone().or_else(|| self.id.clone())
    }
}

fn named(payload: &Fields, key: &str) -> Result<Option<Named>, Problem> {
    let Some(found) = payload.object(key)? else { return Ok(None) };
    let named = Named { id: found.text("id")?, name: found.text("name")? };
    Ok(Some(named).filter(|named| named.label().is_some()))
}

fn moment(payload: &mut Fields, key: &str, host: &dyn Host) -> Result<Option<Moment>, Problem> {
    let Some(text) = payload.take_text(key)? else { return Ok(None) };
    let millis = host.to_utc(&text).map_err(|message| Problem::at(payload.place(key), message))?;
    // Times come with an offset; one without is in the source's zone, and is shown with it.
    let text = if has_offset(&text) { text } else { host.to_local(millis) };
    Ok(Some(Moment { text, millis }))
}

/// Whether a time ends in `Z` or in an offset such as `+03:00`.
fn has_offset(time: &str) -> bool {
    let end = time.as_bytes().last_chunk::<6>();
    time.ends_with(['Z', 'z']) || matches!(end, Some([b'+' | b'-', _, _, b':', _, _]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_seen() {
        for time in ["2016-03-17T16:36:11-06:00", "2016-03-17T16:36:11Z", "16:36:11+00:00"] {
            assert!(has_offset(time), "{time}");
        }
        for time in ["2016-03-17T16:36:11", "2016-03-17T16:36", "2016-03-17", "16:36", ""] {
            assert!(!has_offset(time), "{time}");
        }
    }
}
