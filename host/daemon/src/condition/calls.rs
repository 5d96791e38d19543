//! Checking functions and macros.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr as Syntax};
use jiff::tz::TimeZone;

use super::check::{Checked, Checker, Result};
use super::expr::{Expr, Function, Kind, Literal, Macro, Part};
use super::functions::{duration, time};
use super::mistake::Place;
use super::pattern::Pattern;
use super::suggest::{listed, suggest};
use super::types::Type;

/// What can be called, for those who ask for something else.
const FUNCTIONS: [&str; 15] = [
    "has",
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "lowerAscii",
    "upperAscii",
    "trim",
    "int",
    "double",
    "string",
    "bool",
    "timestamp",
    "duration",
];
const MACROS: [&str; 5] = ["exists", "all", "exists_one", "filter", "map"];
const PARTS: [(&str, Part); 10] = [
    ("getFullYear", Part::Year),
    ("getMonth", Part::Month),
    ("getDate", Part::Date),
    ("getDayOfMonth", Part::DayOfMonth),
    ("getDayOfWeek", Part::DayOfWeek),
    ("getDayOfYear", Part::DayOfYear),
    ("getHours", Part::Hours),
    ("getMinutes", Part::Minutes),
    ("getSeconds", Part::Seconds),
    ("getMilliseconds", Part::Milliseconds),
];

impl Checker<'_> {
    pub(super) fn call(&mut self, at: Place, call: &CallExpr) -> Result<Checked> {
        let name = call.func_name.as_str();
        // The parser notes the bracket; the name stands before it.
        let length = u32::try_from(name.chars().count()).unwrap_or(0);
        let at = Place { start: at.start.saturating_sub(length), end: at.start };
        match (&call.target, name, call.args.as_slice()) {
            (None, "has", [of]) => self.has(at, of),
            (Some(of), name, [variable, rest @ ..])
                if MACROS.contains(&name) && !rest.is_empty() =>
            {
                self.each(at, of, name, variable, rest)
            }
            (_, name, _) if MACROS.contains(&name) => Err(self.usage(at, name)),
            (None, "dyn", [of]) => self.part(of).map(|of| Checked { is: Type::Dyn, ..of }),
            (None, "int" | "double" | "string" | "bool" | "timestamp" | "duration", [of]) => {
                self.convert(at, name, of)
            }
            (None, "size", [of]) => self.size(at, of),
            (Some(of), "size", []) => self.size(at, of),
            (None, "matches", [of, pattern]) => self.matches(at, of, pattern),
            (Some(of), "matches", [pattern]) => self.matches(at, of, pattern),
            (Some(of), "contains", [part]) => self.texts(at, Function::Contains, [of, part]),
            (Some(of), "startsWith", [part]) => self.texts(at, Function::StartsWith, [of, part]),
            (Some(of), "endsWith", [part]) => self.texts(at, Function::EndsWith, [of, part]),
            (Some(of), "lowerAscii", []) => self.texts(at, Function::LowerAscii, [of]),
            (Some(of), "upperAscii", []) => self.texts(at, Function::UpperAscii, [of]),
            (Some(of), "trim", []) => self.texts(at, Function::Trim, [of]),
            (Some(of), name, zone @ ([] | [_])) => {
                match PARTS.iter().find(|(known, _)| *known == name) {
                    Some((_, part)) => self.part_of_time(at, *part, of, zone.first()),
                    None => Err(self.usage(at, name)),
                }
            }
            _ => Err(self.usage(at, name)),
        }
    }

    /// A function that there is not, or not so.
    fn usage(&self, at: Place, name: &str) -> super::Mistake {
        let example = match name {
            "has" => Some("has(event.comment)"),
            "size" => Some("size(event.ticket.tags)"),
            "contains" | "startsWith" | "endsWith" | "matches" => {
                return self.mistake(
                    at,
                    format!("`{name}` is called on a text: `event.ticket.title.{name}('…')`"),
                );
            }
            "lowerAscii" | "upperAscii" | "trim" => {
                return self.mistake(
                    at,
                    format!("`{name}` is called on a text: `event.ticket.title.{name}()`"),
                );
            }
            "map" => Some("event.ticket.assignees.map(p, p.email)"),
            "exists" | "all" | "exists_one" | "filter" => {
                return self.mistake(
                    at,
                    format!(
                        "`{name}` is called on a list, with a name for its elements and a \
                         condition: `event.ticket.tags.{name}(t, t == 'vip')`"
                    ),
                );
            }
            "timestamp" => Some("timestamp(event.ticket.due_at)"),
            "duration" => Some("duration('1h30m')"),
            "int" | "double" | "string" | "bool" | "dyn" => {
                return self.mistake(at, format!("`{name}` takes one value: `{name}(…)`"));
            }
            _ if PARTS.iter().any(|(known, _)| *known == name) => {
                Some("event.occurred_at.getHours('Europe/Berlin')")
            }
            _ => None,
        };
        if let Some(example) = example {
            return self.mistake(at, format!("`{name}` is used like this: `{example}`"));
        }
        let all = || FUNCTIONS.into_iter().chain(MACROS).chain(PARTS.map(|(name, _)| name));
        let hint = match name {
            "lower" | "toLowerCase" => Some("lowerAscii"),
            "upper" | "toUpperCase" => Some("upperAscii"),
            "length" | "len" | "count" => Some("size"),
            "any" | "some" => Some("exists"),
            _ => suggest(name, all()),
        };
        let hint = hint.map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
        let known = listed(all());
        let end = if hint.is_empty() { "." } else { "" };
        self.mistake(at, format!("there is no function `{name}`{hint}{end} There are {known}."))
    }

    fn has(&mut self, at: Place, of: &IdedExpr) -> Result<Checked> {
        let place = self.part(of)?;
        let names_a_place =
            matches!(place.expr.kind, Kind::Field { .. } | Kind::Member { .. } | Kind::Internal(_));
        if !names_a_place {
            let detail = "`has` asks whether a field is there: `has(event.comment)`";
            return Err(self.mistake(place.expr.at, detail));
        }
        let at = at.to(place.expr.at);
        let at = Place { end: at.end + 1, ..at };
        Ok(Checked::new(at, Kind::Has(place.expr.into()), Type::Bool))
    }

    fn each(
        &mut self,
        at: Place,
        of: &IdedExpr,
        name: &str,
        variable: &IdedExpr,
        rest: &[IdedExpr],
    ) -> Result<Checked> {
        let range = self.part(of)?;
        let element = match &range.is {
            Type::List(element) => (**element).clone(),
            Type::Map => Type::Text,
            Type::Dyn => Type::Dyn,
            other => {
                let shown = self.shown(range.expr.at);
                let detail = format!("`{shown}` is {other}; `{name}` is for lists");
                return Err(self.mistake(at, detail));
            }
        };
        let Syntax::Ident(variable_name) = &variable.expr else {
            let detail = "here stands a name for the elements, such as `t` in `exists(t, t == 1)`";
            return Err(self.mistake(self.place(variable.id), detail));
        };
        if variable_name == "event" {
            let detail = "`event` is the event itself; choose another name";
            return Err(self.mistake(self.place(variable.id), detail));
        }
        self.locals.push((variable_name.clone(), element.clone()));
        let parts = self.parts_of_each(at, name, rest);
        self.locals.pop();
        let (kind, test, result) = parts?;
        let is = match (&result, kind) {
            (Some(result), _) => Type::List(result.is.clone().into()),
            (None, Macro::Collect) => Type::List(element.into()),
            (None, _) => Type::Bool,
        };
        // `filter` keeps the elements as they are.
        let kept = (kind == Macro::Collect && result.is_none())
            .then(|| Expr { at: range.expr.at, kind: Kind::Local(self.locals.len()) });
        let result = result.map(|result| result.expr).or(kept).map(Box::new);
        let whole = range.expr.at.to(at);
        let range = Box::new(range.expr);
        Ok(Checked::new(whole, Kind::Macro { kind, range, test: test.map(Box::new), result }, is))
    }

    /// What stands behind the variable of a macro.
    fn parts_of_each(
        &mut self,
        at: Place,
        name: &str,
        rest: &[IdedExpr],
    ) -> Result<(Macro, Option<Expr>, Option<Checked>)> {
        match (name, rest) {
            ("all", [test]) => Ok((Macro::All, Some(self.bool(test)?), None)),
            ("exists", [test]) => Ok((Macro::Exists, Some(self.bool(test)?), None)),
            ("exists_one", [test]) => Ok((Macro::ExistsOne, Some(self.bool(test)?), None)),
            ("filter", [test]) => Ok((Macro::Collect, Some(self.bool(test)?), None)),
            ("map", [result]) => Ok((Macro::Collect, None, Some(self.part(result)?))),
            ("map", [test, result]) => {
                Ok((Macro::Collect, Some(self.bool(test)?), Some(self.part(result)?)))
            }
            _ => Err(self.usage(at, name)),
        }
    }

    fn size(&mut self, at: Place, of: &IdedExpr) -> Result<Checked> {
        let of = self.part(of)?;
        match of.is {
            Type::Text | Type::List(_) | Type::Map | Type::Dyn => {
                let at = at.to(of.expr.at);
                Ok(Checked::new(at, Kind::Call(Function::Size, vec![of.expr]), Type::Int))
            }
            other => Err(self.mistake(of.expr.at, format!("this is {other}; it has no size"))),
        }
    }

    fn text(&mut self, of: &IdedExpr) -> Result<Expr> {
        let of = self.part(of)?;
        if matches!(of.is, Type::Text | Type::Dyn) {
            return Ok(of.expr);
        }
        let hint = match of.is {
            Type::List(_) => "; to look for an element, use `in` or `.exists(…)`",
            Type::Int | Type::Double => "; `string(…)` makes text of it",
            _ => "",
        };
        let shown = self.shown(of.expr.at);
        Err(self.mistake(of.expr.at, format!("`{shown}` is {}, not text{hint}", of.is)))
    }

    fn texts<const N: usize>(
        &mut self,
        at: Place,
        function: Function,
        of: [&IdedExpr; N],
    ) -> Result<Checked> {
        let is = match function {
            Function::LowerAscii | Function::UpperAscii | Function::Trim => Type::Text,
            _ => Type::Bool,
        };
        let arguments = of.into_iter().map(|of| self.text(of)).collect::<Result<Vec<_>>>()?;
        let at = arguments.iter().map(|argument| argument.at).fold(at, Place::to);
        Ok(Checked::new(at, Kind::Call(function, arguments), is))
    }

    fn matches(&mut self, at: Place, of: &IdedExpr, pattern: &IdedExpr) -> Result<Checked> {
        let (of, pattern) = (self.text(of)?, self.part(pattern)?);
        let Kind::Literal(Literal::Text(text)) = &pattern.expr.kind else {
            let detail = "the regular expression must stand here itself, in quotes";
            return Err(self.mistake(pattern.expr.at, detail));
        };
        let pattern_at = pattern.expr.at;
        let compiled = Pattern::new(text).map_err(|reason| {
            self.mistake(pattern_at, format!("the regular expression: {reason}"))
        })?;
        let at = at.to(of.at).to(pattern_at);
        Ok(Checked::new(at, Kind::Call(Function::Matches(compiled.into()), vec![of]), Type::Bool))
    }

    fn convert(&mut self, at: Place, name: &str, of: &IdedExpr) -> Result<Checked> {
        let of = self.part(of)?;
        // What stands there as it is, is converted now, and told if it cannot be.
        if let ("timestamp" | "duration", Kind::Literal(Literal::Text(text))) =
            (name, &of.expr.kind)
        {
            let literal = match name {
                "timestamp" => time(text).map(|time| (Literal::Time(time), Type::Time)),
                _ => duration(text).map(|of| (Literal::Duration(of), Type::Duration)),
            };
            let (literal, is) =
                literal.map_err(|detail| self.mistake(of.expr.at, format!("`{text}` {detail}")))?;
            return Ok(Checked::new(at.to(of.expr.at), Kind::Literal(literal), is));
        }
        let (function, is) = match name {
            "int" => (Function::ToInt, Type::Int),
            "double" => (Function::ToDouble, Type::Double),
            "string" => (Function::ToText, Type::Text),
            "bool" => (Function::ToBool, Type::Bool),
            "timestamp" => (Function::ToTime, Type::Time),
            _ => (Function::ToDuration, Type::Duration),
        };
        let possible = match of.is {
            Type::Dyn | Type::Text => true,
            Type::Bool => matches!(function, Function::ToBool | Function::ToText),
            Type::Int | Type::Double => {
                matches!(function, Function::ToInt | Function::ToDouble | Function::ToText)
            }
            Type::Time => {
                matches!(function, Function::ToTime | Function::ToInt | Function::ToText)
            }
            Type::Duration => matches!(function, Function::ToDuration),
            _ => false,
        };
        if !possible {
            let detail = format!("this is {}, which `{name}` cannot convert", of.is);
            return Err(self.mistake(of.expr.at, detail));
        }
        let at = at.to(of.expr.at);
        Ok(Checked::new(at, Kind::Call(function, vec![of.expr]), is))
    }

    fn part_of_time(
        &mut self,
        at: Place,
        part: Part,
        of: &IdedExpr,
        zone: Option<&IdedExpr>,
    ) -> Result<Checked> {
        let of = self.part(of)?;
        if !matches!(of.is, Type::Time | Type::Dyn) {
            let hint = if of.is == Type::Text { "; `timestamp(…)` makes one of it" } else { "" };
            let detail = format!("this is {}, not a time{hint}", of.is);
            return Err(self.mistake(of.expr.at, detail));
        }
        let zone = match zone {
            None => TimeZone::UTC,
            Some(zone) => {
                let zone = self.part(zone)?;
                let Kind::Literal(Literal::Text(name)) = &zone.expr.kind else {
                    let detail = "the time zone must stand here itself: 'Europe/Berlin'";
                    return Err(self.mistake(zone.expr.at, detail));
                };
                TimeZone::get(name).map_err(|_| {
                    let detail = format!("there is no time zone `{name}`; write 'Europe/Berlin'");
                    self.mistake(zone.expr.at, detail)
                })?
            }
        };
        let at = of.expr.at.to(at);
        Ok(Checked::new(at, Kind::Call(Function::Part(part, zone), vec![of.expr]), Type::Int))
    }
}
