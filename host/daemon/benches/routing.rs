//! What routing costs: many events against many subscriptions with conditions, and whether
//! subscriptions that cannot match cost anything.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hookwright_daemon::condition::{Condition, EventView, OnDemand};
use hookwright_daemon::delivery::target::Target;
use hookwright_daemon::delivery::write_back::WriteBacks;
use hookwright_daemon::registry::SubscriptionEntry;
use hookwright_daemon::routing::Routes;
use hookwright_model::{Digest, Event, EventId, Subscription, Timestamp};
use serde_json::json;

const EVENTS: usize = 10_000;

/// Of the kind that people write, each a little different.
fn condition(number: usize) -> String {
    match number % 4 {
        0 => format!("event.ticket.priority == '{} high' && !event.comment.internal", number % 5),
        1 => format!("event.ticket.tags.exists(t, t == 'tag-{}')", number % 50),
        2 => format!("event.ticket.fields.floor > {} && has(event.comment)", number % 30),
        _ => format!(
            "event.ticket.state in ['new', 'open-{}'] || event.ticket.title.startsWith('Printer')",
            number % 7
        ),
    }
}

/// Compiled already.
fn compiled(condition: &str) -> Arc<OnDemand> {
    let condition = OnDemand::new(condition.into());
    condition.get().unwrap();
    Arc::new(condition)
}

fn entry(source: &str, group: Option<&str>, condition: &str) -> Arc<SubscriptionEntry> {
    let subscription = Subscription {
        sources: vec![source.parse().unwrap()],
        events: vec!["ticket.*".parse().unwrap()],
        groups: group.into_iter().map(str::to_owned).collect(),
        condition: Some(condition.into()),
        ..Subscription::new("x".parse().unwrap(), "x".parse().unwrap(), Digest::of(b""))
    };
    Arc::new(SubscriptionEntry {
        subscription,
        target: Arc::new(Target::idle("none")),
        condition: Some(compiled(condition)),
        write_backs: WriteBacks::default(),
        address: None,
    })
}

/// A ticket of usual size, about 1 KB.
fn event(number: usize) -> Event {
    let data = json!({
        "ticket": {
            "id": number.to_string(), "number": format!("1{number}"),
            "title": format!("No network in room {number}"), "text": "The lamp is off.\n".repeat(20),
            "state": if number.is_multiple_of(3) { "new" } else { "closed" },
            "priority": format!("{} high", number % 5), "group": format!("Group {}", number % 40),
            "assignees": [{"id": "5", "name": "Emma Taylor", "email": "emma@example.com", "kind": "agent"}],
            "customer": {"id": "8", "name": "Emily Adams", "email": "emily@example.com", "kind": "customer"},
            "tags": [format!("tag-{}", number % 100), "network"],
            "fields": {"floor": number % 40, "building": "B"},
        },
        "comment": {"visibility": "public", "text": "It works again, thank you.", "channel": "email"},
        "origin": {"kind": "zammad"},
    });
    Event {
        id: EventId::new(),
        source: "desk-0".parse().unwrap(),
        event_type: "ticket.commented".parse().unwrap(),
        subject: Some(number.to_string().into()),
        occurred_at: Timestamp::from_millis(1_605_278_075_282),
        received_at: Timestamp::from_millis(1_605_278_076_000),
        data_schema: "ticket/1".into(),
        data: data.to_string().into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

fn routing(criterion: &mut Criterion) {
    let events: Vec<_> = (0..EVENTS).map(event).collect();
    let mut group = criterion.benchmark_group("routing");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS as u64));

    // Every condition is evaluated for every event: the most that there can be to do.
    let mut routes = Routes::default();
    for number in 0..1_000 {
        routes.add(&entry("desk-0", None, &condition(number)));
    }
    group.bench_function("10,000 events, 1,000 subscriptions, all candidates", |bench| {
        bench.iter(|| {
            events.iter().map(|event| black_box(routes.matching(event)).takers.len()).sum::<usize>()
        });
    });

    // A company with 10 helpdesks of 40 groups.
    let mut routes = Routes::default();
    for number in 0..1_000 {
        let source = format!("desk-{}", number % 10);
        let group = format!("Group {}", number / 10 % 40);
        routes.add(&entry(&source, Some(&group), &condition(number)));
    }
    group.bench_function("10,000 events, 1,000 subscriptions, 10 sources, 40 groups", |bench| {
        bench.iter(|| {
            events.iter().map(|event| black_box(routes.matching(event)).takers.len()).sum::<usize>()
        });
    });
    group.finish();
}

/// Twenty candidates, among ever more subscriptions of other sources and groups.
fn scaling(criterion: &mut Criterion) {
    let events: Vec<_> = (0..1_000).map(|number| event(number * 40)).collect();
    let mut group = criterion.benchmark_group("20 candidates among");
    group.throughput(Throughput::Elements(events.len() as u64));
    for all in [100, 1_000, 10_000] {
        let mut routes = Routes::default();
        for number in 0..all {
            let condition = condition(number % 20);
            routes.add(&match number {
                0..20 => entry("desk-0", Some("Group 0"), &condition),
                number if number % 2 == 0 => {
                    entry("desk-0", Some(&format!("G{number}")), &condition)
                }
                number => entry(&format!("desk-{number}"), None, &condition),
            });
        }
        group.bench_function(BenchmarkId::from_parameter(all), |bench| {
            bench.iter(|| {
                for event in &events {
                    black_box(routes.matching(event));
                }
            });
        });
    }
    group.finish();
}

fn parts(criterion: &mut Criterion) {
    let event = event(1);
    criterion.bench_function("reading an event's body", |bench| {
        bench.iter(|| black_box(EventView::new(&event)).group().is_some());
    });
    let view = EventView::new(&event);
    let text = "event.ticket.priority == 'high' && !event.comment.internal";
    let compiled = Condition::compile(text).unwrap();
    criterion.bench_function("one evaluation", |bench| {
        bench.iter(|| black_box(compiled.evaluate(&view)).cost);
    });
    criterion.bench_function("compiling a condition", |bench| {
        bench.iter(|| Condition::compile(black_box(text)).is_ok());
    });
    let tags: Vec<_> = (0..1_000).map(|n| n.to_string()).collect();
    let many =
        Event { data: json!({"ticket": {"tags": tags}}).to_string().into(), ..event.clone() };
    let view = EventView::new(&many);
    let worst =
        "event.ticket.tags.all(a, event.ticket.tags.all(b, event.ticket.tags.all(c, a < b + c)))";
    let worst = Condition::compile(worst).unwrap();
    criterion.bench_function("an evaluation that is stopped for its cost", |bench| {
        bench.iter(|| black_box(worst.evaluate(&view)).cost);
    });
    let long = "a".repeat(990_000);
    let long =
        Event { data: json!({"comment": {"text": long}}).to_string().into(), ..event.clone() };
    let view = EventView::new(&long);
    let hard = "event.comment.text.matches(r'(?i)(printer|drucker)[^a]*z$')";
    let hard = Condition::compile(hard).unwrap();
    assert!(hard.evaluate(&view).holds.is_ok());
    criterion.bench_function("a regular expression as costly as can be", |bench| {
        bench.iter(|| black_box(hard.evaluate(&view)).cost);
    });
}

criterion_group!(benches, parts, scaling, routing);
criterion_main!(benches);
