//! Policies and their keys: private ones sealed, public ones kept for their time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use hookwright_model::{JwtAlgorithm, Name, Policy, PolicyAlgorithm, PolicyKey, Secret, Timestamp};
use hookwright_store::{Changes, PolicyKeyChange, SqliteStore, Store, StoreError, Vault};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PRIVATE: &[u8] = b"PRIVATE-PART-OF-THE-KEY";

fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(&dir.join("store.db"), Vault::from_text(KEY, "test").unwrap()).unwrap()
}

fn name() -> Name {
    "prod".parse().unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn policy() -> Policy {
    Policy {
        name: name(),
        algorithm: PolicyAlgorithm::Signed(JwtAlgorithm::ES256),
        audience: Some("desk".into()),
        expires_in_s: Some(60),
        secret: None,
        disabled: false,
        created_at: at(1),
        updated_at: at(2),
        keys: Vec::new(),
    }
}

fn key(kid: &str) -> PolicyKey {
    PolicyKey {
        kid: kid.into(),
        algorithm: JwtAlgorithm::ES256,
        public_key_pem: format!("public {kid}"),
        created_at: at(3),
        kept_until: None,
    }
}

fn change(
    instead_of: Option<&str>,
    kid: Option<&str>,
    (now, keep_until): (i64, i64),
) -> PolicyKeyChange {
    PolicyKeyChange {
        policy: name(),
        instead_of: instead_of.map(Into::into),
        key: kid.map(|kid| (key(kid), Secret::new([PRIVATE, kid.as_bytes()].concat()))),
        keep_until: at(keep_until),
        now: at(now),
    }
}

async fn made(store: &SqliteStore, change: PolicyKeyChange) -> Result<(), StoreError> {
    store.change(Changes { policy_keys: vec![change], ..Changes::default() }).await
}

async fn read(store: &SqliteStore) -> Policy {
    store.configuration().await.unwrap().policies.remove(0)
}

fn kids(policy: &Policy) -> Vec<(&str, Option<i64>)> {
    let kept = |key: &PolicyKey| key.kept_until.map(Timestamp::millis);
    policy.keys.iter().map(|key| (key.kid.as_str(), kept(key))).collect()
}

#[tokio::test]
async fn the_private_key_is_sealed_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let policies = vec![policy()];
    let policy_keys = vec![change(None, Some("k1"), (5, 5))];
    store.change(Changes { policies, policy_keys, ..Changes::default() }).await.unwrap();
    drop(store);
    let store = open(dir.path());
    let read = read(&store).await;
    assert_eq!(read, Policy { keys: vec![key("k1")], ..policy() });
    let private = store.policy_key(name(), "k1".into()).await.unwrap().unwrap();
    assert_eq!(private.expose(), [PRIVATE, b"k1"].concat());
    assert_eq!(store.policy_key(name(), "k2".into()).await.unwrap(), None);
    assert_eq!(store.policy_key("other".parse().unwrap(), "k1".into()).await.unwrap(), None);
    assert!(store.configuration().await.unwrap().secrets.is_empty(), "it is no admin's secret");
    // While the store is open: its log goes when it is closed, at a moment of its own.
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(PRIVATE.len()).any(|window| window == PRIVATE));
    }
    drop(store);
}

#[tokio::test]
async fn a_new_key_takes_the_place_of_the_one_that_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.change(Changes { policies: vec![policy()], ..Changes::default() }).await.unwrap();
    made(&store, change(None, Some("k1"), (0, 0))).await.unwrap();
    made(&store, change(Some("k1"), Some("k2"), (10, 100))).await.unwrap();
    made(&store, change(Some("k2"), Some("k3"), (20, 50))).await.unwrap();
    // What is asked for last holds for all.
    assert_eq!(kids(&read(&store).await), [("k3", None), ("k2", Some(50)), ("k1", Some(50))]);
    assert_eq!(store.policy_key(name(), "k2".into()).await.unwrap(), None, "it is gone");
    // Someone else was quicker.
    for stale in [None, Some("k2")] {
        let refused = made(&store, change(stale, Some("k4"), (20, 50))).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    // Other settings do not touch keys.
    let disabled = Policy { disabled: true, keys: Vec::new(), ..policy() };
    store.change(Changes { policies: vec![disabled], ..Changes::default() }).await.unwrap();
    let policy = read(&store).await;
    assert!(policy.disabled);
    assert_eq!(policy.keys.len(), 3);
    // What is not published any more is forgotten; no key signs any more.
    made(&store, change(Some("k3"), None, (60, 200))).await.unwrap();
    assert_eq!(kids(&read(&store).await), [("k3", Some(200))]);
    assert_eq!(store.policy_key(name(), "k3".into()).await.unwrap(), None);
    made(&store, change(None, Some("k5"), (60, 300))).await.unwrap();
    assert_eq!(kids(&read(&store).await), [("k5", None), ("k3", Some(200))]);
    made(&store, change(Some("k5"), Some("k6"), (60, 60))).await.unwrap();
    assert_eq!(kids(&read(&store).await), [("k6", None)], "all before it are withdrawn");
}

#[tokio::test]
async fn earlier_keys_are_few() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.change(Changes { policies: vec![policy()], ..Changes::default() }).await.unwrap();
    let mut last: Option<String> = None;
    for number in 0..20 {
        let kid = format!("k{number}");
        made(&store, change(last.as_deref(), Some(&kid), (0, 100))).await.unwrap();
        last = Some(kid);
    }
    let policy = read(&store).await;
    assert_eq!(policy.keys.len(), 1 + Policy::MAX_KEPT_KEYS);
    assert_eq!((policy.keys[0].kid.as_str(), policy.keys[8].kid.as_str()), ("k19", "k11"));
}

#[tokio::test]
async fn a_removed_policy_is_gone_with_its_keys() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.change(Changes { policies: vec![policy()], ..Changes::default() }).await.unwrap();
    made(&store, change(None, Some("k1"), (0, 0))).await.unwrap();
    let removal = || Changes { removed_policies: vec![name()], ..Changes::default() };
    store.change(removal()).await.unwrap();
    assert!(store.configuration().await.unwrap().policies.is_empty());
    assert_eq!(store.policy_key(name(), "k1".into()).await.unwrap(), None);
    assert!(matches!(store.change(removal()).await, Err(StoreError::NotFound(_))));
    let refused = made(&store, change(None, Some("k1"), (0, 0))).await;
    assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
}
