//! Users, their sessions, tokens from before, and who changed what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use common::{NOW, Place, at, id_of};
use hookwright_model::{
    AccessRole, ActorKind, AuditActor, AuditEntry, AuditId, AuditTarget, Digest, FieldChange,
    PasswordHash, Token, TokenId, User, UserId,
};
use hookwright_store::keeping::{Sought, Trace};
use hookwright_store::{
    Accounts, AuditFilter, Changes, Page, SqliteStore, Store, StoreError, StoredSession, Times,
    UserChange,
};
use serde_json::json;

fn entry(millis: i64, action: &str, name: &str, changes: Vec<FieldChange>) -> AuditEntry {
    AuditEntry {
        id: AuditId::from_uuid(id_of(millis)),
        at: at(millis),
        actor: AuditActor { kind: ActorKind::Token, name: "tests".into() },
        action: action.into(),
        target: AuditTarget::new("user", name),
        changes,
        address: Some([192, 0, 2, 1].into()),
    }
}

fn user(name: &str) -> User {
    User {
        id: UserId::new(),
        name: name.parse().unwrap(),
        role: AccessRole::Reader,
        language: None,
        password: PasswordHash("hash".into()),
        disabled: false,
        created_at: at(NOW),
        updated_at: at(NOW),
        last_login_at: None,
    }
}

async fn all(store: &SqliteStore, filter: AuditFilter) -> Vec<AuditEntry> {
    store.audit(filter, Page { before: None, limit: 10_000 }).await.unwrap()
}

async fn add(store: &SqliteStore, name: &str) -> User {
    let user = user(name);
    store.add_user(user.clone(), entry(NOW, "user.create", name, Vec::new())).await.unwrap();
    user
}

#[tokio::test]
async fn a_name_is_one_persons_and_a_change_is_of_what_was_seen() {
    let place = Place::new();
    let store = place.open();
    let anna = add(&store, "anna").await;
    let again = entry(NOW, "user.create", "anna", Vec::new());
    let refused = store.add_user(user("anna"), again.clone()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict(_)), "{refused}");
    assert_eq!(all(&store, AuditFilter::default()).await.len(), 1, "what was refused is not said");

    let change = |was, role| UserChange {
        user: User { role, updated_at: at(NOW + 1), ..anna.clone() },
        was: at(was),
        ends_sessions: false,
        audit: vec![entry(NOW + 1, "user.update", "anna", Vec::new())],
    };
    store.change_user(change(NOW, AccessRole::Admin)).await.unwrap();
    let late = store.change_user(change(NOW, AccessRole::Operator)).await.unwrap_err();
    assert!(matches!(late, StoreError::Conflict(_)), "{late}");
    drop(store);
    let store = place.open();
    let found = store.user("anna".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((found.role, found.password.0.as_str()), (AccessRole::Admin, "hash"));
    assert_eq!(all(&store, AuditFilter::default()).await.len(), 2);
    assert!(store.remove_user(anna.id, again.clone()).await.unwrap());
    assert!(!store.remove_user(anna.id, again).await.unwrap());
    assert_eq!(store.users().await.unwrap(), []);
}

#[tokio::test]
async fn sessions_go_with_their_user() {
    let place = Place::new();
    let store = place.open();
    let (anna, bob) = (add(&store, "anna").await, add(&store, "bob").await);
    let session = |user: &User, cookie: &str| StoredSession {
        hash: Digest::of(cookie.as_bytes()),
        user: user.id,
        made_at: at(NOW),
        seen_at: at(NOW),
        address: "2001:db8::1".parse().unwrap(),
    };
    let login = || entry(NOW, "user.login", "anna", Vec::new());
    let hash = || PasswordHash("hash".into());
    assert!(store.open_session(session(&anna, "a"), hash(), login()).await.unwrap());
    assert!(store.open_session(session(&bob, "b"), hash(), login()).await.unwrap());
    let other = PasswordHash("the one before".into());
    assert!(!store.open_session(session(&anna, "c"), other, login()).await.unwrap());
    let found = |cookie: &str| store.session(Digest::of(cookie.as_bytes()));
    let (stored, whose) = found("a").await.unwrap().unwrap();
    assert_eq!((stored, whose.id), (session(&anna, "a"), anna.id));
    assert_eq!(whose.last_login_at, Some(at(NOW)));
    assert!(!place.holds("\"a\""), "only hashes of cookies are kept");
    store.see_session(Digest::of(b"a"), at(NOW + 5)).await.unwrap();
    store.forget_sessions(at(NOW), at(0)).await.unwrap();
    assert!(found("a").await.unwrap().is_some());
    assert!(found("b").await.unwrap().is_none(), "it was not seen for too long");
    store.remove_user(anna.id, login()).await.unwrap();
    assert!(found("a").await.unwrap().is_none());
    assert_eq!(place.number("SELECT count(*) FROM sessions"), 0);
}

#[tokio::test]
async fn a_change_and_what_is_said_of_it_are_one() {
    let place = Place::new();
    let store = place.open();
    let said = |action| vec![entry(NOW, action, "anna", Vec::new())];
    let good = Changes { audit: said("good"), ..Changes::default() };
    store.change(good).await.unwrap();
    let twice = Changes { audit: said("good"), ..Changes::default() };
    let both = [twice.audit.clone(), twice.audit].concat();
    let journal = Some(hookwright_model::JournalSettings {
        keep_bytes: Some(hookwright_model::Size(77 << 20)),
        ..Default::default()
    });
    // The same id a second time: the log refuses it, and so nothing changes.
    let bad = Changes { audit: both, journal, ..Changes::default() };
    store.change(bad).await.unwrap_err();
    assert_eq!(store.configuration().await.unwrap().journal.keep_bytes, None);
    assert_eq!(all(&store, AuditFilter::default()).await.len(), 1);
}

#[tokio::test]
async fn what_is_old_goes_and_what_is_sought_is_cut_out() {
    let place = Place::new();
    let store = place.open();
    let entries: Vec<_> = (0..1_200_i64)
        .map(|number| {
            let who = if number % 100 == 7 { "Jo.Doe@example.com" } else { "somebody" };
            let from = json!({ "to": [who] });
            let change = FieldChange { pointer: "/a".into(), from, to: json!(number) };
            entry(NOW + number, "user.update", "anna", vec![change])
        })
        .collect();
    store.note_audit(entries).await.unwrap();
    let times = Times { since: Some(at(NOW + 100)), until: Some(at(NOW + 110)) };
    let some = all(&store, AuditFilter { times, ..AuditFilter::default() }).await;
    let moments: Vec<_> = some.iter().map(|entry| entry.at.millis() - NOW).collect();
    assert_eq!(moments, (100..110).rev().collect::<Vec<_>>());

    let erase = async |trace: Trace, dry_run| {
        let sought = Arc::new(Sought { trace, source: None });
        let (mut found, mut after) = (0, None);
        loop {
            let batch = store.erase_audit(Arc::clone(&sought), after, dry_run).await.unwrap();
            found += batch.entries;
            after = batch.next;
            if after.is_none() {
                return found;
            }
        }
    };
    let person = || Trace::Person("jo.doe@EXAMPLE.com".into());
    assert_eq!(erase(person(), true).await, 12);
    assert_eq!(erase(person(), false).await, 12);
    assert_eq!(erase(person(), true).await, 0);
    assert_eq!(erase(Trace::Ticket("7".into()), true).await, 0);
    let all_now = all(&store, AuditFilter::default()).await;
    let cut = all_now.iter().find(|entry| entry.at == at(NOW + 7)).unwrap();
    assert_eq!(cut.changes[0].from, json!("[redacted]"));
    assert_eq!(cut.changes[0].to, json!(7));

    let mut batches = 0;
    while store.forget_audit(at(NOW + 1_100)).await.unwrap() {
        batches += 1;
    }
    assert!(batches >= 2, "not all at once");
    assert_eq!(all(&store, AuditFilter::default()).await.len(), 100);
    assert!(!store.forget_audit(at(NOW)).await.unwrap());
}

#[tokio::test]
async fn tokens_from_before_there_were_roles_go_on() {
    let place = Place::new();
    let id = TokenId::new();
    let old = json!({ "id": id, "name": "desk", "scopes": ["post-events", "read"],
                      "created_at": "2026-01-01T00:00:00Z" });
    {
        let file = rusqlite::Connection::open(place.file()).unwrap();
        for migration in [
            include_str!("../src/sqlite/migrations/1.sql"),
            include_str!("../src/sqlite/migrations/2.sql"),
            include_str!("../src/sqlite/migrations/3.sql"),
            include_str!("../src/sqlite/migrations/4.sql"),
            include_str!("../src/sqlite/migrations/5.sql"),
            include_str!("../src/sqlite/migrations/6.sql"),
            include_str!("../src/sqlite/migrations/7.sql"),
            include_str!("../src/sqlite/migrations/8.sql"),
            include_str!("../src/sqlite/migrations/9.sql"),
            include_str!("../src/sqlite/migrations/10.sql"),
            include_str!("../src/sqlite/migrations/11.sql"),
        ] {
            file.execute_batch(migration).unwrap();
        }
        let uuid = id.uuid();
        let values = rusqlite::params![uuid.as_bytes(), [7_u8; 32], old.to_string()];
        file.execute("INSERT INTO tokens VALUES (?1, ?2, ?3)", values).unwrap();
        file.pragma_update(None, "user_version", 11).unwrap();
    }
    let store = place.open();
    let tokens = store.tokens().await.unwrap();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].roles, [AccessRole::Poster, AccessRole::Reader]);
    assert_eq!((tokens[0].hash, tokens[0].used_at), (Digest::from_bytes([7; 32]), None));
    store.note_use(id, at(NOW)).await.unwrap();
    store.note_use(id, at(NOW - 5)).await.unwrap();
    assert_eq!(store.tokens().await.unwrap()[0].used_at, Some(at(NOW)), "the clock was set back");
    let token = Token { id: TokenId::new(), ..tokens[0].clone() };
    let said = entry(NOW, "token.create", "desk", Vec::new());
    store.add_token(token, said).await.unwrap_err();
    assert_eq!(all(&store, AuditFilter::default()).await, [], "the same hash twice");
}
