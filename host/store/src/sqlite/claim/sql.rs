//! How SQLite is asked for what is due. The indexes are named, as it would rather take one that
//! knows the state alone, and go through everything that is pending.

use rusqlite::types::Value;

/// Whoever has to bear a delivery's requests.
const QUEUE: &str = "ifnull(connection, subscription)";
const IN_QUEUE: &str = "deliveries INDEXED BY deliveries_in_queue";
const BY_TIME: &str = "deliveries INDEXED BY deliveries_due";
const LEASED: &str = "deliveries INDEXED BY deliveries_leased";
const WAITS: &str = "state = 0 AND next_attempt_at IS NOT NULL";

/// When the next is due after `?1`.
pub(super) fn next() -> String {
    format!("SELECT min(next_attempt_at) FROM {BY_TIME} WHERE state = 0 AND next_attempt_at > ?1")
}

/// Those whose lease ran out at `?1`, at most `?2`, but not those of the owner `?3`.
pub(super) fn expired() -> String {
    format!(
        "SELECT id FROM {LEASED} \
         WHERE state = 1 AND lease_until <= ?1 AND lease_owner <> ?3 ORDER BY lease_until LIMIT ?2"
    )
}

/// What is due at `?1`, with its queue, at most `?2`.
pub(super) fn few() -> String {
    format!(
        "SELECT id, {QUEUE} FROM {BY_TIME} \
         WHERE state = 0 AND next_attempt_at <= ?1 ORDER BY next_attempt_at LIMIT ?2"
    )
}

/// The queue after `?1`. Texts, which are names, come before bytes, which are ids; nothing comes
/// before texts.
pub(super) fn following(last: &Value) -> String {
    let after = match last {
        Value::Null => "?1 IS NULL".to_owned(),
        _ => format!("{QUEUE} > ?1"),
    };
    format!("SELECT {QUEUE} FROM {IN_QUEUE} WHERE {WAITS} AND {after} ORDER BY {QUEUE} LIMIT 1")
}

/// When the first of the queue `?1` was due until `?3`, of those that were tried or not, as `?2`
/// says.
pub(super) fn first_due() -> String {
    let which = of(IN_QUEUE);
    format!("SELECT next_attempt_at FROM {which} LIMIT 1")
}

/// The first `?4` of them.
pub(super) fn of_queue() -> String {
    let which = of(IN_QUEUE);
    format!("SELECT id FROM {which} LIMIT ?4")
}

fn of(table: &str) -> String {
    format!(
        "{table} WHERE {WAITS} AND {QUEUE} = ?1 AND (attempts > 0) = ?2 AND next_attempt_at <= ?3 \
         ORDER BY next_attempt_at"
    )
}
