//! What the tests of this crate share.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use hookwright_model::{Digest, Event, EventId, Limits, Original, Timestamp};
use hookwright_sandbox::compile::CompileLimits;
use hookwright_sandbox::{Compiler, Context, Plugin, Sandbox, TimeZone};

pub(crate) fn sandbox() -> Sandbox {
    Sandbox::new(NonZeroUsize::new(8).unwrap()).unwrap()
}

pub(crate) fn compiler() -> Compiler {
    compiler_with(CompileLimits::default())
}

pub(crate) fn compiler_with(limits: CompileLimits) -> Compiler {
    let test = std::env::current_exe().unwrap();
    let child = test.parent().unwrap().parent().unwrap().join("examples/compile_child");
    assert!(child.is_file(), "{} is not built", child.display());
    Compiler::new(child, Vec::new(), limits)
}

pub(crate) fn component(name: &str) -> Vec<u8> {
    read(Path::new("target/plugins").join(format!("{name}.wasm")))
}

pub(crate) fn core_module(name: &str) -> Vec<u8> {
    read(Path::new("target/plugins/core").join(format!("{name}.wasm")))
}

fn read(below: PathBuf) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(below);
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask plugins`", path.display()))
}

pub(crate) fn load(sandbox: &Sandbox, bytes: &[u8]) -> Plugin {
    let code = compiler().compile(bytes).unwrap();
    sandbox.load(&code, Digest::of(bytes), &Limits::default()).unwrap()
}

pub(crate) fn event(data: &str) -> Event {
    Event {
        id: "evt_01234567890123456789012345678901".parse::<EventId>().unwrap(),
        source: "tests".parse().unwrap(),
        event_type: "ticket.created".parse().unwrap(),
        subject: Some("81".into()),
        occurred_at: Timestamp::from_millis(1_000),
        received_at: Timestamp::from_millis(2_000),
        data_schema: "ticket/1".into(),
        data: data.into(),
        upstream_name: None,
        dedupe_key: None,
    }
}

pub(crate) fn context(event: &Event) -> Context {
    Context {
        settings: r#"{"url":"https://example.com/hook"}"#.into(),
        now: event.received_at,
        attempt: 1,
        original: Some(Arc::new(Original {
            headers: Vec::new(),
            body: Bytes::from_static(b"as posted"),
        })),
        time_zone: TimeZone::UTC,
        subject: event.id.to_string(),
    }
}
