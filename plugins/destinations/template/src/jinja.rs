//! Jinja's syntax: `{{ ticket.title }}`, `{% if … %}`, `{% for … %}`, filters.
//!
//! Every value that a template writes out goes into a table, and a mark with its number into the
//! text. So values are escaped for their place afterwards, like those of the other syntaxes. A
//! captured block is safe, as Jinja calls it, because its values are marks already; the filter
//! that calls anything safe is taken away.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use hookwright_sdk::serde_json::{self, Map, Value, json};
use hookwright_sdk::{Event, Host};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use crate::eddydesk;
use crate::fault::{Fault, did_you_mean, line_and_column};
use crate::piece::{Filled, Piece};
use crate::settings::Syntax;

/// An event with every field that there is.
const SAMPLE: &str = include_str!("sample.json");

/// What minijinja has beside the event.
const GLOBALS: [&str; 5] = ["range", "dict", "namespace", "loop", "caller"];

/// The values of one event.
pub(crate) struct Jinja {
    context: Value,
    /// Characters for private use that the event holds.
    taken: BTreeSet<char>,
    is_sample: bool,
}

fn for_private_use(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}'))
}

impl Jinja {
    /// With the values of an event.
    pub(crate) fn of(event: &Event, host: &dyn Host) -> Result<Self, Fault> {
        let data: Value = serde_json::from_str(&event.data)
            .map_err(|error| Fault::Event(format!("the event's body is not JSON: {error}")))?;
        let Value::Object(mut context) = data else {
            return Err(Fault::Event("the event's body is not an object".to_owned()));
        };
        let described = json!({
            "id": event.id,
            "source": event.source,
            "type": event.event_type,
            "subject": event.subject,
            "time": host.to_local(event.occurred_at),
        });
        context.insert("event".to_owned(), described);
        Ok(Self::new(context, false))
    }

    /// With an example.
    pub(crate) fn sample() -> Self {
        let sample = serde_json::from_str::<Value>(SAMPLE).ok();
        let context = sample.and_then(|sample| sample.as_object().cloned()).unwrap_or_default();
        Self::new(context, true)
    }

    fn new(context: Map<String, Value>, is_sample: bool) -> Self {
        let context = Value::Object(context);
        // serde_json escapes no letters, so what it writes shows them all.
        let taken = for_private_use(&context.to_string()).collect();
        Self { context, taken, is_sample }
    }

    /// Renders a template.
    pub(crate) fn fill(&self, template: &str) -> Result<Vec<Piece>, Fault> {
        // Most strings of a document are none; an environment is not made for nothing.
        if !["{{", "{%", "{#"].iter().any(|open| template.contains(open)) {
            return Ok(vec![Piece::Text(template.to_owned())]);
        }
        let mut taken = self.taken.clone();
        taken.extend(for_private_use(template));
        let mark = ('\u{e000}'..='\u{f8ff}').chain('\u{f0000}'..='\u{ffffd}');
        let Some(mark) = mark.into_iter().find(|c| !taken.contains(c)) else {
            let message = "the event holds every character that is for private use";
            return Err(Fault::Event(message.to_owned()));
        };
        let values = Arc::new(Mutex::new(Vec::new()));
        let mut environment = environment();
        let table = Arc::clone(&values);
        environment.set_formatter(move |out, _, value| {
            if let Some(captured) = value.as_str().filter(|_| value.is_safe()) {
                return Ok(out.write_str(captured)?);
            }
            let value = serde_json::to_value(value).map_err(|error| {
                minijinja::Error::new(ErrorKind::BadSerialization, error.to_string())
            })?;
            let mut table = table
                .lock()
                .map_err(|_| minijinja::Error::new(ErrorKind::InvalidOperation, "one at a time"))?;
            write!(out, "{mark}{}{mark}", table.len())?;
            table.push(value);
            Ok(())
        });
        let compiled = environment.template_from_str(template).map_err(|error| wrong(&error))?;
        let rendered =
            compiled.render(minijinja::value::Serde(&self.context)).map_err(|error| match self
                .is_sample
            {
                // An event of another kind may have what this one lacks.
                true => Fault::Event(message(&error)),
                false => wrong(&error),
            })?;
        let values = values.lock().map(|mut values| std::mem::take(&mut *values));
        let values = values.unwrap_or_default();
        let mut pieces = Vec::new();
        expand(&rendered, mark, &values, true, &mut pieces)?;
        Ok(pieces)
    }

    /// Names that no event has.
    pub(crate) fn check(&self, template: &str) -> Vec<String> {
        let environment = environment();
        let Ok(compiled) = environment.template_from_str(template) else { return Vec::new() };
        let names: BTreeSet<String> = compiled.undeclared_variables(true).into_iter().collect();
        let problems = names.iter().filter_map(|name| {
            let problem = unknown(name, &self.context)?;
            let place = template.find(name.as_str()).map(|at| line_and_column(template, at));
            Some(place.map_or_else(|| problem.clone(), |place| format!("{place}: {problem}")))
        });
        problems.collect()
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // Tickets lack much of the time what they could have: that is empty, not an error. The
    // settings check finds names that are misspelt.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("place".into()));
    environment.remove_filter("safe");
    environment.add_filter("strip_tags", |text: String| match eddydesk::strip(text.into()) {
        Value::String(text) => text,
        other => other.to_string(),
    });
    // Values outside of strings are JSON as they are; this is for habit.
    environment.add_filter("tojson", |value: minijinja::Value| value);
    environment
}

fn message(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
    format!(
        "{line}{}{}",
        error.kind(),
        error.detail().map(|why| format!(": {why}")).unwrap_or_default()
    )
}

fn wrong(error: &minijinja::Error) -> Fault {
    Fault::Settings(message(error))
}

/// Puts values for marks. `ours` says whether what is between them is the admin's: it is not in
/// a value, which can hold marks too if escaping was off where a block was captured.
fn expand(
    text: &str,
    mark: char,
    values: &[Value],
    ours: bool,
    pieces: &mut Vec<Piece>,
) -> Result<(), Fault> {
    let filled = |value: Value| {
        Piece::Value(Filled { tag: "{{ … }}".to_owned(), value, syntax: Syntax::Jinja })
    };
    // Even stretches are text, odd ones numbers.
    for (number, stretch) in text.split(mark).enumerate() {
        if number.is_multiple_of(2) {
            pieces.push(match ours {
                true => Piece::Text(stretch.to_owned()),
                false => filled(stretch.into()),
            });
            continue;
        }
        let value = stretch.parse::<usize>().ok().and_then(|number| values.get(number));
        match value.ok_or_else(cut)? {
            // Numbers only refer to what came before, so this ends.
            Value::String(captured) if captured.contains(mark) => {
                expand(captured, mark, values, false, pieces)?;
            }
            value @ (Value::Array(_) | Value::Object(_)) if value.to_string().contains(mark) => {
                return Err(cut());
            }
            value => pieces.push(filled(value.clone())),
        }
    }
    // Every mark has another.
    if text.matches(mark).count().is_multiple_of(2) { Ok(()) } else { Err(cut()) }
}

fn cut() -> Fault {
    Fault::settings(
        "a captured block or a macro's text was cut, counted or changed; use filters on the \
         values inside of it",
    )
}

/// Says what is wrong with a name such as `ticket.title`, if anything.
fn unknown(name: &str, context: &Value) -> Option<String> {
    let mut here = context;
    for (number, step) in name.split('.').enumerate() {
        let Value::Object(members) = here else { return None };
        if let Some(found) = members.get(step) {
            // The helpdesk's own fields are not known here.
            if step == "fields" {
                return None;
            }
            here = found;
            continue;
        }
        // Methods and loops' own names.
        if number == 0 && GLOBALS.contains(&step) {
            return None;
        }
        let known = members.keys().map(String::as_str);
        let known_names: Vec<_> = members.keys().map(String::as_str).collect();
        return Some(match did_you_mean(step, known) {
            Some(meant) => format!("no event has `{name}`; did you mean `{meant}`?"),
            None => format!("no event has `{name}`; there are {}", known_names.join(", ")),
        });
    }
    None
}
