//! When mails are made, and what is in them.

use hookwright_model::{Digest, MailLanguage, MailSettings, Subscription, SubscriptionId};
use hookwright_store::{OutageChange, SubscriptionHealth};
use proptest::prelude::*;

use super::*;
use crate::public_url::PublicUrl;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000)
}

fn settings() -> MailSettings {
    let said =
        r#"{"server":"mail.example","from":"Hilfe <desk@bücher.example>","to":["ops@x.example"]}"#;
    serde_json::from_str(said).unwrap()
}

fn subscription() -> Subscription {
    let (name, plugin) = ("duty".parse().unwrap(), "telegram".parse().unwrap());
    let mail_exceptions_to = vec!["anna@x.example".to_owned(), "OPS@x.example".to_owned()];
    Subscription { mail_exceptions_to, ..Subscription::new(name, plugin, Digest::of(b"")) }
}

fn outages() -> Outages {
    Outages::none()
}

fn exhausted(words: &str) -> Failed {
    Failed { for_good: true, health: None, words: Some(words.to_owned()) }
}

fn attempts(count: u32, since: Timestamp) -> Failed {
    let health = SubscriptionHealth {
        consecutive_failures: count,
        failing_since: Some(since),
        ..SubscriptionHealth::new(SubscriptionId::new())
    };
    Failed { for_good: false, health: Some(health), words: Some("timed out".to_owned()) }
}

#[test]
fn many_failures_are_one_outage() {
    let (outages, subscription, settings) = (outages(), subscription(), settings());
    let (change, mails) =
        outages.failed(&subscription, &settings, exhausted("500"), at(0)).unwrap();
    let OutageChange::Begins(outage) = change else { panic!("{change:?}") };
    let to: Vec<_> = mails.iter().map(|mail| mail.recipient.as_str()).collect();
    assert_eq!(to, ["anna@x.example", "OPS@x.example"], "each once, admins too");
    assert!(mails.iter().all(|mail| mail.thread == outage.id && mail.part == MailPart::First));
    for n in 1..50 {
        let (change, mails) =
            outages.failed(&subscription, &settings, exhausted("501"), at(n)).unwrap();
        assert!(matches!(change, OutageChange::GoesOn(_)) && mails.is_empty(), "{change:?}");
    }
    let (change, mails) = outages.delivered(&subscription, at(60)).unwrap();
    let OutageChange::Ends(ended) = change else { panic!("{change:?}") };
    assert_eq!((ended.id, ended.failed, ended.words.as_deref()), (outage.id, 50, Some("501")));
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().all(|mail| mail.thread == outage.id && mail.part == MailPart::Last));
    assert!(outages.delivered(&subscription, at(61)).is_none());
}

#[test]
fn attempts_count_when_they_fail_for_minutes() {
    let (outages, subscription, settings) = (outages(), subscription(), settings());
    for (count, since, now) in [(4, 0, 5_000), (5, 0, 599), (0, 0, 5_000)] {
        let failed = attempts(count, at(since));
        assert!(outages.failed(&subscription, &settings, failed, at(now)).is_none());
    }
    let failed = attempts(5, at(0));
    let (change, _) = outages.failed(&subscription, &settings, failed, at(600)).unwrap();
    let OutageChange::Begins(outage) = change else { panic!("{change:?}") };
    assert_eq!((outage.since, outage.failed), (at(0), 0));
}

#[test]
fn what_fails_now_and_then_is_told_of_six_times_an_hour() {
    let (outages, subscription, settings) = (outages(), subscription(), settings());
    let mut told = 0;
    for n in 0..100 {
        let failed = outages.failed(&subscription, &settings, exhausted("500"), at(n));
        let succeeded = outages.delivered(&subscription, at(n));
        assert_eq!(failed.is_some(), succeeded.is_some());
        told += u32::from(failed.is_some());
    }
    assert_eq!(told, 6);
    assert!(outages.failed(&subscription, &settings, exhausted("500"), at(3_700)).is_some());
}

#[test]
fn nobody_is_told_where_nobody_is_named() {
    let quiet = Subscription { mail_exceptions_to: Vec::new(), ..subscription() };
    let settings = MailSettings { to: Vec::new(), ..settings() };
    assert!(outages().failed(&quiet, &settings, exhausted("500"), at(0)).is_none());
}

#[test]
fn addresses_are_such_that_servers_understand() {
    for (text, expected) in [
        ("anna@example.com", "anna@example.com"),
        ("a.b+c@bücher.example", "a.b+c@xn--bcher-kva.example"),
        ("служба@пример.рф", ""),
        ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@localhost", "a@localhost"),
        ("a@desk", ""),
        ("a@127.0.0.1", ""),
        ("anna", ""),
        ("@example.com", ""),
        ("a@", ""),
        ("a@b.example, c@d.example", ""),
        ("a b@c.example", ""),
        ("a@b.example\r\nBcc: x@y.example", ""),
        ("<a@b.example>", ""),
    ] {
        let found = address::address(text).map(|found| found.to_string());
        match expected {
            "" => assert!(found.is_err(), "{text}: {found:?}"),
            expected => assert_eq!(found.as_deref(), Ok(expected), "{text}"),
        }
    }
    let named = address::mailbox("Служба \u{2013} \"Hilfe\" <desk@bücher.example>").unwrap();
    assert_eq!(named.email.to_string(), "desk@xn--bcher-kva.example");
    for bad in ["Hilfe <desk@x.example", "a\r\nb <desk@x.example>", "<>", ""] {
        assert!(address::mailbox(bad).is_err(), "{bad}");
    }
}

fn every(subscription: &str, description: &str) -> Vec<About> {
    let subscription: Name = subscription.parse().unwrap();
    let description = Some(description.to_owned());
    let (since, until) = (at(0), at(90));
    let mut all = vec![About::Test];
    for failed in [0, 1, 2, 5, 21, 1_000] {
        let (subscription, description) = (subscription.clone(), description.clone());
        all.push(About::OutageBegan {
            subscription: subscription.clone(),
            description: description.clone(),
            since,
            failed,
        });
        all.push(About::OutageEnded { subscription, description, since, until, failed });
    }
    let types = hookwright_model::catalogue::types().iter();
    // These are not mailed: outages are, and what admins do themselves is known to them.
    let not_mailed = ["delivery.exhausted", "subscription.enabled"];
    let told = types
        .filter(|known| known.data_schema == "operation/1")
        .map(|known| known.event_type.clone())
        .filter(|event_type| !not_mailed.contains(&event_type.as_str()));
    all.extend(told.map(|event_type| About::Operation {
        event_type,
        subject: "telegram".to_owned(),
        at: since,
        url: "https://hooks.example.com/console".to_owned(),
        left_out: 4,
    }));
    all
}

#[test]
fn every_mail_is_there_in_every_language() {
    let english = texts::names(MailLanguage::En);
    let url: PublicUrl = "https://hooks.example.com".parse().unwrap();
    let mut seen = std::collections::HashSet::new();
    for language in MailLanguage::ALL {
        assert_eq!(texts::names(language), english, "{language:?}");
        for about in every("duty", "Night") {
            let written = compose::compose(&about, Some("500"), language, &url);
            for text in [&written.subject, &written.text] {
                // A text that is missing shows as its name, and a value that is as `{$name}`.
                assert!(
                    !english.iter().any(|name| text.contains(name.as_str()) && name.contains('-')),
                    "{text}"
                );
                assert!(!text.contains(['{', '}', '$']), "{language:?}: {text}");
            }
            assert!(written.text.contains("https://hooks.example.com/console"), "{}", written.text);
            assert!(seen.insert((written.subject, written.text)), "{language:?}: {about:?}");
        }
    }
}

#[test]
fn one_mail_in_full() {
    let url: PublicUrl = "https://hooks.example.com".parse().unwrap();
    let about = About::OutageEnded {
        subscription: "duty".parse().unwrap(),
        description: Some("Who is on duty".to_owned()),
        since: at(0),
        until: at(3_600),
        failed: 2,
    };
    let written = compose::compose(&about, Some("500\nInternal"), MailLanguage::En, &url);
    assert_eq!(written.subject, "Hookwright: deliveries of duty (Who is on duty) succeed again");
    assert_eq!(
        written.text,
        "Deliveries of the subscription duty succeed again. They failed from 2023-11-14 22:13 UTC \
         to 2023-11-14 23:13 UTC.\n\nWho is on duty\n\n2 were given up. They can be delivered \
         again.\n\nThe last error was:\n    500 Internal\n\nMore: \
         https://hooks.example.com/console/subscriptions/duty\n\n-- \nThis mail was written by \
         Hookwright. Nobody reads answers to it.\n"
    );
}

/// What was made, as it is sent.
fn sent(description: &str, words: &str, part: MailPart) -> String {
    let about = match part {
        MailPart::First => About::OutageBegan {
            subscription: "duty".parse().unwrap(),
            description: Some(description.to_owned()),
            since: at(0),
            failed: 1,
        },
        MailPart::Last => About::Operation {
            event_type: "destination.recovered".to_owned(),
            subject: description.to_owned(),
            at: at(0),
            url: "https://h.example/console".to_owned(),
            left_out: 0,
        },
    };
    let url: PublicUrl = "https://hooks.example.com".parse().unwrap();
    let thread = Some((Uuid::nil(), part));
    let mails = to_each(&["anna@x.example".to_owned()], thread, &about, Some(words), at(0));
    let message = compose::message(&mails[0], &settings(), &url).unwrap();
    String::from_utf8(message.formatted()).unwrap()
}

#[test]
fn mails_of_one_outage_belong_together() {
    let first = sent("x", "y", MailPart::First);
    let id = "<00000000000000000000000000000000.first@xn--bcher-kva.example>";
    assert!(first.contains(&format!("Message-ID: {id}\r\n")), "{first}");
    assert!(first.contains("Auto-Submitted: auto-generated\r\n"), "{first}");
    assert!(first.contains("From: Hilfe <desk@xn--bcher-kva.example>\r\n"), "{first}");
    let last = sent("x", "y", MailPart::Last);
    assert!(last.contains(&format!("In-Reply-To: {id}\r\n")), "{last}");
    assert!(last.contains(&format!("References: {id}\r\n")), "{last}");
    assert_eq!(first, sent("x", "y", MailPart::First), "the same when it is sent again");
}

proptest! {
    #[test]
    fn words_of_others_add_no_headers(
        words in "(\r\n|\n|\r|Bcc: x@y\\.example|\u{2028}|\u{85}|[a-zа-я:<>@ ]){0,40}",
        is_first: bool,
    ) {
        let part = if is_first { MailPart::First } else { MailPart::Last };
        let mail = sent(&words, &words, part);
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split_once(':').unwrap().0)
            .collect();
        let known = [
            "Date", "Message-ID", "To", "Subject", "Auto-Submitted", "Content-Type",
            "In-Reply-To", "References", "From", "Content-Transfer-Encoding", "MIME-Version",
        ];
        prop_assert!(names.iter().all(|name| known.contains(name)), "{head}");
        prop_assert!(!head.replace("\r\n", "").contains(['\r', '\n']), "{head}");
    }

    #[test]
    fn words_of_others_are_one_line_of_bounded_length(words in ".{0,300}", most in 1_usize..200) {
        let line = compose::line(&words, most);
        prop_assert!(line.chars().count() <= most + 1);
        let is_odd = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
        prop_assert!(!line.chars().any(is_odd));
    }
}
