//! Mails and outages: each once, in whatever order what tells of them is committed.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::Place;
use hookwright_model::{Digest, Subscription, SubscriptionId, Timestamp};
use hookwright_store::{
    Aside, Changes, Mail, MailOutcome, MailPart, Mails, Outage, OutageChange, SqliteStore, Store,
    SubscriptionHealth,
};
use uuid::Uuid;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn mail(thread: Uuid, part: MailPart, to: &str, now: i64) -> Mail {
    Mail {
        id: Uuid::now_v7(),
        thread,
        part,
        recipient: to.to_owned(),
        doc: "{}".to_owned(),
        words: Some("500".to_owned()),
        created_at: at(now),
        due: at(now),
        tries: 0,
    }
}

/// Any change that something comes with will do.
async fn come_with(store: &SqliteStore, subscription: SubscriptionId, aside: Aside) {
    let health = SubscriptionHealth::new(subscription);
    store.disable(health, at(0), aside).await.unwrap();
}

async fn with_subscription(store: &SqliteStore) -> SubscriptionId {
    let (name, plugin) = ("duty".parse().unwrap(), "telegram".parse().unwrap());
    let subscription = Subscription::new(name, plugin, Digest::of(b""));
    let id = subscription.id;
    let changes = Changes { subscriptions: vec![subscription], ..Changes::default() };
    store.change(changes).await.unwrap();
    id
}

fn outage(subscription: SubscriptionId) -> Outage {
    Outage {
        id: Uuid::now_v7(),
        subscription,
        since: at(1),
        failed: 1,
        words: Some("500".to_owned()),
        recipients: vec!["anna@x.example".to_owned()],
    }
}

fn aside(change: OutageChange, mails: Vec<Mail>) -> Aside {
    Aside { outage: Some(change), mails, ..Aside::default() }
}

#[tokio::test]
async fn an_outage_is_kept_until_it_ends() {
    let place = Place::new();
    let store = place.open();
    let id = with_subscription(&store).await;
    let begun = outage(id);
    come_with(&store, id, aside(OutageChange::Begins(begun.clone()), Vec::new())).await;
    let worse = Outage { failed: 7, words: Some("503".to_owned()), ..begun.clone() };
    come_with(&store, id, aside(OutageChange::GoesOn(worse.clone()), Vec::new())).await;
    // Counted before, committed after.
    let before = Outage { failed: 5, ..worse.clone() };
    come_with(&store, id, aside(OutageChange::GoesOn(before), Vec::new())).await;
    assert_eq!(store.outages().await.unwrap(), std::slice::from_ref(&worse));
    store.forget_mail_words().await.unwrap();
    assert_eq!(store.outages().await.unwrap()[0].words, None);
    come_with(&store, id, aside(OutageChange::Ends(worse), Vec::new())).await;
    assert_eq!(store.outages().await.unwrap(), []);
}

#[tokio::test]
async fn a_beginning_that_comes_after_its_end_is_no_outage() {
    let place = Place::new();
    let store = place.open();
    let id = with_subscription(&store).await;
    let one = outage(id);
    let last = mail(one.id, MailPart::Last, "anna@x.example", 2);
    let first = mail(one.id, MailPart::First, "anna@x.example", 1);
    come_with(&store, id, aside(OutageChange::Ends(one.clone()), vec![last])).await;
    come_with(&store, id, aside(OutageChange::Begins(one), vec![first.clone()])).await;
    assert_eq!(store.outages().await.unwrap(), []);
    // Both are told, in their order.
    let due = store.due_mails(at(9), 10).await.unwrap();
    assert_eq!(due, std::slice::from_ref(&first));
    store.note_mail(first.id, MailOutcome::Sent).await.unwrap();
    let due = store.due_mails(at(9), 10).await.unwrap();
    assert_eq!(due.iter().map(|mail| mail.part).collect::<Vec<_>>(), [MailPart::Last]);
}

#[tokio::test]
async fn a_mail_is_there_once_though_it_was_sent() {
    let place = Place::new();
    let store = place.open();
    let thread = Uuid::now_v7();
    let again = |to| mail(thread, MailPart::First, to, 1);
    let first = again("anna@x.example");
    store.add_mails(vec![first.clone(), again("bob@x.example")]).await.unwrap();
    store.add_mails(vec![again("anna@x.example")]).await.unwrap();
    assert_eq!(store.waiting_mails().await.unwrap(), (2, Some(at(1))));
    store.note_mail(first.id, MailOutcome::Again(at(50))).await.unwrap();
    let due = store.due_mails(at(49), 10).await.unwrap();
    assert_eq!(
        due.iter().map(|mail| mail.recipient.as_str()).collect::<Vec<_>>(),
        ["bob@x.example"]
    );
    let due = store.due_mails(at(50), 10).await.unwrap();
    assert_eq!(due.iter().map(|mail| mail.tries).collect::<Vec<_>>(), [0, 1]);
    for mail in due {
        store.note_mail(mail.id, MailOutcome::Sent).await.unwrap();
    }
    store.add_mails(vec![again("anna@x.example")]).await.unwrap();
    assert_eq!(store.waiting_mails().await.unwrap(), (0, None));
    store.forget_mails(at(2)).await.unwrap();
    store.add_mails(vec![again("anna@x.example")]).await.unwrap();
    assert_eq!(store.waiting_mails().await.unwrap().0, 1, "it was forgotten");
}
