//! Compiles plugins, in a child process.
//!
//! Compiling is the one slow thing about a plugin, it cannot be interrupted, and the memory it
//! takes is not given back. So it happens once per version, in a process of its own with
//! limits on its memory and time, and the code is kept.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use hookwright_model::Digest;
use rustix::process::{Resource, Rlimit};
use wasmtime::Engine;

use crate::engine::compile_config;

/// The largest plugin that can be installed, in bytes. CPython's are 18 MB.
pub const MAX_PLUGIN_BYTES: usize = 32 << 20;

/// What a child may take.
#[derive(Clone, Copy, Debug)]
pub struct CompileLimits {
    /// Address space, in bytes.
    pub memory: u64,
    /// Processor time.
    pub cpu: Duration,
    /// Wall time.
    pub deadline: Duration,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            // CPython and SpiderMonkey take some 400 MB of memory; threads and allocators
            // reserve more than they use.
            memory: 6 << 30,
            // SpiderMonkey takes 25 s on a slow machine.
            cpu: Duration::from_secs(180),
            // The machine may be busy with other things.
            deadline: Duration::from_secs(300),
        }
    }
}

/// The most code that is taken from a child, in bytes. CPython's is 35 MB.
const MAX_CODE_BYTES: u64 = 512 << 20;
/// The child's exit code for a plugin that is at fault itself.
const EXIT_BAD_PLUGIN: u8 = 3;

/// Compiled code of one plugin: only ever the output of a compile child.
#[derive(Clone)]
pub struct Code(Vec<u8>);

impl Code {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The plugin is larger than [`MAX_PLUGIN_BYTES`].
    #[error(
        "the plugin has {size} bytes; at most {MAX_PLUGIN_BYTES} can be installed: strip debug \
         information and unused parts"
    )]
    TooLarge {
        /// Its size.
        size: usize,
    },
    /// The bytes are no plugin. The text says why and what to do.
    #[error("{0}")]
    BadPlugin(String),
    /// Compiling took more memory or time than it may.
    #[error("compiling the plugin took more than it may ({0}): make it smaller")]
    Limit(String),
    /// The child could not be run.
    #[error("the compiler could not be run: {0}")]
    Host(#[from] io::Error),
}

/// Starts compile children.
#[derive(Clone, Debug)]
pub struct Compiler {
    program: PathBuf,
    args: Vec<OsString>,
    limits: CompileLimits,
}

impl Compiler {
    /// Compiles with this command, which must end up in [`child_main`] with the arguments that
    /// are added to these.
    #[must_use]
    pub fn new(program: PathBuf, args: Vec<OsString>, limits: CompileLimits) -> Self {
        Self { program, args, limits }
    }

    /// Compiles a component, or a core module that carries its component type.
    ///
    /// # Errors
    /// When the bytes are no plugin, or when compiling takes too much.
    pub fn compile(&self, plugin: &[u8]) -> Result<Code, CompileError> {
        if plugin.len() > MAX_PLUGIN_BYTES {
            return Err(CompileError::TooLarge { size: plugin.len() });
        }
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .args([self.limits.memory.to_string(), self.limits.cpu.as_secs().to_string()])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (status, code, message) = converse(&mut child, plugin, self.limits.deadline)?;
        let message = message.trim().to_owned();
        match status {
            None => Err(CompileError::Limit(format!("{:?}", self.limits.deadline))),
            Some(status) if status.success() => Ok(Code(code)),
            Some(status) if status.code() == Some(EXIT_BAD_PLUGIN.into()) => {
                Err(CompileError::BadPlugin(message))
            }
            Some(status) => Err(CompileError::Limit(self.describe_end(status, &message))),
        }
    }
}

impl Compiler {
    fn describe_end(&self, status: ExitStatus, message: &str) -> String {
        let CompileLimits { memory, cpu, .. } = self.limits;
        let xcpu = rustix::process::Signal::XCPU.as_raw();
        match status.signal() {
            // The hard limit is the same as the soft one, so it may come as a kill.
            Some(signal) if signal == xcpu || signal == 9 => {
                format!("{} s of processor time", cpu.as_secs())
            }
            // Rust aborts when memory cannot be had, and says so.
            _ if message.contains("memory allocation") => format!("{} MiB of memory", memory >> 20),
            _ => format!("{status}; {message}"),
        }
    }
}

/// Sends the plugin and takes the code, until the child ends or its deadline passes.
fn converse(
    child: &mut Child,
    plugin: &[u8],
    deadline: Duration,
) -> io::Result<(Option<ExitStatus>, Vec<u8>, String)> {
    let pipe = || io::Error::other("the child has no pipe");
    let mut stdin = child.stdin.take().ok_or_else(pipe)?;
    let stdout = child.stdout.take().ok_or_else(pipe)?;
    let stderr = child.stderr.take().ok_or_else(pipe)?;
    let read = |from: Box<dyn Read + Send>, cap: u64| {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = from.take(cap).read_to_end(&mut bytes).map(|_| bytes);
            // Nobody waits any more if the deadline passed.
            drop(sender.send(read));
        });
        receiver
    };
    let code = read(Box::new(stdout), MAX_CODE_BYTES);
    let message = read(Box::new(stderr), 64 << 10);
    thread::scope(|scope| {
        // A child that gives up early closes the pipe; its exit code then says why.
        scope.spawn(move || drop(stdin.write_all(plugin)));
        match code.recv_timeout(deadline) {
            Ok(code) => {
                let message = message.recv().unwrap_or_else(|_| Ok(Vec::new()))?;
                let status = child.wait()?;
                Ok((Some(status), code?, String::from_utf8_lossy(&message).into_owned()))
            }
            Err(_) => {
                child.kill()?;
                child.wait()?;
                Ok((None, Vec::new(), String::new()))
            }
        }
    })
}

/// The child: reads a plugin from its standard input, writes code to its standard output.
/// `args` are the limits that [`Compiler`] adds to the command.
#[must_use]
pub fn child_main(args: &[String]) -> ExitCode {
    let [Ok(memory), Ok(cpu)] = [0, 1].map(|n| args.get(n).map_or("", |arg| arg).parse::<u64>())
    else {
        return complain(1, "the limits for compiling are missing");
    };
    let limits = [
        (Resource::As, memory),
        (Resource::Cpu, cpu),
        // No core dump of a plugin, and nothing to write files for.
        (Resource::Core, 0),
        (Resource::Fsize, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        if let Err(error) = rustix::process::setrlimit(resource, limit) {
            return complain(1, &format!("cannot limit {resource:?}: {error}"));
        }
    }
    let mut plugin = Vec::new();
    if let Err(error) = io::stdin().lock().read_to_end(&mut plugin) {
        return complain(1, &format!("cannot read the plugin: {error}"));
    }
    match compile_here(&plugin) {
        Ok(code) => match io::stdout().lock().write_all(&code) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(1, &format!("cannot write the code: {error}")),
        },
        Err(message) => complain(EXIT_BAD_PLUGIN, &message),
    }
}

fn complain(code: u8, message: &str) -> ExitCode {
    // There is nowhere else to say it if this fails.
    drop(io::stderr().write_all(message.as_bytes()));
    ExitCode::from(code)
}

fn compile_here(plugin: &[u8]) -> Result<Vec<u8>, String> {
    let component = match kind(plugin)? {
        Kind::Component => plugin.to_vec(),
        Kind::Module => wrap(plugin)?,
    };
    let failed = |error: wasmtime::Error| format!("the component cannot be compiled: {error:#}");
    let engine = Engine::new(&compile_config()).map_err(failed)?;
    engine.precompile_component(&component).map_err(failed)
}

enum Kind {
    Component,
    Module,
}

/// Tells components from core modules by their first eight bytes.
fn kind(plugin: &[u8]) -> Result<Kind, String> {
    match plugin {
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(Kind::Component),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Ok(Kind::Module),
        [0, b'a', b's', b'm', ..] => Err("the plugin is WebAssembly of a version that this \
             host does not know: build it as a component or as a core module of version 1"
            .into()),
        [b'(', ..] => Err("the plugin is WebAssembly text: assemble it first, as with \
             `wasm-tools parse`"
            .into()),
        _ => Err("the plugin is not WebAssembly: a plugin starts with the bytes 00 61 73 6d \
             (\"\\0asm\")"
            .into()),
    }
}

/// Makes a component of a core module that carries its component type, as `wit-bindgen`'s
/// guests do.
fn wrap(module: &[u8]) -> Result<Vec<u8>, String> {
    use wasi_preview1_component_adapter_provider as adapter;
    let encode = || {
        wit_component::ComponentEncoder::default()
            .validate(true)
            .module(module)?
            .adapter(
                adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
                adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            )?
            .encode()
    };
    encode().map_err(|error| {
        format!(
            "the core module cannot be made a component: {error:#}. Build it with a binding \
             generator that embeds the component type, such as wit-bindgen, or make it a \
             component with `wasm-tools component new`"
        )
    })
}

/// Compiled code on disk, by plugin and by the runtime it was compiled for.
#[derive(Clone, Debug)]
pub struct CodeCache {
    dir: PathBuf,
    compatibility: u64,
}

impl CodeCache {
    /// A cache in this directory, which is made if it is not there, for this user only.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn open(dir: &Path, compatibility: u64) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        Ok(Self { dir: dir.to_owned(), compatibility })
    }

    /// The runtime that this cache's code is for.
    #[must_use]
    pub fn compatibility(&self) -> u64 {
        self.compatibility
    }

    fn path(&self, plugin: Digest) -> PathBuf {
        self.dir.join(format!("{plugin}-{:016x}.cwasm", self.compatibility))
    }

    /// The code of a plugin, if it is there and still what was put in: `checksum` is what
    /// [`CodeCache::put`] returned.
    #[must_use]
    pub fn get(&self, plugin: Digest, checksum: Digest) -> Option<Code> {
        let bytes = fs::read(self.path(plugin)).ok()?;
        (Digest::of(&bytes) == checksum).then_some(Code(bytes))
    }

    /// Keeps code, and returns its checksum, to be noted where a stranger cannot write.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&self, plugin: Digest, code: &Code) -> io::Result<Digest> {
        let path = self.path(plugin);
        let new = path.with_extension(format!("new-{}", std::process::id()));
        let written = fs::write(&new, code.bytes()).and_then(|()| fs::rename(&new, &path));
        if written.is_err() {
            // Half a file is of no use; why it could not be written is returned.
            drop(fs::remove_file(&new));
        }
        written?;
        Ok(Digest::of(code.bytes()))
    }

    /// Removes the code of a plugin, for whichever runtime it was compiled, and what was left half
    /// written of it. That there is none is no mistake.
    ///
    /// # Errors
    /// When a file of it cannot be removed, or the directory cannot be read.
    pub fn remove(&self, plugin: Digest) -> io::Result<()> {
        let prefix = format!("{plugin}-");
        let mut outcome = Ok(());
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            if !entry.file_name().to_string_lossy().starts_with(&prefix) {
                continue;
            }
            match fs::remove_file(entry.path()) {
                // Somebody else has.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                // The others can go all the same.
                Err(error) => outcome = Err(error),
                Ok(()) => {}
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plugin_is_said_to_be_none() {
        let message = |bytes: &[u8]| match compile_here(bytes) {
            Ok(code) => panic!("compiled to {} bytes", code.len()),
            Err(message) => message,
        };
        assert!(message(b"hello").contains("not WebAssembly"));
        assert!(message(b"").contains("not WebAssembly"));
        assert!(message(b"(module)").contains("assemble it first"));
        assert!(message(b"\0asm\x09\0\0\0").contains("of a version"));
        assert!(message(b"\0asm\x0d\0\x01\0garbage").contains("cannot be compiled"));
        let broken = message(b"\0asm\x01\0\0\0garbage");
        assert!(broken.contains("wasm-tools component new"), "{broken}");
    }

    #[test]
    fn a_changed_file_is_not_code() {
        let dir = std::env::temp_dir().join(format!("hookwright-cache-{}", std::process::id()));
        let cache = CodeCache::open(&dir, 7).unwrap();
        let plugin = Digest::of(b"plugin");
        let checksum = cache.put(plugin, &Code(b"code".to_vec())).unwrap();
        assert_eq!(cache.get(plugin, checksum).unwrap().bytes(), b"code");
        fs::write(cache.path(plugin), b"c0de").unwrap();
        assert!(cache.get(plugin, checksum).is_none());
        assert!(CodeCache::open(&dir, 8).unwrap().get(plugin, checksum).is_none());
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn only_the_code_of_this_plugin_goes() {
        let dir = std::env::temp_dir().join(format!("hookwright-removed-{}", std::process::id()));
        let (gone, other) = (Digest::of(b"gone"), Digest::of(b"other"));
        let caches = [7, 8].map(|runtime| CodeCache::open(&dir, runtime).unwrap());
        let mut checksums = Vec::new();
        for cache in &caches {
            checksums.push(cache.put(other, &Code(b"other".to_vec())).unwrap());
            cache.put(gone, &Code(b"gone".to_vec())).unwrap();
        }
        fs::write(caches[0].path(gone).with_extension("new-1"), b"half").unwrap();
        caches[0].remove(gone).unwrap();
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
        for (cache, checksum) in caches.iter().zip(checksums) {
            assert!(cache.get(other, checksum).is_some());
        }
        caches[0].remove(gone).unwrap();
        // What cannot be removed is said, and the rest goes.
        fs::create_dir(caches[1].path(gone)).unwrap();
        caches[0].put(gone, &Code(b"gone".to_vec())).unwrap();
        assert!(caches[0].remove(gone).is_err());
        assert!(!caches[0].path(gone).exists());
        fs::remove_dir_all(dir).unwrap();
    }
}
