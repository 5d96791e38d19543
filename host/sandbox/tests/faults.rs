//! Every way in which a plugin can fail is told apart, in words that say what to do; and what
//! a plugin may do, it may.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{component, context, core_module, event, load, sandbox};
use hookwright_model::request::{Part, Template};
use hookwright_model::{
    CallRecord, Decision, Failure, Fault, FaultKind, Judgement, Limits, Request, Verdict,
};
use hookwright_sandbox::{Answer, Exchange, Plugin, Report, Sandbox};

struct Misbehave {
    plugin: Plugin,
    _sandbox: Sandbox,
}

impl Misbehave {
    fn new() -> Self {
        let sandbox = sandbox();
        Self { plugin: load(&sandbox, &component("misbehave")), _sandbox: sandbox }
    }

    fn told(&self, data: &str, limits: &Limits) -> Report<Result<Decision, Failure>> {
        let event = event(data);
        self.plugin.transform(&event, &context(&event), limits)
    }

    fn fault(&self, data: &str, limits: &Limits) -> (Fault, CallRecord) {
        let report = self.told(data, limits);
        let fault = *report.outcome.expect_err(data);
        assert_eq!(report.record.fault.as_deref(), Some(&fault));
        (fault, report.record)
    }

    fn body(&self, data: &str) -> String {
        match self.told(data, &Limits::default()).outcome {
            Ok(Ok(Decision::Deliver(requests))) => text(&requests[0].body),
            other => panic!("{data}: {other:?}"),
        }
    }

    fn judged(&self, data: &str, status: u16, body: &[u8]) -> Report<Judgement> {
        let event = event(data);
        let request = Request {
            method: "POST".into(),
            url: Template::text("https://example.com/"),
            headers: Vec::new(),
            body: Template::text("sent"),
        };
        let answer = Answer { status, headers: &[], body, complete: true };
        let exchange =
            Exchange { event: &event, request: &request, position: 0, resends: 0, answer };
        self.plugin.judge(&exchange, &context(&event), &Limits::default())
    }
}

fn text(template: &Template) -> String {
    match template.0.as_slice() {
        [Part::Text(text)] => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// Everything about a fault but where in the guest it was and how its memory grew, which
/// depend on the compiler that built it.
fn words(fault: &Fault) -> String {
    let whole = fault.to_string();
    let lines = whole.lines().filter(|line| !line.starts_with("  at "));
    let words = lines.collect::<Vec<_>>().join("\n").replace(&short_digest(fault), "DIGEST");
    match words.split_once("asked for ") {
        Some((before, after)) => {
            let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}asked for N{after}")
        }
        None => words,
    }
}

fn short_digest(fault: &Fault) -> String {
    let start = fault.plugin.find('(').unwrap() + 1;
    fault.plugin[start..].trim_end_matches(')').to_owned()
}

const EVENT: &str = "plugin destination/misbehave 0.1.0 (DIGEST) failed on \
                     evt_01234567890123456789012345678901: ";

#[test]
fn each_fault_says_what_happened_and_what_to_do() {
    let misbehave = Misbehave::new();
    let limits = Limits::default();
    let small = Limits { output_bytes: 100_000, requests: 3, ..Limits::default() };
    let cases = [
        (
            r#"{"do":"loop"}"#,
            &limits,
            FaultKind::OutOfFuel,
            "out of fuel: used up its 200000000 units of fuel\nIf the event is unusually large, \
             raise limits.fuel of the plugin; if not, the plugin loops and its author must mend \
             it. `hookwright plugin run` shows the fuel.",
        ),
        (
            r#"{"do":"recurse"}"#,
            &limits,
            FaultKind::Stack,
            "stack overflow: recursed too deep: its stack in memory overflowed\nThe plugin calls \
             itself without end, or too deep for this event. Its author must mend it.",
        ),
        (
            r#"{"do":"grow"}"#,
            &limits,
            FaultKind::Memory,
            "memory: asked for N bytes of memory; it may have 67108864\nIf the event is \
             unusually large, raise limits.memory_bytes (or limits.table_elements) of the \
             plugin; if not, its author must mend it.",
        ),
        (
            r#"{"do":"panic"}"#,
            &limits,
            FaultKind::Trap,
            "trap: it aborted: a panic or an uncaught exception\nThis is a mistake in the plugin. \
             Send its author the event (`hookwright event show`) and this message.",
        ),
        (
            r#"{"do":"huge-output","n":200000}"#,
            &small,
            FaultKind::OutputTooLarge,
            "output too large: handed over more than 100000 bytes at once\nIf the result is \
             meant to be that large, raise limits.output_bytes of the plugin; if not, its author \
             must mend it.",
        ),
        (
            r#"{"do":"huge-log","n":200000}"#,
            &small,
            FaultKind::OutputTooLarge,
            "output too large: handed over more than 100000 bytes at once\nIf the result is \
             meant to be that large, raise limits.output_bytes of the plugin; if not, its author \
             must mend it.",
        ),
        (
            r#"{"do":"many","n":4}"#,
            &small,
            FaultKind::OutputTooLarge,
            "output too large: 4 requests; limits.requests is 3\nIf the result is meant to be \
             that large, raise limits.output_bytes of the plugin; if not, its author must mend \
             it.",
        ),
        (
            r#"{"do":"many","n":0}"#,
            &limits,
            FaultKind::BadOutput,
            "bad output: it decided to deliver no request; to send nothing, skip\nCheck the \
             subscription's settings; if they are right, the plugin's author must mend it.",
        ),
        (
            r#"{"do":"bad-url"}"#,
            &limits,
            FaultKind::BadOutput,
            "bad output: the URL `ftp://example.com/` has the scheme `ftp`; use http or https\n\
             Check the subscription's settings; if they are right, the plugin's author must mend \
             it.",
        ),
        (
            r#"{"do":"bad-method"}"#,
            &limits,
            FaultKind::BadOutput,
            "bad output: the method `CONNECT` is not one of GET, HEAD, POST, PUT, PATCH, DELETE, \
             OPTIONS\nCheck the subscription's settings; if they are right, the plugin's author \
             must mend it.",
        ),
        (
            r#"{"do":"header-injection"}"#,
            &limits,
            FaultKind::BadOutput,
            "bad output: the value of the header `X-Ticket` holds a line break\nCheck the \
             subscription's settings; if they are right, the plugin's author must mend it.",
        ),
        (
            r#"{"do":"reserved-header"}"#,
            &limits,
            FaultKind::BadOutput,
            "bad output: the header `Host` is set by the host\nCheck the subscription's \
             settings; if they are right, the plugin's author must mend it.",
        ),
        (
            r#"{"do":"undeclared-secret"}"#,
            &limits,
            FaultKind::UndeclaredSecret,
            "undeclared secret: uses the secret `password`, which it has not declared\nThe \
             plugin's author must declare the secret in its descriptor.",
        ),
    ];
    for (data, limits, kind, expected) in cases {
        let (fault, _) = misbehave.fault(data, limits);
        assert_eq!(words(&fault), format!("{EVENT}{expected}"), "{data}");
        assert_eq!(fault.kind, kind, "{data}");
        assert!(kind.is_deterministic(), "{data}");
    }
}

#[test]
fn the_deadline_ends_what_fuel_does_not() {
    let misbehave = Misbehave::new();
    let limits = Limits { fuel: 1_000_000_000_000, deadline_ms: 100, ..Limits::default() };
    let (fault, record) = misbehave.fault(r#"{"do":"loop"}"#, &limits);
    let expected = "deadline: was stopped after 100 ms\nThe machine was busy, or the plugin is \
                    slow in a way that fuel does not count. It is tried again; if it keeps \
                    happening, raise limits.deadline_ms of the plugin.";
    assert_eq!(words(&fault), format!("{EVENT}{expected}"));
    assert!(!fault.kind.is_deterministic());
    assert!(record.micros >= 100_000, "{record:?}");
}

#[test]
fn input_that_is_too_large_never_reaches_the_guest() {
    let misbehave = Misbehave::new();
    let limits = Limits { input_bytes: 1_024, ..Limits::default() };
    let data = format!(r#"{{"do":"{}"}}"#, "x".repeat(2_000));
    let (fault, record) = misbehave.fault(&data, &limits);
    assert_eq!(fault.kind, FaultKind::InputTooLarge);
    assert_eq!(fault.message, "was to be given 2045 bytes; it may take 1024");
    assert_eq!(record.fuel, 0);
}

#[test]
fn faults_show_the_guests_functions() {
    let misbehave = Misbehave::new();
    let (fault, _) = misbehave.fault(r#"{"do":"panic"}"#, &Limits::default());
    assert!(fault.backtrace.iter().any(|frame| frame.contains("misbehave::run")), "{fault}");
    assert!(fault.to_string().contains("\n  at misbehave::run"), "{fault}");
}

#[test]
fn a_fault_in_judging_is_told_the_same_way() {
    let misbehave = Misbehave::new();
    for (word, kind) in [
        ("loop", FaultKind::OutOfFuel),
        ("recurse", FaultKind::Stack),
        ("grow", FaultKind::Memory),
        ("panic", FaultKind::Trap),
    ] {
        let report = misbehave.judged(&format!(r#"{{"judge":"{word}"}}"#), 200, b"");
        assert_eq!(report.outcome.unwrap_err().kind, kind, "{word}");
    }
}

#[test]
fn what_a_plugin_decides_arrives() {
    let misbehave = Misbehave::new();
    let limits = Limits::default();
    let decided = |data: &str| misbehave.told(data, &limits).outcome.unwrap();
    assert_eq!(decided(r#"{"do":"reject"}"#), Err(Failure::Rejected("told to reject".into())));
    assert_eq!(
        decided(r#"{"do":"misconfigured"}"#),
        Err(Failure::Misconfigured("told to be".into()))
    );
    assert_eq!(
        decided(r#"{"do":"transient"}"#),
        Err(Failure::Transient("told to fail for now".into()))
    );
    assert_eq!(decided(r#"{"do":"skip"}"#), Ok(Decision::Skip("told to skip".into())));
    assert_eq!(
        misbehave.body(r#"{"do":"facts"}"#),
        r#"{"url":"https://example.com/hook"} 2000 1 as posted"#
    );
    let judged = |data: &str, status| misbehave.judged(data, status, b"").outcome.unwrap().verdict;
    assert!(matches!(judged("{}", 204), Verdict::Delivered { .. }));
    assert!(matches!(judged("{}", 500), Verdict::Retry { counted: true, .. }));
    assert!(matches!(
        judged(r#"{"judge":"slow-down"}"#, 429),
        Verdict::Retry { counted: false, not_before: Some(_), .. }
    ));
    match judged(r#"{"judge":"resend"}"#, 400) {
        Verdict::Resend { request, .. } => assert_eq!(text(&request.body), "changed"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_survives_a_call() {
    let misbehave = Misbehave::new();
    for _ in 0..100 {
        assert_eq!(misbehave.body(r#"{"do":"count"}"#), "1");
    }
    // Nor does what an event or an answer held: the same memory is used for the next call.
    let needle = "SENTINEL-of-another-event";
    misbehave.body(&format!(r#"{{"do":"spin","x":"{needle}"}}"#));
    drop(misbehave.judged(r#"{"judge":"spin"}"#, 200, needle.as_bytes()));
    let masked: Vec<String> = needle.bytes().map(|b| (!b).to_string()).collect();
    let find = |extra: &str| {
        let masked = masked.join(",");
        misbehave.body(&format!(r#"{{"do":"find","masked":[{masked}]{extra}}}"#))
    };
    assert_eq!(find(""), "0");
    assert_ne!(find(&format!(r#","x":"{needle}""#)), "0", "the search does find what is there");
}

#[test]
fn the_same_call_costs_the_same_and_gives_the_same() {
    let misbehave = Misbehave::new();
    let data = r#"{"do":"spin","n":1000}"#;
    let first = misbehave.told(data, &Limits::default());
    for _ in 0..20 {
        let again = misbehave.told(data, &Limits::default());
        assert_eq!(again.outcome, first.outcome);
        assert_eq!(again.record.fuel, first.record.fuel);
        assert_eq!(again.record.memory_bytes, first.record.memory_bytes);
    }
    assert!(first.record.fuel > 1_000);
}

#[test]
fn logs_are_kept_in_bounds() {
    let misbehave = Misbehave::new();
    let report = misbehave.told(r#"{"do":"log-flood","n":10000}"#, &Limits::default());
    assert!(report.outcome.is_ok());
    assert_eq!(report.record.logs.len(), 64);
    assert_eq!(report.record.logs_dropped, 10_000 - 64);
    assert_eq!(report.record.logs[0].message, "line 0");
}

#[test]
fn a_core_module_installs_as_it_is() {
    let sandbox = sandbox();
    let plugin = load(&sandbox, &core_module("misbehave"));
    assert_eq!(plugin.key().to_string(), "destination/misbehave");
    assert_eq!(plugin.contract(), "hookwright:plugin@1.0.0");
    assert!(plugin.judges());
    assert!(!plugin.checks_settings());
    assert!(plugin.wasi_imports().is_empty());
    let event = event(r#"{"do":"count"}"#);
    let report = plugin.transform(&event, &context(&event), &Limits::default());
    assert!(matches!(report.outcome, Ok(Ok(Decision::Deliver(_)))));
}
