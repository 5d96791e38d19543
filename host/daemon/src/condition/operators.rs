//! Checking operators: what can be compared, combined, looked for and taken out.

use cel::IdedExpr;

use super::check::{Checked, Checker, Result};
use super::expr::{Arithmetic, Kind, Literal};
use super::mistake::Place;
use super::types::Type;

impl Checker<'_> {
    pub(super) fn comparable(&self, operator: Place, a: &Checked, b: &Checked) -> Result<()> {
        if a.is.comparable(&b.is)
            && !matches!((&a.expr.kind, &b.expr.kind), (Kind::Event, _) | (_, Kind::Event))
        {
            return Ok(());
        }
        let mut detail = format!(
            "`{}` is {} and `{}` is {}; they are never equal and have no order",
            self.shown(a.expr.at),
            a.is,
            self.shown(b.expr.at),
            b.is
        );
        match (&a.is, &b.is) {
            (Type::Time, Type::Text) | (Type::Text, Type::Time) => {
                detail.push_str(". Make a time of text with `timestamp(…)`");
            }
            (Type::Duration, Type::Text) | (Type::Text, Type::Duration) => {
                detail.push_str(". Make a duration of text with `duration(…)`");
            }
            (Type::Text, Type::Int | Type::Double) | (Type::Int | Type::Double, Type::Text) => {
                detail.push_str(". Put the number in quotes, or convert the text with `int(…)`");
            }
            (Type::List(_), _) => detail.push_str(". To look for an element, use `in`"),
            _ => {}
        }
        Err(self.mistake(operator, detail))
    }

    pub(super) fn arithmetic(
        &mut self,
        at: Place,
        operator: Arithmetic,
        a: &IdedExpr,
        b: &IdedExpr,
    ) -> Result<Checked> {
        use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
        use Type::{Double, Duration, Dyn, Int, List, Text, Time};
        let (a, b) = (self.part(a)?, self.part(b)?);
        let is = match (operator, &a.is, &b.is) {
            (Add, Text, Text) => Some(Text),
            (Add, Time, Duration) | (Add, Duration, Time) | (Subtract, Time, Duration) => {
                Some(Time)
            }
            (Subtract, Time, Time) | (Add | Subtract, Duration, Duration) => Some(Duration),
            (Add, List(_), List(_)) => Some(a.is.clone().or(b.is.clone())),
            (_, Int, Int) => Some(Int),
            (Add | Subtract | Multiply | Divide, Int | Double, Int | Double) => Some(Double),
            (Remainder, Dyn | Int, Dyn | Int) => Some(Dyn),
            (Add | Subtract | Multiply | Divide, Dyn, Dyn) => Some(Dyn),
            (Add | Subtract, Dyn, Time | Duration) | (Add | Subtract, Time | Duration, Dyn) => {
                Some(Dyn)
            }
            (Add, Dyn, Text | List(_)) | (Add, Text | List(_), Dyn) => Some(Dyn),
            (Add | Subtract | Multiply | Divide, Dyn, Int | Double)
            | (Add | Subtract | Multiply | Divide, Int | Double, Dyn) => Some(Dyn),
            _ => None,
        };
        let whole = a.expr.at.to(b.expr.at);
        match is {
            Some(is) => {
                let kind = Kind::Arithmetic(operator, Box::new([a.expr, b.expr]));
                Ok(Checked::new(whole, kind, is))
            }
            None => {
                let detail = format!(
                    "`{}` is {} and `{}` is {}; they cannot be combined so",
                    self.shown(a.expr.at),
                    a.is,
                    self.shown(b.expr.at),
                    b.is
                );
                Err(self.mistake(at, detail))
            }
        }
    }

    pub(super) fn is_in(&mut self, at: Place, item: &IdedExpr, of: &IdedExpr) -> Result<Checked> {
        let (item, of) = (self.part(item)?, self.part(of)?);
        let possible = match &of.is {
            Type::Dyn => true,
            Type::List(element) => item.is.comparable(element),
            Type::Map => matches!(item.is, Type::Text | Type::Dyn),
            _ => false,
        };
        if !possible {
            let hint = match of.is {
                Type::Text => ". For part of a text use `.contains(…)`",
                Type::Record(_) => ". To ask for a field use `has(…)`",
                _ => "",
            };
            let detail = format!(
                "`{}` is {} and cannot be in `{}`, which is {}{hint}",
                self.shown(item.expr.at),
                item.is,
                self.shown(of.expr.at),
                match &of.is {
                    Type::List(of) => format!("a list whose elements are {of}"),
                    other => other.to_string(),
                }
            );
            return Err(self.mistake(at, detail));
        }
        let whole = item.expr.at.to(of.expr.at);
        Ok(Checked::new(whole, Kind::In(Box::new([item.expr, of.expr])), Type::Bool))
    }

    pub(super) fn index(&mut self, at: Place, of: &IdedExpr, key: &IdedExpr) -> Result<Checked> {
        let (of, key) = (self.part(of)?, self.part(key)?);
        let whole = of.expr.at.to(key.expr.at);
        let whole = Place { end: whole.end + 1, ..whole };
        if let (Type::Record(_), Kind::Literal(Literal::Text(name))) = (&of.is, &key.expr.kind) {
            return self.field(of, key.expr.at, name);
        }
        let is = match (&of.is, &key.is) {
            (Type::List(element), Type::Int | Type::Dyn) => (**element).clone(),
            (Type::Map, Type::Text | Type::Dyn)
            | (Type::Dyn, Type::Text | Type::Int | Type::Dyn) => Type::Dyn,
            (of, key) => {
                let detail = format!("{of} has no element that is named by what is {key}");
                return Err(self.mistake(at, detail));
            }
        };
        let kind = Kind::Member { of: of.expr.into(), key: key.expr.into() };
        Ok(Checked::new(whole, kind, is))
    }
}
