//! What the upstream names mean.

use std::borrow::Cow;

use crate::table::EVENTS;

/// What the source is called.
pub(crate) const SOURCE: &str = "r-service";

/// What a webhook sends to prove that somebody owns its address. The host answers it.
pub(crate) const VERIFY: &str = "webhook.verify";

/// The only event whose payload is made by a customer, in an automation rule.
pub(crate) const AUTOMATION: &str = "automation_rule";

/// What the descriptor says: everything in the table, and `<noun>.other`.
pub(crate) const PATTERNS: &[&str] = &[
    "ticket.*",
    "app_instance.*",
    "automation.*",
    "broadcast.*",
    "change.*",
    "configuration_item.*",
    "contract.*",
    "flsa.*",
    "knowledge_article.*",
    "organization.*",
    "out_of_office_period.*",
    "person.*",
    "problem.*",
    "product.*",
    "project.*",
    "project_task.*",
    "release.*",
    "risk.*",
    "service.*",
    "service_instance.*",
    "service_offering.*",
    "sla.*",
    "task.*",
    "team.*",
    "time_entry.*",
];

/// The longest noun that is taken over: the host takes types of 128 bytes.
const MAX_NOUN: usize = 64;

/// The canonical type, and whether the event is in the table. What is not becomes its noun's
/// `other`.
pub(crate) fn event_type(event: &str) -> (Cow<'static, str>, bool) {
    let found = EVENTS.binary_search_by_key(&event, |(upstream, _)| upstream).ok();
    match found.and_then(|found| EVENTS.get(found)) {
        Some((_, canonical)) => ((*canonical).into(), true),
        None => (format!("{}.other", noun(event)).into(), false),
    }
}

/// Whether an event's payload holds passwords and tokens. One of apps that nobody has described
/// may, too.
pub(crate) fn carries_secrets(event: &str) -> bool {
    let harmless = ["app_instance.create", "app_instance.delete", "app_instance.update"];
    event.starts_with("app_instance.") && !harmless.contains(&event)
}

/// What an event is about, in canonical words. What has no noun that could be one is about a
/// ticket, as most events are.
fn noun(event: &str) -> &str {
    match event.split_once('.').map_or(event, |(noun, _)| noun) {
        "request" => "ticket",
        "workflow" => "change",
        "ci" => "configuration_item",
        "automation_rule" => "automation",
        noun if is_noun(noun) => noun,
        _ => "ticket",
    }
}

fn is_noun(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=MAX_NOUN).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        // The search would not find what stands in the wrong place.
        assert!(EVENTS.is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn every_type_has_a_pattern() {
        for (_, canonical) in EVENTS {
            let noun = canonical.split('.').next().unwrap();
            assert!(PATTERNS.contains(&format!("{noun}.*").as_str()), "{canonical}");
        }
    }

    #[test]
    fn unknown_events_are_other() {
        let long = "a".repeat(65);
        for (event, expected) in [
            ("request.archive", "ticket.other"),
            ("workflow.archive", "change.other"),
            ("ci.archive", "configuration_item.other"),
            ("automation_rule.test", "automation.other"),
            ("problem.merge.twice", "problem.other"),
            ("survey.create", "survey.other"),
            ("survey", "survey.other"),
            ("Survey.create", "ticket.other"),
            ("опрос.create", "ticket.other"),
            (".create", "ticket.other"),
            (&long, "ticket.other"),
        ] {
            assert_eq!(event_type(event), (expected.into(), false), "{event}");
        }
    }
}
