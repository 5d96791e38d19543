//! Messages as Zammad's predefined webhook for Mattermost has them, and answers as Mattermost's
//! documentation and code have them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../../shared/chat-text/testing/mod.rs"]
mod testing;

use destination_mattermost::{Mattermost, Settings};
use hookwright_sdk::CheckSettings;
use hookwright_sdk::serde_json::{Value, from_value, json};
use proptest::prelude::*;
use testing::{
    any_event, event, everywhere, hostile, is_delivered, is_failed, is_put_off, is_retried, zammad,
    zenlix,
};

fn body(event: &hookwright_sdk::Event) -> Value {
    testing::body::<Mattermost>(event, json!({}))
}

fn attachment(body: &Value) -> &str {
    body["attachments"][0]["text"].as_str().unwrap()
}

/// Seed 001; the shape is that of `Webhook::PreDefined::Mattermost`.
#[test]
fn zammads_ticket_is_zammads_message() {
    let set = json!({
        "channel": "#support", "username": "Helpdesk", "icon_url": "https://example.com/logo.png"
    });
    let request = testing::transform::<Mattermost>(&zammad(), set.clone()).unwrap();
    testing::assert_posts_to_the_webhook(&request);
    assert_eq!(
        testing::text::<Mattermost>(&zammad(), set),
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

#[test]
fn titles_are_escaped() {
    let data = json!({"ticket": {"title": "*x* [y](z) @all"}});
    let body = body(&event("ticket.created", &data));
    assert_eq!(body["text"], "# \\*x\\* \\[y\\](z) @\u{200b}all");
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
    assert!(body["text"].as_str().unwrap().chars().count() <= 502);
    assert!(attachment(&body).ends_with("слово …"));
    assert!(attachment(&body).chars().count() > 5_000);
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
    let skipped = testing::transform::<Mattermost>(&note, json!({"internal_comments": "skip"}));
    assert!(skipped.unwrap_err().contains("internal_comments"));
}

#[test]
fn channels_that_cannot_be_are_named() {
    let check = |channel: &str| Mattermost::check(&set(channel));
    for good in ["", "town-square", "#town-square", "@emma.taylor"] {
        assert!(check(good).is_empty(), "{good}");
    }
    for bad in ["Town Square", "#", "@", "Süd"] {
        assert_eq!(check(bad)[0].at.as_deref(), Some("/channel"), "{bad}");
    }
}

fn set(channel: &str) -> Settings {
    from_value(json!({"channel": channel})).unwrap()
}

/// mattermost/server: `App.HandleIncomingWebhook` and its errors.
#[test]
fn answers_of_mattermost() {
    let verdict =
        |status, after, said: &str| testing::verdict::<Mattermost>(json!({}), status, after, said);
    let error = |id: &str, status: u16| {
        let said = json!({
            "id": id, "message": "What happened.", "detailed_error": "", "request_id": "x",
            "status_code": status
        });
        verdict(status, None, &said.to_string())
    };
    assert!(is_delivered(&verdict(200, None, "ok")));
    assert!(is_failed(&error("web.incoming_webhook.parse.app_error", 400), "400 What happened."));
    assert!(is_failed(&error("web.incoming_webhook.invalid.app_error", 400), "make a new one"));
    assert!(is_failed(&error("web.incoming_webhook.channel.app_error", 404), "404 What"));
    assert!(is_failed(&error("web.incoming_webhook.disabled.app_error", 501), "System Console"));
    assert!(is_failed(&error("web.incoming_webhook.permissions.app_error", 403), "403"));
    assert!(is_retried(&error("app.post.save.app_error", 500)));
    assert!(is_put_off(&verdict(429, Some("1"), "limit exceeded"), 1_000));
    assert!(is_retried(&verdict(502, None, "<html>Bad Gateway</html>")));
    assert!(is_retried(&verdict(200, None, "<html>Log in</html>")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_is_a_message_within_the_limits(event in any_event()) {
        let body = body(&event);
        prop_assert!(body["text"].as_str().unwrap().chars().count() <= 1_000);
        let json = attachment(&body).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        prop_assert!(json.encode_utf16().count() <= 7_000);
    }
}

/// The host tells of itself, of no ticket.
#[test]
fn what_happens_to_the_host_is_told() {
    let body = testing::body::<Mattermost>(&testing::operation(), json!({}));
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
