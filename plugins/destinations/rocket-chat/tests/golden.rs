//! Messages as Zammad's predefined webhook for Rocket.Chat has them, and answers as Rocket.Chat's
//! code has them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../shared/chat-text/testing/mod.rs"]
mod testing;

use destination_rocket_chat::{RocketChat, Settings};
use hookwright_sdk::CheckSettings;
use hookwright_sdk::serde_json::{Value, from_value, json};
use proptest::prelude::*;
use testing::{
    any_event, event, everywhere, hostile, is_delivered, is_failed, is_put_off, is_retried, zammad,
    zenlix,
};

fn body(event: &hookwright_sdk::Event) -> Value {
    testing::body::<RocketChat>(event, json!({}))
}

fn attachment(body: &Value) -> &str {
    body["attachments"][0]["text"].as_str().unwrap()
}

/// Seed 001; the shape is that of `Webhook::PreDefined::RocketChat`.
#[test]
fn zammads_ticket_is_zammads_message() {
    let set = json!({
        "channel": "#support", "username": "Helpdesk", "icon_url": "https://example.com/logo.png"
    });
    let request = testing::transform::<RocketChat>(&zammad(), set.clone()).unwrap();
    testing::assert_posts_to_the_webhook(&request);
    assert_eq!(
        testing::text::<RocketChat>(&zammad(), set),
        concat!(
            r##"{"channel":"#support","username":"Helpdesk","##,
            r##""icon_url":"https://example.com/logo.png","##,
            r##""mrkdwn":true,"text":"# Webhook-Test","attachments":[{"text":""##,
            r##"_[Ticket#10081](https://zammad.example.com/#ticket/zoom/81): "##,
            r##"Created by Emily Adams at 2020-11-13 14:34 (UTC+00:00)_\n\n"##,
            r##"* Group: Service Desk\n* Owner: Emma Taylor\n* State: open\n\n"##,
            r##"This is a simple Webhook Test.","mrkdwn_in":["text"],"color":"#faab00"}]}"##
        )
    );
}

/// Seed 000. What is not set is sent empty, as Zammad does.
#[test]
fn other_helpdesks_tickets_get_the_same_shape() {
    assert_eq!(
        body(&zenlix()),
        json!({
            "channel": "", "username": "", "icon_url": "", "mrkdwn": true,
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

/// The grammar of `@rocket.chat/message-parser`: a heading is plain text.
#[test]
fn titles_need_no_escape() {
    let data = json!({"ticket": {"title": "*x* [y](z) @all"}});
    let body = body(&event("ticket.created", &data));
    assert_eq!(body["text"], "# *x* [y](z) @\u{200b}all");
}

#[test]
fn texts_call_nobody_and_mark_up_nothing() {
    for text in hostile() {
        let body = body(&everywhere(&text));
        let (headline, sent) = (body["text"].as_str().unwrap(), attachment(&body));
        for name in ["@all", "@channel", "@here", "@everyone"] {
            assert!(!headline.contains(name), "{headline}");
            assert!(!sent.contains(name), "{sent}");
        }
        for markup in
            ["*bold*", "~strike~", " `code`", "](x)", "\n# ", "\n- ", "\n> ", "<b>", "&lt;"]
        {
            let escaped = markup == "](x)" && sent.contains("\\](x)");
            assert!(!sent.contains(markup) || escaped, "{markup}: {sent}");
        }
        assert!(!sent.contains('\u{202e}') && !sent.contains('\0'), "{sent:?}");
    }
}

#[test]
fn long_texts_are_cut_with_an_ellipsis() {
    let data = json!({"ticket": {"title": "*".repeat(40_000), "text": "слово\n".repeat(8_000)}});
    let body = body(&event("ticket.created", &data));
    assert!(body["text"].as_str().unwrap().chars().count() <= 252);
    assert!(attachment(&body).ends_with("слово …"));
    assert!(attachment(&body).chars().count() > 4_800);
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
    assert!(attachment(&body(&note)).contains("(UTC+00:00) (internal)_"));
    let skipped = testing::transform::<RocketChat>(&note, json!({"internal_comments": "skip"}));
    assert!(skipped.unwrap_err().contains("internal_comments"));
}

#[test]
fn channels_that_cannot_be_are_named() {
    let check = |channel: &str| {
        let settings: Settings = from_value(json!({"channel": channel})).unwrap();
        RocketChat::check(&settings)
    };
    for good in ["", "#support", "@emma.taylor", "#поддержка"] {
        assert!(check(good).is_empty(), "{good}");
    }
    for bad in ["support", "#", "@", "#two words"] {
        assert_eq!(check(bad)[0].at.as_deref(), Some("/channel"), "{bad}");
    }
}

/// RocketChat/Rocket.Chat: the integrations' API and its rate limiter.
#[test]
fn answers_of_rocket_chat() {
    let verdict =
        |status, after, said: &str| testing::verdict::<RocketChat>(json!({}), status, after, said);
    assert!(is_delivered(&verdict(200, None, r#"{"success":true}"#)));
    let error = r#"{"success":false,"error":"invalid-channel"}"#;
    assert!(is_failed(&verdict(400, None, error), "400 invalid-channel"));
    assert!(is_failed(&verdict(200, None, error), "200 invalid-channel"));
    let error = r#"{"success":false,"error":"Invalid integration id or token provided."}"#;
    assert!(is_failed(&verdict(404, None, error), "404 Invalid integration id"));
    let slow = r#"{"success":false,"error":"Error, too many requests. Please slow down. You must wait 46 seconds before trying this endpoint again. [error-too-many-requests]"}"#;
    assert!(is_put_off(&verdict(429, None, slow), 46_000));
    assert!(is_put_off(&verdict(429, Some("5"), slow), 5_000));
    assert!(is_retried(&verdict(429, None, r#"{"success":false}"#)));
    assert!(is_retried(&verdict(503, None, "<html>starting</html>")));
    assert!(is_retried(&verdict(200, None, "<html>Log in</html>")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_is_a_message_within_the_limits(event in any_event()) {
        let body = body(&event);
        prop_assert!(body["text"].as_str().unwrap().chars().count() <= 1_000);
        prop_assert!(attachment(&body).encode_utf16().count() <= 5_000);
    }
}

/// The host tells of itself, of no ticket.
#[test]
fn what_happens_to_the_host_is_told() {
    let body = testing::body::<RocketChat>(&testing::operation(), json!({}));
    assert_eq!(body["text"], "# The plugin telegram is suspended: its calls to make requests fail");
    let attachment = &body["attachments"][0];
    assert_eq!(
        attachment["text"],
        "_[Hookwright](https://hooks.example.com/console/plugins/telegram): Suspended at \
         2020-11-13 14:34 (UTC+00:00)_\n\n\n\ntrap: \\*unreachable\\* <\u{200b}b>\n\
         And 2 more like this."
    );
    assert_eq!(attachment["color"], "#f35912");
}
