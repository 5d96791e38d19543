//! One rule.

use hookwright_model::{Name, Redact, Redactable};
use hookwright_store::keeping::Place;
use http::HeaderName;
use regex::bytes::{Regex, RegexBuilder};

/// The most rules.
pub const MAX_RULES: usize = 100;
/// The most that a pattern may take when it is compiled, in bytes. Searching takes time in
/// proportion to it and to the text.
const MAX_PATTERN: usize = 256 << 10;

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, as a JSON Pointer into the settings.
    pub pointer: String,
    /// What is wrong, and what to do.
    pub detail: String,
}

/// A rule, ready for use.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) find: Find,
    what: Vec<Redactable>,
    source: Option<Name>,
    subscription: Option<Name>,
}

/// What it takes out.
#[derive(Debug)]
pub(super) enum Find {
    /// By a header's name.
    Header(HeaderName),
    /// By a place in a body.
    Pointer(Vec<Step>),
    /// By what it looks like.
    Pattern(Regex),
}

/// A step of a pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Any member or item.
    Any,
    /// The member of this name, or the item of this number.
    Named(String),
}

impl Rule {
    pub(super) fn new(wanted: &Redact) -> Result<Self, Mistake> {
        let find = match (&wanted.header, &wanted.pointer, &wanted.pattern) {
            (Some(name), None, None) => Find::Header(
                name.parse().map_err(|_| at("/header", format!("`{name}` is no header's name")))?,
            ),
            (None, Some(text), None) => Find::Pointer(pointer(text)?),
            (None, None, Some(text)) => Find::Pattern(pattern(text)?),
            _ => {
                let detail = "a rule says what it takes out by exactly one of `header`, `pointer` \
                              and `pattern`";
                return Err(at("", detail));
            }
        };
        let mut what = wanted.what.clone();
        if what.is_empty() {
            what = Redactable::ALL.to_vec();
            if wanted.subscription.is_some() {
                what.retain(|what| is_of_one(*what));
            }
        }
        if let Some(number) = what.iter().position(|what| !is_of_one(*what))
            && wanted.subscription.is_some()
        {
            let detail = "what was posted and the event are the same for all subscriptions: leave \
                          out `subscription`, or name only \"request\" and \"answer\"";
            return Err(at(&format!("/what/{number}"), detail));
        }
        if matches!((&find, what.as_slice()), (Find::Header(_), [Redactable::Event])) {
            return Err(at("/what/0", "an event has no headers: use `pointer` or `pattern`"));
        }
        let (source, subscription) = (wanted.source.clone(), wanted.subscription.clone());
        Ok(Self { find, what, source, subscription })
    }

    pub(super) fn is_for(&self, what: Redactable, place: Place<'_>) -> bool {
        let named = self.subscription.as_ref();
        self.what.contains(&what)
            && self.source.as_ref().is_none_or(|name| name == place.source)
            && named.is_none_or(|name| Some(name) == place.subscription)
    }
}

/// Whether each subscription has its own.
fn is_of_one(what: Redactable) -> bool {
    matches!(what, Redactable::Request | Redactable::Answer)
}

fn at(pointer: &str, detail: impl Into<String>) -> Mistake {
    Mistake { pointer: pointer.to_owned(), detail: detail.into() }
}

fn pointer(text: &str) -> Result<Vec<Step>, Mistake> {
    let Some(rest) = text.strip_prefix('/') else {
        let detail = format!(
            "`{text}` is no JSON Pointer to something in a body: it begins with `/`, such as \
             `/article/body` or `/comments/*/text`"
        );
        return Err(at("/pointer", detail));
    };
    let step = |step: &str| match step {
        "*" => Step::Any,
        name => Step::Named(name.replace("~1", "/").replace("~0", "~")),
    };
    Ok(rest.split('/').map(step).collect())
}

fn pattern(text: &str) -> Result<Regex, Mistake> {
    let wrong = |detail: String| at("/pattern", detail);
    let built = RegexBuilder::new(text).size_limit(MAX_PATTERN).build();
    let regex = built.map_err(|error| wrong(format!("it is no regular expression: {error}")))?;
    if regex.is_match(b"") {
        let detail = "it matches where there is nothing, and so everywhere: let it match at least \
                      one character, as `\\d+` does and `\\d*` does not";
        return Err(wrong(detail.to_owned()));
    }
    Ok(regex)
}
