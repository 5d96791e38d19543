//! The conditions of subscriptions: CEL over an event.
//!
//! The `cel` crate parses. Checking is done here, because the crate knows no types: an unknown
//! field or a comparison that can never be true is told when the subscription is saved, with
//! its column. Evaluating is done here as well, because the crate's interpreter has no bound on
//! what an evaluation costs, and because what is absent in an event shall count as empty
//! instead of failing; a test holds results against that interpreter's.

mod calls;
mod check;
mod eval;
mod expr;
mod functions;
mod mistake;
mod on_demand;
mod operators;
mod parse;
mod pattern;
mod suggest;
mod types;
mod value;
mod view;

use std::fmt;
use std::sync::Arc;

pub use mistake::{Mistake, Place};
pub use on_demand::OnDemand;
pub use parse::MAX_BYTES;
pub use view::EventView;

use eval::{Evaluation, Fault};
use value::Value;

/// The most that one evaluation may cost, in steps and pieces of 16 bytes of text. Usual
/// conditions cost 10 to 100; this much takes a few milliseconds.
pub const MAX_COST: u64 = 250_000;

/// A condition that has been checked and can be evaluated.
pub struct Condition {
    source: Arc<str>,
    expr: expr::Expr,
}

/// What came of an evaluation.
#[derive(Debug)]
pub struct Outcome {
    /// Whether the condition holds, or why that cannot be said.
    pub holds: Result<bool, Mistake>,
    /// What it cost. The same for the same event and condition on every machine.
    pub cost: u64,
}

impl Condition {
    /// Parses and checks a condition.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub fn compile(source: &str) -> Result<Self, Mistake> {
        let expr = parse::parse(source, |syntax, info| check::check(source, &syntax, &info))?;
        Ok(Self { source: source.into(), expr })
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Evaluates it for an event.
    #[must_use]
    pub fn evaluate(&self, event: &EventView<'_>) -> Outcome {
        if let Some(reason) = event.unreadable() {
            let mistake = Mistake::new(&self.source, self.expr.at, reason);
            return Outcome { holds: Err(mistake), cost: 0 };
        }
        let mut evaluation = Evaluation::new(event, &self.source);
        let result = evaluation.value(&self.expr);
        let holds = match result {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(Value::Null) => Ok(false),
            Ok(other) => Err(*evaluation.not(self.expr.at, &other, "true or false")),
            Err(fault) => Err(*fault),
        };
        let told = |fault: Fault| Mistake::new(&self.source, fault.at, fault.detail);
        Outcome { holds: holds.map_err(told), cost: evaluation.cost() }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({})", self.source)
    }
}

#[cfg(test)]
mod tests;
