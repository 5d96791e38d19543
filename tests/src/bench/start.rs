//! Starting in a folder that has everything, compiled plugins too; and how much memory a daemon
//! takes that has nothing to do.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::desk;
use super::figure::{Figure, Quantity, Target};
use super::machine::memory;
use super::size::{Size, median};
use crate::{ZAMMAD_KEY, binary};

const SCENARIO: &str = "start";
const PLUGINS: usize = 20;
/// After which a daemon without anything to do has done what it does once.
const IDLE: Duration = Duration::from_secs(3);
/// Plugins of the subscriptions, in turn, with settings that they take.
const KINDS: [(&str, &str); 5] = [
    ("zammad", r#"{ url = "https://hooks.example/zammad" }"#),
    ("zenlix", r#"{ url = "https://hooks.example/zenlix" }"#),
    ("cloudevents", r#"{ url = "https://hooks.example/events" }"#),
    ("standard-webhooks", r#"{ url = "https://hooks.example/standard" }"#),
    ("ntfy", r#"{ topic = "helpdesk-x7Gd2" }"#),
];

/// Measures.
#[must_use]
pub fn run(size: &Size) -> Vec<Figure> {
    let mut daemon = desk::daemon(&[]);
    daemon.apply(&configuration(size.subscriptions), &[("SIGNATURE", ZAMMAD_KEY)]);
    assert!(daemon.stop().success());
    let (mut ready, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..size.rounds {
        let started = Started::ready(daemon.data());
        ready.push(started.after.as_secs_f64());
        std::thread::sleep(IDLE);
        idle.push(memory(started.child.id()).0);
    }
    let with = format!("{} subscriptions, {PLUGINS} plugins", size.subscriptions);
    vec![
        Figure::new(SCENARIO, format!("until ready, {with}"), Quantity::Time(median(ready)))
            .aims_at(Target::AtMost(Quantity::Time(0.2))),
        Figure::new(SCENARIO, format!("idle memory, {with}"), Quantity::Memory(median(idle)))
            .aims_at(Target::AtMost(Quantity::Memory(100.0))),
    ]
}

/// Twenty plugins, and so many subscriptions with conditions.
fn configuration(subscriptions: usize) -> String {
    let folder = std::fs::read_dir(crate::root().join("target/plugins")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = names.filter(|name| name.ends_with(".wasm")).collect();
    files.retain(|name| name != "misbehave.wasm");
    // Those that subscriptions need come first.
    let needed = |name: &String| {
        let plugin = name.trim_end_matches(".wasm").trim_start_matches("destination-").to_owned();
        KINDS.iter().any(|(kind, _)| *kind == plugin) || plugin == "source-zammad"
    };
    files.sort_by_key(|name| (!needed(name), name.clone()));
    assert!(files.len() >= PLUGINS, "there are only {} plugins", files.len());
    let mut toml = desk::configuration(&[]);
    for file in files.iter().take(PLUGINS) {
        if !toml.contains(file) {
            toml.push_str(&format!("[[plugin]]\nfile = \"target/plugins/{file}\"\n"));
        }
    }
    for (number, (plugin, settings)) in (0..subscriptions).zip(KINDS.iter().cycle()) {
        toml.push_str(&format!(
            "[[subscription]]\nname = \"desk-{number}\"\nevents = [\"ticket.*\"]\n\
             groups = [\"Group {}\"]\n\
             condition = \"event.ticket.priority == 'high' && event.ticket.tags.exists(t, t == \
             'tag-{number}')\"\nplugin = \"{plugin}\"\nsettings = {settings}\n",
            number % 40
        ));
    }
    toml
}

/// A daemon that was started to see how long it takes. It is killed when this is dropped.
pub struct Started {
    /// The process.
    pub child: Child,
    /// From starting the process until `/readyz` said 200.
    pub after: Duration,
}

impl Started {
    /// Starts a daemon in this folder, in which none runs.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn ready(data: &Path) -> Self {
        let address = free_address();
        let mut command = Command::new(binary());
        command.args(["serve", "--log", "warn", "--allow-addresses", "127.0.0.0/8"]);
        command.args(["--listen", &address.to_string(), "--data"]);
        let started = Instant::now();
        let child = command.arg(data).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        // Dropped, and so ended, also if it does not become ready.
        let mut this = Self { child, after: Duration::ZERO };
        loop {
            if is_ready(address) {
                this.after = started.elapsed();
                return this;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "the daemon does not get ready");
            std::thread::sleep(Duration::from_micros(500));
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself; asked to, it would wait for receivers that hang.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A client of a few bytes, which costs nothing itself. It waits within the connection: the daemon
/// listens before it is ready.
fn is_ready(address: SocketAddr) -> bool {
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        let head = "GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.1 200"))
    });
    asked.unwrap_or(false)
}
