//! Takes out of the journal what the admin does not want in it.
//!
//! What is not taken out stays as it was, byte for byte: texts are cut, not written anew.

mod json;
mod rule;
mod text;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use hookwright_model::request::{Credential, Part};
use hookwright_model::{
    Age, Attempt, AttemptResult, CallRecord, Delivery, Event, FollowUp, JournalSettings, Name,
    Original, REDACTED, Redactable, Request, Template,
};
use hookwright_store::keeping::{Place, Redactor};

use crate::delivery::scrub::mask;
use rule::Rule;
pub use rule::{MAX_RULES, Mistake};
use text::Active;

/// The rules of the journal, ready for use.
#[derive(Debug)]
pub struct Redaction {
    rules: Vec<Rule>,
    failed_after: Age,
}

impl Default for Redaction {
    fn default() -> Self {
        Self { rules: Vec::new(), failed_after: Age::Forever }
    }
}

impl Redaction {
    /// The rules that make sense, and what is wrong with others.
    #[must_use]
    pub fn new(settings: &JournalSettings) -> (Self, Vec<Mistake>) {
        let (mut rules, mut mistakes) = (Vec::new(), Vec::new());
        for (number, wanted) in settings.redact.iter().enumerate() {
            match Rule::new(wanted) {
                Ok(rule) => rules.push(rule),
                Err(Mistake { pointer, detail }) => {
                    let pointer = format!("/redact/{number}{pointer}");
                    mistakes.push(Mistake { pointer, detail });
                }
            }
        }
        (Self { rules, failed_after: settings.redact_failed_after }, mistakes)
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Takes out of a post's headers, at once, what no plugin is to see either: none if there is
    /// nothing to take out.
    #[must_use]
    pub fn without_headers(&self, source: &Name, original: &Original) -> Option<Original> {
        let place = Place { source, subscription: None };
        let rules = self.active(Redactable::Inbound, place);
        let mut original = original.clone();
        inbound_headers(&rules, &mut original).then_some(original)
    }

    fn active(&self, what: Redactable, place: Place<'_>) -> Active<'_> {
        Active::of(self.rules.iter().filter(|rule| rule.is_for(what, place)))
    }

    /// Whatever the rules are for: what is said of a delivery can be of any of it.
    fn any(&self, place: Place<'_>) -> Active<'_> {
        let is_for = |rule: &&Rule| Redactable::ALL.iter().any(|what| rule.is_for(*what, place));
        Active::of(self.rules.iter().filter(is_for))
    }
}

impl Redactor for Redaction {
    fn event(&self, event: &mut Event) -> bool {
        let source = event.source.clone();
        let place = Place { source: &source, subscription: None };
        let rules = self.active(Redactable::Event, place);
        let redacted = rules.body(Some("application/json"), event.data.as_bytes());
        let Some(data) = redacted.and_then(|data| String::from_utf8(data).ok()) else {
            return false;
        };
        event.data = data.into();
        true
    }

    fn original(&self, source: &Name, original: &mut Original) -> bool {
        let rules = self.active(Redactable::Inbound, Place { source, subscription: None });
        let kind = original.header("content-type").map(String::from_utf8_lossy);
        let body = rules.body(kind.as_deref(), &original.body);
        inbound_headers(&rules, original) | set(body.map(Bytes::from), &mut original.body)
    }

    fn request(&self, place: Place<'_>, request: &mut Request) -> bool {
        let rules = self.active(Redactable::Request, place);
        !rules.is_empty() && one_request(&rules, request)
    }

    fn follow_up(&self, place: Place<'_>, delivery: &mut Delivery) -> bool {
        let rules = self.active(Redactable::Request, place);
        match &mut delivery.follow_up {
            Some(FollowUp::SetField { value, .. }) => {
                let redacted = rules.body(Some("application/json"), value.as_bytes());
                set(redacted.and_then(|value| String::from_utf8(value).ok()), value)
            }
            Some(FollowUp::AddComment { text, .. }) => set(rules.text(text), text),
            Some(FollowUp::Send(request)) => one_request(&rules, request),
            None => false,
        }
    }

    fn delivery(&self, place: Place<'_>, delivery: &mut Delivery) -> bool {
        let rules = self.any(place);
        let texts = delivery.reason.iter_mut().chain(&mut delivery.remote_id);
        let said = texts.fold(false, |changed, text| set(rules.text(text), text) | changed);
        said | delivery.transform.as_mut().is_some_and(|call| words(&rules, call))
    }

    fn attempt(&self, place: Place<'_>, attempt: &mut Attempt) -> bool {
        let mut changed = false;
        if let Some(sent) = &mut attempt.sent {
            let rules = self.active(Redactable::Request, place);
            changed |= set(rules.url(&sent.url), &mut sent.url);
            let body = rules.body(kind(&sent.headers), &sent.body);
            changed |= set(body.map(Bytes::from), &mut sent.body);
            changed |= headers(&rules, &mut sent.headers);
        }
        if let Some(received) = &mut attempt.received {
            let rules = self.active(Redactable::Answer, place);
            let body = rules.body(kind(&received.headers), &received.body);
            changed |= set(body.map(Bytes::from), &mut received.body);
            changed |= headers(&rules, &mut received.headers);
        }
        let rules = self.any(place);
        let said = match &mut attempt.result {
            AttemptResult::Delivered { note } => note.as_mut(),
            AttemptResult::Retry { reason, .. }
            | AttemptResult::Failed { reason }
            | AttemptResult::Resend { reason }
            | AttemptResult::Unknown { reason } => Some(reason),
        };
        for text in said.into_iter().chain(&mut attempt.notes) {
            changed |= set(rules.text(text), text);
        }
        changed | attempt.judge.as_mut().is_some_and(|call| words(&rules, call))
    }

    fn failed_after(&self) -> Age {
        self.failed_after
    }
}

/// Puts what is new in its place. Says whether there is something.
fn set<T>(new: Option<T>, place: &mut T) -> bool {
    let changed = new.is_some();
    if let Some(new) = new {
        *place = new;
    }
    changed
}

fn kind(headers: &[(String, String)]) -> Option<&str> {
    let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    found.map(|(_, value)| value.as_str())
}

fn headers(rules: &Active<'_>, headers: &mut [(String, String)]) -> bool {
    headers
        .iter_mut()
        .fold(false, |changed, (name, value)| set(rules.header(name, value), value) | changed)
}

/// Their values can be any bytes.
fn inbound_headers(rules: &Active<'_>, original: &mut Original) -> bool {
    original.headers.iter_mut().fold(false, |changed, (name, value)| {
        let redacted = rules.header(name, &String::from_utf8_lossy(value));
        set(redacted.map(String::into_bytes), value) | changed
    })
}

/// What a plugin said.
fn words(rules: &Active<'_>, call: &mut CallRecord) -> bool {
    let logs = call.logs.iter_mut().map(|line| &mut line.message);
    let mut texts: Vec<&mut String> = logs.chain([&mut call.stderr]).collect();
    if let Some(fault) = &mut call.fault {
        texts.extend([&mut fault.message, &mut fault.stderr]);
    }
    texts.into_iter().fold(false, |changed, text| set(rules.text(text), text) | changed)
}

/// What is changed loses its references to secrets: it is not sent again.
fn one_request(rules: &Active<'_>, request: &mut Request) -> bool {
    let shown = |template: &Template| String::from_utf8_lossy(&bytes(template)).into_owned();
    let named = |(name, value): &(String, Template)| (name.clone(), shown(value));
    let all: Vec<_> = request.headers.iter().map(named).collect();
    let body =
        rules.body(kind(&all), &bytes(&request.body)).map(|body| match String::from_utf8(body) {
            Ok(text) => Template::text(text),
            Err(error) => Template(vec![Part::Bytes(error.into_bytes())]),
        });
    let mut changed = set(body, &mut request.body);
    changed |= set(rules.url(&shown(&request.url)).map(Template::text), &mut request.url);
    for ((_, value), (name, shown)) in request.headers.iter_mut().zip(all) {
        changed |= set(rules.header(&name, &shown).map(Template::text), value);
    }
    changed
}

/// The bytes of a template, with names in place of what is yet to be filled in.
fn bytes(template: &Template) -> Vec<u8> {
    let mut all = Vec::new();
    for part in &template.0 {
        match part {
            Part::Text(text) => all.extend_from_slice(text.as_bytes()),
            Part::Bytes(bytes) => all.extend_from_slice(bytes),
            Part::Secret { slot, .. } => all.extend_from_slice(mask(slot).as_bytes()),
            Part::Basic { username, password } => {
                let shown = |half: &Credential| match half {
                    Credential::Text(text) => text.clone(),
                    Credential::Secret(slot) => mask(slot),
                };
                let pair = format!("{}:{}", shown(username), shown(password));
                all.extend_from_slice(pair.as_bytes());
            }
            Part::Signature(_) => all.extend_from_slice(b"{signature}"),
            Part::DeliveryId => all.extend_from_slice(b"{delivery-id}"),
            Part::SentAt => all.extend_from_slice(b"{sent-at}"),
        }
    }
    all
}

/// Whether something in this text was taken out.
#[must_use]
pub fn is_redacted(text: &str) -> bool {
    text.contains(REDACTED)
}
