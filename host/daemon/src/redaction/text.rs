//! Taking out of texts, bodies and URLs.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use form_urlencoded::parse;
use hookwright_model::REDACTED;
use http::HeaderName;
use regex::bytes::{NoExpand, Regex};

use super::json;
use super::rule::{Find, Rule, Step};

/// How deep something is looked for in texts that hold documents.
const MAX_NESTED: u32 = 3;

/// The rules for one place.
#[derive(Default)]
pub(super) struct Active<'r> {
    headers: Vec<&'r HeaderName>,
    pointers: Vec<&'r [Step]>,
    patterns: Vec<&'r Regex>,
}

impl<'r> Active<'r> {
    pub(super) fn of(rules: impl Iterator<Item = &'r Rule>) -> Self {
        let mut active = Self::default();
        for rule in rules {
            match &rule.find {
                Find::Header(name) => active.headers.push(name),
                Find::Pointer(steps) => active.pointers.push(steps),
                Find::Pattern(regex) => active.patterns.push(regex),
            }
        }
        active
    }

    pub(super) fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.pointers.is_empty() && self.patterns.is_empty()
    }

    /// The pointers, to be followed through a document.
    pub(super) fn pointers(&self) -> &[&'r [Step]] {
        &self.pointers
    }

    /// The value of a header; none if nothing is to be taken out.
    pub(super) fn header(&self, name: &str, value: &str) -> Option<String> {
        if self.headers.iter().any(|known| known.as_str().eq_ignore_ascii_case(name)) {
            return (value != REDACTED).then(|| REDACTED.to_owned());
        }
        self.text(value)
    }

    /// A text; none if nothing is to be taken out.
    pub(super) fn text(&self, text: &str) -> Option<String> {
        self.nested(text, MAX_NESTED)
    }

    /// A text that can itself be a document or a token.
    pub(super) fn nested(&self, text: &str, depth: u32) -> Option<String> {
        if let Some(depth) = depth.checked_sub(1) {
            if let Some(token) = self.token(text, depth) {
                return Some(token);
            }
            if text.trim_start().starts_with(['{', '['])
                && let json::Redacted::Changed(changed) = json::redact(text, self, false, depth)
            {
                return Some(changed);
            }
        }
        let changed = self.patterns(text.as_bytes())?;
        Some(String::from_utf8_lossy(&changed).into_owned())
    }

    /// A body of this content type; none if nothing is to be taken out.
    pub(super) fn body(&self, kind: Option<&str>, body: &[u8]) -> Option<Vec<u8>> {
        if (self.pointers.is_empty() && self.patterns.is_empty()) || body.is_empty() {
            return None;
        }
        let Ok(text) = std::str::from_utf8(body) else { return self.patterns(body) };
        match json::redact(text, self, true, MAX_NESTED) {
            json::Redacted::Changed(changed) => return Some(changed.into_bytes()),
            json::Redacted::Unchanged => return None,
            json::Redacted::NotJson => {}
        }
        let form = "application/x-www-form-urlencoded";
        let changed = match kind {
            Some(kind) if kind.to_ascii_lowercase().starts_with(form) => self.form(text),
            _ => self.text(text),
        };
        changed.map(String::into_bytes)
    }

    /// A URL; none if nothing is to be taken out.
    pub(super) fn url(&self, url: &str) -> Option<String> {
        let Some((before, query)) = url.split_once('?') else { return self.text(url) };
        let (new_before, new_query) = (self.text(before), self.form(query));
        if new_before.is_none() && new_query.is_none() {
            return None;
        }
        let before = new_before.as_deref().unwrap_or(before);
        Some(format!("{before}?{}", new_query.as_deref().unwrap_or(query)))
    }

    /// A form: first field by field, as they are meant, then as they are written.
    fn form(&self, form: &str) -> Option<String> {
        let mut changed = false;
        let fields: Vec<_> = form
            .split('&')
            .map(|field| match self.field(field) {
                Some(new) => {
                    changed = true;
                    Cow::Owned(new)
                }
                None => Cow::Borrowed(field),
            })
            .collect();
        let form = fields.join("&");
        match self.patterns(form.as_bytes()) {
            Some(new) => Some(String::from_utf8_lossy(&new).into_owned()),
            None => changed.then_some(form),
        }
    }

    fn field(&self, field: &str) -> Option<String> {
        let (name, value) = parse(field.as_bytes()).next()?;
        let written = field.split_once('=').map_or(field, |(name, _)| name);
        let is_meant = |steps: &&&[Step]| match steps {
            [Step::Any] => true,
            [Step::Named(known)] => *known == name,
            _ => false,
        };
        if value == REDACTED {
            return None;
        }
        if self.pointers.iter().any(|steps| is_meant(&steps)) {
            return Some(format!("{written}={REDACTED}"));
        }
        let new = self.text(&value)?;
        // What stands for what was taken out stays readable; the rest is written as before.
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let kept: Vec<String> = new.split(REDACTED).map(encode).collect();
        Some(format!("{written}={}", kept.join(REDACTED)))
    }

    /// A JSON Web Token: its claims can be read by everybody. One that was changed keeps no
    /// signature, which was another's.
    fn token(&self, text: &str, depth: u32) -> Option<String> {
        let (head, rest) = text.split_once('.').filter(|(head, _)| head.starts_with("eyJ"))?;
        let (claims, _) = rest.split_once('.')?;
        let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
        let claims = std::str::from_utf8(&claims).ok()?;
        match json::redact(claims, self, true, depth) {
            json::Redacted::Changed(claims) => {
                Some(format!("{head}.{}.{REDACTED}", BASE64_URL_SAFE_NO_PAD.encode(claims)))
            }
            _ => None,
        }
    }

    /// Whatever the patterns match. What was taken out before is not looked at: a pattern that
    /// fits the words for it would otherwise go on and on.
    fn patterns(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut current = Cow::Borrowed(text);
        for regex in &self.patterns {
            if regex.is_match(&current)
                && let Some(new) = without(regex, &current)
            {
                current = Cow::Owned(new);
            }
        }
        match current {
            Cow::Owned(new) => Some(new),
            Cow::Borrowed(_) => None,
        }
    }
}

fn without(regex: &Regex, text: &[u8]) -> Option<Vec<u8>> {
    let marker = REDACTED.as_bytes();
    let mut new = Vec::with_capacity(text.len());
    let mut changed = false;
    let mut rest = text;
    loop {
        let at = rest.windows(marker.len()).position(|window| window == marker);
        let (piece, after) =
            at.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + marker.len()..])));
        match regex.replace_all(piece, NoExpand(marker)) {
            Cow::Owned(piece) => {
                changed = true;
                new.extend_from_slice(&piece);
            }
            Cow::Borrowed(piece) => new.extend_from_slice(piece),
        }
        let Some(after) = after else { return changed.then_some(new) };
        new.extend_from_slice(marker);
        rest = after;
    }
}
