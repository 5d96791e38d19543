//! What was measured, beside what, and whether that is enough.

use std::fmt;
use std::time::Duration;

/// One line of the results.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The scenario.
    pub scenario: &'static str,
    /// What was measured.
    pub what: String,
    /// How much it was.
    pub measured: Quantity,
    /// What it is held against: measured in the same run.
    pub yardstick: Option<(&'static str, Quantity)>,
    /// What was aimed at.
    pub target: Option<Target>,
}

/// A number with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// So many a second.
    Rate(f64),
    /// So many seconds.
    Time(f64),
    /// So many MiB of memory.
    Memory(f64),
}

/// What was aimed at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// At least this many times the yardstick.
    RatioAtLeast(f64),
    /// At most this many times the yardstick.
    RatioAtMost(f64),
    /// At most so much.
    AtMost(Quantity),
}

impl Figure {
    /// A figure without a target.
    #[must_use]
    pub fn new(scenario: &'static str, what: impl Into<String>, measured: Quantity) -> Self {
        Self { scenario, what: what.into(), measured, yardstick: None, target: None }
    }

    /// The same beside something that was measured in the same run.
    #[must_use]
    pub fn beside(self, name: &'static str, quantity: Quantity) -> Self {
        Self { yardstick: Some((name, quantity)), ..self }
    }

    /// The same with a target.
    #[must_use]
    pub fn aims_at(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    /// How many times the yardstick it is.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let (_, yardstick) = self.yardstick?;
        Some(self.measured.number() / yardstick.number())
    }

    /// How much of what the target allows is used: more than 1 misses it.
    #[must_use]
    pub fn used(&self) -> Option<f64> {
        match self.target? {
            Target::RatioAtLeast(least) => Some(least / self.ratio()?),
            Target::RatioAtMost(most) => Some(self.ratio()? / most),
            Target::AtMost(most) => Some(self.measured.number() / most.number()),
        }
    }

    /// What the table says about the target.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match self.used() {
            None => "",
            Some(used) if used <= 1.0 => "met",
            Some(_) => "missed",
        }
    }

    /// The cells of its row, as [`HEAD`] names them.
    #[must_use]
    pub fn cells(&self) -> [String; 7] {
        let text = |value: Option<String>| value.unwrap_or_default();
        [
            self.scenario.to_owned(),
            self.what.clone(),
            text(self.target.map(|target| target.to_string())),
            self.measured.to_string(),
            text(self.yardstick.map(|(name, quantity)| format!("{quantity} ({name})"))),
            text(self.ratio().map(|ratio| format!("{ratio:.2}"))),
            self.verdict().to_owned(),
        ]
    }
}

/// The table's columns.
pub const HEAD: [&str; 7] =
    ["scenario", "what", "target", "measured", "yardstick", "ratio", "verdict"];

impl Quantity {
    /// Without its unit.
    #[must_use]
    pub fn number(self) -> f64 {
        match self {
            Self::Rate(number) | Self::Time(number) | Self::Memory(number) => number,
        }
    }

    /// A time.
    #[must_use]
    pub fn time(time: Duration) -> Self {
        Self::Time(time.as_secs_f64())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Rate(rate) => write!(f, "{rate:.0}/s"),
            Self::Time(seconds) if seconds >= 1.0 => write!(f, "{seconds:.2} s"),
            Self::Time(seconds) if seconds >= 0.001 => write!(f, "{:.1} ms", seconds * 1e3),
            Self::Time(seconds) => write!(f, "{:.1} µs", seconds * 1e6),
            Self::Memory(mebibytes) => write!(f, "{mebibytes:.0} MiB"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RatioAtLeast(ratio) => write!(f, "at least {ratio} times"),
            Self::RatioAtMost(ratio) => write!(f, "at most {ratio} times"),
            Self::AtMost(quantity) => write!(f, "at most {quantity}"),
        }
    }
}
