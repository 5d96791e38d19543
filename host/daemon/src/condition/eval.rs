//! Evaluating a condition, at a cost that is counted.

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::Value as Json;

use super::expr::{Expr, Kind, Macro};
use super::mistake::Place;
use super::types::Type;
use super::value::Value;
use super::view::EventView;
use super::{MAX_COST, functions};

/// Why a condition has no result for an event.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Place,
    pub(super) detail: String,
    /// Nothing that comes later can make up for it.
    fatal: bool,
}

impl Fault {
    pub(super) fn new(at: Place, detail: impl Into<String>) -> Box<Self> {
        Box::new(Self { at, detail: detail.into(), fatal: false })
    }
}

pub(super) type Result<T> = std::result::Result<T, Box<Fault>>;

/// One evaluation.
pub(super) struct Evaluation<'e> {
    event: &'e EventView<'e>,
    /// The condition's text, to name parts of it.
    source: &'e str,
    /// The values of the variables of macros around, outermost first.
    locals: Vec<Value<'e>>,
    cost: u64,
}

impl<'e> Evaluation<'e> {
    pub(super) fn new(event: &'e EventView<'e>, source: &'e str) -> Self {
        Self { event, source, locals: Vec::new(), cost: 0 }
    }

    /// What it has cost so far.
    pub(super) fn cost(&self) -> u64 {
        self.cost
    }

    /// Every step and every 16 bytes of text that are looked at cost one. It is counted before
    /// the work is done, and does not depend on the machine.
    pub(super) fn charge(&mut self, at: Place, cost: u64) -> Result<()> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost <= MAX_COST {
            return Ok(());
        }
        let detail = format!(
            "this costs more than {MAX_COST} steps with this event: look at fewer elements or \
             shorter texts"
        );
        Err(Box::new(Fault { at, detail, fatal: true }))
    }

    /// Part of the condition as it is written.
    pub(super) fn text_of(&self, at: Place) -> String {
        let (start, end) = (at.start as usize, at.end as usize);
        let text: String = self.source.chars().take(end).skip(start).take(60).collect();
        text.trim().to_owned()
    }

    pub(super) fn value(&mut self, expr: &'e Expr) -> Result<Value<'e>> {
        self.charge(expr.at, 1)?;
        match &expr.kind {
            Kind::Literal(literal) => Ok(literal.into()),
            Kind::Event => Ok(Value::Event),
            Kind::Local(number) => Ok(self.locals.get(*number).cloned().unwrap_or(Value::Null)),
            Kind::Field { of, name, is } => {
                let of = self.value(of)?;
                let value = self.field(&of, name);
                self.fits(expr.at, &value, is)?;
                Ok(value)
            }
            Kind::Internal(comment) => {
                let comment = self.value(comment)?;
                let visibility = self.field(&comment, "visibility");
                Ok(Value::Bool(matches!(visibility, Value::Text(word) if word == "internal")))
            }
            Kind::Member { of, key } => {
                let (base, key) = (self.value(of)?, self.value(key)?);
                self.member(of.at, &base, &key)
            }
            Kind::Has(place) => self.has(place).map(Value::Bool),
            Kind::Not(of) => Ok(Value::Bool(!self.truth(of)?)),
            Kind::Negate(of) => {
                let value = self.value(of)?;
                functions::negate(self, expr.at, &value)
            }
            Kind::And(terms) => self.decide(terms, false),
            Kind::Or(terms) => self.decide(terms, true),
            Kind::If(parts) => {
                let [test, yes, no] = &**parts;
                if self.truth(test)? { self.value(yes) } else { self.value(no) }
            }
            Kind::Equal(sides) => {
                let (a, b) = (self.value(&sides[0])?, self.value(&sides[1])?);
                self.same(expr.at, &a, &b).map(Value::Bool)
            }
            Kind::Order(order, sides) => {
                let (a, b) = (self.value(&sides[0])?, self.value(&sides[1])?);
                if let (Value::Text(a), Value::Text(b)) = (&a, &b) {
                    self.charge(expr.at, a.len().min(b.len()) as u64 / 16)?;
                }
                match a.order(&b) {
                    Some(ordering) => Ok(Value::Bool(order.holds(ordering))),
                    // Not a number is in no order with anything.
                    None if matches!((&a, &b), (Value::Double(_), _) | (_, Value::Double(_)))
                        && a.is() == b.is() =>
                    {
                        Ok(Value::Bool(false))
                    }
                    None => Err(self.no_order(&sides[0], &a, &sides[1], &b)),
                }
            }
            Kind::Arithmetic(operator, sides) => {
                let (a, b) = (self.value(&sides[0])?, self.value(&sides[1])?);
                functions::arithmetic(self, expr.at, *operator, a, b)
            }
            Kind::In(sides) => self.contains(expr.at, &sides[0], &sides[1]),
            Kind::List(elements) => {
                let mut list = Vec::new();
                for element in elements {
                    let value = self.value(element)?;
                    self.keep(element.at, &value)?;
                    list.push(value);
                }
                Ok(Value::List(Rc::from(list)))
            }
            Kind::Call(function, arguments) => functions::call(self, expr.at, function, arguments),
            Kind::Macro { kind, range, test, result } => {
                self.each(*kind, range, test.as_deref(), result.as_deref())
            }
        }
    }

    /// What is true, false, or absent, which is false.
    pub(super) fn truth(&mut self, expr: &'e Expr) -> Result<bool> {
        match self.value(expr)? {
            Value::Bool(value) => Ok(value),
            Value::Null => Ok(false),
            other => Err(self.not(expr.at, &other, "true or false")),
        }
    }

    /// Text; what is absent is empty.
    pub(super) fn text(&mut self, expr: &'e Expr) -> Result<Cow<'e, str>> {
        match self.value(expr)? {
            Value::Text(text) => Ok(text),
            Value::Null => Ok(Cow::Borrowed("")),
            other => Err(self.not(expr.at, &other, "text")),
        }
    }

    /// The mistake that something is of the wrong type.
    pub(super) fn not(&self, at: Place, value: &Value<'_>, wanted: &str) -> Box<Fault> {
        let text = self.text_of(at);
        Fault::new(at, format!("`{text}` is {} in this event, not {wanted}", value.is()))
    }

    fn no_order(&self, a: &Expr, a_is: &Value<'_>, b: &Expr, b_is: &Value<'_>) -> Box<Fault> {
        let (a_text, b_text) = (self.text_of(a.at), self.text_of(b.at));
        let detail = format!(
            "`{a_text}` is {} and `{b_text}` is {} in this event; they have no order",
            a_is.is(),
            b_is.is()
        );
        Fault::new(a.at.to(b.at), detail)
    }

    /// As soon as one term is `decisive`, so is all; a term that fails does not matter then, on
    /// whichever side it stands.
    fn decide(&mut self, terms: &'e [Expr], decisive: bool) -> Result<Value<'e>> {
        let mut failed = None;
        for term in terms {
            match self.truth(term) {
                Ok(value) if value == decisive => return Ok(Value::Bool(decisive)),
                Ok(_) => {}
                Err(fault) if fault.fatal => return Err(fault),
                Err(fault) => failed = failed.or(Some(fault)),
            }
        }
        failed.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    fn same(&mut self, at: Place, a: &Value<'_>, b: &Value<'_>) -> Result<bool> {
        let mut cost = 0;
        let same = a.equals(b, &mut cost);
        self.charge(at, cost)?;
        Ok(same)
    }

    /// What is put into a list costs what it holds, although it is not copied: a list of lists
    /// could hold itself so often that looking at it would take for ever.
    fn keep(&mut self, at: Place, value: &Value<'_>) -> Result<()> {
        self.charge(at, 1 + value.weight())
    }

    fn field(&self, of: &Value<'e>, name: &str) -> Value<'e> {
        match of {
            Value::Event => self.event.field(name),
            Value::Json(json) => json.get(name).map_or(Value::Null, Value::from),
            _ => Value::Null,
        }
    }

    /// What posts CloudEvents may write something else than the schema says.
    fn fits(&self, at: Place, value: &Value<'_>, is: &Type) -> Result<()> {
        let fits = match is {
            Type::Text => matches!(value, Value::Text(_)),
            Type::Bool => matches!(value, Value::Bool(_)),
            Type::Int | Type::Double => matches!(value, Value::Int(_) | Value::Double(_)),
            Type::List(_) => matches!(value, Value::Json(Json::Array(_))),
            Type::Map | Type::Record(_) => matches!(value, Value::Json(Json::Object(_))),
            _ => true,
        };
        if fits || matches!(value, Value::Null) {
            return Ok(());
        }
        Err(self.not(at, value, &is.to_string()))
    }

    fn member(&mut self, at: Place, base: &Value<'e>, key: &Value<'e>) -> Result<Value<'e>> {
        match (base, key) {
            (Value::Null, _) => Ok(Value::Null),
            (Value::Json(Json::Object(map)), Value::Text(key)) => {
                Ok(map.get(key.as_ref()).map_or(Value::Null, Value::from))
            }
            (list, Value::Int(number)) if list.elements().is_some() => {
                let number = usize::try_from(*number).ok();
                let found = match list {
                    Value::List(list) => number.and_then(|number| list.get(number)).cloned(),
                    Value::Json(json) => {
                        number.and_then(|number| json.get(number)).map(Value::from)
                    }
                    _ => None,
                };
                // Beyond the end there is nothing.
                Ok(found.unwrap_or(Value::Null))
            }
            (Value::Json(Json::Object(_)), _) => {
                Err(self.not(at, base, "a list; the names of its members are text"))
            }
            (Value::List(_) | Value::Json(_), key) => {
                let detail = format!("an element of a list has a number, not {}", key.is());
                Err(Fault::new(at, detail))
            }
            _ => Err(self.not(at, base, "an object or a list")),
        }
    }

    fn has(&mut self, place: &'e Expr) -> Result<bool> {
        let value = match &place.kind {
            Kind::Internal(comment) => self.value(comment)?,
            _ => self.value(place)?,
        };
        Ok(!matches!(value, Value::Null))
    }

    fn contains(&mut self, at: Place, item: &'e Expr, of: &'e Expr) -> Result<Value<'e>> {
        let (item, range) = (self.value(item)?, self.value(of)?);
        if let (Value::Json(Json::Object(map)), Value::Text(key)) = (&range, &item) {
            return Ok(Value::Bool(map.contains_key(key.as_ref())));
        }
        let Some(elements) = range.elements() else {
            return Err(self.not(of.at, &range, "a list or an object"));
        };
        for element in elements {
            self.charge(at, 1)?;
            if self.same(at, &element, &item)? {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }

    fn each(
        &mut self,
        kind: Macro,
        range: &'e Expr,
        test: Option<&'e Expr>,
        result: Option<&'e Expr>,
    ) -> Result<Value<'e>> {
        let values = self.value(range)?;
        let mut of_list = values.elements();
        let mut of_keys = None;
        if let Value::Json(Json::Object(map)) = &values {
            of_keys = Some(map.keys().map(|key| Value::Text(Cow::Borrowed(key.as_str()))));
        }
        if of_list.is_none() && of_keys.is_none() {
            return Err(self.not(range.at, &values, "a list or an object"));
        }
        let mut next = || match (&mut of_list, &mut of_keys) {
            (Some(elements), _) => elements.next(),
            (None, Some(keys)) => keys.next(),
            (None, None) => None,
        };
        let (mut found, mut collected, mut failed) = (0, Vec::new(), None);
        while let Some(element) = next() {
            self.charge(range.at, 1)?;
            self.locals.push(element);
            let step = self.step(test, result);
            self.locals.pop();
            match (kind, step) {
                (Macro::All, Ok((false, _))) => return Ok(Value::Bool(false)),
                (Macro::Exists, Ok((true, _))) => return Ok(Value::Bool(true)),
                (Macro::ExistsOne | Macro::Collect, Err(fault)) => return Err(fault),
                (_, Err(fault)) if fault.fatal => return Err(fault),
                (_, Err(fault)) => failed = failed.or(Some(fault)),
                (_, Ok((true, value))) => {
                    found += 1;
                    if let Some(value) = value {
                        self.keep(range.at, &value)?;
                        collected.push(value);
                    }
                }
                (_, Ok((false, _))) => {}
            }
        }
        if let Some(fault) = failed {
            return Err(fault);
        }
        Ok(match kind {
            Macro::All => Value::Bool(true),
            Macro::Exists => Value::Bool(false),
            Macro::ExistsOne => Value::Bool(found == 1),
            Macro::Collect => Value::List(Rc::from(collected)),
        })
    }

    /// One element: whether it passes, and what becomes of it.
    fn step(
        &mut self,
        test: Option<&'e Expr>,
        result: Option<&'e Expr>,
    ) -> Result<(bool, Option<Value<'e>>)> {
        let passes = test.map_or(Ok(true), |test| self.truth(test))?;
        let value = match result.filter(|_| passes) {
            Some(result) => Some(self.value(result)?),
            None => None,
        };
        Ok((passes, value))
    }
}
