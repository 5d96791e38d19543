//! A plugin's call, fresh instance and all, beside the same code compiled for this machine.
//!
//! Run with `cargo bench -p hookwright-sandbox`; `cargo xtask plugins` must have been run.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use common::{component, event, load, sandbox};
use criterion::{Criterion, criterion_group, criterion_main};
use hookwright_model::{Event, Limits, Original};
use hookwright_sandbox::{Context, Inbound, Plugin, TimeZone};
use hookwright_sdk::testing::FakeHost;
use hookwright_sdk::{Destination, Source};

const SEED: &[u8] = include_bytes!("../../../tests/data/seeds/001-zammad.wire.json");

fn original() -> Arc<Original> {
    let headers = vec![("x-zammad-trigger".to_owned(), b"new ticket".to_vec())];
    Arc::new(Original { headers, body: Bytes::from_static(SEED) })
}

fn context(settings: &str) -> Context {
    Context {
        settings: settings.into(),
        now: hookwright_model::Timestamp::from_millis(1_605_278_075_000),
        attempt: 1,
        original: Some(original()),
        time_zone: TimeZone::UTC,
        subject: "evt_01234567890123456789012345678901".into(),
    }
}

/// The event that the source plugin makes of seed 001.
fn ticket(source: &Plugin) -> Event {
    let context = context("{}");
    let original = original();
    let inbound = Inbound { method: "POST", query: &[], original: &original };
    let report = source.parse(&inbound, &context, &Limits::default());
    let parsed = report.outcome.unwrap().unwrap().remove(0);
    Event { event_type: parsed.event_type, ..event(&parsed.data) }
}

fn to_wit(event: &Event) -> hookwright_sdk::Event {
    hookwright_sdk::Event {
        id: event.id.to_string(),
        source: event.source.to_string(),
        event_type: event.event_type.to_string(),
        subject: event.subject.as_deref().map(str::to_owned),
        occurred_at: 0,
        data_schema: event.data_schema.to_string(),
        data: event.data.to_string(),
    }
}

fn host(settings: &str) -> FakeHost {
    let times = ["2020-11-13T14:34:35.333Z"].map(|time| (time.to_owned(), 1_605_278_075_333));
    FakeHost {
        settings: settings.to_owned(),
        original_body: SEED.to_vec(),
        times: times.to_vec(),
        ..FakeHost::default()
    }
}

fn destination<D: Destination>(criterion: &mut Criterion, name: &str, settings: &str) {
    let sandbox = sandbox();
    let ticket = ticket(&load(&sandbox, &component("source-zammad")));
    let plugin = load(&sandbox, &component(&format!("destination-{name}")));
    let (context, limits) = (context(settings), Limits::default());
    let mut group = criterion.benchmark_group(format!("{name}/transform"));
    group.bench_function("native", |bencher| {
        let host = host(settings);
        bencher.iter(|| {
            // What the guest does too: read the settings, take the event.
            let settings = serde_json::from_str(&host.settings).unwrap();
            let event = to_wit(&ticket);
            black_box(D::transform(&event, &settings, &host))
        });
    });
    group.bench_function("plugin", |bencher| {
        bencher.iter(|| {
            let report = plugin.transform(&ticket, &context, &limits);
            black_box(report.outcome.unwrap().unwrap())
        });
    });
    group.finish();
}

fn telegram(criterion: &mut Criterion) {
    destination::<destination_telegram::Telegram>(criterion, "telegram", r#"{"chat_id":1}"#);
}

fn zammad(criterion: &mut Criterion) {
    let settings = r#"{"url":"https://example.com/hook"}"#;
    destination::<destination_zammad::Zammad>(criterion, "zammad", settings);
}

fn source(criterion: &mut Criterion) {
    let sandbox = sandbox();
    let plugin = load(&sandbox, &component("source-zammad"));
    let (context, limits, original) = (context("{}"), Limits::default(), original());
    let mut group = criterion.benchmark_group("zammad/parse");
    group.bench_function("native", |bencher| {
        let host = host("{}");
        let inbound = hookwright_sdk::Inbound {
            method: "POST".into(),
            query: Vec::new(),
            headers: original.headers.clone(),
            body: SEED.to_vec(),
        };
        bencher.iter(|| {
            let settings = serde_json::from_str(&host.settings).unwrap();
            black_box(source_zammad::Zammad::parse(&inbound, &settings, &host).unwrap())
        });
    });
    group.bench_function("plugin", |bencher| {
        let inbound = Inbound { method: "POST", query: &[], original: &original };
        bencher.iter(|| {
            let report = plugin.parse(&inbound, &context, &limits);
            black_box(report.outcome.unwrap().unwrap())
        });
    });
    group.finish();
}

criterion_group!(benches, telegram, zammad, source);
criterion_main!(benches);
