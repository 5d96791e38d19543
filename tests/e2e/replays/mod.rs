//! Delivering again, as a job: counted, paced, paused, canceled, and going on after a crash.

mod crash;
mod input;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hookwright_tests::{Daemon, Reply, Request, Sink, until};
use serde_json::{Value, json};

/// A receiver that is down until it is not.
struct Receiver {
    sink: Sink,
    up: Arc<AtomicBool>,
}

impl Receiver {
    /// One that is down. When it is up it answers as the function says.
    fn down(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let up = Arc::new(AtomicBool::new(false));
        let is_up = Arc::clone(&up);
        let sink = Sink::answering(move |request| {
            if is_up.load(Ordering::SeqCst) { answer(request) } else { Reply::status(500) }
        });
        Self { sink, up }
    }

    fn get_up(&self) {
        self.up.store(true, Ordering::SeqCst);
    }
}

/// A subscription whose deliveries are tried once.
fn subscription(name: &str, sink: &Sink, more: &str) -> String {
    format!(
        r#"
        [[plugin]]
        file = "target/plugins/destination-zammad.wasm"

        [[subscription]]
        name = "{name}"
        plugin = "zammad"
        settings = {{ url = "{}" }}
        preset = "none"
        retry = {{ attempts = 1 }}
        {more}
        "#,
        sink.url(&format!("/{name}"))
    )
}

const ALL: &str = "events = [\"*\"]";

fn ticket(priority: &str) -> Value {
    json!({"ticket": {"id": "81", "title": "x", "priority": priority}})
}

/// Sends events and waits until each has failed once. Their deliveries, by id.
fn fail(daemon: &Daemon, count: usize) -> BTreeSet<String> {
    for _ in 0..count {
        drop(daemon.send("ticket.created", &ticket("low")));
    }
    until("all to fail", || {
        let failed = daemon.deliveries("state=failed");
        (failed.len() == count).then(|| failed.iter().map(id).collect())
    })
}

fn id(document: &Value) -> String {
    document["id"].as_str().unwrap().to_owned()
}

fn create(daemon: &Daemon, document: &Value) -> Value {
    let made = daemon.api().post_json("/v1/replays", document).expect(201);
    let replay = made.json();
    assert_eq!(made.headers["location"], format!("/v1/replays/{}", id(&replay)));
    replay
}

fn get(daemon: &Daemon, replay: &Value) -> Value {
    daemon.api().get(&format!("/v1/replays/{}", id(replay))).expect(200).json()
}

fn go(daemon: &Daemon, replay: &Value, to: &str) -> Value {
    daemon.api().post(&format!("/v1/replays/{}/{to}", id(replay)), &[], b"").expect(200).json()
}

/// The replay once it is in a state.
fn in_state(daemon: &Daemon, replay: &Value, state: &str) -> Value {
    until(&format!("the replay to be {state}"), || {
        let now = get(daemon, replay);
        (now["state"] == state).then_some(now)
    })
}

/// The replay once some are done and some are not.
fn half_done(daemon: &Daemon, replay: &Value) -> Value {
    until("the replay to have begun", || {
        let now = get(daemon, replay);
        (now["done"].as_u64() > Some(0)).then(|| {
            assert_eq!(now["state"], "running", "it was too quick: {now}");
            now
        })
    })
}

/// How often each delivery of a subscription was tried, by id, once all are in these states.
fn tried(daemon: &Daemon, subscription: &str, states: &[&str]) -> BTreeMap<String, u64> {
    until("all to be tried", || {
        let all = daemon.deliveries(&format!("subscription={subscription}"));
        let is_there = |delivery: &Value| states.contains(&delivery["state"].as_str().unwrap());
        let tries = |delivery: &Value| (id(delivery), delivery["attempts"].as_u64().unwrap());
        all.iter().all(is_there).then(|| all.iter().map(tries).collect())
    })
}

#[test]
fn what_is_found_is_what_is_delivered() {
    let receiver = Receiver::down(|_| Reply::ok(""));
    let (sink, healthy) = (&receiver.sink, Sink::start());
    let daemon = Daemon::start();
    daemon.apply(&subscription("desk", sink, ALL), &[]);
    daemon.apply(&subscription("other", &healthy, ALL), &[]);
    let failed = fail(&daemon, 12);
    receiver.get_up();

    // A dry run keeps nothing, and a replay that is ready does nothing.
    let api = daemon.api();
    let wanted = json!({"redeliver": {"status": 500, "events": "ticket.*"}});
    let counted = api.post_json("/v1/replays?dry_run=true", &wanted).expect(200).json();
    assert_eq!((&counted["found"], &counted["dry_run"]), (&json!(12), &json!(true)));
    assert_eq!(counted["redeliver"]["states"], json!(["failed", "unknown"]));
    assert_eq!(api.items("/v1/replays").len(), 0);
    let elsewhere = json!({"redeliver": {"status": 503}});
    let counted = api.post_json("/v1/replays?dry_run=true", &elsewhere).expect(200).json();
    assert_eq!(counted["found"], 0);
    let replay = create(&daemon, &wanted);
    assert_eq!((&replay["state"], &replay["found"]), (&json!("ready"), &json!(12)));
    assert_eq!((&replay["asked_by"], &replay["rate"]), (&json!("tests"), &json!(50)));
    assert_eq!(replay["subscription"], json!(null), "it is about all");

    // What fails later is not in it.
    receiver.up.store(false, Ordering::SeqCst);
    let later = daemon.send("ticket.created", &ticket("low"));
    let later = daemon.ended(&later, "desk");
    assert_eq!(later["state"], "failed");
    receiver.get_up();
    assert_eq!(sink.count(), 13);

    assert_eq!(go(&daemon, &replay, "start")["state"], "running");
    let done = in_state(&daemon, &replay, "done");
    assert_eq!(
        (&done["done"], &done["skipped"], &done["found"]),
        (&json!(12), &json!(0), &json!(12))
    );
    assert!(done["started_at"].is_string() && done["finished_at"].is_string(), "{done}");
    let tries = tried(&daemon, "desk", &["delivered", "failed"]);
    for (delivery, tries) in &tries {
        assert_eq!(*tries, if failed.contains(delivery) { 2 } else { 1 }, "{delivery}");
    }
    assert_eq!(tries.len(), 13, "no delivery was added");
    let still = daemon.deliveries("state=failed");
    assert_eq!(still.iter().map(id).collect::<Vec<_>>(), [id(&later)]);
    // The same ids arrive twice, and nobody else gets anything.
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for request in sink.requests() {
        *arrived.entry(request.header("x-zammad-delivery").unwrap()).or_default() += 1;
    }
    assert_eq!(arrived.values().filter(|times| **times == 2).count(), 12);
    assert_eq!(healthy.count(), 13);

    // One that has ended stays so, until it is forgotten.
    for to in ["start", "pause", "resume", "cancel"] {
        let path = format!("/v1/replays/{}/{to}", id(&replay));
        let problem = api.post(&path, &[], b"").problem(409);
        assert!(problem["detail"].as_str().unwrap().contains("it has ended"), "{problem}");
    }
    let path = format!("/v1/replays/{}", id(&replay));
    drop(api.try_send("DELETE", &path, &[], b"").unwrap().expect(204));
    drop(api.get(&path).problem(404));
}

#[test]
fn a_replay_is_paused_and_resumed_and_canceled() {
    let receiver = Receiver::down(|_| Reply::ok(""));
    let daemon = Daemon::start();
    daemon.apply(&subscription("desk", &receiver.sink, ALL), &[]);
    let failed = fail(&daemon, 4);
    receiver.get_up();
    let wanted = json!({"redeliver": {"subscription": "desk"}, "rate": 1, "start": true});
    let replay = create(&daemon, &wanted);
    assert_eq!(replay["subscription"], "desk");
    half_done(&daemon, &replay);
    let paused = go(&daemon, &replay, "pause");
    assert_eq!(paused["state"], "paused");
    let problem =
        daemon.api().try_send("DELETE", &format!("/v1/replays/{}", id(&replay)), &[], b"");
    let problem = problem.unwrap().problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("cancel it first"), "{problem}");
    // Longer than it takes until the next turn.
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(get(&daemon, &replay), paused);
    assert_eq!(tried(&daemon, "desk", &["delivered", "failed"]).values().sum::<u64>(), {
        4 + paused["done"].as_u64().unwrap()
    });

    assert_eq!(go(&daemon, &replay, "resume")["state"], "running");
    let done = in_state(&daemon, &replay, "done");
    assert_eq!((&done["done"], &done["skipped"]), (&json!(4), &json!(0)));
    let tries = tried(&daemon, "desk", &["delivered"]);
    assert_eq!(tries, failed.iter().map(|id| (id.clone(), 2)).collect());

    // Those that were delivered can be delivered again, as when the receiver lost them.
    let wanted = json!({"redeliver": {"states": ["delivered"]}, "rate": 1, "start": true});
    let replay = create(&daemon, &wanted);
    assert_eq!(replay["found"], 4);
    half_done(&daemon, &replay);
    let canceled = go(&daemon, &replay, "cancel");
    let tries = tried(&daemon, "desk", &["delivered"]);
    let again = tries.values().filter(|tries| **tries == 3).count();
    assert_eq!(Some(again as u64), canceled["done"].as_u64());
    assert!((1..4).contains(&again), "{canceled}");
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(get(&daemon, &replay), canceled);
    assert_eq!(tried(&daemon, "desk", &["delivered"]), tries);
}

#[test]
fn a_subscription_is_given_what_it_has_not_had() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&subscription("first", &sink, ALL), &[]);
    let mut wanted = Vec::new();
    for priority in ["high", "low", "high", "low", "high"] {
        let event = daemon.send("ticket.created", &ticket(priority));
        if priority == "high" {
            wanted.push(event);
        }
    }
    drop(daemon.send("person.created", &json!({})));
    let urgent = "events = [\"ticket.*\"]\ncondition = \"event.ticket.priority == 'high'\"";
    daemon.apply(&subscription("urgent", &sink, urgent), &[]);
    drop(daemon.ended(&daemon.send("ticket.created", &ticket("high")), "urgent"));
    let had = id(&daemon.deliveries("subscription=urgent")[0]);
    let left_out = json!({"condition_false": 2, "had_before": 1, "type": 1});

    let document = json!({"backfill": {"subscription": "urgent"}});
    let replay = create(&daemon, &document);
    assert_eq!((&replay["found"], &replay["left_out"]), (&json!(3), &left_out), "{replay}");
    let mut of_type = document.clone();
    of_type["backfill"]["events"] = json!("person.*");
    let counted = daemon.api().post_json("/v1/replays?dry_run=true", &of_type).expect(200).json();
    assert_eq!((&counted["found"], &counted["left_out"]), (&json!(0), &json!({"type": 1})));
    go(&daemon, &replay, "start");
    let done = in_state(&daemon, &replay, "done");
    assert_eq!((&done["done"], &done["skipped"]), (&json!(3), &json!(0)));
    tried(&daemon, "urgent", &["delivered"]);
    let of_urgent = daemon.deliveries("subscription=urgent");
    let mut events: Vec<_> = of_urgent.iter().filter(|delivery| id(delivery) != had).collect();
    events.reverse();
    let events: Vec<_> = events.iter().map(|delivery| delivery["event_id"].clone()).collect();
    assert_eq!(events, wanted, "oldest first");
    assert_eq!(daemon.deliveries("subscription=first").len(), 7, "nobody else gets them");
    assert_eq!(sink.at("/urgent").len(), 4);

    // There is nothing left, unless they are to come again.
    let counted = daemon.api().post_json("/v1/replays?dry_run=true", &document).expect(200).json();
    assert_eq!((&counted["found"], &counted["left_out"]["had_before"]), (&json!(0), &json!(4)));
    let mut again = document;
    again["backfill"]["again"] = json!(true);
    again["start"] = json!(true);
    in_state(&daemon, &create(&daemon, &again), "done");
    assert_eq!(tried(&daemon, "urgent", &["delivered"]).len(), 8);
    assert_eq!(daemon.api().items("/v1/replays?state=done").len(), 2);
}

#[test]
fn to_one_that_is_disabled_nothing_is_made() {
    let receiver = Receiver::down(|_| Reply::ok(""));
    let daemon = Daemon::start();
    let set = |enabled: bool| {
        let more = format!("{ALL}\nenabled = {enabled}");
        daemon.apply(&subscription("desk", &receiver.sink, &more), &[]);
    };
    set(true);
    let failed = fail(&daemon, 6);
    receiver.get_up();
    let of_desk = json!({"redeliver": {"subscription": "desk"}, "rate": 1});
    let ready = create(&daemon, &of_desk);
    let running = create(
        &daemon,
        &json!({
            "redeliver": {"subscription": "desk"}, "rate": 1, "start": true
        }),
    );
    half_done(&daemon, &running);
    set(false);
    let paused = in_state(&daemon, &running, "paused");
    assert_eq!(paused["reason"], "the subscription is disabled");
    let told = |answer: &hookwright_tests::Answer| {
        let problem = answer.problem(409);
        assert_eq!(problem["detail"], "the subscription is disabled: enable it first");
    };
    let api = daemon.api();
    told(&api.post_json("/v1/replays", &of_desk));
    told(&api.post_json("/v1/replays", &json!({"backfill": {"subscription": "desk"}})));
    told(&api.post(&format!("/v1/replays/{}/start", id(&ready)), &[], b""));
    told(&api.post(&format!("/v1/replays/{}/resume", id(&running)), &[], b""));
    // One that is about all leaves it out.
    let counted = api.post_json("/v1/replays?dry_run=true", &json!({"redeliver": {}})).json();
    let left = 6 - paused["done"].as_u64().unwrap();
    assert_eq!((&counted["found"], &counted["left_out"]), (&json!(0), &json!({"disabled": left})));

    set(true);
    go(&daemon, &running, "resume");
    in_state(&daemon, &running, "done");
    let tries = tried(&daemon, "desk", &["delivered"]);
    assert_eq!(tries, failed.into_iter().map(|id| (id, 2)).collect());
    // The other one comes too late: none of those that it found is there any more.
    go(&daemon, &ready, "start");
    let done = in_state(&daemon, &ready, "done");
    assert_eq!((&done["done"], &done["skipped"]), (&json!(0), &json!(6)));
}

#[test]
fn what_goes_on_by_itself_is_left_alone() {
    let receiver = Receiver::down(|_| Reply::ok(""));
    let daemon = Daemon::start();
    let slow = subscription("desk", &receiver.sink, ALL)
        .replace("attempts = 1", "attempts = 5, first_wait_s = 3600");
    daemon.apply(&slow, &[]);
    let event = daemon.send("ticket.created", &ticket("low"));
    let waits = until("the first try", || {
        let delivery = daemon.deliveries(&format!("event={event}")).remove(0);
        (delivery["state"] == "pending" && delivery["attempts"] == 1).then_some(delivery)
    });
    let retry = format!("/v1/deliveries/{}/retry", id(&waits));
    let problem = daemon.api().post(&retry, &[], b"").problem(409);
    let told = format!(
        "the delivery {} is pending: it is tried by itself at {}. Only one that has ended can be \
         tried again",
        id(&waits),
        waits["next_attempt_at"].as_str().unwrap()
    );
    assert_eq!(problem["detail"], told);
    let replay = create(&daemon, &json!({"redeliver": {}, "start": true}));
    assert_eq!(replay["found"], 0);
    assert_eq!(in_state(&daemon, &replay, "done")["done"], 0);
    assert_eq!(daemon.deliveries(&format!("event={event}")), [waits]);
    assert_eq!(receiver.sink.count(), 1);
}
