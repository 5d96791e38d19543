//! Checking a condition against what events have, and making of it what is evaluated.

use cel::IdedExpr;
use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, Expr as Syntax, LiteralValue, SelectExpr, SourceInfo};

use super::expr::{Arithmetic, Expr, Kind, Literal, Order};
use super::mistake::{Mistake, Place};
use super::suggest::{listed, suggest};
use super::types::{self, Type};

/// How deep a condition may be: evaluating it calls itself as often.
const MAX_DEPTH: usize = 64;

/// A part that has been checked.
pub(super) struct Checked {
    pub(super) expr: Expr,
    pub(super) is: Type,
}

pub(super) type Result<T> = std::result::Result<T, Mistake>;

/// Checks a condition: its result must be true or false.
pub(super) fn check(source: &str, root: &IdedExpr, info: &SourceInfo) -> Result<Expr> {
    let mut checker = Checker { source, info, locals: Vec::new(), depth: 0 };
    let checked = checker.part(root)?;
    match checked.is {
        Type::Bool | Type::Dyn => Ok(checked.expr),
        other => {
            let detail = format!("a condition must be true or false; this is {other}");
            Err(checker.mistake(checked.expr.at, detail))
        }
    }
}

pub(super) struct Checker<'s> {
    source: &'s str,
    info: &'s SourceInfo,
    /// The variables of macros around, outermost first.
    pub(super) locals: Vec<(String, Type)>,
    depth: usize,
}

impl Checker<'_> {
    pub(super) fn mistake(&self, at: Place, detail: impl Into<String>) -> Mistake {
        Mistake::new(self.source, at, detail)
    }

    /// Where the parser has seen a part: an operator, or the bracket of a call.
    pub(super) fn place(&self, id: u64) -> Place {
        let (start, last) = self.info.offset_for(id).unwrap_or_default();
        Place { start, end: last.saturating_add(1) }
    }

    /// The word at a place, or before it.
    fn word(&self, from: u32, word: &str) -> Place {
        let rest = self.source.chars().skip(from as usize);
        let spaces = rest.take_while(|c| c.is_whitespace() || *c == '.').count();
        let start = from + u32::try_from(spaces).unwrap_or(0);
        Place { start, end: start + u32::try_from(word.chars().count()).unwrap_or(0) }
    }

    pub(super) fn part(&mut self, node: &IdedExpr) -> Result<Checked> {
        if self.depth >= MAX_DEPTH {
            let detail = format!(
                "more than {MAX_DEPTH} operations depend on each other here; join conditions with \
                 `&&` and `||`"
            );
            return Err(self.mistake(self.place(node.id), detail));
        }
        self.depth += 1;
        let checked = self.by_kind(node);
        self.depth -= 1;
        checked
    }

    fn by_kind(&mut self, node: &IdedExpr) -> Result<Checked> {
        let at = self.place(node.id);
        match &node.expr {
            Syntax::Literal(literal) => self.literal(at, literal),
            Syntax::Ident(name) => self.name(at, name),
            Syntax::Select(select) => self.select(at, select),
            Syntax::Call(call) => self.operator_or_call(at, node, call),
            Syntax::List(list) => {
                let mut elements = Vec::new();
                let mut of = Type::Null;
                for (number, element) in list.elements.iter().enumerate() {
                    let element = self.part(element)?;
                    of = if number == 0 { element.is } else { of.or(element.is) };
                    elements.push(element.expr);
                }
                let end = elements.last().map_or(at, |last| last.at);
                let at = Place { end: end.end + 1, ..at };
                let of = if elements.is_empty() { Type::Dyn } else { of };
                Ok(Checked::new(at, Kind::List(elements), Type::List(of.into())))
            }
            Syntax::Map(_) | Syntax::Struct(_) => {
                Err(self.mistake(at, "a condition cannot make objects; compare their fields"))
            }
            Syntax::Comprehension(_) | Syntax::Unspecified => {
                Err(self.mistake(at, "this is not CEL"))
            }
        }
    }

    fn literal(&self, at: Place, literal: &LiteralValue) -> Result<Checked> {
        let (literal, is) = match literal {
            LiteralValue::Null => (Literal::Null, Type::Null),
            LiteralValue::Boolean(value) => (Literal::Bool(*value.inner()), Type::Bool),
            LiteralValue::Int(value) => (Literal::Int(*value.inner()), Type::Int),
            LiteralValue::UInt(value) => match i64::try_from(*value.inner()) {
                Ok(value) => (Literal::Int(value), Type::Int),
                Err(_) => return Err(self.mistake(at, "this number is too large")),
            },
            LiteralValue::Double(value) => (Literal::Double(*value.inner()), Type::Double),
            LiteralValue::String(text) => (Literal::Text(text.inner().into()), Type::Text),
            LiteralValue::Bytes(_) => {
                return Err(self.mistake(at, "conditions know no bytes; leave out the `b`"));
            }
        };
        Ok(Checked::new(at, Kind::Literal(literal), is))
    }

    fn name(&self, at: Place, name: &str) -> Result<Checked> {
        let at = self.word(at.start, name.trim_start_matches('.'));
        if let Some(number) = self.locals.iter().rposition(|(known, _)| known == name) {
            let is = self.locals[number].1.clone();
            return Ok(Checked::new(at, Kind::Local(number), is));
        }
        if name == "event" {
            return Ok(Checked::new(at, Kind::Event, types::event()));
        }
        let Type::Record(event) = types::event() else { return Err(self.mistake(at, "no event")) };
        let ticket = match event.fields.get("ticket") {
            Some(Type::Record(ticket)) => ticket.fields.contains_key(name),
            _ => false,
        };
        let hint = if event.fields.contains_key(name) {
            format!("; write `event.{name}`")
        } else if ticket {
            format!("; write `event.ticket.{name}`")
        } else {
            let known = self.locals.iter().map(|(name, _)| name.as_str()).chain(["event"]);
            let similar = suggest(name, known).unwrap_or("event");
            format!("; did you mean `{similar}`? Text stands in quotes: '{name}'")
        };
        Err(self.mistake(at, format!("there is no `{name}` here{hint}")))
    }

    fn select(&mut self, dot: Place, select: &SelectExpr) -> Result<Checked> {
        let of = self.part(&select.operand)?;
        let name = self.word(dot.start, &select.field);
        self.field(of, name, &select.field)
    }

    /// A field of something, whose name stands at `name`.
    pub(super) fn field(&self, of: Checked, name: Place, field: &str) -> Result<Checked> {
        let at = of.expr.at.to(name);
        let shown = self.shown(of.expr.at);
        match &of.is {
            Type::Record(record) => match record.fields.get(field) {
                Some(Type::Bool) if record.name == "comment" && field == "internal" => {
                    Ok(Checked::new(at, Kind::Internal(of.expr.into()), Type::Bool))
                }
                Some(is) => {
                    let is = is.clone();
                    let kind =
                        Kind::Field { of: of.expr.into(), name: field.into(), is: is.clone() };
                    Ok(Checked::new(at, kind, is))
                }
                None => {
                    let fields = record.fields.keys().map(String::as_str);
                    let hint = suggest(field, fields.clone())
                        .map(|similar| format!("; did you mean `{similar}`?"))
                        .unwrap_or_default();
                    let custom = if record.name == "ticket" {
                        format!(" A field of this helpdesk's own is `{shown}.fields.{field}`.")
                    } else {
                        String::new()
                    };
                    let all = listed(fields);
                    let detail = format!(
                        "`{shown}` has no field `{field}`{hint} It has {all}.{custom}",
                        hint = if hint.is_empty() { ".".to_owned() } else { hint }
                    );
                    Err(self.mistake(name, detail))
                }
            },
            Type::Map | Type::Dyn => {
                let key = Expr { at: name, kind: Kind::Literal(Literal::Text(field.into())) };
                let kind = Kind::Member { of: of.expr.into(), key: key.into() };
                Ok(Checked::new(at, kind, Type::Dyn))
            }
            Type::List(_) => {
                let detail = format!(
                    "`{shown}` is a list; ask for one element as `{shown}[0].{field}`, or for any \
                     as `{shown}.exists(x, x.{field} == …)`"
                );
                Err(self.mistake(name, detail))
            }
            other => Err(self.mistake(name, format!("`{shown}` is {other}; it has no fields"))),
        }
    }

    /// Part of the condition as it is written, for messages.
    pub(super) fn shown(&self, at: Place) -> String {
        let length = at.end.saturating_sub(at.start) as usize;
        let text: String = self.source.chars().skip(at.start as usize).take(length).collect();
        if length <= 48 { text } else { "this".to_owned() }
    }

    fn operator_or_call(&mut self, at: Place, node: &IdedExpr, call: &CallExpr) -> Result<Checked> {
        let args = call.args.as_slice();
        match (call.func_name.as_str(), args) {
            (op::LOGICAL_AND | op::LOGICAL_OR, _) => self.logic(node, &call.func_name),
            (op::LOGICAL_NOT, [of]) => {
                let of = self.bool(of)?;
                Ok(Checked::new(at.to(of.at), Kind::Not(of.into()), Type::Bool))
            }
            (op::NEGATE, [of]) => {
                let of = self.part(of)?;
                let at = at.to(of.expr.at);
                if !(of.is.is_number() || matches!(of.is, Type::Dyn | Type::Duration)) {
                    return Err(self.mistake(at, format!("this is {}, not a number", of.is)));
                }
                Ok(Checked::new(at, Kind::Negate(of.expr.into()), of.is))
            }
            (op::CONDITIONAL, [test, yes, no]) => {
                let (test, yes, no) = (self.bool(test)?, self.part(yes)?, self.part(no)?);
                let at = test.at.to(no.expr.at);
                let parts = Box::new([test, yes.expr, no.expr]);
                Ok(Checked::new(at, Kind::If(parts), yes.is.or(no.is)))
            }
            (op::EQUALS | op::NOT_EQUALS, [a, b]) => {
                let (a, b) = (self.part(a)?, self.part(b)?);
                self.comparable(at, &a, &b)?;
                let whole = a.expr.at.to(b.expr.at);
                let equal = Expr { at: whole, kind: Kind::Equal(Box::new([a.expr, b.expr])) };
                let kind =
                    if call.func_name == op::EQUALS { equal.kind } else { Kind::Not(equal.into()) };
                Ok(Checked::new(whole, kind, Type::Bool))
            }
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [a, b]) => {
                let order = match call.func_name.as_str() {
                    op::LESS => Order::Less,
                    op::LESS_EQUALS => Order::LessOrEqual,
                    op::GREATER => Order::Greater,
                    _ => Order::GreaterOrEqual,
                };
                let (a, b) = (self.part(a)?, self.part(b)?);
                self.comparable(at, &a, &b)?;
                for side in [&a, &b] {
                    if matches!(
                        side.is,
                        Type::Null | Type::Bool | Type::List(_) | Type::Map | Type::Record(_)
                    ) {
                        let detail = format!("this is {}; it has no order", side.is);
                        return Err(self.mistake(side.expr.at, detail));
                    }
                }
                let whole = a.expr.at.to(b.expr.at);
                let kind = Kind::Order(order, Box::new([a.expr, b.expr]));
                Ok(Checked::new(whole, kind, Type::Bool))
            }
            (op::ADD, [a, b]) => self.arithmetic(at, Arithmetic::Add, a, b),
            (op::SUBSTRACT, [a, b]) => self.arithmetic(at, Arithmetic::Subtract, a, b),
            (op::MULTIPLY, [a, b]) => self.arithmetic(at, Arithmetic::Multiply, a, b),
            (op::DIVIDE, [a, b]) => self.arithmetic(at, Arithmetic::Divide, a, b),
            (op::MODULO, [a, b]) => self.arithmetic(at, Arithmetic::Remainder, a, b),
            (op::IN, [item, of]) => self.is_in(at, item, of),
            (op::INDEX, [of, key]) => self.index(at, of, key),
            _ => self.call(at, call),
        }
    }

    /// A chain of one operator becomes one list.
    fn logic(&mut self, node: &IdedExpr, operator: &str) -> Result<Checked> {
        let mut terms = Vec::new();
        let mut left = vec![node];
        while let Some(node) = left.pop() {
            match &node.expr {
                Syntax::Call(call) if call.func_name == operator => {
                    left.extend(call.args.iter().rev());
                }
                _ => terms.push(self.bool(node)?),
            }
        }
        let at = terms.iter().map(|term| term.at).reduce(Place::to).unwrap_or_default();
        let all = operator == op::LOGICAL_AND;
        Ok(Checked::new(at, if all { Kind::And(terms) } else { Kind::Or(terms) }, Type::Bool))
    }

    /// Something that must be true or false.
    pub(super) fn bool(&mut self, node: &IdedExpr) -> Result<Expr> {
        let checked = self.part(node)?;
        match checked.is {
            Type::Bool | Type::Dyn => Ok(checked.expr),
            other => {
                let shown = self.shown(checked.expr.at);
                let detail = format!("`{shown}` is {other}, where true or false is needed");
                Err(self.mistake(checked.expr.at, detail))
            }
        }
    }
}

impl Checked {
    pub(super) fn new(at: Place, kind: Kind, is: Type) -> Self {
        Self { expr: Expr { at, kind }, is }
    }
}
