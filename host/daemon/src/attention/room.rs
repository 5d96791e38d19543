//! Room on the disk.

use std::path::Path;

use super::{About, Item, Kind, Severity};
use crate::care::{LITTLE_ROOM, NO_ROOM, free_room};

pub(super) fn disk(data: &Path) -> Option<Item> {
    let free = free_room(data).ok().filter(|free| *free < LITTLE_ROOM)?;
    let detail = format!("{} MiB are free in the data directory", free >> 20);
    let advice = "make room: when it is used up, events are refused. `keep_for` and `keep_bytes` \
                  say how much the journal keeps";
    let about = About { what: "disk", name: None, id: None };
    let severity = if free < NO_ROOM { Severity::Error } else { Severity::Warning };
    Some(Item { severity, ..Kind::DiskLow.item(about, detail, advice).at("/v1/journal") })
}
