//! Judging answers by rules: an admin's, or those that belong to a preset.

use std::fmt;
use std::time::Duration;

use hookwright_model::answer::{Match, RuleVerdict, Scalar, Statuses, Test, Wait};
use hookwright_model::{AnswerRule, Extract, Preset, Timestamp, Verdict};
use regex::Regex;
use serde_json::Value;

use super::extract::{Extractor, Reading, regex};
use super::judge;

/// How many rules one subscription can have.
const MAX_RULES: usize = 50;
/// How many values one rule can name.
const MAX_VALUES: usize = 200;
/// How much of a value is shown in the journal, in characters.
const SHOWN: usize = 200;

/// Rules ready for use, in their order.
#[derive(Clone, Debug)]
pub struct Rules {
    origin: Origin,
    rules: Vec<Rule>,
}

/// Whose rules they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The subscription's own.
    Subscription,
    /// The connection's own.
    Connection,
    /// A preset's.
    Preset(Preset),
}

/// What makes a rule unusable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, as a JSON Pointer into the list of rules.
    pub pointer: String,
    /// What, and what to do.
    pub detail: String,
}

#[derive(Clone, Debug)]
struct Rule {
    status: Option<Statuses>,
    header: Option<Matcher>,
    body: Option<Matcher>,
    verdict: RuleVerdict,
    wait: Option<ReadyWait>,
    counted: bool,
    detail: Option<Extractor>,
}

#[derive(Clone, Debug)]
enum ReadyWait {
    For(Duration),
    At(Extractor),
}

/// A place in the answer, its name, and what the value there must be like.
#[derive(Clone, Debug)]
struct Matcher {
    at: Extractor,
    name: String,
    check: Check,
}

#[derive(Clone, Debug)]
enum Check {
    Among(Vec<Scalar>),
    Found(Regex),
    Exists(bool),
}

impl Rules {
    /// Makes rules ready.
    ///
    /// # Errors
    /// Names all mistakes.
    pub fn new(origin: Origin, rules: &[AnswerRule]) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        if rules.len() > MAX_RULES {
            let detail = format!("these are {} rules; there can be {MAX_RULES}", rules.len());
            mistakes.push(Mistake { pointer: String::new(), detail });
        }
        let ready = rules.iter().enumerate().filter_map(|(number, rule)| {
            let wrong = |(place, detail)| {
                mistakes.push(Mistake { pointer: format!("/{number}{place}"), detail });
            };
            Rule::new(rule).map_err(wrong).ok()
        });
        let rules = ready.collect();
        if mistakes.is_empty() { Ok(Self { origin, rules }) } else { Err(mistakes) }
    }

    /// What the answer means by the first rule that fits it, if one does.
    #[must_use]
    pub fn judge(&self, reading: &Reading<'_>, now: Timestamp) -> Option<Verdict> {
        let mut rules = self.rules.iter().zip(1..);
        rules.find_map(|(rule, number)| {
            let seen = rule.fits(reading)?;
            Some(rule.verdict(&format!("rule {number} of {}: {seen}", self.origin), reading, now))
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscription => f.write_str("the subscription"),
            Self::Connection => f.write_str("the connection"),
            Self::Preset(preset) => write!(f, "the preset {preset}"),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.detail)
    }
}

/// A mistake's place within a rule, and what it is.
type InRule = (String, String);

impl Rule {
    fn new(rule: &AnswerRule) -> Result<Self, InRule> {
        let matcher = |found: &Option<Match>| found.as_ref().map(Matcher::new).transpose();
        let at = |name: &str, extract: &Extract| {
            Extractor::new(extract).map_err(|detail| (format!("/{name}"), detail))
        };
        let wait = match &rule.wait {
            None => None,
            Some(Wait::Seconds(seconds)) => Some(ReadyWait::For(
                Duration::try_from_secs_f64(*seconds)
                    .map_err(|error| ("/wait".to_owned(), error.to_string()))?,
            )),
            Some(Wait::At(extract)) => Some(ReadyWait::At(at("wait", extract)?)),
        };
        Ok(Self {
            status: rule.status.clone(),
            header: matcher(&rule.header)?,
            body: matcher(&rule.body)?,
            verdict: rule.verdict,
            wait,
            counted: rule.counted,
            detail: rule.detail.as_ref().map(|extract| at("detail", extract)).transpose()?,
        })
    }

    /// What was seen, if all that is asked for holds.
    fn fits(&self, reading: &Reading<'_>) -> Option<String> {
        let status = reading.status();
        if self.status.as_ref().is_some_and(|statuses| !statuses.contains(status)) {
            return None;
        }
        let mut seen = Vec::new();
        for matcher in self.header.iter().chain(&self.body) {
            seen.push(matcher.fits(reading)?);
        }
        // Where a rule looks at something else only, the status explains nothing.
        if self.status.is_some() || seen.is_empty() {
            seen.insert(0, judge::words(status));
        }
        Some(seen.join(", "))
    }

    fn verdict(&self, seen: &str, reading: &Reading<'_>, now: Timestamp) -> Verdict {
        let detail = self.detail.as_ref().and_then(|detail| detail.read(reading));
        let detail = detail.map(|detail| shown(&detail)).filter(|detail| !detail.is_empty());
        let advice = || judge::advice(reading.status()).map(str::to_owned);
        let reason = match detail.or_else(advice) {
            Some(more) => format!("{seen}: {more}"),
            None => seen.to_owned(),
        };
        match self.verdict {
            RuleVerdict::Delivered => {
                Verdict::Delivered { remote_id: None, note: Some(seen.to_owned()) }
            }
            RuleVerdict::Failed => Verdict::Failed { reason },
            RuleVerdict::Retry => {
                let wait = self.wait.as_ref().and_then(|wait| wait.read(reading, now));
                Verdict::Retry { reason, not_before: wait, counted: self.counted }
            }
        }
    }
}

impl ReadyWait {
    fn read(&self, reading: &Reading<'_>, now: Timestamp) -> Option<Duration> {
        match self {
            Self::For(wait) => Some(*wait),
            Self::At(extractor) => match extractor.read(reading)? {
                Value::Number(seconds) => Duration::try_from_secs_f64(seconds.as_f64()?).ok(),
                Value::String(text) => judge::seconds_or_date(&text, now),
                _ => None,
            },
        }
    }
}

impl Matcher {
    fn new(wanted: &Match) -> Result<Self, InRule> {
        let (kind, place) = match &wanted.at {
            Extract::Json(_) => ("json", "/at"),
            Extract::Xml(_) => ("xml", "/at"),
            Extract::Header(_) => ("header", "/name"),
            Extract::Regex(_) | Extract::Body(_) => ("text", ""),
        };
        let at =
            Extractor::new(&wanted.at).map_err(|detail| (format!("/{kind}{place}"), detail))?;
        let check = match &wanted.test {
            Test::Equals(value) => Check::Among(vec![value.clone()]),
            Test::OneOf(values) if (1..=MAX_VALUES).contains(&values.len()) => {
                Check::Among(values.clone())
            }
            Test::OneOf(values) => {
                let detail = format!("these are {} values, of 1 to {MAX_VALUES}", values.len());
                return Err((format!("/{kind}/one_of"), detail));
            }
            Test::Regex(pattern) => {
                Check::Found(regex(pattern).map_err(|detail| (format!("/{kind}/regex"), detail))?)
            }
            Test::Exists(there) => Check::Exists(*there),
        };
        Ok(Self { at, name: wanted.at.to_string(), check })
    }

    /// What was seen, if it is as it must be.
    fn fits(&self, reading: &Reading<'_>) -> Option<String> {
        let name = &self.name;
        let found = self.at.read(reading);
        let value = match (&self.check, found) {
            (Check::Exists(false), None) => return Some(format!("{name} is not there")),
            (Check::Exists(true), Some(value)) => value,
            (Check::Among(scalars), Some(value)) => {
                let is_json = matches!(self.at, Extractor::Json(_));
                scalars.iter().find(|scalar| is(&value, scalar, is_json))?;
                value
            }
            (Check::Found(regex), Some(value)) => {
                let text = plain(&value)?;
                let found = regex.find(&text)?;
                // Of a long text, what fits.
                if matches!(self.at, Extractor::Body) { found.as_str().into() } else { value }
            }
            _ => return None,
        };
        let verb = if matches!(self.at, Extractor::Body) { "has" } else { "is" };
        Some(format!("{name} {verb} {}", shown(&value)))
    }
}

/// Whether it is this. In JSON types count, and numbers are compared as such; everywhere else
/// there is only text.
fn is(value: &Value, scalar: &Scalar, is_json: bool) -> bool {
    match (value, scalar) {
        (Value::String(text), scalar) if !is_json => text.trim() == scalar.to_string(),
        (Value::String(text), Scalar::Text(wanted)) => text == wanted,
        (Value::Bool(value), Scalar::Bool(wanted)) => value == wanted,
        (Value::Number(value), Scalar::Number(wanted)) => {
            // 1 is 1.0; but large whole numbers would be rounded.
            let mixed = value.is_f64() != wanted.is_f64();
            value == wanted || (mixed && value.as_f64() == wanted.as_f64())
        }
        _ => false,
    }
}

/// A value without parts, as text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// In one line that is not too long.
fn shown(value: &Value) -> String {
    let text = plain(value).unwrap_or_else(|| value.to_string());
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests;
