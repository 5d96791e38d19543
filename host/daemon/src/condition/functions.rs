//! What functions and arithmetic operators do.

use std::borrow::Cow;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

use super::eval::{Evaluation, Fault, Result};
use super::expr::{Arithmetic, Expr, Function, Part};
use super::mistake::Place;
use super::value::Value;

/// What 16 bytes cost that a regular expression looks at, one after the other.
const REGEX_COST: u64 = 4;

pub(super) fn call<'e>(
    eval: &mut Evaluation<'e>,
    at: Place,
    function: &'e Function,
    arguments: &'e [Expr],
) -> Result<Value<'e>> {
    let [first, rest @ ..] = arguments else {
        return Err(Fault::new(at, "an argument is missing"));
    };
    match function {
        Function::Size => size(eval, first),
        Function::Contains | Function::StartsWith | Function::EndsWith => {
            let text = eval.text(first)?;
            let part = rest.first().map_or(Ok(Cow::Borrowed("")), |part| eval.text(part))?;
            let looked_at = match function {
                Function::Contains => text.len() + part.len(),
                _ => part.len(),
            };
            eval.charge(at, looked_at as u64 / 16)?;
            Ok(Value::Bool(match function {
                Function::Contains => text.contains(part.as_ref()),
                Function::StartsWith => text.starts_with(part.as_ref()),
                _ => text.ends_with(part.as_ref()),
            }))
        }
        Function::Matches(pattern) => {
            let text = eval.text(first)?;
            eval.charge(at, REGEX_COST * (text.len() as u64 / 16 + 1))?;
            let found = pattern.is_in(&text);
            found.map(Value::Bool).ok_or_else(|| Fault::new(at, "this text cannot be searched"))
        }
        Function::LowerAscii | Function::UpperAscii | Function::Trim => {
            let text = eval.text(first)?;
            eval.charge(at, text.len() as u64 / 16)?;
            Ok(Value::Text(match function {
                Function::LowerAscii => Cow::Owned(text.to_ascii_lowercase()),
                Function::UpperAscii => Cow::Owned(text.to_ascii_uppercase()),
                _ => Cow::Owned(text.trim().to_owned()),
            }))
        }
        Function::Part(part, zone) => match eval.value(first)? {
            Value::Time(time) => Ok(Value::Int(part_of(*part, &time.to_zoned(zone.clone())))),
            other => Err(eval.not(first.at, &other, "a time")),
        },
        Function::ToInt
        | Function::ToDouble
        | Function::ToText
        | Function::ToBool
        | Function::ToTime
        | Function::ToDuration => {
            let value = eval.value(first)?;
            eval.charge(at, value.weight())?;
            let name = eval.text_of(first.at);
            convert(function, value).map_err(|detail| Fault::new(at, format!("`{name}` {detail}")))
        }
    }
}

fn size<'e>(eval: &mut Evaluation<'e>, of: &'e Expr) -> Result<Value<'e>> {
    let value = eval.value(of)?;
    let count = match &value {
        Value::Text(text) => {
            eval.charge(of.at, value.weight())?;
            text.chars().count()
        }
        Value::Null => 0,
        Value::List(list) => list.len(),
        Value::Json(serde_json::Value::Array(list)) => list.len(),
        Value::Json(serde_json::Value::Object(map)) => map.len(),
        _ => return Err(eval.not(of.at, &value, "text, a list or an object")),
    };
    Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
}

fn part_of(part: Part, time: &jiff::Zoned) -> i64 {
    match part {
        Part::Year => time.year().into(),
        Part::Month => i64::from(time.month()) - 1,
        Part::Date => time.day().into(),
        Part::DayOfMonth => i64::from(time.day()) - 1,
        Part::DayOfWeek => time.weekday().to_sunday_zero_offset().into(),
        Part::DayOfYear => i64::from(time.day_of_year()) - 1,
        Part::Hours => time.hour().into(),
        Part::Minutes => time.minute().into(),
        Part::Seconds => time.second().into(),
        Part::Milliseconds => time.millisecond().into(),
    }
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "as CEL converts")]
fn convert<'e>(to: &Function, value: Value<'e>) -> std::result::Result<Value<'e>, String> {
    let is = value.is();
    Ok(match (to, value) {
        (Function::ToInt, Value::Null) => Value::Int(0),
        (Function::ToInt, value @ Value::Int(_)) => value,
        (Function::ToInt, Value::Double(value)) if value.abs() < i64::MAX as f64 => {
            Value::Int(value as i64)
        }
        (Function::ToInt, Value::Time(time)) => Value::Int(time.as_second()),
        (Function::ToInt, Value::Text(text)) => {
            Value::Int(text.parse().map_err(|_| "is text that is no whole number")?)
        }
        (Function::ToDouble, Value::Null) => Value::Double(0.0),
        (Function::ToDouble, Value::Int(value)) => Value::Double(value as f64),
        (Function::ToDouble, value @ Value::Double(_)) => value,
        (Function::ToDouble, Value::Text(text)) => {
            Value::Double(text.parse().map_err(|_| "is text that is no number")?)
        }
        (Function::ToText, Value::Null) => Value::Text(Cow::Borrowed("")),
        (Function::ToText, value @ Value::Text(_)) => value,
        (Function::ToText, Value::Int(value)) => Value::Text(value.to_string().into()),
        (Function::ToText, Value::Double(value)) => Value::Text(value.to_string().into()),
        (Function::ToText, Value::Bool(value)) => Value::Text(value.to_string().into()),
        (Function::ToText, Value::Time(value)) => Value::Text(value.to_string().into()),
        (Function::ToBool, Value::Null) => Value::Bool(false),
        (Function::ToBool, value @ Value::Bool(_)) => value,
        (Function::ToBool, Value::Text(text)) => match text.as_ref() {
            "true" | "True" | "TRUE" | "t" | "1" => Value::Bool(true),
            "false" | "False" | "FALSE" | "f" | "0" => Value::Bool(false),
            _ => return Err("is text that is neither `true` nor `false`".to_owned()),
        },
        (Function::ToTime, value @ Value::Time(_)) => value,
        (Function::ToTime, Value::Text(text)) => Value::Time(time(&text)?),
        (Function::ToDuration, value @ Value::Duration(_)) => value,
        (Function::ToDuration, Value::Text(text)) => Value::Duration(duration(&text)?),
        (Function::ToTime, Value::Null) => {
            return Err("is absent; ask `has(…)` before you make a time of it".to_owned());
        }
        _ => return Err(format!("is {is}, which cannot be converted so")),
    })
}

/// A time in RFC 3339.
pub(super) fn time(text: &str) -> std::result::Result<Timestamp, String> {
    text.parse().map_err(|_| "is no time like 2019-06-11T11:24:18Z".to_owned())
}

/// A duration as `1h30m`.
pub(super) fn duration(text: &str) -> std::result::Result<SignedDuration, String> {
    text.parse().map_err(|_| "is no duration like 1h30m or 90s".to_owned())
}

pub(super) fn negate<'e>(eval: &Evaluation<'e>, at: Place, value: &Value<'e>) -> Result<Value<'e>> {
    match value {
        Value::Null => Ok(Value::Int(0)),
        Value::Int(value) => value.checked_neg().map(Value::Int).ok_or_else(|| overflow(at)),
        Value::Double(value) => Ok(Value::Double(-value)),
        Value::Duration(value) => {
            value.checked_neg().map(Value::Duration).ok_or_else(|| overflow(at))
        }
        other => Err(eval.not(at, other, "a number")),
    }
}

fn overflow(at: Place) -> Box<Fault> {
    Fault::new(at, "the result is too large")
}

pub(super) fn arithmetic<'e>(
    eval: &mut Evaluation<'e>,
    at: Place,
    operator: Arithmetic,
    a: Value<'e>,
    b: Value<'e>,
) -> Result<Value<'e>> {
    use Arithmetic::{Add, Subtract};
    if operator == Add {
        eval.charge(at, a.weight().saturating_add(b.weight()))?;
    }
    match (operator, a, b) {
        (Add, Value::Null, other) | (Add | Subtract, other, Value::Null) => Ok(other),
        (Add, Value::Text(a), Value::Text(b)) => Ok(Value::Text(Cow::Owned(a.into_owned() + &b))),
        (Add, Value::Time(time), Value::Duration(by))
        | (Add, Value::Duration(by), Value::Time(time)) => {
            time.checked_add(by).map(Value::Time).map_err(|_| overflow(at))
        }
        (Subtract, Value::Time(time), Value::Duration(by)) => {
            time.checked_sub(by).map(Value::Time).map_err(|_| overflow(at))
        }
        (Subtract, Value::Time(a), Value::Time(b)) => Ok(Value::Duration(a.duration_since(b))),
        (Add, Value::Duration(a), Value::Duration(b)) => {
            a.checked_add(b).map(Value::Duration).ok_or_else(|| overflow(at))
        }
        (Subtract, Value::Duration(a), Value::Duration(b)) => {
            a.checked_sub(b).map(Value::Duration).ok_or_else(|| overflow(at))
        }
        (Add, a, b) if a.elements().is_some() && b.elements().is_some() => {
            let both = a.elements().into_iter().flatten().chain(b.elements().into_iter().flatten());
            Ok(Value::List(Rc::from(both.collect::<Vec<_>>())))
        }
        (operator, a, b) => numbers(at, operator, &a, &b),
    }
}

#[allow(clippy::cast_precision_loss, reason = "as CEL converts")]
fn numbers<'e>(at: Place, operator: Arithmetic, a: &Value<'e>, b: &Value<'e>) -> Result<Value<'e>> {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    let by_zero =
        matches!(operator, Divide | Remainder) && matches!(b, Value::Int(0) | Value::Null);
    let double = |value: &Value<'_>| match value {
        Value::Int(value) => Some(*value as f64),
        Value::Double(value) => Some(*value),
        Value::Null => Some(0.0),
        _ => None,
    };
    let int = |value: &Value<'_>| match value {
        Value::Int(value) => Some(*value),
        Value::Null => Some(0),
        _ => None,
    };
    if let (Some(a), Some(b)) = (int(a), int(b)) {
        if by_zero {
            return Err(Fault::new(at, "this divides by zero"));
        }
        let result = match operator {
            Add => a.checked_add(b),
            Subtract => a.checked_sub(b),
            Multiply => a.checked_mul(b),
            Divide => a.checked_div(b),
            Remainder => a.checked_rem(b),
        };
        return result.map(Value::Int).ok_or_else(|| overflow(at));
    }
    match (operator, double(a), double(b)) {
        (Add, Some(a), Some(b)) => Ok(Value::Double(a + b)),
        (Subtract, Some(a), Some(b)) => Ok(Value::Double(a - b)),
        (Multiply, Some(a), Some(b)) => Ok(Value::Double(a * b)),
        (Divide, Some(a), Some(b)) => Ok(Value::Double(a / b)),
        _ => {
            let detail = format!("{} and {} cannot be combined so", a.is(), b.is());
            Err(Fault::new(at, detail))
        }
    }
}
