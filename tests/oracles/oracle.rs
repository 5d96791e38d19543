//! Asking a script.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hookwright_tests::{Daemon, root};
use serde_json::Value;

/// A script around a library, below `tests/oracles`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Oracle {
    /// With Debian's packages.
    Ruby(&'static str),
    /// With packages from npm; the second is the package that it is made around.
    Node(&'static str, &'static str),
    /// With packages from PyPI; the second is the module, or modules, that it is made around.
    Python(&'static str, &'static str),
    /// No script: a machine on which a test can mount a small disk.
    SmallDisk,
    /// No script: strace, on a machine on which it may look at other processes.
    Strace,
    /// No script: Debian's faketime.
    FakeTime,
}

impl Oracle {
    /// Whether its language and library are there.
    pub(crate) fn is_installed(&self) -> bool {
        let runs = |command: &mut Command| {
            let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            quiet.status().is_ok_and(|status| status.success())
        };
        match self {
            Self::Ruby(_) => {
                runs(Command::new("ruby").args(["-e", "require 'active_support/json'"]))
            }
            Self::Node(_, package) => {
                installed().join("node_modules").join(package).is_dir()
                    && runs(Command::new("node").arg("--version"))
            }
            Self::Python(_, module) => {
                runs(Command::new(python()).args(["-c", &format!("import {module}")]))
            }
            Self::SmallDisk => Daemon::can_have_a_disk(),
            Self::Strace => runs(Command::new("strace").args(["-f", "-o", "/dev/null", "true"])),
            Self::FakeTime => faketime().is_some(),
        }
    }

    /// The script, ready to be run.
    pub(crate) fn command(&self) -> Command {
        let script = |name: &str| root().join("tests/oracles").join(name);
        let (program, name): (&Path, _) = match self {
            Self::Ruby(name) => (Path::new("ruby"), name),
            Self::Node(name, _) => (Path::new("node"), name),
            Self::Python(name, _) => (&python(), name),
            Self::SmallDisk | Self::Strace | Self::FakeTime => panic!("it is no script"),
        };
        let mut command = Command::new(program);
        command.arg(script(name)).env("ORACLES_NODE", installed());
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
        command
    }

    /// Its judgements on these cases, in order.
    pub(crate) fn judge(&self, cases: &[Value]) -> Vec<Value> {
        let mut child =
            self.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let document = serde_json::to_vec(cases).unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(&document));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success(), "{self:?} failed");
        let judgements: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(judgements.len(), cases.len());
        judgements
    }
}

/// An oracle that listens. It ends when its standard input does.
pub(crate) struct Server {
    child: Child,
    /// Where.
    pub(crate) url: String,
}

impl Server {
    /// Waits until it listens.
    pub(crate) fn start(oracle: Oracle) -> Self {
        let mut child =
            oracle.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: line["url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The library that stands before the system's clock, where Debian has it.
pub(crate) fn faketime() -> Option<PathBuf> {
    let platforms = std::fs::read_dir("/usr/lib").ok()?;
    let library = |platform: PathBuf| platform.join("faketime/libfaketimeMT.so.1");
    let mut libraries = platforms.flatten().map(|platform| library(platform.path()));
    libraries.find(|library| library.is_file())
}

fn installed() -> PathBuf {
    root().join("target/oracles")
}

fn python() -> PathBuf {
    installed().join("venv/bin/python")
}
