//! A file system under the daemon that becomes read-only, as one does on which an error was found:
//! from one moment to the next every write fails, also to files that are open.
//!
//! Such a file system cannot be had without a disk that is broken. So strace stands between the
//! daemon and its kernel, and has the kernel's calls fail with the kernel's error.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hookwright_tests::{Daemon, Reply, Sink, binary, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::Test;
use crate::oracle::Oracle;

pub(crate) const TESTS: &[Test] = &[
    ("read_only::for_a_while", &[Oracle::Strace], for_a_while),
    ("read_only::from_the_start", &[Oracle::SmallDisk], from_the_start),
];

/// What writes to files that are open, or changes their size.
const WRITES: &str = "pwrite64,pwritev,pwritev2,ftruncate,fallocate";

/// While it lives, nothing can be written.
struct ReadOnly(Child);

impl ReadOnly {
    fn make(daemon: &Daemon) -> Self {
        let strace = Command::new("strace")
            .args(["-f", "-q", "-o", "/dev/null", "-p", &daemon.pid().to_string()])
            .args(["-e", &format!("trace={WRITES}")])
            .args(["-e", &format!("inject={WRITES}:error=EROFS")])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut this = Self(strace.unwrap());
        until("every thread to be traced", || {
            assert!(this.0.try_wait().unwrap().is_none(), "strace has ended");
            let threads = Path::new("/proc").join(daemon.pid().to_string()).join("task");
            let is_traced = |thread: &Path| {
                let status = fs::read_to_string(thread.join("status")).unwrap_or_default();
                !status.lines().any(|line| line == "TracerPid:\t0")
            };
            let mut threads = fs::read_dir(threads).unwrap();
            threads.all(|thread| is_traced(&thread.unwrap().path())).then_some(())
        });
        this
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        // It lets go of the daemon, which would otherwise be killed with it.
        kill_process(Pid::from_child(&self.0), Signal::TERM).ok();
        drop(self.0.wait());
    }
}

fn for_a_while() {
    let sink = Sink::answering(|request| match request.path.as_str() {
        "/slow" => Reply::status(204).after(Duration::from_secs(2)),
        _ => Reply::status(204),
    });
    let daemon = Daemon::start();
    let mut toml =
        "[[plugin]]\nfile = \"target/plugins/destination-standard-webhooks.wasm\"\n".to_owned();
    for name in ["quick", "slow"] {
        toml += &format!(
            "[[subscription]]\nname = \"{name}\"\nevents = [\"test.{name}\"]\n\
             plugin = \"standard-webhooks\"\nsettings = {{ url = \"{}\" }}\n",
            sink.url(&format!("/{name}"))
        );
    }
    daemon.apply(&toml, &[]);
    drop(daemon.send("test.quick", &json!({})));
    let under_way = daemon.send("test.slow", &json!({}));
    until("a request to be under way", || (sink.at("/slow").len() == 1).then_some(()));
    assert_eq!(daemon.api().get("/readyz").status, 200);

    let read_only = ReadOnly::make(&daemon);
    let event = json!({"specversion": "1.0", "id": "1", "source": "tests", "type": "test.quick"});
    let kind = [("Content-Type", "application/cloudevents+json")];
    let post = || daemon.api().post("/v1/events", &kind, event.to_string().as_bytes());
    for _ in 0..3 {
        let problem = post().problem(503);
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("the store cannot be written") && detail.contains("mend"),
            "{detail}"
        );
    }
    let problem = daemon.api().get("/readyz").problem(503);
    assert!(problem["detail"].as_str().unwrap().contains("cannot be written"), "{problem}");
    assert_eq!(daemon.api().get("/livez").status, 200);
    assert!(!daemon.api().items("/v1/events?limit=5").is_empty(), "it can still be read");
    daemon.logged("progress cannot be noted; trying again");
    daemon.logged("the store cannot be written");

    drop(read_only);
    until("it to be ready again", || (daemon.api().get("/readyz").status == 200).then_some(()));
    let taken = post().expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(daemon.ended(&taken, "quick")["state"], "delivered");
    let noted = daemon.ended(&under_way, "slow");
    assert_eq!((&noted["state"], &noted["attempts"]), (&json!("delivered"), &json!(1)));
    assert_eq!(sink.count(), 3, "each once");
}

fn from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs none "$1" &&
        "$2" token create --name tests --role admin --data "$1" > /dev/null &&
        mount -o remount,ro "$1" && exec "$2" serve --listen 127.0.0.1:0 --data "$1""#;
    let output = Command::new("unshare")
        .args(["-Urm", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(binary())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    let lock = folder.path().join("lock");
    let words = format!("cannot write {}: the data directory has to be writable", lock.display());
    assert!(error.contains(&words) && error.contains("Read-only file system"), "{error}");
}
