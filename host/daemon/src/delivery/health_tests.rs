//! When a subscription is disabled, by a clock that the test sets.

use hookwright_model::{Digest, Subscription};
use hookwright_store::{Changes, SqliteStore, Vault};
use proptest::prelude::*;

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

fn at(days: f64) -> Timestamp {
    Timestamp::from_millis(0).after(DAY.mul_f64(days))
}

fn fail(healths: &Healths, id: SubscriptionId, now: Timestamp) -> Option<Disabling> {
    healths.note(id, Came::Failed("404 Not Found"), true, now)
}

#[test]
fn twenty_in_a_row_over_more_than_a_week() {
    let id = SubscriptionId::new();
    // Many within the week do not do it, nor do few over a month.
    let healths = Healths::default();
    for number in 0..1_000 {
        assert!(fail(&healths, id, at(f64::from(number) * 0.007)).is_none(), "{number}");
    }
    assert!(fail(&healths, id, at(7.0)).is_none(), "a week is not more than a week");
    let disabling = fail(&healths, id, at(7.001)).unwrap();
    assert_eq!(disabling.0.disabled_at, Some(at(7.001)));
    assert_eq!(disabling.0.last_error.as_deref(), Some("404 Not Found"));
    assert!(fail(&healths, id, at(7.002)).is_none(), "it is being disabled");
    let healths = Healths::default();
    for number in 0..19 {
        assert!(fail(&healths, id, at(f64::from(number) * 2.0)).is_none(), "{number}");
    }
    assert!(fail(&healths, id, at(38.0)).is_some(), "the twentieth");
}

#[test]
fn a_delivered_one_between_and_enabling_begin_anew() {
    let id = SubscriptionId::new();
    let healths = Healths::default();
    let by_delivering = || assert!(healths.note(id, Came::Delivered, true, at(18.5)).is_none());
    let by_enabling = || healths.enabled(id);
    let begin_anew: [&dyn Fn(); 2] = [&by_delivering, &by_enabling];
    for begin in begin_anew {
        for number in 0..19 {
            assert!(fail(&healths, id, at(f64::from(number))).is_none());
        }
        begin();
        let health = healths.get(id).unwrap();
        assert_eq!((health.consecutive_failures, health.failing_since), (0, None));
        assert_eq!(health.last_error.as_deref(), Some("404 Not Found"), "it is still told");
        assert!(fail(&healths, id, at(19.0)).is_none());
        begin();
    }
}

#[test]
fn one_that_may_not_be_disabled_is_not_and_gone_is_at_once() {
    let healths = Healths::default();
    let (stays, goes) = (SubscriptionId::new(), SubscriptionId::new());
    for number in 0..100 {
        let came = Came::Gone("410 Gone");
        assert!(healths.note(stays, came, false, at(f64::from(number))).is_none());
    }
    assert_eq!(healths.get(stays).unwrap().consecutive_failures, 100);
    assert!(healths.note(goes, Came::Gone("410 Gone"), true, at(0.0)).is_some());
    assert!(healths.get(SubscriptionId::new()).is_none());
}

proptest! {
    /// Against a plain list of all that came.
    #[test]
    fn it_is_told_by_what_came_since_the_last_success(
        came in prop::collection::vec((0.0_f64..2.0, 0_u8..20), 1..120),
    ) {
        let id = SubscriptionId::new();
        let healths = Healths::default();
        let (mut row, mut now) = (Vec::new(), 0.0);
        for (days, what) in came {
            now += days;
            let disabling = if what == 0 {
                row.clear();
                healths.note(id, Came::Delivered, true, at(now))
            } else {
                row.push(at(now));
                fail(&healths, id, at(now))
            };
            let expected = row.len() >= 20 && row[0].after(DAY * 7) < at(now);
            prop_assert_eq!(disabling.is_some(), expected);
            if expected {
                break;
            }
        }
    }
}

#[tokio::test]
async fn failures_are_remembered_and_disabling_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let open = || {
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        SqliteStore::open(&dir.path().join("store.db"), Vault::from_text(key, "test").unwrap())
            .unwrap()
    };
    let store = open();
    let name = "duty".parse().unwrap();
    let subscription = Subscription::new(name, "template".parse().unwrap(), Digest::of(b"plugin"));
    let id = subscription.id;
    let subscriptions = vec![subscription];
    store.change(Changes { subscriptions, ..Changes::default() }).await.unwrap();
    let healths = Healths::open(&store).await.unwrap();
    for number in 0..19 {
        assert!(fail(&healths, id, at(f64::from(number) / 2.0)).is_none());
    }
    // Of one that is removed meanwhile nothing is kept.
    assert!(fail(&healths, SubscriptionId::new(), at(1.0)).is_none());
    healths.keep(&store).await.unwrap();
    drop((healths, store));
    let store = open();
    let healths = Healths::open(&store).await.unwrap();
    assert_eq!(healths.get(id).unwrap().failing_since, Some(at(0.0)));
    let Disabling(health) = fail(&healths, id, at(9.5)).unwrap();
    store.disable(health, at(9.5), hookwright_store::Aside::default()).await.unwrap();
    drop(store);
    let store = open();
    let subscription = store.configuration().await.unwrap().subscriptions.remove(0);
    assert!(!subscription.enabled);
    assert_eq!(subscription.updated_at, at(9.5));
    let kept = store.healths().await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].consecutive_failures, kept[0].disabled_at), (20, Some(at(9.5))));
}
