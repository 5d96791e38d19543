//! What is stored takes little more room than it has bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fmt::Write as _;

use common::{NOW, Place, delivered};

/// Text that cannot be packed much smaller.
fn noise(seed: u64, bytes: usize) -> String {
    let mut state = seed + 1;
    let mut text = String::new();
    while text.len() < bytes {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(text, "{:x}", state >> 32).unwrap();
    }
    text
}

/// A ticket's document is some kilobytes. It stands there three times: as it was posted, as the
/// event's data and as the request's body.
#[tokio::test]
async fn large_rows_leave_no_pages_empty() {
    const EVENTS: u64 = 200;
    for size in [1_500, 3_000, 6_000] {
        let place = Place::new();
        let store = place.open();
        let pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let empty = place.number(pages);
        for (event, at) in (0..EVENTS).zip(NOW..) {
            delivered(&store, at, &noise(event, size)).await;
        }
        let taken = place.number(pages) - empty;
        let said = i64::try_from(size * 3).unwrap() * i64::try_from(EVENTS).unwrap();
        assert!(taken < said * 3 / 2, "{taken} bytes for {said} of {size} each");
    }
}
