//! From what was entered to a document.

use serde_json::{Map, Value};

use super::schema::{Field, Kind};
use super::{Entries, Mistakes};
use crate::server::problem::FieldProblem;

/// What was entered into a field; none if it was left out. What is no number is passed on as
/// text, for whoever knows the schema to say so.
#[must_use]
pub fn read(field: &Field, entries: &Entries, mistakes: &mut Mistakes) -> Option<Value> {
    Reader { entries, mistakes }.field(field)
}

struct Reader<'a> {
    entries: &'a Entries,
    mistakes: &'a mut Mistakes,
}

impl Reader<'_> {
    fn wrong(&mut self, field: &Field, detail: impl Into<String>) {
        let pointer = field.pointer.clone();
        self.mistakes.push(FieldProblem { pointer, detail: detail.into() });
    }

    /// Whether an empty field was there as such, and not left out.
    fn is_set(&self, field: &Field) -> bool {
        self.entries.has(&format!("{}.set", field.key))
    }

    fn field(&mut self, field: &Field) -> Option<Value> {
        let text = self.entries.text(&field.key);
        if self.entries.text(&format!("{}.as", field.key)) == "json" {
            return self.json(field, text);
        }
        match &field.kind {
            Kind::Const(value) => Some(value.clone()),
            Kind::Text(_) | Kind::Any => self.text(field, text),
            Kind::Number { .. } => self.number(field, text),
            Kind::Bool => self.yes_or_no(field),
            Kind::Choice(_) => match text {
                "" => self.missing(field),
                text => Some(serde_json::from_str(text).unwrap_or_else(|_| text.into())),
            },
            Kind::Lines => {
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                let lines: Vec<Value> = lines.map(Value::from).collect();
                self.list(field, lines)
            }
            Kind::Checks(all) => {
                let chosen = self.entries.all(&field.key);
                let all = all.iter().map(|one| &one.value);
                let is_chosen = |one: &&Value| chosen.contains(&one.to_string());
                self.list(field, all.filter(is_chosen).cloned().collect())
            }
            Kind::Map => self.map(field),
            Kind::Object { fields, open } => self.object(field, fields, *open),
            Kind::Pick(all) => {
                let chosen = self.entries.text(&format!("{}.of", field.key));
                match chosen.parse::<usize>().ok().and_then(|number| all.get(number)) {
                    Some(alternative) => self.field(&alternative.field),
                    None => self.missing(field),
                }
            }
            Kind::Json => self.json(field, text),
        }
    }

    fn missing(&mut self, field: &Field) -> Option<Value> {
        if field.required {
            self.wrong(field, "this is needed");
        }
        None
    }

    fn text(&mut self, field: &Field, text: &str) -> Option<Value> {
        if text.is_empty() && !self.is_set(field) {
            return self.missing(field);
        }
        Some(text.into())
    }

    fn number(&mut self, field: &Field, text: &str) -> Option<Value> {
        let text = text.trim();
        if text.is_empty() {
            return self.missing(field);
        }
        let number = serde_json::from_str::<serde_json::Number>(text);
        Some(number.map_or_else(|_| text.into(), Value::Number))
    }

    /// What is left as it is usual is left out, unless it was said before.
    fn yes_or_no(&self, field: &Field) -> Option<Value> {
        let is_on = self.entries.has(&field.key);
        let stands_there = is_on || self.is_set(field);
        if !stands_there && !self.entries.has(&format!("{}.there", field.key)) {
            return field.required.then(|| false.into());
        }
        let usual = field.default.as_ref().and_then(Value::as_bool).unwrap_or(false);
        let said = is_on != usual || field.required || self.is_set(field);
        said.then(|| is_on.into())
    }

    fn list(&mut self, field: &Field, items: Vec<Value>) -> Option<Value> {
        if items.is_empty() && !self.is_set(field) {
            return self.missing(field);
        }
        Some(items.into())
    }

    fn map(&mut self, field: &Field) -> Option<Value> {
        let entries = self.entries;
        let names = entries.all(&format!("{}.key", field.key));
        let values = entries.all(&format!("{}.value", field.key));
        let mut members = Map::new();
        for (name, value) in names.iter().zip(values) {
            if name.is_empty() && value.is_empty() {
                continue;
            }
            if name.is_empty() {
                self.wrong(field, format!("`{value}` has no name: enter one beside it"));
            } else if members.insert(name.clone(), value.as_str().into()).is_some() {
                self.wrong(field, format!("`{name}` is there twice"));
            }
        }
        if members.is_empty() && !self.is_set(field) {
            return self.missing(field);
        }
        Some(members.into())
    }

    fn object(&mut self, field: &Field, fields: &[Field], open: bool) -> Option<Value> {
        let before = self.mistakes.len();
        let mut members = Map::new();
        for one in fields {
            if let Some(value) = self.field(one) {
                members.insert(one.name.clone(), value);
            }
        }
        if open {
            let rest = self.entries.text(&format!("{}.rest", field.key)).to_owned();
            match self.json(field, &rest) {
                Some(Value::Object(more)) => members.extend(more),
                Some(_) => self.wrong(field, "the other members are a JSON object: { … }"),
                None => {}
            }
        }
        if members.is_empty() && !field.required && !self.is_set(field) {
            // Nothing of it was entered: what it would need is not needed.
            self.mistakes.truncate(before);
            return None;
        }
        Some(members.into())
    }

    fn json(&mut self, field: &Field, text: &str) -> Option<Value> {
        if text.trim().is_empty() {
            return None;
        }
        match serde_json::from_str(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(field, format!("this is not JSON: {error}"));
                None
            }
        }
    }
}
