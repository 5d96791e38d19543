//! Times as Zenlix writes them: `2019-06-11 11:24:18`, in a zone that the payload does not name.

use hookwright_sdk::Host;

/// A moment in the subscription's zone.
pub(crate) fn local(milliseconds: u64, host: &dyn Host) -> String {
    let text = host.to_local(milliseconds);
    // The host gives `2019-06-11T11:24:18+03:00`; what is not so is passed on as it is.
    match text.get(..19).and_then(|local| local.split_once('T')) {
        Some((date, time)) => format!("{date} {time}"),
        None => text,
    }
}

/// A time of a ticket in the subscription's zone; as it came if it cannot be read.
pub(crate) fn relocated(text: &str, host: &dyn Host) -> String {
    host.to_utc(text).map_or_else(|_| text.to_owned(), |time| local(time, host))
}
