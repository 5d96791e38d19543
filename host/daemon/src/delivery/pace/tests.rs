//! The engine under a clock that only goes on when everybody waits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hookwright_model::{Pace, PaceKey};
use proptest::prelude::*;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::meter::{Limit, Meter};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn chat_and_token() -> Vec<PaceKey> {
    vec![PaceKey::Setting("/chat".into()), PaceKey::Secret("token".into())]
}

/// The needs of a message to a chat, where `per_s` go to all chats together.
fn chat(chat: usize, burst: u32, per_s: u32) -> Vec<Need> {
    let paces = [
        Pace::new(per_s, 1.0, vec![PaceKey::Secret("token".into())])
            .with_burst((per_s / 100).max(1)),
        Pace::new(1, 1.0, chat_and_token()).with_burst(burst),
    ];
    let secrets = BTreeMap::from([("token".to_owned(), "bot".parse().unwrap())]);
    let paces = Paces::new(Uuid::nil(), &paces, &secrets, &json!({"chat": chat}));
    paces.needs(&Url::parse("https://example.com/").unwrap())
}

async fn admitted(pacer: &Pacer, needs: &[Need], turn: Turn) -> bool {
    matches!(pacer.turn(needs, turn).await, Admission::Now | Admission::Waited)
}

/// When each delivery was admitted, in the order of admission, and how often it was put back.
type Log = Arc<Mutex<Vec<(usize, Duration, u32)>>>;

/// A delivery: asks for its turn, and comes back as it is told.
async fn deliver(pacer: Pacer, needs: Vec<Need>, id: usize, log: Log) {
    let (mut turn, mut back) = (Turn::New, 0);
    loop {
        match pacer.turn(&needs, turn).await {
            Admission::Now | Admission::Waited => break,
            Admission::Later { wait, reason } => {
                assert!(reason.starts_with("waits its turn: "), "{reason}");
                assert!(wait > Duration::ZERO);
                // The store and the scheduler take their time.
                let late = Duration::from_millis((id as u64 * 7) % 30);
                tokio::time::sleep(wait + late).await;
                (turn, back) = (Turn::Back, back + 1);
            }
        }
    }
    log.lock().unwrap().push((id, pacer.0.now(), back));
}

/// In every while there are at most `burst` and one for each interval.
fn assert_paced(moments: &[Duration], interval: Duration, burst: usize) {
    for (first, start) in moments.iter().enumerate() {
        for (last, end) in moments.iter().enumerate().skip(first) {
            let count = last - first + 1;
            let allowed = (*end - *start).as_nanos() / interval.as_nanos();
            assert!(count as u128 <= burst as u128 + allowed, "{count} in {:?}", *end - *start);
        }
    }
}

fn moments(log: &Log) -> Vec<Duration> {
    log.lock().unwrap().iter().map(|(_, at, _)| *at).collect()
}

proptest! {
    #[test]
    fn never_more_than_the_burst_and_the_rate(
        count in 1_u32..50,
        per_s in 0.1_f64..100.0,
        burst in 1_u32..20,
        gaps in prop::collection::vec(0_u64..5_000, 1..200),
    ) {
        let pace = Pace { count, per_s, burst, by: vec![PaceKey::Host] };
        let limit = Limit::new(&pace);
        let mut meter = Meter::new(&limit);
        let mut now = Duration::ZERO;
        let mut admitted = Vec::new();
        for gap in gaps {
            now += Duration::from_millis(gap);
            let ready = meter.ready(now, 0);
            if ready > now && gap % 2 == 0 {
                // Waits for it, instead of going away.
                now = ready;
            }
            if meter.ready(now, 0) <= now {
                meter.take(now);
                admitted.push(now);
            }
        }
        assert_paced(&admitted, limit.interval, burst as usize);
    }

    #[test]
    fn what_is_expected_is_what_comes(ahead in 0_u32..50, burst in 1_u32..10, taken in 0_u32..30) {
        let limit = Limit::new(&Pace::new(1, 1.0, vec![PaceKey::Host]).with_burst(burst));
        let mut meter = Meter::new(&limit);
        (0..taken).for_each(|_| meter.take(SECOND));
        let expected = meter.ready(SECOND, ahead);
        let mut now = SECOND;
        for _ in 0..ahead {
            now = meter.ready(now, 0);
            meter.take(now);
        }
        prop_assert_eq!(meter.ready(now, 0), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_comes_is_paced_and_all_of_it_is_admitted(
        // When, and to which chat.
        messages in prop::collection::vec((0_u64..20_000, 0_usize..4), 1..80),
        // When, which chat, and for how long.
        silences in prop::collection::vec((0_u64..30_000, 0_usize..4, 1_u64..15_000), 0..6),
        burst in 1_u32..4,
        per_s in 1_u32..5,
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
            let pacer = Pacer::default();
            let logs: Vec<Log> = (0..4).map(|_| Log::default()).collect();
            let closed: Arc<Mutex<Vec<(usize, Duration, Duration)>>> = Arc::default();
            for &(at, of, wait) in &silences {
                let (pacer, closed) = (pacer.clone(), Arc::clone(&closed));
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(at)).await;
                    let (now, wait) = (pacer.0.now(), Duration::from_millis(wait));
                    pacer.close(&chat(of, burst, per_s), Instant::now(), wait);
                    closed.lock().unwrap().push((of, now, now + wait));
                });
            }
            let tasks = messages.iter().enumerate().map(|(id, &(at, to))| {
                let (pacer, log) = (pacer.clone(), Arc::clone(&logs[to]));
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(at)).await;
                    deliver(pacer, chat(to, burst, per_s), id, log).await;
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
            for (of, from, until) in closed.lock().unwrap().iter() {
                let within = |at: &Duration| from < at && at < until;
                assert!(!moments(&logs[*of]).iter().any(within), "{of} from {from:?} to {until:?}");
            }
            logs.iter().for_each(|log| assert_paced(&moments(log), SECOND, burst as usize));
            let mut all: Vec<_> = logs.iter().flat_map(moments).collect();
            all.sort();
            assert_eq!(all.len(), messages.len());
            assert_paced(&all, Limit::new(&Pace::new(per_s, 1.0, Vec::new())).interval, 1);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn many_at_once_go_one_by_one_in_their_order_and_come_back_once() {
    let (pacer, log) = (Pacer::default(), Log::default());
    let tasks: Vec<_> = (0..200)
        .map(|id| tokio::spawn(deliver(pacer.clone(), chat(1, 3, 30), id, Arc::clone(&log))))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_paced(&moments(&log), SECOND, 3);
    let log = log.lock().unwrap();
    let order: Vec<_> = log.iter().map(|(id, _, _)| *id).collect();
    assert_eq!(order, (0..200).collect::<Vec<_>>());
    assert!(log.iter().all(|(_, _, back)| *back <= 1), "{log:?}");
    // None of the time was wasted.
    assert!(log[199].1 < SECOND * 201, "{:?}", log[199]);
}

#[tokio::test(start_paused = true)]
async fn new_ones_keep_behind_those_that_were_put_back() {
    let (pacer, log) = (Pacer::default(), Log::default());
    let mut tasks = Vec::new();
    for id in 0..60 {
        // Twice as many as can be sent.
        let deliver = deliver(pacer.clone(), chat(1, 1, 30), id, Arc::clone(&log));
        tasks.push(tokio::spawn(deliver));
        tokio::time::sleep(SECOND / 2).await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_paced(&moments(&log), SECOND, 1);
    let order: Vec<_> = log.lock().unwrap().iter().map(|(id, _, _)| *id).collect();
    assert_eq!(order, (0..60).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_waits_is_in_no_other_ones_way() {
    let (pacer, log) = (Pacer::default(), Log::default());
    for id in 0..500 {
        tokio::spawn(deliver(pacer.clone(), chat(1, 1, 30), id, Arc::clone(&log)));
    }
    tokio::time::sleep(SECOND).await;
    for other in 2..12 {
        let before = pacer.0.now();
        assert!(admitted(&pacer, &chat(other, 1, 30), Turn::New).await);
        // It shares the token, which admits one in a thirtieth of a second.
        assert!(pacer.0.now() - before < Duration::from_millis(200));
    }
}

#[tokio::test(start_paused = true)]
async fn the_token_holds_for_all_chats_together() {
    let (pacer, log) = (Pacer::default(), Log::default());
    let tasks: Vec<_> = (0..300)
        .map(|id| tokio::spawn(deliver(pacer.clone(), chat(id, 3, 30), id, Arc::clone(&log))))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let moments = moments(&log);
    assert_paced(&moments, Limit::new(&Pace::new(30, 1.0, Vec::new())).interval, 1);
    assert!(moments[299] < SECOND * 11, "{:?}", moments[299]);
}

#[tokio::test(start_paused = true)]
async fn a_closed_bucket_admits_nothing_and_then_no_burst() {
    let (pacer, log) = (Pacer::default(), Log::default());
    let needs = chat(1, 3, 30);
    assert_eq!(pacer.turn(&needs, Turn::New).await, Admission::Now);
    pacer.close(&needs, Instant::now(), SECOND * 30);
    let closed_at = pacer.0.now();
    let Admission::Later { wait, reason } = pacer.turn(&needs, Turn::New).await else { panic!() };
    assert!(wait > SECOND * 30, "the first moment is for the one that was refused");
    assert!(reason.starts_with("waits its turn: the receiver asked to wait until "), "{reason}");
    for id in 0..20 {
        tokio::spawn(deliver(pacer.clone(), needs.clone(), id, Arc::clone(&log)));
    }
    // Other chats of the same token go on.
    assert!(admitted(&pacer, &chat(2, 3, 30), Turn::New).await);
    tokio::time::sleep(SECOND * 30).await;
    assert!(moments(&log).is_empty());
    // The one that was refused.
    assert!(admitted(&pacer, &needs, Turn::Back).await);
    assert!(pacer.0.now() - closed_at < SECOND * 31);
    tokio::time::sleep(SECOND * 60).await;
    let moments = moments(&log);
    assert_eq!(moments.len(), 20);
    for (moment, number) in moments.iter().zip(1..) {
        assert!(*moment >= closed_at + SECOND * (30 + number), "{moments:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn those_that_wait_in_place_notice_that_the_bucket_was_closed() {
    let (pacer, log) = (Pacer::default(), Log::default());
    let needs = chat(1, 1, 30);
    for id in 0..3 {
        tokio::spawn(deliver(pacer.clone(), needs.clone(), id, Arc::clone(&log)));
    }
    tokio::time::sleep(SECOND / 2).await;
    assert_eq!(moments(&log).len(), 1);
    pacer.close(&needs, Instant::now(), SECOND * 10);
    tokio::time::sleep(Duration::from_millis(9_999)).await;
    assert_eq!(moments(&log).len(), 1);
    tokio::time::sleep(SECOND * 5).await;
    assert_eq!(moments(&log).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn without_paces_a_bucket_can_be_closed_all_the_same() {
    let pacer = Pacer::default();
    let paces = Paces::new(Uuid::nil(), &[], &BTreeMap::new(), &json!({}));
    let needs = paces.needs(&Url::parse("https://example.com/").unwrap());
    for _ in 0..1_000 {
        assert_eq!(pacer.turn(&needs, Turn::New).await, Admission::Now);
    }
    assert_eq!(pacer.0.book().len(), 0, "nothing is kept of it");
    pacer.close(&needs, Instant::now(), SECOND * 5);
    assert!(matches!(pacer.turn(&needs, Turn::New).await, Admission::Later { .. }));
    tokio::time::sleep(SECOND * 4).await;
    assert_eq!(pacer.turn(&needs, Turn::New).await, Admission::Waited);
    assert_eq!(pacer.turn(&needs, Turn::New).await, Admission::Now);
}

#[tokio::test(start_paused = true)]
async fn moments_that_nobody_comes_for_are_forgotten() {
    let pacer = Pacer::default();
    let needs = chat(1, 1, 30);
    // All of them are canceled while they wait in the store.
    for _ in 0..100 {
        let (pacer, needs) = (pacer.clone(), needs.clone());
        tokio::spawn(async move { drop(pacer.turn(&needs, Turn::New).await) });
    }
    tokio::time::sleep(SECOND).await;
    let Admission::Later { wait, .. } = pacer.turn(&needs, Turn::New).await else { panic!() };
    assert!(wait > SECOND * 90, "{wait:?}");
    tokio::time::sleep(SECOND * 6).await;
    assert_eq!(pacer.turn(&needs, Turn::New).await, Admission::Now);
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_message_comes_before_the_next_one() {
    let (pacer, log) = (Pacer::default(), Log::default());
    let needs = chat(1, 1, 30);
    for id in 0..100 {
        tokio::spawn(deliver(pacer.clone(), needs.clone(), id, Arc::clone(&log)));
    }
    tokio::time::sleep(SECOND * 10).await;
    match pacer.turn(&needs, Turn::Next).await {
        Admission::Now | Admission::Waited => {}
        Admission::Later { wait, .. } => assert!(wait < SECOND * 4, "{wait:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn those_that_wait_in_place_leave_room_for_others() {
    let (pacer, log) = (Pacer::default(), Log::default());
    // Each chat would have two wait where they are.
    for id in 0..1_500 {
        let needs = chat(id / 3, 1, 100_000);
        tokio::spawn(deliver(pacer.clone(), needs, id, Arc::clone(&log)));
    }
    tokio::time::sleep(SECOND / 2).await;
    assert_eq!(moments(&log).len(), 500);
    assert_eq!(pacer.0.in_place.available_permits(), 0);
    // One more chat is admitted as ever.
    assert!(admitted(&pacer, &chat(501, 1, 100_000), Turn::New).await);
    tokio::time::sleep(SECOND * 20).await;
    assert_eq!(moments(&log).len(), 1_500);
    assert_eq!(pacer.0.in_place.available_permits(), MAX_IN_PLACE);
}

#[tokio::test(start_paused = true)]
async fn idle_buckets_make_room() {
    let pacer = Pacer::default();
    for id in 0..20_000 {
        assert!(admitted(&pacer, &chat(id, 1, 100_000), Turn::New).await);
        tokio::time::advance(Duration::from_millis(10)).await;
    }
    // A hundred of them are in use at a time.
    assert!(pacer.0.book().len() <= 1_024, "{}", pacer.0.book().len());
}

#[test]
fn when_all_buckets_are_in_use_others_wait() {
    let mut book = Book::default();
    let day = |id: usize| {
        let pace = [Pace::new(1, 86_400.0, vec![PaceKey::Setting("/id".into())])];
        let paces = Paces::new(Uuid::nil(), &pace, &BTreeMap::new(), &json!({"id": id}));
        paces.needs(&Url::parse("https://example.com/").unwrap())
    };
    let mut admitted = 0;
    while book.admit(&day(admitted), Turn::New, SECOND) {
        admitted += 1;
    }
    assert_eq!((admitted, book.len()), (65_536, 65_536));
    let plan = book.plan(&day(admitted), Turn::New, SECOND, true);
    let Plan::Later(later) = plan else { panic!("{plan:?}") };
    assert_eq!(later.why, Why::NoRoom);
    // Those that have a bucket are paced as ever, and after a day there is room.
    assert!(!book.admit(&day(1), Turn::New, SECOND));
    assert!(book.admit(&day(admitted), Turn::New, SECOND * 86_402));
}

#[test]
fn numbers_at_their_ends_do_not_overflow() {
    for (count, per_s, burst) in [(100_000, 0.001, 100_000), (1, 86_400.0, 100_000), (1, 0.001, 1)]
    {
        let pace = Pace { count, per_s, burst, by: vec![PaceKey::Subscription] };
        assert_eq!(pace.check(), Ok(()));
        let paces = Paces::new(Uuid::nil(), &[pace], &BTreeMap::new(), &json!({}));
        let needs = paces.needs(&Url::parse("https://example.com/").unwrap());
        let mut book = Book::default();
        assert!(book.admit(&needs, Turn::New, SECOND));
        for _ in 0..1_000 {
            drop(book.plan(&needs, Turn::New, SECOND, false));
        }
        book.close(&needs, SECOND, Duration::MAX);
        let plan = book.plan(&needs, Turn::New, SECOND, true);
        let Plan::Later(later) = plan else { panic!("{plan:?}") };
        assert!(later.at > SECOND);
    }
}
