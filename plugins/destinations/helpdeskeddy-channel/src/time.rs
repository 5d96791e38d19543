//! Times as the product's API writes them: without a zone, and the day after the time,
//! `12:30:00 01.03.2024`.

use hookwright_sdk::Host;

/// A moment in the subscription's zone.
pub(crate) fn local(milliseconds: u64, host: &dyn Host) -> String {
    let text = host.to_local(milliseconds);
    // The host gives `2024-03-01T12:30:00+02:00`; what is not so is passed on as it is.
    day_last(&text).unwrap_or(text)
}

fn day_last(text: &str) -> Option<String> {
    let (date, time) = text.get(..19)?.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    Some(format!("{time} {day}.{month}.{year}"))
}

/// A time of a ticket in the subscription's zone; as it came if it cannot be read.
pub(crate) fn relocated(text: &str, host: &dyn Host) -> String {
    host.to_utc(text).map_or_else(|_| text.to_owned(), |time| local(time, host))
}
