//! Messages as Zammad's predefined webhook for Slack has them, and answers as Slack's
//! documentation of incoming webhooks has them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../shared/chat-text/testing/mod.rs"]
mod testing;

use destination_slack::Slack;
use hookwright_sdk::serde_json::{Value, json};
use proptest::prelude::*;
use testing::{
    any_event, event, everywhere, hostile, is_delivered, is_failed, is_put_off, is_retried, zammad,
    zenlix,
};

fn body(event: &hookwright_sdk::Event) -> Value {
    testing::body::<Slack>(event, json!({}))
}

fn attachment(body: &Value) -> &str {
    body["attachments"][0]["text"].as_str().unwrap()
}

/// Seed 001; the shape is that of `Webhook::PreDefined::Slack`.
#[test]
fn zammads_ticket_is_zammads_message() {
    let request = testing::transform::<Slack>(&zammad(), json!({})).unwrap();
    testing::assert_posts_to_the_webhook(&request);
    assert_eq!(
        testing::text::<Slack>(&zammad(), json!({})),
        concat!(
            r##"{"mrkdwn":true,"text":"# Webhook-Test","attachments":[{"text":""##,
            r##"_[Ticket#10081](https://zammad.example.com/#ticket/zoom/81): "##,
            r##"Created by Emily Adams at 2020-11-13 14:34 (UTC+00:00)_\n\n"##,
            r##"* Group: Service Desk\n* Owner: Emma Taylor\n* State: open\n\n"##,
            r##"This is a simple Webhook Test.","mrkdwn_in":["text"],"color":"#faab00"}]}"##
        )
    );
}

/// Seed 000.
#[test]
fn other_helpdesks_tickets_get_the_same_shape() {
    assert_eq!(
        body(&zenlix()),
        json!({
            "mrkdwn": true,
            "text": "# Message with attachments",
            "attachments": [{
                "text": "_Ticket#E3XK: Last updated at 2019-06-11 11:24 (UTC+03:00)_\n\n\
                         * Group: Default group\n* Owner: System Account\n* State: lock\n\n\
                         Body text with attachments.\nРусский текст.",
                "mrkdwn_in": ["text"],
                "color": "#000000"
            }]
        })
    );
}

/// Zammad's notification templates `ticket_update` and `ticket_escalation` (en).
#[test]
fn what_changed_is_said_as_zammad_says_it() {
    let changes = json!([
        {"field": "priority", "from": "2 normal", "to": "1 low"},
        {"field": "assignees", "to": "Emma Taylor"}
    ]);
    let data = json!({
        "ticket": {"number": "7", "title": "T", "state": "closed", "customer": {"name": "Emily"}},
        "changes": changes, "actor": {"name": "Chris"}
    });
    let update = body(&event("ticket.updated", &data));
    assert_eq!(
        attachment(&update),
        "_Ticket#7: Updated by Chris at 2020-11-13 14:34 (UTC+00:00)_\n\n\
         * Priority: 2 normal -> 1 low\n* Owner: - -> Emma Taylor\n\n"
    );
    assert_eq!(update["attachments"][0]["color"], "#38ad69");
    let data = json!({"ticket": {
        "number": "7", "title": "T", "state": "open", "customer": {"name": "Emily"},
        "due_at": "2020-11-13T14:34:35.333Z"
    }});
    let late = body(&event("ticket.sla_reached", &data));
    assert_eq!(
        attachment(&late),
        "_Ticket#7: Escalated at 2020-11-13 14:34 (UTC+00:00)_\n\n\
         The ticket (T) from \"Emily\" has been escalated since \"2020-11-13 14:34 (UTC+00:00)\"!\n\n"
    );
    assert_eq!(late["attachments"][0]["color"], "#f35912");
}

/// Slack's own syntax: "Formatting text for app surfaces".
#[test]
fn mrkdwn_has_links_that_can_be_clicked() {
    let body = testing::body::<Slack>(&zammad(), json!({"format": "mrkdwn"}));
    assert_eq!(body["text"], "*Webhook-Test*");
    let text = attachment(&body);
    assert!(
        text.starts_with("_<https://zammad.example.com/#ticket/zoom/81|Ticket#10081>: Created"),
        "{text}"
    );
    assert!(text.contains("\n• Group: Service Desk\n"), "{text}");
}

#[test]
fn texts_call_nobody_and_link_nothing() {
    for text in hostile() {
        for format in ["zammad", "mrkdwn"] {
            let body = testing::body::<Slack>(&everywhere(&text), json!({"format": format}));
            let sent = format!("{}\n{}", body["text"].as_str().unwrap(), attachment(&body));
            // What Slack acts on begins so; the text has no link of its own here.
            assert!(!sent.contains('<'), "{sent}");
            for name in ["@all", "@channel", "@here", "@everyone"] {
                assert!(!sent.contains(name) || sent.contains("#@all"), "{sent}");
            }
            assert!(!sent.contains('\u{202e}') && !sent.contains('\0'), "{sent:?}");
            assert!(attachment(&body).encode_utf16().count() <= 8_000);
        }
    }
}

#[test]
fn long_texts_are_cut_with_an_ellipsis() {
    let data = json!({"ticket": {"title": "слово ".repeat(8_000), "text": "слово ".repeat(8_000)}});
    let body = body(&event("ticket.created", &data));
    assert!(body["text"].as_str().unwrap().chars().count() <= 252);
    assert!(attachment(&body).ends_with("слово …"));
    assert!(attachment(&body).chars().count() > 3_900);
}

#[test]
fn events_with_hardly_any_fields_still_say_what_happened() {
    let body = body(&event("problem.created", &json!({})));
    assert_eq!(body["text"], "# Problem created");
    assert_eq!(attachment(&body), "_Problem: Created at 2020-11-13 14:34 (UTC+00:00)_\n\n\n\n");
}

#[test]
fn internal_comments_are_marked_or_left_out() {
    let data = json!({
        "ticket": {"number": "1", "title": "T"},
        "comment": {"visibility": "internal", "text": "psst", "author": {"name": "Emma"}}
    });
    let note = event("ticket.commented", &data);
    let text = attachment(&body(&note)).to_owned();
    assert!(
        text.starts_with(
            "_Ticket#1: Commented by Emma at 2020-11-13 14:34 (UTC+00:00) (internal)_"
        )
    );
    let skipped = testing::transform::<Slack>(&note, json!({"internal_comments": "skip"}));
    assert!(skipped.unwrap_err().contains("internal_comments"));
}

#[test]
fn what_is_no_ticket_is_rejected() {
    use hookwright_sdk::{Destination, Failure, serde_json::from_value};
    let bad = hookwright_sdk::Event { data: "7".into(), ..zammad() };
    let settings = from_value(json!({})).unwrap();
    let failure = Slack::transform(&bad, &settings, &testing::host()).unwrap_err();
    assert!(matches!(failure, Failure::Rejected(_)));
}

/// "Changes to errors for incoming webhooks", and "Rate limits".
#[test]
fn answers_of_slack() {
    let verdict =
        |status, after, said: &str| testing::verdict::<Slack>(json!({}), status, after, said);
    assert!(is_delivered(&verdict(200, None, "ok")));
    assert!(is_failed(&verdict(400, None, "invalid_payload"), "400 invalid_payload"));
    assert!(is_failed(&verdict(403, None, "action_prohibited"), "administrator"));
    assert!(is_failed(&verdict(404, None, "channel_not_found"), "make a new webhook"));
    assert!(is_failed(&verdict(404, None, "no_service"), "set the secret `webhook_url`"));
    assert!(is_failed(&verdict(410, None, "channel_is_archived"), "unarchive"));
    assert!(is_put_off(&verdict(429, Some("30"), "rate_limited"), 30_000));
    assert!(is_retried(&verdict(500, None, "rollup_error")));
    assert!(is_retried(&verdict(502, None, "<html>Bad Gateway</html>")));
    assert!(is_retried(&verdict(200, None, "<html>hotel network</html>")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_is_a_message_within_the_limits(event in any_event()) {
        let body = body(&event);
        prop_assert!(body["text"].as_str().unwrap().len() > 2);
        prop_assert!(attachment(&body).encode_utf16().count() <= 8_000);
    }
}

/// The host tells of itself, of no ticket.
#[test]
fn what_happens_to_the_host_is_told() {
    let body = testing::body::<Slack>(&testing::operation(), json!({"format": "mrkdwn"}));
    assert_eq!(body["text"], "*The plugin telegram is suspended: its calls to make requests fail*");
    let text = body["attachments"][0]["text"].as_str().unwrap();
    let start = "_<https://hooks.example.com/console/plugins/telegram|Hookwright>: Suspended at ";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("&lt;b&gt;\nAnd 2 more like this."), "{text}");
}
