//! Tells the ways apart in which a call can fail, and says what to do about each.

use hookwright_model::{Fault, FaultKind, Limits};
use wasmtime::{Trap, WasmBacktrace};

use crate::guest::Guest;

/// How much of a guest's stderr a message shows, in bytes.
const STDERR_SHOWN: usize = 2_000;

/// The kind and the words for an error that a call ended with.
pub(crate) fn classify(error: &wasmtime::Error, guest: &Guest, limits: &Limits) -> Fault {
    let backtrace = backtrace(error);
    let (kind, message) = kind(error, guest, limits, &backtrace);
    Fault {
        kind,
        plugin: String::new(),
        subject: guest.context.subject.clone(),
        message,
        advice: advice(kind).into(),
        backtrace,
        stderr: stderr(guest),
    }
}

fn kind(
    error: &wasmtime::Error,
    guest: &Guest,
    limits: &Limits,
    backtrace: &[String],
) -> (FaultKind, String) {
    if let Some(exceeded) = &guest.limiter.exceeded {
        return (FaultKind::Memory, exceeded.clone());
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            (FaultKind::OutOfFuel, format!("used up its {} units of fuel", limits.fuel))
        }
        Some(Trap::Interrupt) => {
            (FaultKind::Deadline, format!("was stopped after {} ms", limits.deadline_ms))
        }
        Some(Trap::StackOverflow) => (FaultKind::Stack, "recursed too deep".into()),
        // Rust and C keep a stack of their own in memory, below everything else, so that its
        // overflow is an access out of bounds. The backtrace then shows the recursion.
        Some(Trap::MemoryOutOfBounds) if is_recursion(backtrace) => {
            (FaultKind::Stack, "recursed too deep: its stack in memory overflowed".into())
        }
        Some(Trap::UnreachableCodeReached) => {
            (FaultKind::Trap, "it aborted: a panic or an uncaught exception".into())
        }
        Some(trap) => (FaultKind::Trap, trap.to_string()),
        // The runtime has no type for this one. A test would notice other words.
        None if format!("{error:#}").contains("fuel allocated for hostcalls") => {
            let limit = limits.output_bytes;
            (FaultKind::OutputTooLarge, format!("handed over more than {limit} bytes at once"))
        }
        None => (FaultKind::Trap, root_cause(error)),
    }
}

/// The innermost reason. The outer ones repeat the backtrace.
fn root_cause(error: &wasmtime::Error) -> String {
    error.root_cause().to_string()
}

/// Whether one function is most of the backtrace, which is cut at 32 frames.
fn is_recursion(backtrace: &[String]) -> bool {
    backtrace.len() >= 16
        && backtrace.iter().any(|frame| {
            backtrace.iter().filter(|other| *other == frame).count() * 3 > backtrace.len()
        })
}

/// The guest's functions, innermost first.
fn backtrace(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let frames = backtrace.frames().iter().map(|frame| {
        let symbol = frame.symbols().first();
        let demangled = symbol.and_then(|symbol| symbol.name()).map(str::to_owned);
        let name = demangled.or_else(|| frame.func_name().map(demangle));
        let name = name.unwrap_or_else(|| format!("function {}", frame.func_index()));
        match symbol.and_then(|symbol| symbol.file().zip(symbol.line())) {
            Some((file, line)) => format!("{name} ({file}:{line})"),
            None => name,
        }
    });
    frames.collect()
}

fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

pub(crate) fn stderr(guest: &Guest) -> String {
    let stderr = &guest.log.stderr;
    let start = stderr.len().saturating_sub(STDERR_SHOWN);
    String::from_utf8_lossy(&stderr[start..]).into_owned()
}

/// What to do.
pub(crate) fn advice(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::OutOfFuel => {
            "If the event is unusually large, raise limits.fuel of the plugin; if not, the \
             plugin loops and its author must mend it. `hookwright plugin run` shows the fuel."
        }
        FaultKind::Deadline => {
            "The machine was busy, or the plugin is slow in a way that fuel does not count. It \
             is tried again; if it keeps happening, raise limits.deadline_ms of the plugin."
        }
        FaultKind::Memory => {
            "If the event is unusually large, raise limits.memory_bytes (or \
             limits.table_elements) of the plugin; if not, its author must mend it."
        }
        FaultKind::Stack => {
            "The plugin calls itself without end, or too deep for this event. Its author must \
             mend it."
        }
        FaultKind::Trap => {
            "This is a mistake in the plugin. Send its author the event (`hookwright event \
             show`) and this message."
        }
        FaultKind::OutputTooLarge => {
            "If the result is meant to be that large, raise limits.output_bytes of the plugin; \
             if not, its author must mend it."
        }
        FaultKind::InputTooLarge => "Raise limits.input_bytes of the plugin.",
        FaultKind::BadOutput => {
            "Check the subscription's settings; if they are right, the plugin's author must mend \
             it."
        }
        FaultKind::UndeclaredSecret => {
            "The plugin's author must declare the secret in its descriptor."
        }
        FaultKind::UnsupportedContract => "Rebuild the plugin for a contract of this host.",
        FaultKind::Host => "This is a fault of the host, not of the plugin. It is tried again.",
    }
}
