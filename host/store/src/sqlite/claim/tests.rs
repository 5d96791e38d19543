//! SQLite is held to its plans: each question goes straight to its place in an index, and nothing
//! is sorted, however much waits.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::sql;
use crate::sqlite::schema;

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let unbound = vec![Value::Null; statement.parameter_count()];
    let lines = statement
        .query_map(rusqlite::params_from_iter(unbound), |row| row.get::<_, String>(3))
        .unwrap();
    let plan = lines.collect::<rusqlite::Result<Vec<_>>>().unwrap().join("; ");
    // Whether the table is looked at too makes no difference to how many rows are.
    plan.replace("COVERING ", "")
}

#[test]
fn what_is_due_is_found_in_its_place() {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    let queue = "SEARCH deliveries USING INDEX deliveries_in_queue (<expr>=? AND <expr>=? \
                 AND next_attempt_at>? AND next_attempt_at<?)";
    let searches = [
        (sql::next(), "SEARCH deliveries USING INDEX deliveries_due (next_attempt_at>?)"),
        (sql::expired(), "SEARCH deliveries USING INDEX deliveries_leased (lease_until<?)"),
        (sql::few(), "SEARCH deliveries USING INDEX deliveries_due (next_attempt_at<?)"),
        (
            sql::following(&Value::Integer(1)),
            "SEARCH deliveries USING INDEX deliveries_in_queue (<expr>>?)",
        ),
        (sql::first_due(), queue),
        (sql::of_queue(), queue),
    ];
    for (sql, wanted) in searches {
        assert_eq!(plan(&connection, &sql), wanted, "{sql}");
    }
    // The first of all: the beginning of the index, and no more of it.
    let first = plan(&connection, &sql::following(&Value::Null));
    assert_eq!(first, "SCAN deliveries USING INDEX deliveries_in_queue");
}
