//! Names of event types and fields, and times, in words.

use hookwright_sdk::Host;

use crate::clean;

/// `status_changed` becomes `Status changed`.
pub(crate) fn sentence(name: &str) -> String {
    let words = clean::line(&name.replace(['.', '_', '-'], " "), 60);
    let mut chars = words.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

/// The local time to the minute: `2019-06-11 11:24 (UTC+03:00)`.
pub(crate) fn time(milliseconds: u64, host: &dyn Host) -> String {
    let local = host.to_local(milliseconds);
    let parts = (local.get(..10), local.get(10..11), local.get(11..16), local.get(19..));
    match parts {
        (Some(date), Some("T"), Some(time), Some(rest)) => {
            // Fractions of a second, if there are any, end where the offset begins.
            let offset = rest.find(['+', '-', 'Z']).map_or("", |at| &rest[at..]);
            format!("{date} {time} (UTC{})", offset.trim_start_matches('Z'))
        }
        _ => clean::line(&local, 60),
    }
}

/// A time from a ticket, in the same form if it can be read.
pub(crate) fn known_time(text: &str, host: &dyn Host) -> String {
    host.to_utc(text).map_or_else(|_| clean::line(text, 60), |found| time(found, host))
}
