//! Numbers of subscriptions and policies: each has one, and nothing has it again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::Place;
use hookwright_model::{
    Digest, Name, Policy, PolicyAlgorithm, Subscription, SubscriptionId, Timestamp,
};
use hookwright_store::{Changes, Numbers, SqliteStore, Store};
use rusqlite::Connection;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn subscription(text: &str) -> Subscription {
    Subscription::new(name(text), name("r-service"), Digest::of(b""))
}

fn policy(text: &str) -> Policy {
    Policy {
        name: name(text),
        algorithm: PolicyAlgorithm::None,
        audience: None,
        expires_in_s: None,
        secret: None,
        disabled: false,
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
        keys: Vec::new(),
    }
}

async fn set(store: &SqliteStore, subscriptions: &[Subscription], policies: &[Policy]) {
    let (subscriptions, policies) = (subscriptions.to_vec(), policies.to_vec());
    let changes = Changes { subscriptions, policies, ..Changes::default() };
    store.change(changes).await.unwrap();
}

async fn numbers(store: &SqliteStore) -> Numbers {
    store.configuration().await.unwrap().numbers
}

#[tokio::test]
async fn numbers_stay_and_do_not_come_again() {
    let place = Place::new();
    let store = place.open();
    let (one, two) = (subscription("one"), subscription("two"));
    set(&store, &[one.clone(), two.clone()], &[policy("a"), policy("b")]).await;
    let first = numbers(&store).await;
    assert_eq!((first.subscriptions[&one.id], first.subscriptions[&two.id]), (1, 2));
    assert_eq!((first.policies[&name("a")], first.policies[&name("b")]), (1, 2));

    // They are changed, and renamed.
    let renamed = Subscription { name: name("three"), ..two.clone() };
    set(&store, &[one.clone(), renamed], &[Policy { disabled: true, ..policy("b") }]).await;
    assert_eq!(numbers(&store).await, first);

    // They are removed; what comes after has other numbers, under the same name too.
    let gone = Changes {
        removed_subscriptions: vec![two.id],
        removed_policies: vec![name("b")],
        ..Changes::default()
    };
    store.change(gone).await.unwrap();
    assert_eq!(numbers(&store).await.subscriptions.len(), 1);
    drop(store);
    let store = place.open();
    let three = subscription("three");
    set(&store, std::slice::from_ref(&three), &[policy("b")]).await;
    let last = numbers(&store).await;
    assert_eq!((last.subscriptions[&three.id], last.policies[&name("b")]), (3, 3));
    assert_eq!((last.subscriptions[&one.id], last.policies[&name("a")]), (1, 1));
}

#[tokio::test]
async fn a_number_can_be_known_before() {
    let place = Place::new();
    let store = place.open();
    let later = subscription("later");
    assert_eq!(store.number(later.id).await.unwrap(), 1);
    assert_eq!(store.number(SubscriptionId::new()).await.unwrap(), 2);
    assert_eq!(store.number(later.id).await.unwrap(), 1);
    let other = subscription("other");
    set(&store, &[other.clone(), later.clone()], &[]).await;
    let numbers = numbers(&store).await;
    assert_eq!((numbers.subscriptions[&later.id], numbers.subscriptions[&other.id]), (1, 3));
}

#[tokio::test]
async fn a_number_can_be_asked_for() {
    let place = Place::new();
    let store = place.open();
    let (plain, asked) = (subscription("plain"), subscription("asked"));
    // Kept for one that was never made: nobody has it.
    for number in 1..=3 {
        assert_eq!(store.number(SubscriptionId::new()).await.unwrap(), number);
    }
    let subscriptions = vec![plain.clone(), asked.clone()];
    let given = vec![(asked.id, 2)];
    let changes = Changes { subscriptions, numbers: given, ..Changes::default() };
    store.change(changes).await.unwrap();
    let found = numbers(&store).await.subscriptions;
    assert_eq!((found[&asked.id], found[&plain.id]), (2, 4));
    // One that somebody has is refused, with all that came with it.
    let late = subscription("late");
    let subscriptions = vec![late.clone()];
    let changes = Changes { subscriptions, numbers: vec![(late.id, 4)], ..Changes::default() };
    assert!(store.change(changes).await.is_err());
    assert!(!numbers(&store).await.subscriptions.contains_key(&late.id));
}

/// What older versions set up gets its numbers in the order in which it was made.
#[test]
fn what_is_there_is_numbered() {
    let connection = Connection::open_in_memory().unwrap();
    let before = "CREATE TABLE subscriptions (id BLOB PRIMARY KEY, name TEXT) WITHOUT ROWID;
                  CREATE TABLE policies (name TEXT PRIMARY KEY, doc TEXT);
                  INSERT INTO subscriptions VALUES (x'02', 'a'), (x'01', 'z');
                  INSERT INTO policies VALUES ('p', '')";
    connection.execute_batch(before).unwrap();
    connection.execute_batch(include_str!("../src/sqlite/migrations/15.sql")).unwrap();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let of = "SELECT number FROM subscription_numbers WHERE subscription = ";
    assert_eq!((number(&format!("{of}x'01'")), number(&format!("{of}x'02'"))), (1, 2));
    assert_eq!(number("SELECT number FROM policy_numbers WHERE policy = 'p'"), 1);
}
