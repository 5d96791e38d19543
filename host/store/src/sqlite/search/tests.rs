//! That SQLite does what is expected of it: which indexes it uses, and how much work that is.

use hookwright_model::{DeliveryState, Event, SubscriptionId, Timestamp};
use rusqlite::StatementStatus;

use crate::{About, Times};

use super::super::{codec::state_number, events::PackedData, schema};
use super::*;

/// Deliveries in the journal. Of what is rare there are a few.
const MANY: usize = 20_000;
/// Steps of SQLite's machine in which no more than what is rare can be looked at.
const LITTLE: i32 = 4_000;

struct Journal {
    connection: Connection,
    rare: SubscriptionId,
    deliveries: Vec<DeliveryId>,
    events: Vec<EventId>,
}

fn event(number: usize) -> Event {
    let rare = number.is_multiple_of(2_000);
    let ticket = if rare { 7 } else { number };
    Event {
        id: EventId::new(),
        source: "helpdesk".parse().unwrap(),
        event_type: if rare { "problem.merged" } else { "ticket.updated" }.parse().unwrap(),
        subject: Some(ticket.to_string().into()),
        occurred_at: Timestamp::default(),
        received_at: Timestamp::default(),
        data_schema: "ticket/1".into(),
        data: format!(r#"{{"ticket":{{"number":"T-{ticket}"}}}}"#).into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

/// One delivery for each event, nearly all delivered.
fn journal() -> Journal {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    let rare = SubscriptionId::new();
    let common = SubscriptionId::new();
    let (mut deliveries, mut events) = (Vec::new(), Vec::new());
    let all = connection.unchecked_transaction().unwrap();
    for number in 0..MANY {
        let event = event(number);
        super::super::events::insert(&all, &event, &PackedData::pack(&event), 1).unwrap();
        let id = DeliveryId::new();
        let state = match number % 1_000 {
            1 => DeliveryState::Failed,
            2 => DeliveryState::Unknown,
            3 => DeliveryState::Pending,
            4 => DeliveryState::Running,
            _ => DeliveryState::Delivered,
        };
        let (status, reason) = match state {
            DeliveryState::Failed => (Some(503), Some("Service Unavailable")),
            DeliveryState::Pending => (Some(429), Some("Too Many Requests")),
            DeliveryState::Delivered => (Some(200), None),
            _ => (None, Some("no answer")),
        };
        // Half of it is for one that rarely fails.
        let subscription = if number.is_multiple_of(2) { common } else { rare };
        all.prepare_cached(
            "INSERT INTO deliveries (id, event, subscription, parent, state, created_at, \
             last_status, reason) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)",
        )
        .unwrap()
        .execute(rusqlite::params![
            Id(id.uuid()),
            Id(event.id.uuid()),
            Id(subscription.uuid()),
            number.is_multiple_of(2_500).then_some(Id(common.uuid())),
            state_number(state),
            status,
            reason,
        ])
        .unwrap();
        deliveries.push(id);
        events.push(event.id);
    }
    all.commit().unwrap();
    Journal { connection, rare, deliveries, events }
}

impl Journal {
    /// The plan, how many rows it gives, and how much work that is.
    fn run(&self, Query { sql, values: Values(values) }: &Query) -> (String, usize, i32) {
        let plan = self.plan(sql, values);
        let mut statement = self.connection.prepare(sql).unwrap();
        let mut rows = statement.query(params_from_iter(values)).unwrap();
        let mut count = 0;
        while rows.next().unwrap().is_some() {
            count += 1;
        }
        drop(rows);
        (plan, count, statement.get_status(StatementStatus::VmStep))
    }

    fn plan(&self, sql: &str, values: &[rusqlite::types::Value]) -> String {
        let mut statement = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3));
        lines.unwrap().collect::<rusqlite::Result<Vec<_>>>().unwrap().join("\n")
    }

    fn of_deliveries(&self, filter: &DeliveryFilter) -> (String, usize, i32) {
        self.run(&way::to_deliveries(&self.connection, filter, None).unwrap().unwrap())
    }

    fn of_events(&self, about: About) -> (String, usize, i32) {
        let filter = EventFilter { about, times: Times::default() };
        self.run(&way::to_events(&self.connection, &filter, None).unwrap().unwrap())
    }
}

fn about(change: impl FnOnce(&mut About)) -> About {
    let mut about = About::default();
    change(&mut about);
    about
}

#[test]
fn what_is_rare_is_found_by_an_index() {
    let journal = journal();
    let all = DeliveryFilter::default;
    let of = |change: fn(&mut About)| DeliveryFilter { about: about(change), ..all() };
    let of_rare = |states: &[DeliveryState]| DeliveryFilter { states: states.to_vec(), ..all() };
    let statuses = |text: &str| DeliveryFilter {
        statuses: text.split(',').map(|status| status.parse().unwrap()).collect(),
        ..all()
    };
    use DeliveryState::{Failed, Pending, Running, Unknown};
    for (filter, index, count) in [
        (of_rare(&[Failed]), "deliveries_by_state (state=?", 20),
        (of_rare(&[Unknown]), "deliveries_by_state (state=?", 20),
        (of_rare(&[Pending]), "deliveries_by_state (state=?", 20),
        (of_rare(&[Running]), "deliveries_leased", 20),
        (of_rare(&[Failed, Unknown, Running, Pending, Failed]), "deliveries_by_state (state=?", 80),
        (
            DeliveryFilter { subscription: Some(journal.rare), ..of_rare(&[Failed]) },
            "deliveries_by_subscription_and_state (subscription=? AND state=?",
            20,
        ),
        (statuses("503"), "deliveries_by_status (last_status=?", 20),
        (statuses("4xx"), "deliveries_by_status (last_status=?", 20),
        (statuses("4xx,5xx,503"), "deliveries_by_status (last_status=?", 40),
        (DeliveryFilter { states: vec![Failed], ..statuses("5xx") }, "deliveries_by_status", 20),
        (DeliveryFilter { error: Some("x".into()), ..all() }, "deliveries_by_state", 80),
        (
            DeliveryFilter { event: Some(journal.events[9]), ..all() },
            "deliveries_by_event (event=?",
            1,
        ),
        (
            DeliveryFilter { parent: Some(DeliveryId::new()), ..all() },
            "deliveries_by_parent (parent=?",
            0,
        ),
        (of(|about| about.ticket = Some("T-7".into())), "events_by_number (number=?", 11),
        (of(|about| about.ticket = Some("7".into())), "events_by_subject (subject=?", 11),
        (of(|about| about.subject = Some("7".into())), "events_by_subject (subject=?", 11),
        (
            of(|about| about.event_type = Some("problem.merged".parse().unwrap())),
            "events_by_type (type=?",
            10,
        ),
        (
            of(|about| about.event_type = Some("problem.*".parse().unwrap())),
            "events_by_type (type>? AND type<?",
            10,
        ),
        (
            DeliveryFilter {
                states: vec![DeliveryState::Delivered],
                subscription: Some(journal.rare),
                ..of(|about| about.ticket = Some("T-7".into()))
            },
            "events_by_number (number=?",
            11,
        ),
    ] {
        let (plan, found, steps) = journal.of_deliveries(&filter);
        assert!(plan.contains(index), "{filter:?}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{filter:?} is sorted: {plan}");
        assert_eq!(found, count, "{filter:?}: {plan}");
        assert!(steps < LITTLE, "{filter:?} takes {steps} steps: {plan}");
    }
    // Each of them, also one that is new.
    for state in DeliveryState::ALL.into_iter().filter(|state| *state != DeliveryState::Delivered) {
        for subscription in [None, Some(journal.rare)] {
            let filter = DeliveryFilter { subscription, ..of_rare(&[state]) };
            let (plan, _, steps) = journal.of_deliveries(&filter);
            assert!(plan.contains("INDEX deliveries_") && steps < LITTLE, "{filter:?}: {plan}");
        }
    }
    // If everything were looked at, it would be seen.
    let (plan, found, steps) = journal.of_deliveries(&all());
    assert_eq!(found, MANY);
    assert!(steps > LITTLE * 10, "{steps}: {plan}");
}

#[test]
fn what_is_common_is_gone_through_in_order() {
    let journal = journal();
    let middle = journal.deliveries[MANY / 2];
    let times = Times {
        since: Some(Timestamp::from_millis(0)),
        until: Some(Timestamp::from_millis(1 << 47)),
    };
    let updated = about(|about| about.event_type = Some("ticket.*".parse().unwrap()));
    for (filter, index) in [
        (DeliveryFilter::default(), "d USING PRIMARY KEY (id<?)"),
        (DeliveryFilter { times, ..Default::default() }, "d USING PRIMARY KEY (id>? AND id<?)"),
        (
            DeliveryFilter { states: vec![DeliveryState::Delivered], ..Default::default() },
            "d USING PRIMARY KEY (id<?)",
        ),
        (
            DeliveryFilter { statuses: vec!["2xx".parse().unwrap()], ..Default::default() },
            "d USING PRIMARY KEY (id<?)",
        ),
        (
            DeliveryFilter { subscription: Some(journal.rare), ..Default::default() },
            "deliveries_by_subscription (subscription=? AND id<?)",
        ),
        (
            DeliveryFilter {
                subscription: Some(journal.rare),
                states: vec![DeliveryState::Delivered, DeliveryState::Failed],
                about: updated.clone(),
                ..Default::default()
            },
            "deliveries_by_subscription (subscription=? AND id<?)",
        ),
        (DeliveryFilter { about: updated, ..Default::default() }, "d USING PRIMARY KEY (id<?)"),
    ] {
        let query = way::to_deliveries(&journal.connection, &filter, Some(middle.uuid()));
        let Query { sql, values: Values(values) } = query.unwrap().unwrap();
        let plan = journal.plan(&sql, &values);
        assert!(plan.contains(index), "{filter:?}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{filter:?} is sorted: {plan}");
    }
}

#[test]
fn statuses_and_counts_are_read_from_indexes_alone() {
    let journal = journal();
    let plan = journal.plan(&way::next_status(), &[400.into(), 499.into()]);
    assert!(plan.contains("USING COVERING INDEX deliveries_by_status"), "{plan}");
    let last =
        "SELECT data FROM events WHERE source = ?1 AND subject = ?2 ORDER BY id DESC LIMIT 1";
    let plan = journal.plan(last, &["a".to_owned().into(), "b".to_owned().into()]);
    assert_eq!(plan, "SEARCH events USING INDEX events_by_subject (subject=? AND source=?)");
}

#[test]
fn events_are_found_by_indexes() {
    let journal = journal();
    for (about, index, count) in [
        (about(|about| about.ticket = Some("T-7".into())), "events_by_number (number=?", 11),
        (about(|about| about.subject = Some("7".into())), "events_by_subject (subject=?", 11),
        (
            about(|about| {
                about.subject = Some("7".into());
                about.source = Some("helpdesk".parse().unwrap());
            }),
            "events_by_subject (subject=? AND source=?",
            11,
        ),
        (
            about(|about| about.event_type = Some("problem.merged".parse().unwrap())),
            "events_by_type (type=?",
            10,
        ),
        (
            about(|about| about.event_type = Some("problem.*".parse().unwrap())),
            "events_by_type (type>? AND type<?",
            10,
        ),
    ] {
        let (plan, found, steps) = journal.of_events(about.clone());
        assert!(plan.contains(index), "{about:?}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{about:?} is sorted: {plan}");
        assert_eq!(found, count, "{about:?}: {plan}");
        assert!(steps < LITTLE, "{about:?} takes {steps} steps: {plan}");
    }
    let common = about(|about| about.event_type = Some("ticket.updated".parse().unwrap()));
    let (plan, ..) = journal.of_events(common);
    assert!(plan.contains("events_by_type (type=?)") && !plan.contains("TEMP"), "{plan}");
    let (plan, ..) = journal.of_events(About::default());
    assert!(plan.contains("e USING") && !plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn a_page_ends_when_enough_was_looked_at() {
    let journal = journal();
    let filter = DeliveryFilter {
        // No index leads there.
        states: vec![DeliveryState::Delivered, DeliveryState::Failed],
        statuses: vec!["503".parse().unwrap(), "299".parse().unwrap()],
        ..DeliveryFilter::default()
    };
    let (mut found, mut before, mut pages, mut empty) = (Vec::new(), None, 0, 0);
    loop {
        let query = way::to_deliveries(&journal.connection, &filter, before).unwrap();
        let page = walk(&journal.connection, query, 10, 900, |id, _| Ok(Some(id))).unwrap();
        pages += 1;
        empty += usize::from(page.items.is_empty());
        assert!(page.items.len() <= 1, "a thousand lie between two");
        found.extend(page.items);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    // The last page is the one that finds nothing more to look at.
    assert_eq!(pages, MANY / 900 + 1);
    assert!(empty > 0);
    let expected = (0..20).rev().map(|number| journal.deliveries[number * 1_000 + 1].uuid());
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[test]
fn a_store_from_before_is_searched_too() {
    let mut connection = Connection::open_in_memory().unwrap();
    for migration in [
        include_str!("../migrations/1.sql"),
        include_str!("../migrations/2.sql"),
        include_str!("../migrations/3.sql"),
        include_str!("../migrations/4.sql"),
        include_str!("../migrations/5.sql"),
        include_str!("../migrations/6.sql"),
    ] {
        connection.execute_batch(migration).unwrap();
    }
    connection.pragma_update(None, "user_version", 6).unwrap();
    let old = EventId::new();
    let data = super::super::pack::pack(br#"{"ticket":{"number":"T-81"}}"#);
    connection
        .execute(
            "INSERT INTO events (id, original, source, type, subject, occurred_at, received_at, \
             data_schema, data) VALUES (?1, 1, 'helpdesk', 'ticket.created', '81', 0, 0, \
             'ticket/1', ?2)",
            rusqlite::params![Id(old.uuid()), data],
        )
        .unwrap();
    schema::migrate(&mut connection).unwrap();
    let page = Page { before: None, limit: 10 };
    let find = |ticket: &str| {
        let about = about(|about| about.ticket = Some(ticket.into()));
        let filter = EventFilter { about, times: Times::default() };
        let found = events(&connection, &filter, page).unwrap();
        found.items.iter().map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(find("81"), [old]);
    assert_eq!(find("T-81"), [], "its number is not known");
}

#[test]
fn texts_are_found_in_any_case() {
    let is_in = |text: &str, other: &str| Text::new(text).is_in(other);
    assert!(is_in("REFUSED", "no connection: Connection refused"));
    assert!(is_in("ошибка", "ОШИБКА 7"));
    assert!(is_in("100%", "at 100%") && !is_in("1%", "100"));
    assert!(is_in("_", "a_b") && !is_in("_", "ab"));
    assert!(!is_in("a", ""));
}
