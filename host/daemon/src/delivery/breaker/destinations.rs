//! All destinations, by what is dialled.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookwright_model::{DeliveryId, Timestamp};
use serde::Serialize;
use url::Url;

use super::circuit::Circuit;
use super::gate::{Effect, Entry, Outcome};
use super::{Clock, Shift, Wake};

/// Deliveries to different destinations seldom meet.
const SHARDS: usize = 16;
/// The most destinations of a shard. Those that are well and idle make room first; one for which
/// there is no room is always tried.
const MAX_OF_SHARD: usize = 1_024;
/// Idle is what was not used for so long.
const IDLE: Duration = Duration::from_secs(600);

/// What is dialled. Held in memory only: a host can stand within a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    /// By which connections; those through a proxy, or with certificates of their own, can fail
    /// where others do not.
    way: usize,
    origin: String,
}

#[derive(Default)]
pub(super) struct Destinations {
    shards: [Mutex<HashMap<Key, Arc<Destination>>>; SHARDS],
    hasher: RandomState,
    clock: Clock,
}

struct Destination {
    /// The origin without secrets.
    shown: String,
    through: Option<String>,
    way: usize,
    circuit: Mutex<Circuit>,
}

/// How a destination is, as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DestinationShown {
    /// By which connections it is reached.
    #[serde(skip)]
    pub way: usize,
    /// Scheme, host and port, secrets masked.
    pub origin: String,
    /// The proxy that it is reached through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// Whether requests are sent there.
    pub state: CircuitState,
    /// Of `tries` requests so many failed: those for which the circuit was opened, or, if it is
    /// closed, those of the last minute.
    pub failed: u32,
    /// See `failed`.
    pub tries: u32,
    /// Since when the circuit is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What the last failure was, secrets masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error_at: Option<Timestamp>,
    /// When one request is sent there to see whether it is well again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_probe_at: Option<Timestamp>,
}

/// Whether requests are sent to a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CircuitState {
    /// They are.
    Closed,
    /// They wait.
    Open,
    /// One is sent, and the others wait for what comes of it.
    HalfOpen,
}

/// Where a request goes.
pub(in crate::delivery) struct Place<'a> {
    /// See [`Access::way`](crate::access::Access::way).
    pub(in crate::delivery) way: usize,
    pub(in crate::delivery) through: Option<&'a str>,
    pub(in crate::delivery) url: &'a Url,
    /// The URL without secrets.
    pub(in crate::delivery) masked: &'a str,
}

/// The right to send one request.
pub(in crate::delivery) struct Ticket {
    destination: Arc<Destination>,
    clock: Clock,
    entry: Entry,
    is_used: bool,
    shift: Option<Shift>,
}

/// Why a request is not sent now.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::delivery) struct Later {
    pub(in crate::delivery) at: Timestamp,
    pub(in crate::delivery) reason: String,
}

impl Destinations {
    /// Lets a request pass, or says when to come back. None if there is nothing to tell of it.
    pub(super) fn enter(
        &self,
        place: &Place<'_>,
        is_forced: bool,
    ) -> Result<Option<Ticket>, Later> {
        let Some(destination) = self.find(place) else { return Ok(None) };
        let now = self.clock.now();
        let mut circuit = destination.circuit();
        match circuit.enter(is_forced, now) {
            Ok(entry) => {
                drop(circuit);
                Ok(Some(Ticket {
                    destination,
                    clock: self.clock,
                    entry,
                    is_used: false,
                    shift: None,
                }))
            }
            Err(at) => {
                let reason = reason(&destination.shown, &circuit, self.clock, now);
                Err(Later { at: self.clock.moment(at, now), reason })
            }
        }
    }

    /// Remembers a delivery that was told to come back, to be woken before if there is reason to.
    pub(super) fn wait_for(&self, place: &Place<'_>, delivery: DeliveryId, until: Timestamp) {
        if let Some(destination) = self.find(place) {
            destination.circuit().gate.wait_for(delivery, until);
        }
    }

    fn find(&self, place: &Place<'_>) -> Option<Arc<Destination>> {
        let key = Key { way: place.way, origin: place.url.origin().ascii_serialization() };
        let hash = self.hasher.hash_one(&key);
        let shard = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        // Nothing inside panics half way; what the lock guards is whole.
        let mut shard = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = shard.get(&key) {
            return Some(Arc::clone(found));
        }
        if shard.len() >= MAX_OF_SHARD {
            let now = self.clock.now();
            shard.retain(|_, destination| !destination.is_idle(now));
        }
        if shard.len() >= MAX_OF_SHARD {
            return None;
        }
        let destination = Arc::new(Destination {
            shown: shown(place.masked, &key.origin),
            through: place.through.map(str::to_owned),
            way: place.way,
            circuit: Mutex::new(Circuit::new()),
        });
        shard.insert(key, Arc::clone(&destination));
        Some(destination)
    }

    /// All of them, those that are not well first.
    pub(super) fn list(&self) -> Vec<DestinationShown> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(shard.values().map(|destination| destination.show(self.clock)));
        }
        all.sort_by(|a, b| {
            let well = |one: &DestinationShown| one.state == CircuitState::Closed;
            (well(a), &a.origin, &a.through).cmp(&(well(b), &b.origin, &b.through))
        });
        all
    }
}

impl Destination {
    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        // Nothing inside panics half way; what the lock guards is whole.
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_idle(self: &Arc<Self>, now: Duration) -> bool {
        let circuit = self.circuit();
        let is_used = Arc::strong_count(self) > 1 || circuit.gate.shut_now().is_some();
        !is_used && circuit.last_used + IDLE <= now
    }

    fn show(&self, clock: Clock) -> DestinationShown {
        let now = clock.now();
        let circuit = self.circuit();
        let shut = circuit.gate.shut_now();
        let ratio = circuit.ratio(now);
        let last_error = circuit.last_error.as_ref();
        DestinationShown {
            way: self.way,
            origin: self.shown.clone(),
            through: self.through.clone(),
            state: match shut {
                None => CircuitState::Closed,
                Some(shut) if shut.on_trial => CircuitState::HalfOpen,
                Some(_) => CircuitState::Open,
            },
            failed: ratio.failed,
            tries: ratio.tries,
            since: shut.map(|shut| clock.moment(shut.since, now)),
            last_error: last_error.map(|error| error.text.clone()),
            last_error_at: last_error.map(|error| clock.moment(error.at, now)),
            next_probe_at: shut
                .filter(|shut| !shut.on_trial)
                .map(|shut| clock.moment(shut.next.max(now), now)),
        }
    }
}

impl Ticket {
    /// Takes note of what came of the request. Says whom to wake because of it.
    pub(in crate::delivery) fn ended(
        &mut self,
        outcome: Outcome,
        error: Option<String>,
    ) -> Vec<Wake> {
        if std::mem::replace(&mut self.is_used, true) {
            return Vec::new();
        }
        let now = self.clock.now();
        let mut circuit = self.destination.circuit();
        let was_open = circuit.gate.shut_now().is_some();
        let effect = circuit.ended(self.entry, outcome, error, now, fastrand::f64());
        let shown = &self.destination.shown;
        if effect == Effect::Opened {
            tracing::info!(destination = %shown, "it is well again: requests are sent there");
            let waiting = circuit.gate.take_waiting();
            drop(circuit);
            self.shift = Some(Shift::Recovered(self.destination.show(self.clock)));
            return waiting;
        }
        let is_open = circuit.gate.shut_now().is_some();
        if !was_open && is_open {
            let reason = reason(shown, &circuit, self.clock, now);
            tracing::warn!(destination = %shown, reason, "requests to it wait");
        }
        drop(circuit);
        if is_open {
            self.shift = Some(Shift::Unavailable(self.destination.show(self.clock)));
        }
        Vec::new()
    }

    /// How the destination is because of it, if that is worth telling.
    pub(in crate::delivery) fn shift(&mut self) -> Option<Shift> {
        self.shift.take()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.is_used {
            self.destination.circuit().gate.released(self.entry);
        }
    }
}

/// For people.
fn reason(shown: &str, circuit: &Circuit, clock: Clock, now: Duration) -> String {
    let Some(shut) = circuit.gate.shut_now() else { return String::new() };
    let ratio = circuit.ratio(now);
    let since = clock.moment(shut.since, now);
    let error = circuit.last_error.as_ref().map_or("", |error| &error.text);
    let next = if shut.on_trial {
        "one is tried now".to_owned()
    } else {
        format!("one is tried at {}", clock.moment(shut.next.max(now), now))
    };
    format!(
        "waits for {shown}, where {} of {} requests failed: since {since} none is sent, the last \
         failure was: {error}; {next}",
        ratio.failed, ratio.tries
    )
}

/// The destination that a request went to, as it is shown, by its URL without secrets.
#[must_use]
pub fn destination_of(masked: &str) -> String {
    let origin = Url::parse(masked).map(|url| url.origin().ascii_serialization());
    // What has none is masked where it would stand.
    shown(masked, origin.as_deref().unwrap_or_default())
}

/// The origin as the journal would show it: where the host stands within a secret, only what is
/// known beside it.
fn shown(masked: &str, origin: &str) -> String {
    let until_path = |text: &str| text[..text.find(['/', '?', '#']).unwrap_or(text.len())].len();
    let scheme = masked.split_once("://").map(|(scheme, _)| scheme);
    match scheme.filter(|scheme| !scheme.contains('{')) {
        Some(scheme) => {
            let start = scheme.len() + 3;
            let end = start + until_path(&masked[start..]);
            let is_masked = masked[start..end].contains('{');
            if is_masked { masked[..end].to_owned() } else { origin.to_owned() }
        }
        None => masked[..until_path(masked)].trim_end_matches(':').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{destination_of, shown};

    #[test]
    fn what_is_shown_holds_no_secret() {
        let origin = "https://k3y.example";
        for (masked, expected) in [
            ("https://k3y.example/x", origin),
            ("https://k3y.example/{secret:k}", origin),
            ("https://{secret:k}.example/x", "https://{secret:k}.example"),
            ("https://{secret:k}?x", "https://{secret:k}"),
            ("{secret:k}", "{secret:k}"),
            ("{secret:k}/x://y", "{secret:k}"),
            ("{secret:k}://a.example/x", "{secret:k}"),
        ] {
            assert_eq!(shown(masked, origin), expected, "{masked}");
            assert_eq!(destination_of(masked), expected, "{masked}");
        }
    }
}
