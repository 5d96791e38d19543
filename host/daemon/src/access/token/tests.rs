use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Notify;

use super::*;

fn token(value: u32, lifetime_s: u64) -> Token {
    let name = value.to_string();
    Token {
        value: Secret::from(format!("Bearer {name}")),
        masked: name,
        scrubber: Arc::new(Scrubber::new([])),
        lifetime: Duration::from_secs(lifetime_s),
    }
}

/// A server that numbers its tokens.
struct Server {
    slot: Arc<Slot>,
    asked: Arc<AtomicU32>,
    lifetime_s: u64,
    started: Instant,
}

impl Server {
    fn new(lifetime_s: u64) -> Self {
        let (slot, asked) = (Arc::default(), Arc::default());
        Self { slot, asked, lifetime_s, started: Instant::now() }
    }

    /// What is there after so many seconds: the token, and whether it was kept.
    async fn token(&self, seconds: f64) -> (Arc<Token>, bool) {
        let number = self.asked.fetch_add(0, Ordering::SeqCst) + 1;
        let (asked, lifetime) = (Arc::clone(&self.asked), self.lifetime_s);
        let fetch = || async move {
            asked.fetch_add(1, Ordering::SeqCst);
            Ok(token(number, lifetime))
        };
        let now = self.started + Duration::from_secs_f64(seconds);
        self.slot.token(now, fetch).await.unwrap()
    }

    async fn number(&self, seconds: f64) -> (String, bool) {
        let (token, is_kept) = self.token(seconds).await;
        (token.masked.clone(), is_kept)
    }
}

#[tokio::test]
async fn a_token_is_used_until_shortly_before_its_end() {
    let server = Server::new(3_600);
    assert_eq!(server.number(0.0).await, ("1".into(), false));
    assert_eq!(server.number(3_569.0).await, ("1".into(), true));
    assert_eq!(server.number(3_575.0).await, ("2".into(), false));
    // A margin of 30 s would leave nothing of a token that is good for less.
    let server = Server::new(20);
    assert_eq!(server.number(0.0).await, ("1".into(), false));
    assert_eq!(server.number(14.0).await, ("1".into(), true));
    assert_eq!(server.number(19.0).await, ("2".into(), false));
    let server = Server::new(0);
    assert_eq!(server.number(0.0).await, ("1".into(), false));
    assert_eq!(server.number(1.0).await, ("2".into(), false));
}

#[tokio::test]
async fn only_the_token_that_was_refused_is_thrown_away() {
    let server = Server::new(3_600);
    let (first, _) = server.token(0.0).await;
    server.slot.refused(&first);
    let (second, is_kept) = server.token(1.0).await;
    assert_eq!((second.masked.as_str(), is_kept), ("2", false));
    // Another delivery was under way with the first.
    server.slot.refused(&first);
    assert_eq!(server.number(2.0).await, ("2".into(), true));
}

#[tokio::test]
async fn many_wait_for_one() {
    let (slot, go, asked) = (Arc::<Slot>::default(), Arc::new(Notify::new()), AtomicU32::new(0));
    let now = Instant::now();
    let wait = || {
        let go = Arc::clone(&go);
        slot.token(now, || {
            asked.fetch_add(1, Ordering::SeqCst);
            async move {
                go.notified().await;
                Ok(token(7, 60))
            }
        })
    };
    // One that begins it and goes away does not take it along.
    let gone = tokio::time::timeout(Duration::from_millis(1), wait()).await;
    assert!(gone.is_err());
    let (one, two, ()) = tokio::join!(wait(), wait(), async { go.notify_one() });
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(Arc::ptr_eq(&one.0, &two.0) && !one.1 && !two.1);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failure_is_told_to_all_and_not_asked_for_again_at_once() {
    let slot = Arc::<Slot>::default();
    let asked = &AtomicU32::new(0);
    let failing = |seconds: u64, not_before: Option<u64>| {
        let now = Instant::now() + Duration::from_secs(seconds);
        let not_before = not_before.map(Duration::from_secs);
        slot.token(now, move || {
            asked.fetch_add(1, Ordering::SeqCst);
            async move { Err(Failure { not_before, ..Failure::new("x") }) }
        })
    };
    let failure = failing(0, None).await.unwrap_err();
    assert_eq!(failure, Failure { reason: "no access token: x".into(), not_before: None });
    assert_eq!(failing(0, None).await.unwrap_err(), failure);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // What the server asks for holds for all, within bounds.
    let asks = failing(2, Some(1_000_000)).await.unwrap_err();
    assert_eq!(asks.not_before, Some(Duration::from_secs(1_000_000)));
    let told = failing(200, None).await.unwrap_err().not_before.unwrap();
    assert!(told > Duration::ZERO && told <= MAX_PAUSE, "{told:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    failing(400, None).await.unwrap_err();
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_breaks_halfway_is_begun_anew() {
    let slot = Arc::<Slot>::default();
    let now = Instant::now();
    let broken = slot.token(now, || async { panic!("as a bug would") }).await;
    assert!(broken.unwrap_err().reason.ends_with("stopped halfway"));
    assert_eq!(slot.token(now, || async { Ok(token(1, 60)) }).await.unwrap().0.masked, "1");
}
