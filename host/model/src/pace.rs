//! How quickly a receiver may be called.

use std::fmt;

use serde::{Deserialize, Serialize};

/// So many requests in so long, of all that have something in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// How many requests.
    pub count: u32,
    /// In how long, in seconds.
    pub per_s: f64,
    /// How many may follow each other at once after a rest. In no `per_s` are there more than
    /// `count + burst - 1`; 1 spaces them evenly. Timers have milliseconds: above some 200 a
    /// second there should be a few.
    #[serde(default = "one")]
    pub burst: u32,
    /// What the requests have in common: those for which all of it is the same share a bucket,
    /// whichever subscription they are of.
    #[serde(default = "of_the_subscription")]
    pub by: Vec<PaceKey>,
}

/// What requests can have in common.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PaceKey {
    /// The subscription.
    Subscription,
    /// Host and port of the URL.
    Host,
    /// The secret, by its name, that is bound to this slot.
    Secret(String),
    /// The value in the settings at this JSON Pointer.
    Setting(String),
}

/// A pace that makes no sense.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{detail}")]
pub struct BadPace {
    /// A JSON Pointer into the pace.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

fn one() -> u32 {
    1
}

fn of_the_subscription() -> Vec<PaceKey> {
    vec![PaceKey::Subscription]
}

impl Pace {
    /// The most paces of one subscription.
    pub const MAX_PACES: usize = 8;
    /// The most keys of one pace.
    pub const MAX_KEYS: usize = 8;

    /// A pace without bursts.
    #[must_use]
    pub fn new(count: u32, per_s: f64, by: Vec<PaceKey>) -> Self {
        Self { count, per_s, burst: 1, by }
    }

    /// The same pace with bursts.
    #[must_use]
    pub fn with_burst(self, burst: u32) -> Self {
        Self { burst, ..self }
    }

    /// Checks that every number is within its range and that there are keys.
    ///
    /// # Errors
    /// Names the first mistake and its place.
    pub fn check(&self) -> Result<(), BadPace> {
        let ranges = [
            ("count", f64::from(self.count), 1.0, 100_000.0),
            ("per_s", self.per_s, 0.001, 86_400.0),
            ("burst", f64::from(self.burst), 1.0, 100_000.0),
        ];
        for (name, value, min, max) in ranges {
            if !(min..=max).contains(&value) {
                return Err(BadPace {
                    pointer: format!("/{name}"),
                    detail: format!("`{name}` is {value}: it must be between {min} and {max}"),
                });
            }
        }
        let most = Self::MAX_KEYS;
        let detail = match self.by.len() {
            0 => "it says nothing that requests have in common; leave `by` out to pace this \
                  subscription alone"
                .to_owned(),
            keys if keys > most => format!("{keys} keys are too many: there can be {most}"),
            _ => return Ok(()),
        };
        Err(BadPace { pointer: "/by".into(), detail })
    }
}

impl fmt::Display for Pace {
    /// In words: `1 request per 1 s with this /chat_id`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, per_s, burst: _, by } = self;
        let requests = if *count == 1 { "request" } else { "requests" };
        write!(f, "{count} {requests} per {per_s} s")?;
        for (number, key) in by.iter().enumerate() {
            f.write_str(if number == 0 { " with this " } else { " and " })?;
            match key {
                PaceKey::Subscription => f.write_str("subscription")?,
                PaceKey::Host => f.write_str("host")?,
                PaceKey::Secret(slot) => f.write_str(slot)?,
                PaceKey::Setting(pointer) => f.write_str(pointer)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_as_people_write_it() {
        let read = |json: &str| serde_json::from_str::<Pace>(json);
        let pace = read(r#"{"count": 3, "per_s": 2}"#).unwrap();
        assert_eq!(pace, Pace::new(3, 2.0, vec![PaceKey::Subscription]));
        let by = r#"["host", {"secret": "token"}, {"setting": "/chat_id"}, "subscription"]"#;
        let pace = read(&format!(r#"{{"count": 1, "per_s": 0.5, "burst": 4, "by": {by}}}"#));
        let pace = pace.unwrap();
        let words = "1 request per 0.5 s with this host and token and /chat_id and subscription";
        assert_eq!(pace.to_string(), words);
        assert_eq!(read(&serde_json::to_string(&pace).unwrap()).unwrap(), pace);
        for wrong in ["{}", r#"{"count": 1, "per_s": 1, "by": ["chat"]}"#, r#"{"count": -1}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let good = Pace::new(1, 1.0, vec![PaceKey::Host]);
        let pointer = |pace: Pace| pace.check().map_err(|bad| bad.pointer);
        assert_eq!(pointer(good.clone()), Ok(()));
        assert_eq!(pointer(Pace { count: 0, ..good.clone() }), Err("/count".into()));
        assert_eq!(pointer(Pace { count: 100_001, ..good.clone() }), Err("/count".into()));
        assert_eq!(pointer(Pace { per_s: 0.0001, ..good.clone() }), Err("/per_s".into()));
        assert_eq!(pointer(Pace { per_s: f64::NAN, ..good.clone() }), Err("/per_s".into()));
        assert_eq!(pointer(Pace { burst: 0, ..good }), Err("/burst".into()));
        for keys in [0, 9] {
            let by = vec![PaceKey::Host; keys];
            assert_eq!(pointer(Pace::new(1, 1.0, by)), Err("/by".into()));
        }
    }
}
