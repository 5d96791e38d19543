//! What the upstream names mean.

use std::borrow::Cow;

/// What the source is called.
pub(crate) const SOURCE: &str = "r-service";

/// What a webhook sends to prove that somebody owns its address. The host answers it.
pub(crate) const VERIFY: &str = "webhook.verify";

/// The only event whose payload is made by a customer, in an automation rule.
pub(crate) const AUTOMATION: &str = "automation_rule";

/// Upstream names and canonical types, in the order of the names: the 77 of seed 003
/// (R-Service Webhooks API), and those of apps, which the current Xurrent has besides.
const EVENTS: [(&str, &str); 81] = [
    ("app_instance.create", "app_instance.created"),
    ("app_instance.delete", "app_instance.deleted"),
    ("app_instance.secrets-update", "app_instance.secrets_updated"),
    ("app_instance.update", "app_instance.updated"),
    ("automation_rule", "automation.fired"),
    ("broadcast.create", "broadcast.created"),
    ("broadcast.update", "broadcast.updated"),
    ("ci.create", "configuration_item.created"),
    ("ci.update", "configuration_item.updated"),
    ("contract.create", "contract.created"),
    ("contract.update", "contract.updated"),
    ("flsa.create", "flsa.created"),
    ("flsa.update", "flsa.updated"),
    ("knowledge_article.create", "knowledge_article.created"),
    ("knowledge_article.update", "knowledge_article.updated"),
    ("organization.create", "organization.created"),
    ("organization.update", "organization.updated"),
    ("out_of_office_period.create", "out_of_office_period.created"),
    ("out_of_office_period.delete", "out_of_office_period.deleted"),
    ("out_of_office_period.update", "out_of_office_period.updated"),
    ("person.create", "person.created"),
    ("person.update", "person.updated"),
    ("problem.create", "problem.created"),
    ("problem.manager-changed", "problem.manager_changed"),
    ("problem.member-changed", "problem.assigned"),
    ("problem.note-added", "problem.commented"),
    ("problem.status-changed", "problem.status_changed"),
    ("problem.team-changed", "problem.team_changed"),
    ("problem.update", "problem.updated"),
    ("product.create", "product.created"),
    ("product.update", "product.updated"),
    ("project.create", "project.created"),
    ("project.manager-changed", "project.manager_changed"),
    ("project.note-added", "project.commented"),
    ("project.status-changed", "project.status_changed"),
    ("project.update", "project.updated"),
    ("project_task.create", "project_task.created"),
    ("project_task.note-added", "project_task.commented"),
    ("project_task.status-changed", "project_task.status_changed"),
    ("project_task.update", "project_task.updated"),
    ("release.create", "release.created"),
    ("release.manager-changed", "release.manager_changed"),
    ("release.note-added", "release.commented"),
    ("release.update", "release.updated"),
    ("request.agile-board-column-changed", "ticket.board_column_changed"),
    ("request.create", "ticket.created"),
    ("request.major-incident-status-changed", "ticket.major_incident_status_changed"),
    ("request.member-changed", "ticket.assigned"),
    ("request.note-added", "ticket.commented"),
    ("request.status-changed", "ticket.status_changed"),
    ("request.team-changed", "ticket.team_changed"),
    ("request.update", "ticket.updated"),
    ("risk.create", "risk.created"),
    ("risk.manager-changed", "risk.manager_changed"),
    ("risk.note-added", "risk.commented"),
    ("risk.status-changed", "risk.status_changed"),
    ("risk.update", "risk.updated"),
    ("service.create", "service.created"),
    ("service.update", "service.updated"),
    ("service_instance.create", "service_instance.created"),
    ("service_instance.update", "service_instance.updated"),
    ("service_offering.create", "service_offering.created"),
    ("service_offering.update", "service_offering.updated"),
    ("sla.create", "sla.created"),
    ("sla.update", "sla.updated"),
    ("task.create", "task.created"),
    ("task.member-changed", "task.assigned"),
    ("task.note-added", "task.commented"),
    ("task.status-changed", "task.status_changed"),
    ("task.team-changed", "task.team_changed"),
    ("task.update", "task.updated"),
    ("team.create", "team.created"),
    ("team.update", "team.updated"),
    ("time_entry.create", "time_entry.created"),
    ("time_entry.delete", "time_entry.deleted"),
    ("time_entry.update", "time_entry.updated"),
    ("workflow.create", "change.created"),
    ("workflow.manager-changed", "change.manager_changed"),
    ("workflow.note-added", "change.commented"),
    ("workflow.status-changed", "change.status_changed"),
    ("workflow.update", "change.updated"),
];

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
