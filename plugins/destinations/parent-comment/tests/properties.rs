//! No text of a ticket gets out of its place.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{BASE, child, form, sent, transform, url};
use hookwright_sdk::serde_json::json;
use hookwright_sdk::{Decision, Failure};
use proptest::prelude::*;

/// A text that is there: others are nothing to send.
fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_filter("nothing to say", |text| !text.trim().is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_comes_back_unchanged(text in text()) {
        let data = child(&json!({"comment": {"text": text}}));
        let request = sent(&data, &json!({"template": "{text}", "user_id": 5}));
        let expected = [("text".to_owned(), text), ("user_id".to_owned(), "5".to_owned())];
        prop_assert_eq!(form(&request), expected);
    }

    #[test]
    fn every_word_comes_back_in_its_place(
        author in text(), number in text(), title in text(), link in text(), text in text(),
    ) {
        let data = child(&json!({
            "ticket": {"number": number, "title": title, "url": link},
            "comment": {"author": {"name": author}, "text": text}
        }));
        let request = sent(&data, &json!({}));
        let expected = format!("{author}, #{number} {title}\n{link}\n\n{text}");
        prop_assert_eq!(form(&request), [("text".to_owned(), expected)]);
        prop_assert_eq!(url(&request), format!("{BASE}/api/v2/tickets/1200/comments/"));
    }

    #[test]
    fn every_parent_is_one_segment_or_none(parent in ".{0,60}|[A-Za-z0-9-]{0,41}") {
        let data = child(&json!({"ticket": {"fields": {"parent_ticket_id": parent}}}));
        match transform(&data, &json!({})) {
            Ok(Decision::Deliver(requests)) => {
                let id = url(&requests[0])
                    .strip_prefix(&format!("{BASE}/api/v2/tickets/"))
                    .and_then(|rest| rest.strip_suffix("/comments/"));
                prop_assert_eq!(id, Some(parent.trim()));
                prop_assert!(!parent.contains(['/', '.', '%', '?', '#', '\\']));
            }
            Ok(Decision::Skip(_)) => prop_assert!(matches!(parent.trim(), "" | "0" | "1234")),
            Err(Failure::Rejected(reason)) => prop_assert!(reason.len() < 400, "{reason}"),
            other => prop_assert!(false, "{other:?}"),
        }
    }
}
