//! An inert WASI, for guests whose language runtime insists on one.
//!
//! JavaScript, Python and Go import clocks, files and streams whether they use them or not.
//! Here the clock stands at the time the event came in, random numbers follow from the event,
//! there are no files, no environment and no network, and what is written to stdout and
//! stderr goes to the delivery's log: for an uncaught exception these are the only words of
//! the plugin's author. Everything else traps when it is called.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType,
};
use wasmtime::{Result, StoreContextMut, bail};

use crate::guest::Guest;

/// Handles; they carry nothing.
struct Descriptor;
struct InputStream;
struct IoError;
struct OutputStream;
struct Pollable;
struct Other;

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

#[derive(ComponentType, Lift, Lower, Clone, Copy)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

/// A write of this size is always taken at once, in bytes.
const WRITE_SIZE: u64 = 64 << 10;
/// The most random bytes one call gives.
const MAX_RANDOM: u64 = 64 << 10;

/// Defines all of `wasi:` that the component imports, and says which interfaces those are.
pub(crate) fn define(linker: &mut Linker<Guest>, component: &Component) -> Result<Vec<String>> {
    let engine = linker.engine().clone();
    let mut interfaces = Vec::new();
    linker.allow_shadowing(true);
    for (name, import) in component.component_type().imports(&engine) {
        let (true, ComponentItem::ComponentInstance(instance)) =
            (name.starts_with("wasi:"), import.ty)
        else {
            continue;
        };
        let interface = name.split('@').next().unwrap_or(name);
        let mut definitions = linker.instance(name)?;
        for (item, export) in instance.exports(&engine) {
            match export.ty {
                ComponentItem::ComponentFunc(_) => trap(&mut definitions, interface, item)?,
                ComponentItem::Resource(_) => resource(&mut definitions, item)?,
                _ => {}
            }
        }
        implement(&mut definitions, interface)?;
        interfaces.push(name.to_owned());
    }
    linker.allow_shadowing(false);
    Ok(interfaces)
}

fn trap(definitions: &mut LinkerInstance<'_, Guest>, interface: &str, item: &str) -> Result<()> {
    let name = format!("{interface}#{item}");
    definitions
        .func_new(item, move |_, _, _, _| bail!("it called {name}, which plugins do not have"))
}

fn resource(definitions: &mut LinkerInstance<'_, Guest>, name: &str) -> Result<()> {
    let handle = match name {
        "descriptor" => ResourceType::host::<Descriptor>(),
        "error" => ResourceType::host::<IoError>(),
        "input-stream" => ResourceType::host::<InputStream>(),
        "output-stream" => ResourceType::host::<OutputStream>(),
        "pollable" => ResourceType::host::<Pollable>(),
        _ => ResourceType::host::<Other>(),
    };
    definitions.resource(name, handle, |_, _| Ok(()))
}

/// A handle; all of a kind are alike.
fn handle<T: 'static>() -> Resource<T> {
    Resource::new_own(0)
}

fn implement(define: &mut LinkerInstance<'_, Guest>, interface: &str) -> Result<()> {
    match interface {
        "wasi:cli/environment" => {
            define.func_wrap("get-environment", |_, ()| Ok((Vec::<(String, String)>::new(),)))?;
            define.func_wrap("get-arguments", |_, ()| Ok((Vec::<String>::new(),)))?;
            define.func_wrap("initial-cwd", |_, ()| Ok((None::<String>,)))
        }
        "wasi:cli/exit" => {
            define.func_wrap("exit", |_, (status,): (std::result::Result<(), ()>,)| -> Result<()> {
                bail!("it ended itself with the status {}", u8::from(status.is_err()))
            })
        }
        "wasi:cli/stdin" => define.func_wrap("get-stdin", |_, ()| Ok((handle::<InputStream>(),))),
        "wasi:cli/stdout" => {
            define.func_wrap("get-stdout", |_, ()| Ok((handle::<OutputStream>(),)))
        }
        "wasi:cli/stderr" => {
            define.func_wrap("get-stderr", |_, ()| Ok((handle::<OutputStream>(),)))
        }
        "wasi:cli/terminal-stdin" => no_terminal(define, "get-terminal-stdin"),
        "wasi:cli/terminal-stdout" => no_terminal(define, "get-terminal-stdout"),
        "wasi:cli/terminal-stderr" => no_terminal(define, "get-terminal-stderr"),
        "wasi:io/poll" => poll(define),
        "wasi:io/streams" => streams(define),
        "wasi:clocks/monotonic-clock" => monotonic_clock(define),
        "wasi:clocks/wall-clock" => {
            define.func_wrap("now", |store, ()| Ok((now(&store),)))?;
            define.func_wrap("resolution", |_, ()| {
                Ok((Datetime { seconds: 0, nanoseconds: 1_000_000 },))
            })
        }
        "wasi:random/random" => random(define, "get-random-bytes", "get-random-u64"),
        "wasi:random/insecure" => {
            random(define, "get-insecure-random-bytes", "get-insecure-random-u64")
        }
        "wasi:random/insecure-seed" => {
            for name in ["insecure-seed", "get-insecure-seed"] {
                define.func_wrap(name, |mut store: StoreContextMut<'_, Guest>, ()| {
                    let guest = store.data_mut();
                    Ok(((guest.next_random(), guest.next_random()),))
                })?;
            }
            Ok(())
        }
        "wasi:filesystem/preopens" => define.func_wrap("get-directories", |_, ()| {
            Ok((Vec::<(Resource<Descriptor>, String)>::new(),))
        }),
        _ => Ok(()),
    }
}

fn no_terminal(define: &mut LinkerInstance<'_, Guest>, name: &str) -> Result<()> {
    define.func_wrap(name, |_, ()| Ok((None::<Resource<Other>>,)))
}

/// Everything is always ready: a guest has nothing to wait for, and must not sleep, since
/// neither fuel nor the epoch would wake it.
fn poll(define: &mut LinkerInstance<'_, Guest>) -> Result<()> {
    define.func_wrap("[method]pollable.ready", |_, (_,): (Resource<Pollable>,)| Ok((true,)))?;
    define.func_wrap("[method]pollable.block", |_, (_,): (Resource<Pollable>,)| Ok(()))?;
    define.func_wrap("poll", |_, (list,): (Vec<Resource<Pollable>>,)| {
        Ok(((0..u32::try_from(list.len()).unwrap_or(u32::MAX)).collect::<Vec<u32>>(),))
    })
}

fn monotonic_clock(define: &mut LinkerInstance<'_, Guest>) -> Result<()> {
    // It moves by being looked at, so that a guest that waits for it to move goes on.
    define.func_wrap("now", |mut store: StoreContextMut<'_, Guest>, ()| {
        let guest = store.data_mut();
        guest.monotonic += 1_000;
        Ok((guest.monotonic,))
    })?;
    define.func_wrap("resolution", |_, ()| Ok((1_000_u64,)))?;
    for name in ["subscribe-instant", "subscribe-duration"] {
        define.func_wrap(name, |_, (_,): (u64,)| Ok((handle::<Pollable>(),)))?;
    }
    Ok(())
}

fn now(store: &StoreContextMut<'_, Guest>) -> Datetime {
    let now = store.data().context.now;
    let millis = now.millis().rem_euclid(1000);
    Datetime {
        seconds: u64::try_from(now.seconds()).unwrap_or(0),
        nanoseconds: u32::try_from(millis * 1_000_000).unwrap_or(0),
    }
}

fn random(define: &mut LinkerInstance<'_, Guest>, bytes: &str, word: &str) -> Result<()> {
    define.func_wrap(bytes, |mut store: StoreContextMut<'_, Guest>, (length,): (u64,)| {
        if length > MAX_RANDOM {
            bail!("it asked for {length} random bytes; one call gives {MAX_RANDOM}");
        }
        let guest = store.data_mut();
        let words = length.div_ceil(8);
        let mut random: Vec<u8> =
            (0..words).flat_map(|_| guest.next_random().to_le_bytes()).collect();
        random.truncate(usize::try_from(length).unwrap_or(0));
        Ok((random,))
    })?;
    define.func_wrap(word, |mut store: StoreContextMut<'_, Guest>, ()| {
        Ok((store.data_mut().next_random(),))
    })
}

type Stream<T> = std::result::Result<T, StreamError>;

fn streams(define: &mut LinkerInstance<'_, Guest>) -> Result<()> {
    type Out = Resource<OutputStream>;
    type In = Resource<InputStream>;
    define.func_wrap("[method]output-stream.check-write", |_, (_,): (Out,)| {
        Ok((Stream::Ok(WRITE_SIZE),))
    })?;
    for name in ["write", "blocking-write-and-flush"] {
        define.func_wrap(
            &format!("[method]output-stream.{name}"),
            |mut store: StoreContextMut<'_, Guest>, (_, bytes): (Out, Vec<u8>)| {
                store.data_mut().log.write_stderr(&bytes);
                Ok((Stream::Ok(()),))
            },
        )?;
    }
    for name in ["flush", "blocking-flush"] {
        define.func_wrap(&format!("[method]output-stream.{name}"), |_, (_,): (Out,)| {
            Ok((Stream::Ok(()),))
        })?;
    }
    define.func_wrap("[method]output-stream.subscribe", |_, (_,): (Out,)| {
        Ok((handle::<Pollable>(),))
    })?;
    for name in ["read", "blocking-read"] {
        define.func_wrap(&format!("[method]input-stream.{name}"), |_, (_, _): (In, u64)| {
            Ok((Stream::<Vec<u8>>::Err(StreamError::Closed),))
        })?;
    }
    define.func_wrap("[method]input-stream.subscribe", |_, (_,): (In,)| Ok((handle::<Pollable>(),)))
}
