//! What can be asked for.

use hookwright_model::{Step, Timestamp};

use super::plan::*;

const DAY: i64 = 86_400_000;
const NOW: i64 = 1_800_000_030_000;

/// The step and how many of them, for a time that began and ended so long ago, in milliseconds.
fn ask(ago: (i64, i64), step: Option<Step>, by: By) -> Result<(Step, usize), Refused> {
    let now = Timestamp::from_millis(NOW);
    let times = (Some(NOW - ago.0), Some(NOW - ago.1));
    let moment = |millis: Option<i64>| millis.map(Timestamp::from_millis);
    let ask = Ask::new((moment(times.0), moment(times.1)), step, by, now)?;
    assert_eq!(ask.by, by);
    Ok((ask.span.step, ask.span.steps().len()))
}

#[test]
fn steps_fit_the_time() {
    for (since, until, step, points) in [
        (DAY / 24, 0, Step::Minute, 61),
        (DAY / 4, 0, Step::Minute, 361),
        (DAY, 0, Step::Hour, 25),
        (14 * DAY, 0, Step::Hour, 337),
        (30 * DAY, 0, Step::Day, 31),
        // Minutes are not kept for so long.
        (10 * DAY, 10 * DAY - DAY / 24, Step::Hour, 2),
        (100 * DAY, 99 * DAY, Step::Day, 2),
        // Before that there is nothing.
        (10_000 * DAY, 0, Step::Day, 402),
        (10_000 * DAY, 9_000 * DAY, Step::Day, 1),
    ] {
        let by = By::None;
        assert_eq!(ask((since, until), None, by), Ok((step, points)), "{since} to {until}");
    }
    let usual = Ask::new((None, None), None, By::None, Timestamp::from_millis(NOW)).unwrap();
    assert_eq!((usual.span.step, usual.span.steps().len()), (Step::Hour, 25));
}

#[test]
fn what_is_too_much_or_not_there_is_refused() {
    let minute = Some(Step::Minute);
    assert_eq!(ask((2 * DAY, 0), minute, By::None), Ok((Step::Minute, 2_881)));
    assert_eq!(ask((30 * DAY, 0), Some(Step::Hour), By::Source), Ok((Step::Hour, 721)));
    for (ago, step, by, parameter, word) in [
        ((0, DAY), None, By::None, "since", "not before"),
        ((DAY, DAY), None, By::None, "since", "not before"),
        ((DAY, 0), minute, By::Destination, "step", "step=auto"),
        ((3 * DAY, 0), minute, By::None, "since", "are kept from"),
        ((40 * DAY, 39 * DAY), Some(Step::Hour), By::None, "since", "are kept from"),
    ] {
        let refused = ask(ago, step, by).unwrap_err();
        assert_eq!(refused.parameter, parameter);
        assert!(refused.detail.contains(word), "{refused}");
    }
    assert!("host".parse::<By>().unwrap_err().contains("use none, subscription"));
}
