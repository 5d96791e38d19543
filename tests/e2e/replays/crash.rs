//! `kill -9` in the middle of a replay.

use std::collections::{BTreeMap, BTreeSet};

use hookwright_tests::{Daemon, Reply, Sink};
use serde_json::{Value, json};

use super::{ALL, Receiver, create, fail, get, half_done, id, in_state, subscription, tried};

/// Enough that neither replay is done before it is killed: each makes 10 a second.
const COUNT: usize = 60;

/// Kills the daemon twice while a replay runs.
fn killed_twice(mut daemon: Daemon, replay: &Value) -> Daemon {
    half_done(&daemon, replay);
    daemon = daemon.kill_and_restart();
    let before = get(&daemon, replay);
    assert_eq!(before["state"], "running", "{before}");
    hookwright_tests::until("the replay to go on", || {
        (get(&daemon, replay)["done"].as_u64() > before["done"].as_u64()).then_some(())
    });
    daemon.kill_and_restart()
}

#[test]
fn a_replay_goes_on_after_a_crash() {
    // Half of them fail again: if the replay looked at one twice it would try it twice.
    let receiver = Receiver::down(|request| {
        let last = request.header("x-zammad-delivery").unwrap().pop();
        let is_odd = last.and_then(|digit| digit.to_digit(16)).unwrap() % 2 == 1;
        if is_odd { Reply::status(500) } else { Reply::ok("") }
    });
    let mut daemon = Daemon::start();
    daemon.apply(&subscription("desk", &receiver.sink, ALL), &[]);
    let failed = fail(&daemon, COUNT);
    receiver.get_up();
    let wanted = json!({"redeliver": {"subscription": "desk"}, "rate": 10, "start": true});
    let replay = create(&daemon, &wanted);
    assert_eq!(replay["found"], COUNT);
    daemon = killed_twice(daemon, &replay);
    let done = in_state(&daemon, &replay, "done");
    assert_eq!((&done["done"], &done["skipped"]), (&json!(COUNT), &json!(0)));
    let tries = tried(&daemon, "desk", &["delivered", "failed"]);
    let once_more: BTreeMap<String, u64> = failed.into_iter().map(|id| (id, 2)).collect();
    assert_eq!(tries, once_more, "the same deliveries, each tried once more");
    for delivery in daemon.deliveries("subscription=desk") {
        let is_odd = id(&delivery).ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f']);
        assert_eq!(delivery["state"], if is_odd { "failed" } else { "delivered" });
    }
}

#[test]
fn a_backfill_goes_on_after_a_crash() {
    let sink = Sink::start();
    let mut daemon = Daemon::start();
    let mut events = BTreeSet::new();
    for _ in 0..COUNT {
        events.insert(daemon.send("ticket.created", &json!({"ticket": {"id": "81"}})));
    }
    daemon.apply(&subscription("late", &sink, ALL), &[]);
    // What comes now is delivered by itself, and not by the replay.
    let wanted = json!({"backfill": {"subscription": "late"}, "rate": 10, "start": true});
    let replay = create(&daemon, &wanted);
    assert_eq!(replay["found"], COUNT);
    events.insert(daemon.send("ticket.created", &json!({"ticket": {"id": "81"}})));
    daemon = killed_twice(daemon, &replay);
    let done = in_state(&daemon, &replay, "done");
    assert_eq!((&done["done"], &done["skipped"]), (&json!(COUNT), &json!(0)));
    tried(&daemon, "late", &["delivered"]);
    let deliveries = daemon.deliveries("subscription=late");
    assert_eq!(deliveries.len(), COUNT + 1, "no event twice");
    let event = |delivery: &Value| delivery["event_id"].as_str().unwrap().to_owned();
    assert_eq!(deliveries.iter().map(event).collect::<BTreeSet<_>>(), events);
    // What arrived more than once, since the crash came before it was noted, has one id.
    let arrived = sink.requests();
    let ids = arrived.iter().map(|request| request.header("x-zammad-delivery").unwrap());
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), COUNT + 1);
}
