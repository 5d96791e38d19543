//! What a template needs to draw a field with what was entered into it.

use serde::Serialize;
use serde_json::Value;

use super::super::text;
use super::pattern;
use super::schema::{Alternative, Bounds, Field, Kind, One};
use super::value::pretty;
use super::{Entries, Mistakes};

/// Rows that are there to be filled in.
const EMPTY_ROWS: usize = 2;
/// A text that may be longer than this many characters has several lines.
const ONE_LINE: u64 = 500;

/// A field as it is drawn, or the beginning or end of several.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Drawn {
    /// Of the element.
    pub id: String,
    /// The name of the element.
    pub key: String,
    /// Where its value stands in the document.
    pub pointer: String,
    /// How it is drawn.
    pub kind: &'static str,
    /// The key of its words, or its words.
    pub text: Option<String>,
    /// Whether there are more words of its key.
    pub has_hint: bool,
    /// For people, in the plugin's language.
    pub title: String,
    /// The same.
    pub description: String,
    /// What holds if it is left out.
    pub default: Option<String>,
    /// What it could be.
    pub examples: Vec<String>,
    /// Whether it has to be filled in.
    pub required: bool,
    /// Whether browsers insist on it: not where what it belongs to can be left out.
    pub insist: bool,
    /// What stands in it.
    pub value: String,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// Which of it holds if nothing is chosen.
    pub usual: Option<Choice>,
    /// Names and values.
    pub rows: Vec<(String, String)>,
    /// Whether it was there, though empty.
    pub set: bool,
    /// Whether it is checked, or chosen.
    pub on: bool,
    /// For browsers, as HTML has it.
    pub pattern: Option<String>,
    /// For numbers.
    pub min: Option<String>,
    /// For numbers.
    pub max: Option<String>,
    /// In characters.
    pub min_length: Option<u64>,
    /// In characters.
    pub max_length: Option<u64>,
    /// What is wrong with it.
    pub errors: Vec<String>,
}

/// Something that can be chosen.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// The key of its words, if it is one of the console's own.
    pub text: Option<String>,
    /// For people. Beside words it is the value itself; empty if they say as much.
    pub label: String,
    /// Whether it is.
    pub chosen: bool,
}

/// A field and all that is within it, one after the other. Mistakes that are told beside a field
/// are taken out of the list.
#[must_use]
pub fn draw(field: &Field, entries: &Entries, mistakes: &mut Mistakes, id: &str) -> Vec<Drawn> {
    let mut drawer = Drawer { entries, drawn: Vec::new(), prefix: id, lenient: 0 };
    match &field.kind {
        // The form itself needs no frame.
        Kind::Object { fields, open } if !drawer.is_json(field) => {
            fields.iter().for_each(|one| drawer.field(one));
            drawer.rest(field, *open);
        }
        _ => drawer.field(field),
    }
    let mut drawn = drawer.drawn;
    place(&mut drawn, mistakes);
    drawn
}

/// Puts each mistake beside the field that is nearest to it.
fn place(drawn: &mut [Drawn], mistakes: &mut Mistakes) {
    mistakes.retain(|mistake| {
        let near = drawn.iter_mut().filter(|one| {
            let rest = mistake.pointer.strip_prefix(&one.pointer);
            let inside = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            inside && !matches!(one.kind, "end" | "branch-end") && !one.pointer.is_empty()
        });
        let near = near.filter(|one| one.kind != "branch" || one.on);
        // The last of the longest: what lies within alternatives comes after their choice.
        match near.max_by_key(|one| one.pointer.len()) {
            Some(one) => {
                one.errors.push(mistake.detail.clone());
                false
            }
            None => true,
        }
    });
}

struct Drawer<'a> {
    entries: &'a Entries,
    drawn: Vec<Drawn>,
    prefix: &'a str,
    /// Within how many things that can be left out.
    lenient: usize,
}

impl Drawer<'_> {
    fn is_json(&self, field: &Field) -> bool {
        let is_plain = !matches!(field.kind, Kind::Any);
        is_plain && self.entries.text(&format!("{}.as", field.key)) == "json"
    }

    fn base(&self, field: &Field, kind: &'static str) -> Drawn {
        Drawn {
            id: format!("{}-{}", self.prefix, self.drawn.len()),
            key: field.key.clone(),
            pointer: field.pointer.clone(),
            kind,
            has_hint: field.text.as_ref().is_some_and(|text| text::has(&format!("hint-{text}"))),
            text: field.text.clone(),
            title: field.title.clone().unwrap_or_else(|| field.name.clone()),
            description: field.description.clone().unwrap_or_default(),
            default: field.default.as_ref().map(label).filter(|text| !text.is_empty()),
            examples: field.examples.iter().map(label).collect(),
            required: field.required,
            insist: field.required && self.lenient == 0,
            value: self.entries.text(&field.key).to_owned(),
            set: self.entries.has(&format!("{}.set", field.key)),
            ..Drawn::default()
        }
    }

    fn field(&mut self, field: &Field) {
        if self.is_json(field) {
            return self.drawn.push(self.base(field, "forced-json"));
        }
        match &field.kind {
            Kind::Const(_) => {}
            Kind::Object { fields, open } => {
                self.drawn.push(self.base(field, "group"));
                let lenient = usize::from(!field.required);
                self.lenient += lenient;
                fields.iter().for_each(|one| self.field(one));
                self.lenient -= lenient;
                self.rest(field, *open);
                self.drawn.push(self.base(field, "end"));
            }
            Kind::Pick(all) => self.pick(field, all),
            _ => {
                let drawn = self.simple(field);
                self.drawn.push(drawn);
            }
        }
    }

    fn simple(&self, field: &Field) -> Drawn {
        let key = &field.key;
        match &field.kind {
            Kind::Text(bounds) => self.text(field, bounds),
            Kind::Number { whole, min, max } => Drawn {
                min: min.as_ref().map(Value::to_string),
                max: max.as_ref().map(Value::to_string),
                ..self.base(field, if *whole { "integer" } else { "number" })
            },
            Kind::Bool => {
                let usual = field.default.as_ref().and_then(Value::as_bool).unwrap_or(false);
                let is_said = self.entries.has(&format!("{key}.set")) || self.is_sent(field);
                let on = if is_said { self.entries.has(key) } else { usual };
                Drawn { on, default: None, ..self.base(field, "bool") }
            }
            Kind::Choice(all) => {
                let base = self.base(field, "choice");
                let usual = || field.default.as_ref().map(Value::to_string).unwrap_or_default();
                let given = base.value.clone();
                let given = if given.is_empty() && field.required { usual() } else { given };
                let given: Option<Value> = serde_json::from_str(&given).ok();
                let is = |one: &One| given.as_ref() == Some(&one.value);
                let choices: Vec<_> = all.iter().map(|one| choice(field, one, is(one))).collect();
                if field.required {
                    return Drawn { choices, ..base };
                }
                let value = usual();
                let usual = choices.iter().find(|one| one.value == value).cloned();
                // It is told where nothing is chosen, and not once more below.
                let default = base.default.filter(|_| usual.is_none());
                Drawn { choices, usual, default, ..base }
            }
            Kind::Checks(all) => {
                let chosen = self.entries.all(key);
                let is = |one: &One| chosen.contains(&one.value.to_string());
                let choices = all.iter().map(|one| choice(field, one, is(one)));
                Drawn { choices: choices.collect(), ..self.base(field, "checks") }
            }
            Kind::Map => {
                let names = self.entries.all(&format!("{key}.key")).iter().cloned();
                let values = self.entries.all(&format!("{key}.value")).iter().cloned();
                let rows =
                    names.zip(values).filter(|(name, value)| !name.is_empty() || !value.is_empty());
                let empty = std::iter::repeat_n((String::new(), String::new()), EMPTY_ROWS);
                Drawn { rows: rows.chain(empty).collect(), ..self.base(field, "map") }
            }
            Kind::Any => {
                let on = self.entries.text(&format!("{key}.as")) == "json";
                Drawn { on, ..self.base(field, "any") }
            }
            Kind::Lines => self.base(field, "lines"),
            _ => self.base(field, "json"),
        }
    }

    /// Whether a form was sent that this field stood in: an empty box is not sent.
    fn is_sent(&self, field: &Field) -> bool {
        let key = &field.key;
        self.entries.has(&format!("{key}.there"))
    }

    fn text(&self, field: &Field, bounds: &Bounds) -> Drawn {
        let base = self.base(field, "text");
        let is_long = bounds.max_length.is_some_and(|most| most > ONE_LINE)
            && bounds.pattern.is_none()
            && bounds.format.is_none();
        let kind = if is_long || base.value.contains('\n') { "area" } else { "text" };
        Drawn {
            kind,
            // Schemas look for it anywhere in the text, browsers want all of the text to fit.
            pattern: bounds.pattern.as_deref().map(pattern::of_html),
            min_length: bounds.min_length,
            max_length: bounds.max_length,
            ..base
        }
    }

    fn pick(&mut self, field: &Field, all: &[Alternative]) {
        let chosen = self.entries.text(&format!("{}.of", field.key)).to_owned();
        let usual = field.default.as_ref().filter(|_| chosen.is_empty() && field.required);
        let usual = usual
            .and_then(|usual| all.iter().position(|one| jsonschema::is_valid(&one.schema, usual)));
        let chosen = usual.map_or(chosen, |number| number.to_string());
        let choices = all.iter().enumerate().map(|(number, one)| Choice {
            value: number.to_string(),
            text: one.field.text.clone(),
            label: match &one.field.text {
                Some(_) => name(&one.field).unwrap_or_default(),
                None => one.field.title.clone().unwrap_or_else(|| one.field.name.clone()),
            },
            chosen: number.to_string() == chosen,
        });
        let base = self.base(field, "pick");
        self.drawn.push(Drawn { choices: choices.collect(), default: None, ..base });
        self.lenient += 1;
        for (number, one) in all.iter().enumerate() {
            let on = number.to_string() == chosen;
            let branch = Drawn { value: number.to_string(), on, ..self.base(&one.field, "branch") };
            let before = self.drawn.len();
            self.drawn.push(branch);
            match &one.field.kind {
                Kind::Object { fields, open } if !self.is_json(&one.field) => {
                    fields.iter().for_each(|one| self.field(one));
                    self.rest(&one.field, *open);
                }
                _ => self.field(&one.field),
            }
            if !on {
                // A mistake is about what was chosen.
                self.drawn[before..].iter_mut().for_each(|one| one.pointer.clear());
            }
            // There is nothing to enter for it.
            if self.drawn.len() == before + 1 {
                self.drawn.pop();
            } else {
                self.drawn
                    .push(Drawn { pointer: String::new(), ..self.base(&one.field, "branch-end") });
            }
        }
        self.lenient -= 1;
        let end = Drawn { pointer: String::new(), ..self.base(field, "end") };
        self.drawn.push(end);
    }

    fn rest(&mut self, field: &Field, open: bool) {
        let key = format!("{}.rest", field.key);
        // Only where there are others: few want to enter what nobody knows.
        if open && self.entries.has(&key) {
            let value = self.entries.text(&key).to_owned();
            self.drawn.push(Drawn { key, value, ..self.base(field, "rest") });
        }
    }
}

/// A value of a field of the console's own has words, if it does not say enough by itself.
fn choice(field: &Field, one: &One, chosen: bool) -> Choice {
    let said = label(&one.value);
    let key = field.text.as_ref().map(|text| format!("{text}-is-{said}"));
    let text = key.filter(|key| text::has(&format!("field-{key}")));
    let label = match &one.title {
        Some(title) => title.clone(),
        // Yes and no are all there is to say.
        None if text.is_some() && one.value.is_boolean() => String::new(),
        None => said,
    };
    Choice { value: one.value.to_string(), text, label, chosen }
}

/// What an alternative of the console's own is called in a document.
fn name(field: &Field) -> Option<String> {
    match &field.kind {
        Kind::Const(value) => Some(label(value)),
        Kind::Object { fields, .. } => fields.iter().find_map(|one| match &one.kind {
            Kind::Const(value) => Some(label(value)),
            _ => None,
        }),
        _ => None,
    }
}

/// A value for people: texts as they are.
fn label(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().map(label).collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) if members.is_empty() => String::new(),
        Value::Object(_) => pretty(value).replace('\n', " "),
        other => other.to_string(),
    }
}
