//! What is noted of logins that were refused: not each of them, or a flood would fill the store.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use hookwright_model::{AuditEntry, AuditTarget, FieldChange, Name, Timestamp};

use crate::audit;
use crate::server::auth::Actor;

/// The first is noted at once, those of the next ten minutes together.
const TOGETHER: Duration = Duration::from_secs(10 * 60);
/// What stands in the log for all names that nobody has: somebody may have typed a password.
const NOBODY: &str = "(unknown)";

/// Logins that were refused and are not noted yet, by name. There are no more than users.
#[derive(Default)]
pub(super) struct Refusals(HashMap<Option<Name>, Tally>);

struct Tally {
    count: u64,
    /// Where all of them came from, if it was one place.
    from: Option<IpAddr>,
    noted_at: Timestamp,
}

impl Refusals {
    /// One was refused; it is given back if it is to be noted now. There is no name if it is one
    /// that nobody has.
    pub(super) fn note(
        &mut self,
        name: Option<Name>,
        from: IpAddr,
        now: Timestamp,
    ) -> Option<AuditEntry> {
        if let Some(tally) = self.0.get_mut(&name) {
            tally.from = tally.from.filter(|known| tally.count == 0 || *known == from);
            if tally.count == 0 {
                tally.from = Some(from);
            }
            tally.count += 1;
            return None;
        }
        let entry = entry(name.as_ref(), 1, Some(from));
        self.0.insert(name, Tally { count: 0, from: None, noted_at: now });
        Some(entry)
    }

    /// What is to be noted by now; all of it at the end.
    pub(super) fn due(&mut self, now: Timestamp, is_end: bool) -> Vec<AuditEntry> {
        let mut entries = Vec::new();
        self.0.retain(|name, tally| {
            let is_over = is_end
                || tally.noted_at.after(TOGETHER) <= now
                // The clock was set back.
                || tally.noted_at > now;
            if !is_over {
                return true;
            }
            if tally.count == 0 {
                return false;
            }
            entries.push(entry(name.as_ref(), tally.count, tally.from));
            *tally = Tally { count: 0, from: None, noted_at: now };
            true
        });
        entries
    }
}

fn entry(name: Option<&Name>, count: u64, from: Option<IpAddr>) -> AuditEntry {
    let target = AuditTarget::new("user", name.map_or(NOBODY, Name::as_str));
    let changes = vec![FieldChange::fact("/attempts", count)];
    audit::entry(&Actor::daemon().from(from), "user.login_refused", target, changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_few_entries() {
        let mut refusals = Refusals::default();
        let anna: Name = "anna".parse().unwrap();
        let home: IpAddr = "192.0.2.1".parse().unwrap();
        let start = Timestamp::from_millis(1_000_000);
        let first = refusals.note(Some(anna.clone()), home, start).unwrap();
        assert_eq!((first.address, &*first.target.name), (Some(home), "anna"));
        assert_eq!(first.changes, [FieldChange::fact("/attempts", 1)]);
        for _ in 0..1_000 {
            assert_eq!(refusals.note(Some(anna.clone()), home, start), None);
        }
        assert!(refusals.note(None, home, start).is_some());
        assert_eq!(refusals.due(start.after(TOGETHER / 2), false), []);
        let late = start.after(TOGETHER);
        let due = refusals.due(late, false);
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].changes, [FieldChange::fact("/attempts", 1_000)]);
        assert_eq!(due[0].address, Some(home));
        // From several places it is from nowhere.
        refusals.note(Some(anna.clone()), home, late);
        refusals.note(Some(anna), "192.0.2.2".parse().unwrap(), late);
        let due = refusals.due(late, true);
        assert_eq!((due.len(), due[0].address), (1, None));
        assert_eq!(refusals.due(late.after(TOGETHER), false), []);
        assert!(refusals.0.is_empty(), "it is forgotten in the end");
    }
}
