//! Values while a condition is evaluated.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use serde_json::Value as Json;

use super::expr::Literal;

/// A value: of the event, which is not copied, or computed.
#[derive(Clone, Debug)]
pub(super) enum Value<'e> {
    /// What is absent, and JSON's null. It counts as the empty value of whatever type it meets.
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Cow<'e, str>),
    Time(jiff::Timestamp),
    Duration(jiff::SignedDuration),
    List(Rc<[Value<'e>]>),
    /// An array or an object of the event.
    Json(&'e Json),
    /// The variable `event`.
    Event,
}

impl<'e> From<&'e Json> for Value<'e> {
    fn from(json: &'e Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => number
                .as_i64()
                .map_or_else(|| Self::Double(number.as_f64().unwrap_or(f64::NAN)), Self::Int),
            Json::String(text) => Self::Text(Cow::Borrowed(text)),
            Json::Array(_) | Json::Object(_) => Self::Json(json),
        }
    }
}

impl<'e> From<&'e Literal> for Value<'e> {
    fn from(literal: &'e Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Bool(value) => Self::Bool(*value),
            Literal::Int(value) => Self::Int(*value),
            Literal::Double(value) => Self::Double(*value),
            Literal::Text(text) => Self::Text(Cow::Borrowed(text)),
            Literal::Duration(value) => Self::Duration(*value),
            Literal::Time(value) => Self::Time(*value),
        }
    }
}

impl<'e> Value<'e> {
    /// What it is, in the words of mistakes.
    pub(super) fn is(&self) -> &'static str {
        match self {
            Self::Null => "absent",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Double(_) => "a number",
            Self::Text(_) => "text",
            Self::Time(_) => "a time",
            Self::Duration(_) => "a duration",
            Self::List(_) | Self::Json(Json::Array(_)) => "a list",
            Self::Json(_) | Self::Event => "an object",
        }
    }

    /// How much there is to look at, in units of cost: 16 bytes of text, or one thing.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Text(text) => text_weight(text),
            Self::List(list) => list.iter().map(|value| 1 + value.weight()).sum(),
            Self::Json(json) => json_weight(json),
            _ => 0,
        }
    }

    /// The elements of a list; none of anything else.
    pub(super) fn elements(&self) -> Option<Elements<'_, 'e>> {
        match self {
            Self::Null => Some(Elements::Values([].iter())),
            Self::List(list) => Some(Elements::Values(list.iter())),
            Self::Json(Json::Array(list)) => Some(Elements::Json(list.iter())),
            _ => None,
        }
    }

    /// Whether two values are the same, adding to `cost` what there was to look at. Absent is the
    /// same as empty.
    pub(super) fn equals(&self, other: &Self, cost: &mut u64) -> bool {
        match (self, other) {
            (Self::Null, other) | (other, Self::Null) => other.is_empty(),
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => {
                *cost += text_weight(if a.len() < b.len() { a } else { b });
                a == b
            }
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Json(Json::Object(a)), Self::Json(Json::Object(b))) => {
                a.len() == b.len()
                    && a.iter().all(|(key, a)| {
                        *cost += 1 + text_weight(key);
                        b.get(key).is_some_and(|b| Value::from(a).equals(&Value::from(b), cost))
                    })
            }
            (a, b) => match (a.elements(), b.elements()) {
                (Some(mut a), Some(mut b)) => loop {
                    *cost += 1;
                    match (a.next(), b.next()) {
                        (None, None) => return true,
                        (Some(a), Some(b)) if a.equals(&b, cost) => {}
                        _ => return false,
                    }
                },
                _ => numbers(a, b) == Some(Ordering::Equal),
            },
        }
    }

    /// Which of two values comes first, if they have an order.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, Self::Null) => Some(Ordering::Equal),
            (Self::Null, other) => other.empty().order(other),
            (value, Self::Null) => value.order(&value.empty()),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::Duration(a), Self::Duration(b)) => Some(a.cmp(b)),
            (a, b) => numbers(a, b),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) | Self::Int(0) => true,
            Self::Double(value) => *value == 0.0,
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Json(Json::Array(list)) => list.is_empty(),
            Self::Json(Json::Object(map)) => map.is_empty(),
            Self::Duration(value) => value.is_zero(),
            Self::Bool(true) | Self::Int(_) | Self::Time(_) | Self::Json(_) | Self::Event => false,
        }
    }

    /// What an absent value counts as beside this one. No time is empty.
    fn empty(&self) -> Self {
        match self {
            Self::Bool(_) => Self::Bool(false),
            Self::Int(_) | Self::Double(_) => Self::Int(0),
            Self::Text(_) => Self::Text(Cow::Borrowed("")),
            Self::Duration(_) => Self::Duration(jiff::SignedDuration::ZERO),
            // It has no order, whatever it is compared with.
            _ => Self::Event,
        }
    }
}

/// The order of numbers, whole or not; none if one is no number, or not a number.
#[allow(clippy::cast_precision_loss, reason = "as CEL compares, to the precision of a double")]
fn numbers(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Double(b)) => (*a as f64).partial_cmp(b),
        (Value::Double(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        _ => None,
    }
}

fn text_weight(text: &str) -> u64 {
    text.len() as u64 / 16
}

fn json_weight(json: &Json) -> u64 {
    match json {
        Json::String(text) => text_weight(text),
        Json::Array(list) => list.iter().map(|value| 1 + json_weight(value)).sum(),
        Json::Object(map) => {
            map.iter().map(|(key, value)| 1 + text_weight(key) + json_weight(value)).sum()
        }
        _ => 0,
    }
}

/// The elements of a list.
pub(super) enum Elements<'v, 'e> {
    Values(std::slice::Iter<'v, Value<'e>>),
    Json(std::slice::Iter<'e, Json>),
}

impl<'e> Iterator for Elements<'_, 'e> {
    type Item = Value<'e>;
    fn next(&mut self) -> Option<Value<'e>> {
        match self {
            Self::Values(values) => values.next().cloned(),
            Self::Json(values) => values.next().map(Value::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn same(a: &Value<'_>, b: &Value<'_>) -> bool {
        a.equals(b, &mut 0)
    }

    #[test]
    fn absent_is_empty() {
        let empties = [json!(""), json!(0), json!(0.0), json!(false), json!([]), json!({})];
        for empty in &empties {
            let empty = Value::from(empty);
            assert!(same(&Value::Null, &empty) && same(&empty, &Value::Null), "{empty:?}");
        }
        for full in [json!("a"), json!(1), json!(true), json!([null]), json!({"a": null})] {
            assert!(!same(&Value::Null, &Value::from(&full)), "{full}");
        }
        assert_eq!(Value::Null.order(&Value::Int(3)), Some(Ordering::Less));
        assert_eq!(Value::Int(-3).order(&Value::Null), Some(Ordering::Less));
        assert_eq!(Value::Null.order(&Value::Time(jiff::Timestamp::UNIX_EPOCH)), None);
    }

    #[test]
    fn numbers_and_structures() {
        let same = |a: Json, b: Json| same(&Value::from(&a), &Value::from(&b));
        assert!(same(json!(1), json!(1.0)));
        assert!(same(json!([1, {"a": "b"}]), json!([1.0, {"a": "b"}])));
        assert!(!same(json!([1]), json!([1, 2])));
        assert!(!same(json!("1"), json!(1)));
        assert!(!same(json!({"a": 1}), json!({"b": 1})));
        assert!(numbers(&Value::Double(f64::NAN), &Value::Double(f64::NAN)).is_none());
    }
}
