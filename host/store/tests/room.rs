//! What is stored takes little more room than it has bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fmt::Write as _;

use common::{NOW, Place, delivery, event, post, tried};
use hookwright_model::DeliveryState;
use hookwright_store::Store;

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

/// A ticket's document is some kilobytes. It stands there four times: as it was posted, as the
/// event's data, as the request's body, and as the answer of a receiver that gives it back.
#[tokio::test]
async fn large_rows_leave_no_pages_empty() {
    const EVENTS: u64 = 200;
    for size in [1_500, 3_000, 6_000] {
        let place = Place::new();
        let store = place.open();
        let pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let empty = place.number(pages);
        for (number, at) in (0..EVENTS).zip(NOW..) {
            let document = noise(number, size);
            let event = event(at, &document);
            let delivery = delivery(&event);
            store.accept(post(vec![(event, vec![delivery.clone()])], &document)).await.unwrap();
            let delivered = tried(&delivery, DeliveryState::Delivered, at, &document, &document);
            store.record(delivered).await.unwrap();
        }
        let taken = place.number(pages) - empty;
        let said = i64::try_from(size * 4).unwrap() * i64::try_from(EVENTS).unwrap();
        assert!(taken < said * 3 / 2, "{taken} bytes for {said} of {size} each");
    }
}

/// The version that gave them this room took them out of older tables.
#[test]
fn rows_are_moved_as_they_were() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let migrate = |version: u32| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sqlite/migrations");
        let sql = std::fs::read_to_string(format!("{folder}/{version}.sql")).unwrap();
        connection.execute_batch(&sql).unwrap();
    };
    (1..=17).for_each(migrate);
    let rows = "INSERT INTO requests VALUES (x'02', 0, 1, 'b', x'03'), (x'01', 2, 0, 'a', x'');
                INSERT INTO attempts VALUES (x'05', x'02', 1, 7, NULL, 'd', NULL, NULL),
                                            (x'04', x'01', 3, 8, 200, 'c', x'06', x'00')";
    connection.execute_batch(rows).unwrap();
    let all = |table: &str| -> Vec<String> {
        let sql = format!("SELECT * FROM {table} ORDER BY delivery");
        let mut statement = connection.prepare(&sql).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let values = (0..columns).map(|column| row.get_ref(column));
            Ok(format!("{:?}", values.collect::<Result<Vec<_>, _>>()?))
        };
        statement.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let before = (all("requests"), all("attempts"));
    assert_eq!((before.0.len(), before.1.len()), (2, 2));
    migrate(18);
    assert_eq!((all("requests"), all("attempts")), before);
    let again = "INSERT INTO attempts SELECT * FROM attempts";
    assert!(connection.execute(again, []).is_err(), "one of each number");
}
