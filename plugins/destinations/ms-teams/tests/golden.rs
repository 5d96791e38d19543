//! Cards as Zammad's predefined webhook for Microsoft Teams has them, and answers as Microsoft's
//! documentation of workflows and connectors has them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../shared/chat-text/testing/mod.rs"]
mod testing;

use destination_ms_teams::MsTeams;
use hookwright_sdk::serde_json::{Value, json};
use proptest::prelude::*;
use testing::{
    any_event, event, everywhere, hostile, is_delivered, is_failed, is_put_off, is_retried, zammad,
    zenlix,
};

fn card(event: &hookwright_sdk::Event) -> Value {
    testing::body::<MsTeams>(event, json!({}))["attachments"][0]["content"].clone()
}

fn block(card: &Value, number: usize) -> &str {
    card["body"][number]["text"].as_str().unwrap()
}

/// Seed 001; the shape is that of `Webhook::PreDefined::MicrosoftTeams`.
#[test]
fn zammads_ticket_is_zammads_card() {
    let request = testing::transform::<MsTeams>(&zammad(), json!({})).unwrap();
    testing::assert_posts_to_the_webhook(&request);
    assert_eq!(
        testing::text::<MsTeams>(&zammad(), json!({})),
        concat!(
            r#"{"type":"message","attachments":[{"#,
            r#""contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"#,
            r#""content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","#,
            r#""type":"AdaptiveCard","version":"1.0","body":["#,
            r#"{"type":"TextBlock","text":"Webhook-Test","color":"warning","weight":"bolder","#,
            r#""size":"large","wrap":true},"#,
            r#"{"type":"TextBlock","#,
            r#""text":"* Group: Service Desk\n* Owner: Emma Taylor\n* State: open","wrap":true},"#,
            r#"{"type":"TextBlock","text":"This is a simple Webhook Test.","wrap":true},"#,
            r#"{"type":"ActionSet","actions":[{"type":"Action.OpenUrl","title":"Ticket#10081","#,
            r#""url":"https://zammad.example.com/#ticket/zoom/81"}]}]}}]}"#
        )
    );
}

/// Seed 000. There is no link, so there is no button.
#[test]
fn other_helpdesks_tickets_get_the_same_shape() {
    assert_eq!(
        card(&zenlix())["body"],
        json!([
            {
                "type": "TextBlock", "text": "Message with attachments", "color": "default",
                "weight": "bolder", "size": "large", "wrap": true
            },
            {
                "type": "TextBlock", "wrap": true,
                "text": "* Group: Default group\n* Owner: System Account\n* State: lock"
            },
            {
                "type": "TextBlock", "wrap": true,
                "text": "Body text with attachments.\n\nРусский текст."
            }
        ])
    );
}

#[test]
fn colours_are_those_of_the_state() {
    let color = |event_type: &str, state: &str| {
        let data = json!({"ticket": {"state": state}});
        card(&event(event_type, &data))["body"][0]["color"].as_str().unwrap().to_owned()
    };
    assert_eq!(color("ticket.updated", "new"), "warning");
    assert_eq!(color("ticket.updated", "closed"), "good");
    assert_eq!(color("ticket.updated", "pending close"), "default");
    assert_eq!(color("ticket.reminder_reached", "pending reminder"), "warning");
    assert_eq!(color("ticket.sla_reached", "open"), "attention");
}

#[test]
fn texts_mark_up_nothing_and_call_nobody() {
    for text in hostile() {
        let event = everywhere(&text);
        let card = card(&event);
        for number in 0..3 {
            let sent = block(&card, number);
            for markup in
                ["*bold*", "~strike~", " `code`", "<at>", "{{DATE", "\n# ", "\n- ", "&lt;"]
            {
                assert!(!sent.contains(markup), "{markup}: {sent}");
            }
            assert!(!sent.contains('\u{202e}') && !sent.contains('\0'), "{sent:?}");
        }
        // Nothing of a ticket becomes an element.
        assert!(card["body"].as_array().unwrap().len() <= 4);
    }
}

#[test]
fn long_texts_are_cut_with_an_ellipsis() {
    for part in ["слово ", "漢字 ", "\\ ", "x\n"] {
        let data = json!({"ticket": {"title": part.repeat(9_000), "text": part.repeat(20_000)}});
        let event = event("ticket.created", &data);
        let body = testing::text::<MsTeams>(&event, json!({}));
        assert!(body.len() <= 28_000 && 2 * body.encode_utf16().count() <= 28_000);
        assert!(body.len() > 12_000, "{part}: {}", body.len());
        assert!(block(&card(&event), 2).ends_with('…'));
    }
}

#[test]
fn events_with_hardly_any_fields_still_say_what_happened() {
    let card = card(&event("problem.created", &json!({})));
    assert_eq!(block(&card, 0), "Problem created");
    assert_eq!(block(&card, 1), "Created at 2020-11-13 14:34 (UTC+00:00)");
}

#[test]
fn internal_comments_can_be_left_out() {
    let data = json!({"ticket": {}, "comment": {"visibility": "internal", "text": "psst"}});
    let note = event("ticket.commented", &data);
    assert!(block(&card(&note), 1).ends_with("(internal)"));
    let data = json!({
        "ticket": {"state": "open"}, "comment": {"visibility": "internal", "text": "psst"}
    });
    assert!(block(&card(&event("ticket.commented", &data)), 1).ends_with("* internal"));
    let skipped = testing::transform::<MsTeams>(&note, json!({"internal_comments": "skip"}));
    assert!(skipped.unwrap_err().contains("internal_comments"));
}

/// "Create an Incoming Webhook": rate limits and errors; Power Automate's errors.
#[test]
fn answers_of_teams() {
    let verdict =
        |status, after, said: &str| testing::verdict::<MsTeams>(json!({}), status, after, said);
    assert!(is_delivered(&verdict(202, None, "")));
    assert!(is_delivered(&verdict(200, None, "1")));
    let connector = |status: u16| {
        let said = format!(
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP \
             error {status} with ContextId tcid=0,server=DB3PEPF00000080"
        );
        verdict(200, None, &said)
    };
    assert!(is_retried(&connector(429)));
    assert!(is_retried(&connector(503)));
    assert!(is_failed(&connector(413), "413 Webhook message delivery failed"));
    let error = |status: u16, code: &str| {
        let said = json!({"error": {"code": code, "message": "What happened."}});
        verdict(status, None, &said.to_string())
    };
    assert!(is_failed(&error(400, "WorkflowTriggerIsNotEnabled"), "switch the workflow on"));
    assert!(is_failed(&error(401, "DirectApiAuthorizationRequired"), "`webhook_url`"));
    assert!(is_failed(&error(404, "WorkflowNotFound"), "404 WorkflowNotFound What happened."));
    assert!(is_retried(&error(502, "NoResponse")));
    assert!(is_put_off(&verdict(429, Some("17"), ""), 17_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_is_a_card_within_the_limits(event in any_event()) {
        let body = testing::text::<MsTeams>(&event, json!({}));
        prop_assert!(body.len() <= 28_000 && 2 * body.encode_utf16().count() <= 28_000);
        prop_assert!(!block(&card(&event), 0).is_empty());
    }
}

/// The host tells of itself, of no ticket.
#[test]
fn what_happens_to_the_host_is_told() {
    let body = testing::body::<MsTeams>(&testing::operation(), json!({}));
    let card = &body["attachments"][0]["content"]["body"];
    assert_eq!(
        card[0]["text"],
        "The plugin telegram is suspended: its calls to make requests fail"
    );
    assert_eq!(card[0]["color"], "attention");
    assert_eq!(card[1]["text"], "Suspended at 2020-11-13 14:34 (UTC+00:00)");
    let text = "trap: \\*unreachable\\* <\u{200b}b>\n\nAnd 2 more like this.";
    assert_eq!(card[2]["text"], text);
    let open = json!({
        "type": "Action.OpenUrl",
        "title": "Open the console",
        "url": "https://hooks.example.com/console/plugins/telegram"
    });
    assert_eq!(card[3]["actions"][0], open);
}
