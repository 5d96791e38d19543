//! The built daemon, started in a folder of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Api, until};

/// The `hookwright` program: `HOOKWRIGHT_BIN`, or the one that was built beside this program.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(given) = std::env::var_os("HOOKWRIGHT_BIN") {
        return given.into();
    }
    let this = std::env::current_exe().unwrap();
    let mut above = this.ancestors().skip(1).take(2).map(|dir| dir.join("hookwright"));
    above.find(|path| path.is_file()).unwrap_or_else(|| {
        panic!("`hookwright` is not built; run `cargo build -p hookwright-daemon`")
    })
}

/// How it is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Networks that may be called.
    pub allow_addresses: Option<String>,
    /// What it logs.
    pub log: String,
    /// Further arguments of `serve`.
    pub args: Vec<String>,
    /// Further variables of its environment.
    pub env: Vec<(String, String)>,
    /// The size of a disk of its own for its folder, in MiB: a file system in memory that only it
    /// sees, and that is gone when it ends.
    pub disk: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            allow_addresses: Some("127.0.0.0/8".into()),
            log: "debug,hyper=info,hickory_resolver=info,hickory_net=info".into(),
            args: Vec::new(),
            env: Vec::new(),
            disk: None,
        }
    }
}

/// A running daemon. It is killed when this is dropped, and its folder removed.
pub struct Daemon {
    child: Child,
    log: Arc<Mutex<String>>,
    address: String,
    token: String,
    data: Arc<TempDir>,
    options: Options,
}

impl Daemon {
    /// Starts one in a new folder.
    #[must_use]
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    /// Starts one in a new folder.
    #[must_use]
    pub fn with(options: Options) -> Self {
        let data = Arc::new(tempfile::Builder::new().prefix("hookwright-").tempdir().unwrap());
        if options.disk.is_some() {
            // A token made here would lie under the disk.
            let mut daemon = Self::start_in(data, String::new(), options);
            let token = std::fs::read_to_string(daemon.disk().join("token")).unwrap();
            token.trim().clone_into(&mut daemon.token);
            return daemon;
        }
        let token = make_token(data.path(), "tests", "admin");
        Self::start_in(data, token, options)
    }

    /// Whether this machine lets a test give a daemon a disk of its own.
    #[must_use]
    pub fn can_have_a_disk() -> bool {
        let mut mount = Command::new("unshare");
        mount.args(["-Urm", "mount", "-t", "tmpfs", "none", "/mnt"]);
        let quiet = mount.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    /// Its folder on the disk of its own, as it is seen from outside.
    #[must_use]
    pub fn disk(&self) -> PathBuf {
        let inside = self.data.path().strip_prefix("/").unwrap();
        Path::new("/proc").join(self.pid().to_string()).join("root").join(inside)
    }

    /// Starts one in a folder that there is, with a token that is good there.
    #[must_use]
    pub fn in_folder(data: TempDir, token: String) -> Self {
        Self::start_in(Arc::new(data), token, Options::default())
    }

    fn start_in(data: Arc<TempDir>, token: String, options: Options) -> Self {
        let (child, log) = spawn(&data, &options);
        let mut daemon = Self { child, log, address: String::new(), token, data, options };
        if let Err(status) = daemon.wait_until_ready() {
            panic!("the daemon ended with {status}: {}", daemon.log());
        }
        daemon
    }

    fn wait_until_ready(&mut self) -> Result<(), ExitStatus> {
        self.address = until("the daemon to be ready", || {
            // Before the log is read: its last words may be that it is ready.
            let ended = self.child.try_wait().unwrap();
            let ready = self.log().lines().find_map(|line| {
                let entry: Value = serde_json::from_str(line).ok()?;
                let fields = &entry["fields"];
                let ready = fields["message"] == "hookwright is ready";
                ready.then(|| fields["address"].as_str().unwrap().to_owned())
            });
            ready.map(Ok).or(ended.map(Err))
        })?;
        Ok(())
    }

    /// Kills it if it has not ended, and starts it again in the same folder with this
    /// environment. Says whether it was ready before it ended again.
    pub fn start_again(&mut self, env: &[(&str, &str)]) -> bool {
        drop(self.child.kill());
        self.child.wait().unwrap();
        self.options.env = env.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        (self.child, self.log) = spawn(&self.data, &self.options);
        self.wait_until_ready().is_ok()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// A client with an admin's token.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::new(&self.url()).with_token(&self.token)
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The admin's token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Its folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it has logged these words: what it logs comes here a moment later.
    pub fn logged(&self, words: &str) {
        until(&format!("`{words}` in the log"), || self.log().contains(words).then_some(()));
    }

    /// Runs the command line against it.
    #[must_use]
    pub fn cli(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The command line, to be run against it.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(args).env("HOOKWRIGHT_URL", self.url()).env("HOOKWRIGHT_TOKEN", &self.token);
        command
    }

    /// Applies a configuration in TOML, which must be right. Paths in it are relative to the
    /// top of the repository.
    pub fn apply(&self, toml: &str, secrets: &[(&str, &str)]) {
        let output = self.try_apply(toml, secrets);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
    }

    /// Applies a configuration in TOML.
    #[must_use]
    pub fn try_apply(&self, toml: &str, secrets: &[(&str, &str)]) -> Output {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("desk.toml");
        let toml = toml.replace("../target/plugins", "target/plugins");
        std::fs::write(&file, toml.replace("target/plugins", &plugins())).unwrap();
        let mut command = self.command(&["apply", "--file"]);
        command.arg(&file).envs(secrets.iter().copied()).output().unwrap()
    }

    /// Kills it in the middle of whatever it does, as a loss of power would, and starts it
    /// again in the same folder.
    #[must_use]
    pub fn kill_and_restart(mut self) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let (data, token) = (Arc::clone(&self.data), self.token.clone());
        Self::start_in(data, token, self.options.clone())
    }

    /// Kills it in the middle of whatever it does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        until("the daemon to end", || self.child.try_wait().unwrap())
    }

    /// Every delivery there is.
    #[must_use]
    pub fn deliveries(&self, filter: &str) -> Vec<Value> {
        self.api().items(&format!("/v1/deliveries?limit=500&{filter}"))
    }

    /// Waits until a delivery of an event to a subscription has ended, and returns it in full.
    #[must_use]
    pub fn ended(&self, event: &str, subscription: &str) -> Value {
        let id = until(&format!("{event} to end at {subscription}"), || {
            let all = self.deliveries(&format!("event={event}&subscription={subscription}"));
            let root = all.into_iter().find(|delivery| delivery["parent"].is_null())?;
            let ended = !matches!(root["state"].as_str(), Some("pending" | "running"));
            ended.then(|| root["id"].as_str().unwrap().to_owned())
        });
        self.api().get(&format!("/v1/deliveries/{id}")).expect(200).json()
    }

    /// The attempts of a delivery.
    #[must_use]
    pub fn attempts(&self, delivery: &Value) -> Vec<Value> {
        let id = delivery["id"].as_str().unwrap();
        self.api().items(&format!("/v1/deliveries/{id}/attempts"))
    }

    /// Sends a CloudEvent and returns the event's id.
    #[must_use]
    pub fn send(&self, event_type: &str, data: &Value) -> String {
        let event = serde_json::json!({
            "specversion": "1.0", "id": fastrand::u64(..).to_string(), "source": "tests",
            "type": event_type, "subject": "81", "dataschema": "ticket/1", "data": data,
        });
        let kind = [("Content-Type", "application/cloudevents+json")];
        let accepted = self.api().post("/v1/events", &kind, event.to_string().as_bytes());
        accepted.expect(202).json()["events"][0]["id"].as_str().unwrap().to_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program, and what it logs.
fn spawn(data: &TempDir, options: &Options) -> (Child, Arc<Mutex<String>>) {
    let mut command = match options.disk {
        None => Command::new(binary()),
        Some(size) => on_a_disk(data.path(), size),
    };
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--log", &options.log])
        .arg("--log-json")
        .arg("--data")
        .arg(data.path())
        .args(&options.args)
        .envs(options.env.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if let Some(networks) = &options.allow_addresses {
        command.args(["--allow-addresses", networks]);
    }
    let mut child = command.spawn().unwrap();
    let log: Arc<Mutex<String>> = Arc::default();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let keep = Arc::clone(&log);
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let mut log = keep.lock().unwrap_or_else(PoisonError::into_inner);
            log.push_str(&line);
            log.push('\n');
        }
    });
    (child, log)
}

/// The program, in a namespace in which there is a small disk at this folder, with a token on it.
fn on_a_disk(data: &Path, size: u32) -> Command {
    let script = r#"mount -t tmpfs -o size="$1"m none "$2" &&
        "$3" token create --name tests --role admin --data "$2" > "$2/token" &&
        shift 2 && exec "$@""#;
    let mut command = Command::new("unshare");
    command.args(["-Urm", "sh", "-c", script, "sh", &size.to_string()]);
    command.arg(data).arg(binary()).env_remove("HOOKWRIGHT_TOKEN");
    command
}

/// Makes a token in a data folder.
fn make_token(data: &Path, name: &str, role: &str) -> String {
    let output = Command::new(binary())
        .args(["token", "create", "--name", name, "--role", role, "--data"])
        .arg(data)
        .env_remove("HOOKWRIGHT_TOKEN")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn plugins() -> String {
    crate::root().join("target/plugins").display().to_string()
}

/// How long something took.
#[must_use]
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    (work(), started.elapsed())
}
