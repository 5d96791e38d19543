//! Who changed what. What changes the set-up is noted in the same commit; what is done otherwise,
//! right after it was done.

use hookwright_model::{AuditActor, AuditEntry, AuditId, AuditTarget, FieldChange, Timestamp};
use hookwright_store::Store;
use serde_json::Value;

use crate::app::App;
use crate::server::auth::Actor;

/// The most that is kept of one side of a change, in bytes of JSON: settings can be megabytes.
const MAX_SIDE: usize = 64 << 10;

/// What is said of something that is done now.
#[must_use]
pub fn entry(
    actor: &Actor,
    action: &str,
    target: AuditTarget,
    mut changes: Vec<FieldChange>,
) -> AuditEntry {
    for change in &mut changes {
        shorten(&mut change.from);
        shorten(&mut change.to);
    }
    AuditEntry {
        id: AuditId::new(),
        at: Timestamp::now(),
        actor: AuditActor { kind: actor.kind, name: actor.name.clone() },
        action: action.to_owned(),
        target,
        changes,
        address: actor.address,
    }
}

fn shorten(side: &mut Value) {
    let bytes = match side {
        Value::Array(_) | Value::Object(_) => side.to_string().len(),
        Value::String(text) => text.len(),
        _ => 0,
    };
    if bytes > MAX_SIDE {
        *side = Value::from(format!("({bytes} bytes, too many to be kept here)"));
    }
}

/// Notes something that was done, and that is no change of the set-up. If that fails, what was
/// done stays done, and the log says so.
pub async fn note(
    app: &App,
    actor: &Actor,
    action: &str,
    target: AuditTarget,
    changes: Vec<FieldChange>,
) {
    note_in(&*app.store, entry(actor, action, target, changes)).await;
}

/// The same for what has no more than the store.
pub async fn note_in(store: &dyn Store, entry: AuditEntry) {
    let (action, target) = (entry.action.clone(), entry.target.name.clone());
    if let Err(error) = store.note_audit(vec![entry]).await {
        tracing::error!(%error, action, target, "what was done is not in the audit log");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_too_long_says_so() {
        let target = AuditTarget::new("subscription", "a");
        let long = "x".repeat(MAX_SIDE + 1);
        let change = FieldChange { pointer: "/a".into(), from: json!([long]), to: json!(1) };
        let entry = entry(&Actor::daemon(), "subscription.update", target, vec![change]);
        let said = "(65541 bytes, too many to be kept here)";
        assert_eq!((&entry.changes[0].from, &entry.changes[0].to), (&json!(said), &json!(1)));
    }
}
