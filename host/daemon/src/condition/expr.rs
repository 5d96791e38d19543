//! A condition that has been checked: what is evaluated for every event.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::mistake::Place;
use super::pattern::Pattern;
use super::types::Type;

/// A part of a condition.
#[derive(Debug)]
pub(super) struct Expr {
    pub(super) at: Place,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Literal(Literal),
    /// The variable `event`.
    Event,
    /// The variable of a macro around, counted from the outermost.
    Local(usize),
    /// A field of the schema.
    Field {
        of: Box<Expr>,
        name: Arc<str>,
        is: Type,
    },
    /// `comment.internal`, which no helpdesk sends: it follows from the visibility.
    Internal(Box<Expr>),
    /// `a[b]`, and `a.b` where only the event tells what `a` is.
    Member {
        of: Box<Expr>,
        key: Box<Expr>,
    },
    /// Whether there is something at the place that the expression names.
    Has(Box<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// All of them; in one list, however they were written, so that long chains are not deep.
    And(Vec<Expr>),
    /// One of them.
    Or(Vec<Expr>),
    If(Box<[Expr; 3]>),
    Equal(Box<[Expr; 2]>),
    Order(Order, Box<[Expr; 2]>),
    Arithmetic(Arithmetic, Box<[Expr; 2]>),
    In(Box<[Expr; 2]>),
    List(Vec<Expr>),
    Call(Function, Vec<Expr>),
    Macro {
        kind: Macro,
        range: Box<Expr>,
        test: Option<Box<Expr>>,
        result: Option<Box<Expr>>,
    },
}

/// What stands in a condition as it is.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Arc<str>),
    Duration(jiff::SignedDuration),
    Time(jiff::Timestamp),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(super) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// What looks at every element of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Macro {
    All,
    Exists,
    ExistsOne,
    /// `filter` and `map`.
    Collect,
}

#[derive(Debug)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Matches(Box<Pattern>),
    LowerAscii,
    UpperAscii,
    Trim,
    ToInt,
    ToDouble,
    ToText,
    ToBool,
    ToTime,
    ToDuration,
    /// Part of a time in a zone.
    Part(Part, TimeZone),
}

/// The parts of a time. Months and days of the year begin with 0, the week with Sunday, as in
/// CEL.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Year,
    Month,
    /// From 1.
    Date,
    /// From 0.
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}
