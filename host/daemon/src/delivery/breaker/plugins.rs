//! All plugin versions that have been called, and those that are suspended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookwright_model::{DeliveryId, Digest, Fault, Timestamp};
use hookwright_sandbox::Plugin;
use serde::Serialize;
use uuid::Uuid;

use super::destinations::Later;
use super::gate::Outcome;
use super::suspension::{IN_A_ROW, Permit, Suspension, outcome_of};
use super::{Clock, Shift, SuspendedNow, Wake};

/// What a plugin is called for. A version that makes requests may fail at reading answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// To make requests.
    Transform,
    /// To judge an answer.
    Judge,
}

type Suspensions = HashMap<(Digest, Call), Suspension>;

#[derive(Default)]
pub(super) struct Plugins {
    all: Arc<Mutex<Suspensions>>,
    clock: Clock,
}

/// That a plugin version is suspended, as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Suspended {
    /// The version.
    #[serde(skip)]
    pub digest: Digest,
    /// What it is not called for.
    pub call: Call,
    /// The subscription or connection for which it is not; for all if absent.
    #[serde(skip)]
    pub target: Option<Uuid>,
    /// Since when.
    pub since: Timestamp,
    /// What came of the last call.
    pub last_error: String,
    /// When one delivery tries it; absent while one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_probe_at: Option<Timestamp>,
}

/// The right to call a plugin once.
pub(in crate::delivery) struct CallTicket {
    plugins: Arc<Mutex<Suspensions>>,
    clock: Clock,
    key: (Digest, Call),
    /// For messages.
    identity: String,
    permit: Permit,
    is_used: bool,
}

/// Says, where the call is made, whether it is still to be made.
pub(in crate::delivery) struct StillWanted {
    plugins: Arc<Mutex<Suspensions>>,
    key: (Digest, Call),
    permit: Permit,
}

impl Plugins {
    /// Lets a plugin be called, or says when to come back.
    pub(super) fn enter(
        &self,
        plugin: &Plugin,
        call: Call,
        target: Uuid,
        is_forced: bool,
    ) -> Result<CallTicket, Later> {
        let key = (plugin.digest(), call);
        let now = self.clock.now();
        let mut all = lock(&self.all);
        let suspension = all.entry(key).or_insert_with(Suspension::new);
        match suspension.enter(target, is_forced, now) {
            Ok(permit) => Ok(CallTicket {
                plugins: Arc::clone(&self.all),
                clock: self.clock,
                key,
                identity: plugin.identity().to_owned(),
                permit,
                is_used: false,
            }),
            Err(at) => {
                let at = self.clock.moment(at, now);
                let reason = suspension.shut_for(target).map(|part| {
                    let next = match part.gate.shut_now() {
                        Some(shut) if !shut.on_trial => {
                            format!("at {}", self.clock.moment(shut.next.max(now), now))
                        }
                        _ => "now".to_owned(),
                    };
                    reason(plugin, call, &part.last, &next)
                });
                Err(Later { at, reason: reason.unwrap_or_default() })
            }
        }
    }

    /// Remembers a delivery that was told to come back, to be woken before if there is reason to.
    pub(super) fn wait_for(
        &self,
        key: (Digest, Call),
        target: Uuid,
        delivery: DeliveryId,
        until: Timestamp,
    ) {
        if let Some(part) = lock(&self.all).get_mut(&key).and_then(|one| one.shut_for(target)) {
            part.gate.wait_for(delivery, until);
        }
    }

    /// Lifts whatever suspends a version. Says who waited for that; none if it was not suspended.
    pub(super) fn resume(&self, digest: Digest) -> Option<Vec<Wake>> {
        let mut all = lock(&self.all);
        let of_it = all.iter_mut().filter(|((of, _), _)| *of == digest);
        let lifted: Vec<_> = of_it.map(|(_, suspension)| suspension.resume()).collect();
        let was_suspended = lifted.iter().any(|(was_suspended, _)| *was_suspended);
        was_suspended.then(|| lifted.into_iter().flat_map(|(_, wake)| wake).collect())
    }

    pub(super) fn take_waiting(&self) -> Vec<Wake> {
        lock(&self.all).values_mut().flat_map(Suspension::take_waiting).collect()
    }

    pub(super) fn list(&self) -> Vec<Suspended> {
        let now = self.clock.now();
        let all = lock(&self.all);
        let mut list = Vec::new();
        for (&(digest, call), suspension) in &*all {
            for (target, part) in suspension.suspended() {
                let Some(shut) = part.gate.shut_now() else { continue };
                list.push(Suspended {
                    digest,
                    call,
                    target,
                    since: self.clock.moment(shut.since, now),
                    last_error: part.last.clone(),
                    next_probe_at: (!shut.on_trial)
                        .then(|| self.clock.moment(shut.next.max(now), now)),
                });
            }
        }
        list.sort_by_key(|one| (one.since, one.target));
        list
    }
}

fn reason(plugin: &Plugin, call: Call, last: &str, next: &str) -> String {
    let called_for = match call {
        Call::Transform => "to make requests",
        Call::Judge => "to read answers",
    };
    let name = &plugin.key().name;
    format!(
        "the plugin {} is suspended: {IN_A_ROW} calls in a row {called_for} failed, the last by \
         {last}. One delivery tries it {next}; `hookwright plugin resume {name}` lets all try, and \
         another version that is installed and pinned is not suspended",
        plugin.identity()
    )
}

impl CallTicket {
    /// To be asked where the call is made: it may have waited for a thread.
    pub(in crate::delivery) fn still_wanted(&self) -> StillWanted {
        let plugins = Arc::clone(&self.plugins);
        StillWanted { plugins, key: self.key, permit: self.permit }
    }

    /// Takes note of what came of the call. Says whom to wake because of it, and how the plugin
    /// is, if that is worth telling.
    pub(in crate::delivery) fn ended(
        mut self,
        fault: Option<&Fault>,
    ) -> (Vec<Wake>, Option<Shift>) {
        self.is_used = true;
        let outcome = fault.map_or(Outcome::Good, |fault| outcome_of(fault.kind));
        let last = fault.map(|fault| format!("{}: {}", fault.kind.as_str(), fault.message));
        let mut all = lock(&self.plugins);
        let Some(suspension) = all.get_mut(&self.key) else { return (Vec::new(), None) };
        let last = last.unwrap_or_default();
        let now = self.clock.now();
        let ended = suspension.ended(self.permit, outcome, &last, now, fastrand::f64());
        let for_all = suspension.suspended().first().is_some_and(|(target, _)| target.is_none());
        drop(all);
        let (digest, call) = self.key;
        let mut shift = None;
        let plugin = &self.identity;
        if ended.is_suspended {
            tracing::error!(
                plugin,
                last,
                "the plugin is suspended: {IN_A_ROW} calls in a row failed"
            );
            let now = SuspendedNow { digest, call, for_all, last_error: last };
            shift = Some(Shift::Suspended(now));
        }
        if ended.resumed.is_some() {
            tracing::info!(plugin, "the plugin works again, and is not suspended any more");
            shift = Some(Shift::Resumed { digest, call });
        }
        (ended.resumed.unwrap_or_default(), shift)
    }
}

impl Drop for CallTicket {
    fn drop(&mut self) {
        if !self.is_used
            && let Some(suspension) = lock(&self.plugins).get_mut(&self.key)
        {
            suspension.released(self.permit);
        }
    }
}

impl StillWanted {
    /// False if the plugin was suspended since.
    pub(in crate::delivery) fn get(&self) -> bool {
        let mut all = lock(&self.plugins);
        !all.get_mut(&self.key).is_some_and(|suspension| suspension.is_void(self.permit))
    }
}

fn lock(all: &Mutex<Suspensions>) -> MutexGuard<'_, Suspensions> {
    // Nothing inside panics half way; what the lock guards is whole.
    all.lock().unwrap_or_else(PoisonError::into_inner)
}
