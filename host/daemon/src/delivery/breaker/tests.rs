//! The gates under a clock that the test sets.

use std::collections::BTreeSet;

use hookwright_model::FaultKind;
use proptest::prelude::*;

use super::circuit::{Circuit, ENOUGH, IN_A_ROW};
use super::gate::{Effect, Gate, Waits};
use super::suspension::{self, Suspension, WORKED_LATELY};
use super::window::{Ratio, SPAN, Window};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

static WAITS: Waits = Waits {
    first: Duration::from_secs(5),
    longest: Duration::from_secs(300),
    come_back: Duration::from_secs(600),
};

fn failing(circuit: &mut Circuit, count: u32, now: Duration) {
    for _ in 0..count {
        let entry = circuit.enter(false, now).unwrap();
        circuit.ended(entry, Outcome::Bad, Some("no connection".into()), now, 0.0);
    }
}

fn is_open(circuit: &Circuit) -> bool {
    circuit.gate.shut_now().is_some()
}

#[test]
fn ten_in_a_row_open_it_however_far_apart() {
    let mut circuit = Circuit::new();
    for number in 0..IN_A_ROW {
        assert!(!is_open(&circuit), "{number}");
        failing(&mut circuit, 1, SPAN * 10 * number);
    }
    assert!(is_open(&circuit));
    let now = SPAN * 1_000;
    assert_eq!(circuit.ratio(now), Ratio { failed: IN_A_ROW, tries: IN_A_ROW });
}

#[test]
fn a_success_between_breaks_the_row_and_half_of_many_open_it() {
    let mut circuit = Circuit::new();
    let good = |circuit: &mut Circuit, now| {
        let entry = circuit.enter(false, now).unwrap();
        circuit.ended(entry, Outcome::Good, None, now, 0.0);
    };
    // A third fails: never, however many.
    for _ in 0..100 {
        good(&mut circuit, SECOND);
        good(&mut circuit, SECOND);
        failing(&mut circuit, 1, SECOND);
    }
    assert!(!is_open(&circuit));
    // A minute later only what comes then counts: half of twenty.
    let now = SPAN * 3;
    for number in 0..ENOUGH / 2 {
        assert!(!is_open(&circuit), "{number}");
        good(&mut circuit, now);
        failing(&mut circuit, 1, now);
    }
    assert!(is_open(&circuit));
    assert_eq!(circuit.ratio(now), Ratio { failed: ENOUGH / 2, tries: ENOUGH });
    assert_eq!(circuit.last_error.as_ref().unwrap().text, "no connection");
}

#[test]
fn what_says_nothing_neither_opens_nor_mends() {
    let mut circuit = Circuit::new();
    for _ in 0..100 {
        let entry = circuit.enter(false, SECOND).unwrap();
        circuit.ended(entry, Outcome::Neither, None, SECOND, 0.0);
    }
    assert!(!is_open(&circuit));
    failing(&mut circuit, IN_A_ROW - 1, SECOND);
    let entry = circuit.enter(false, SECOND).unwrap();
    circuit.ended(entry, Outcome::Neither, None, SECOND, 0.0);
    failing(&mut circuit, 1, SECOND);
    assert!(is_open(&circuit));
}

#[test]
fn what_was_sent_before_it_opened_does_not_close_it() {
    let mut circuit = Circuit::new();
    let early = circuit.enter(false, SECOND).unwrap();
    failing(&mut circuit, IN_A_ROW, SECOND);
    assert_eq!(circuit.ended(early, Outcome::Good, None, SECOND, 0.0), Effect::None);
    assert!(is_open(&circuit));
    // Nor does a probe of the time before, once it was closed and opened again.
    let probe = circuit.enter(false, SECOND * 10).unwrap();
    let forced = circuit.enter(true, SECOND * 10).unwrap();
    assert_eq!(circuit.ended(forced, Outcome::Good, None, SECOND * 10, 0.0), Effect::Opened);
    failing(&mut circuit, IN_A_ROW, SECOND * 11);
    assert_eq!(circuit.ended(probe, Outcome::Good, None, SECOND * 12, 0.0), Effect::None);
    assert!(is_open(&circuit));
}

#[test]
fn one_is_told_to_come_for_the_trial_and_the_others_after_it() {
    let mut gate = Gate::new(&WAITS);
    gate.shut(SECOND, 0.0);
    let next = SECOND + WAITS.first;
    assert_eq!(gate.enter(false, SECOND * 2), Err(next));
    let others: BTreeSet<_> =
        (0..100).map(|_| gate.enter(false, SECOND * 2).unwrap_err()).collect();
    assert_eq!(others.len(), 100, "each at a moment of its own");
    assert!(others.iter().all(|at| *at > next), "{others:?}");
    // The trial is under way; whoever comes meanwhile waits on.
    let trial = gate.enter(false, next).unwrap();
    let meanwhile = gate.enter(false, next).unwrap_err();
    assert!(meanwhile > *others.last().unwrap());
    assert_eq!(gate.ended(trial, Outcome::Bad, next + SECOND, 0.0), Effect::StaysShut);
    let shut = *gate.shut_now().unwrap();
    assert_eq!(shut.next, next + SECOND + WAITS.first * 2);
    assert_eq!(gate.enter(false, next + SECOND), Err(shut.next), "another is promised the next");
}

#[test]
fn waits_double_up_to_the_longest() {
    let mut gate = Gate::new(&WAITS);
    gate.shut(Duration::ZERO, 1.0);
    let mut waits = vec![gate.shut_now().unwrap().next];
    for _ in 0..8 {
        let now = gate.shut_now().unwrap().next;
        let trial = gate.enter(false, now).unwrap();
        gate.ended(trial, Outcome::Bad, now, 1.0);
        waits.push(gate.shut_now().unwrap().next - now);
    }
    let seconds: Vec<_> = waits.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [6, 12, 24, 48, 96, 192, 360, 360, 360], "with a fifth by chance");
    // An answer that only asks to wait is asked again after the same while.
    let now = gate.shut_now().unwrap().next;
    let trial = gate.enter(false, now).unwrap();
    gate.ended(trial, Outcome::Neither, now, 0.0);
    assert_eq!(gate.shut_now().unwrap().next, now + WAITS.longest);
}

#[test]
fn a_trial_that_is_not_made_is_anothers() {
    let mut gate = Gate::new(&WAITS);
    gate.shut(Duration::ZERO, 0.0);
    let trial = gate.enter(false, SECOND * 6).unwrap();
    assert!(gate.enter(false, SECOND * 6).is_err());
    gate.released(trial);
    assert!(gate.enter(false, SECOND * 6).is_ok());
}

/// What happens to a gate.
#[derive(Clone, Debug)]
enum Happens {
    Passes(u64),
    Comes,
    Forces,
    Ends(usize, Outcome),
    Leaves(usize),
}

fn happens() -> impl Strategy<Value = Happens> {
    let outcome = prop_oneof![Just(Outcome::Good), Just(Outcome::Bad), Just(Outcome::Neither)];
    prop_oneof![
        3 => (0_u64..400_000).prop_map(Happens::Passes),
        4 => Just(Happens::Comes),
        1 => Just(Happens::Forces),
        4 => (0_usize..8, outcome).prop_map(|(who, outcome)| Happens::Ends(who, outcome)),
        1 => (0_usize..8).prop_map(Happens::Leaves),
    ]
}

proptest! {
    #[test]
    fn never_two_on_trial_and_never_for_ever(all in prop::collection::vec(happens(), 1..200)) {
        let mut gate = Gate::new(&WAITS);
        let mut now = SECOND;
        gate.shut(now, 0.5);
        let mut under_way = Vec::new();
        let mut since_shut = true;
        for one in all {
            match one {
                Happens::Passes(millis) => now += Duration::from_millis(millis),
                Happens::Comes => {
                    let trials = gate.shut_now().is_some_and(|shut| shut.on_trial);
                    match gate.enter(false, now) {
                        Ok(entry) => {
                            prop_assert!(!trials, "a second one is on trial");
                            under_way.push(entry);
                        }
                        Err(at) => {
                            prop_assert!(since_shut && at >= now);
                            // Nobody is told to come later than the longest wait, with chance
                            // and the spacing of those that came before.
                            prop_assert!(at <= now + WAITS.come_back + SECOND * 2);
                        }
                    }
                }
                Happens::Forces => under_way.push(gate.enter(true, now).unwrap()),
                Happens::Ends(who, outcome) if who < under_way.len() => {
                    let entry = under_way.remove(who);
                    if gate.ended(entry, outcome, now, 0.5) == Effect::Opened {
                        since_shut = false;
                        prop_assert_eq!(outcome, Outcome::Good);
                    }
                }
                Happens::Leaves(who) if who < under_way.len() => gate.released(under_way.remove(who)),
                Happens::Ends(..) | Happens::Leaves(_) => {}
            }
        }
        // When everybody has gone, there is a moment from which somebody passes.
        under_way.into_iter().for_each(|entry| gate.released(entry));
        prop_assert!(gate.enter(false, now + WAITS.longest * 2).is_ok());
    }

    #[test]
    fn the_window_counts_as_a_list_would(
        tries in prop::collection::vec((0_u64..90_000, any::<bool>()), 0..200),
    ) {
        let mut window = Window::default();
        let (mut list, mut now) = (Vec::new(), Duration::ZERO);
        for (millis, failed) in tries {
            now += Duration::from_millis(millis / 10);
            window.add(failed, now);
            list.push((now, failed));
            let ratio = window.ratio(now);
            // The oldest twelfth goes at once.
            let within = |span: Duration| {
                let from = now.saturating_sub(span);
                list.iter().filter(move |(at, _)| *at >= from).count()
            };
            let tries = usize::try_from(ratio.tries).unwrap();
            prop_assert!(within(SPAN - SECOND * 5) <= tries && tries <= within(SPAN));
            prop_assert!(ratio.failed <= ratio.tries);
        }
    }
}

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);

fn calls(
    suspension: &mut Suspension,
    target: Uuid,
    outcome: Outcome,
    count: u32,
    now: Duration,
) -> u32 {
    let mut made = 0;
    for _ in 0..count {
        let Ok(permit) = suspension.enter(target, false, now) else { continue };
        made += 1;
        suspension.ended(permit, outcome, "trap: it aborted", now, 0.0);
    }
    made
}

#[test]
fn a_version_that_never_worked_is_suspended_for_all() {
    let mut suspension = Suspension::new();
    assert_eq!(calls(&mut suspension, ONE, Outcome::Bad, 6, SECOND), 6);
    assert_eq!(calls(&mut suspension, TWO, Outcome::Bad, 6, SECOND), 4, "ten in all");
    assert_eq!(calls(&mut suspension, ONE, Outcome::Good, 1, SECOND), 0);
    let suspended = suspension.suspended();
    assert_eq!((suspended.len(), suspended[0].0), (1, None));
    assert_eq!(suspended[0].1.last, "trap: it aborted");
    // After a minute one tries, and that lifts it for all.
    let later = SECOND * 62;
    assert_eq!(calls(&mut suspension, TWO, Outcome::Good, 1, later), 1);
    assert!(suspension.suspended().is_empty());
    assert_eq!(calls(&mut suspension, ONE, Outcome::Good, 3, later), 3);
}

#[test]
fn one_that_works_for_others_is_suspended_only_where_it_fails() {
    let mut suspension = Suspension::new();
    calls(&mut suspension, TWO, Outcome::Good, 1, SECOND);
    assert_eq!(calls(&mut suspension, ONE, Outcome::Bad, 30, SECOND), 10);
    assert_eq!(calls(&mut suspension, TWO, Outcome::Good, 30, SECOND), 30);
    let suspended = suspension.suspended();
    assert_eq!((suspended.len(), suspended[0].0), (1, Some(ONE)));
    // What happened to others says nothing of this one.
    assert_eq!(calls(&mut suspension, ONE, Outcome::Good, 1, SECOND * 2), 0);
    assert_eq!(calls(&mut suspension, ONE, Outcome::Good, 5, SECOND * 62), 5);
    assert!(suspension.suspended().is_empty());
    // And when it has not worked for anybody for long, it is suspended for all.
    let later = SECOND * 62 + WORKED_LATELY;
    assert_eq!(calls(&mut suspension, ONE, Outcome::Bad, 30, later), 10);
    assert_eq!(calls(&mut suspension, TWO, Outcome::Bad, 1, later), 0);
}

#[test]
fn a_success_between_breaks_the_row_and_resuming_wakes() {
    let mut suspension = Suspension::new();
    for _ in 0..20 {
        calls(&mut suspension, ONE, Outcome::Bad, 9, SECOND);
        calls(&mut suspension, ONE, Outcome::Neither, 3, SECOND);
        calls(&mut suspension, ONE, Outcome::Good, 1, SECOND);
    }
    assert!(suspension.suspended().is_empty());
    let waiting = suspension.enter(ONE, false, SECOND).unwrap();
    assert!(!suspension.is_void(waiting));
    calls(&mut suspension, ONE, Outcome::Bad, 10, SECOND);
    assert!(suspension.is_void(waiting), "it waited for a thread and is not called any more");
    let wake = (DeliveryId::new(), Timestamp::from_millis(5));
    suspension.shut_for(ONE).unwrap().gate.wait_for(wake.0, wake.1);
    assert_eq!(suspension.resume(), (true, vec![wake]));
    assert_eq!(suspension.resume(), (false, Vec::new()));
    assert_eq!(calls(&mut suspension, ONE, Outcome::Bad, 30, SECOND), 10, "it counts anew");
}

#[test]
fn only_what_the_plugin_could_not_bear_counts() {
    use FaultKind::{BadOutput, Deadline, Host, Memory, OutOfFuel, Stack, Trap};
    for kind in [OutOfFuel, Deadline, Memory, Stack, Trap] {
        assert_eq!(suspension::outcome_of(kind), Outcome::Bad, "{kind:?}");
    }
    for kind in [BadOutput, Host] {
        assert_eq!(suspension::outcome_of(kind), Outcome::Neither, "{kind:?}");
    }
}
