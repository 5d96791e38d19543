//! Policies as R-Service shows them.

use hookwright_model::Policy;
use hookwright_sandbox::TimeZone;
use serde_json::{Value, json};

use crate::registry::Snapshot;
use crate::webhooks::filter::Kind;
use crate::webhooks::listing::Listing;
use crate::webhooks::record::Record;
use crate::webhooks::show::time;

/// The fields of the current documentation. The public key is in none of them.
pub(in crate::webhooks) const POLICIES: Listing = Listing {
    fields: &[
        ("id", Kind::Integer),
        ("name", Kind::Text),
        ("disabled", Kind::Boolean),
        ("created_at", Kind::Time),
        ("updated_at", Kind::Time),
        ("jwt_alg", Kind::Choice),
        ("jwt_audience", Kind::Text),
        ("jwt_claim_expires_in", Kind::Integer),
    ],
    shown: &["id", "name", "created_at", "updated_at"],
    sortable: &["created_at", "updated_at"],
    order: "created_at",
};

/// A policy, if it has a number.
pub(super) fn policy(snapshot: &Snapshot, policy: &Policy) -> Option<Record> {
    let numbers = &snapshot.configuration.numbers.policies;
    let mut record = Record::default();
    record.put("id", Some(*numbers.get(&policy.name)?));
    record.put("name", Some(policy.name.as_str()));
    record.put("disabled", Some(policy.disabled));
    record.put("created_at", Some(time(&TimeZone::UTC, policy.created_at)));
    record.put("updated_at", Some(time(&TimeZone::UTC, policy.updated_at)));
    record.put("jwt_alg", Some(policy.algorithm.as_str().to_ascii_lowercase()));
    record.put("jwt_audience", policy.audience.clone());
    record.put("jwt_claim_expires_in", policy.expires_in_s.map(minutes));
    Some(record)
}

/// Here it is seconds; those that are no whole minutes were not set by this API.
fn minutes(seconds: u32) -> Value {
    if seconds.is_multiple_of(60) { json!(seconds / 60) } else { json!(f64::from(seconds) / 60.0) }
}
