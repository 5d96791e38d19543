//! Copies of the store, and what is wrong with a data directory.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};

use hookwright_tests::{Daemon, Sink, binary, until};
use serde_json::{Value, json};

use super::misbehave;

fn run(args: &[&str]) -> Output {
    Command::new(binary()).args(args).env_remove("HOOKWRIGHT_TOKEN").output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What `doctor` finds, by what it looked at.
fn doctor(data: &Path, subject: &str) -> (Value, bool) {
    let output = run(&["doctor", "--json", "--data", text(data)]);
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let found = findings.iter().find(|finding| finding["what"] == subject);
    (found.cloned().unwrap_or_default(), output.status.success())
}

/// Events come in all the time while the copy is made; it has every one that was acknowledged
/// before, and another daemon goes on with it.
#[test]
fn a_copy_made_under_load_is_whole_and_can_be_gone_on_with() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    daemon.apply(&misbehave("post", &sink.url("/"), ""), &[]);
    let event = json!({ "ticket": { "title": "before" } });
    let before: Vec<_> = (0..20).map(|_| daemon.send("test.post", &event)).collect();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                drop(daemon.send("test.post", &event));
            }
        });
        let made = run(&["backup", "--data", text(daemon.data()), text(&copy)]);
        stop.store(true, Ordering::Relaxed);
        assert!(made.status.success(), "{}", stderr(&made));
        assert!(String::from_utf8_lossy(&made.stdout).contains("secret.key"), "{made:?}");
    });
    let again = run(&["backup", "--data", text(daemon.data()), text(&copy)]);
    assert!(stderr(&again).contains("there already"), "{}", stderr(&again));

    let data = tempfile::Builder::new().prefix("hookwright-").tempdir().unwrap();
    let key = daemon.data().join("secret.key");
    let missing = folder.path().join("no.key");
    let restore = |key: &Path| {
        run(&["restore", "--data", text(data.path()), "--key-file", text(key), text(&copy)])
    };
    let refused = restore(&missing);
    assert!(stderr(&refused).contains("there is no"), "{}", stderr(&refused));
    assert!(!missing.exists(), "a key was made up");
    let restored = restore(&key);
    assert!(restored.status.success(), "{}", stderr(&restored));
    let over = restore(&key);
    assert!(stderr(&over).contains("restore into another directory"), "{}", stderr(&over));

    let token = daemon.token().to_owned();
    drop(daemon);
    let daemon = Daemon::in_folder(data, token);
    for event in &before {
        assert_eq!(daemon.ended(event, "post")["state"], "delivered");
    }
    let after = daemon.send("test.post", &json!({ "ticket": { "title": "after" } }));
    assert_eq!(daemon.ended(&after, "post")["state"], "delivered");
    let all = doctor(daemon.data(), "store");
    assert_eq!((all.0["health"].as_str(), all.1), (Some("good"), true), "{all:?}");
    assert_eq!(doctor(daemon.data(), "daemon").0["detail"], "is running");
}

#[test]
fn a_copy_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (copy, data) = (folder.path().join("copy.db"), folder.path().join("data"));
    std::fs::write(&copy, "no store at all".repeat(1_000)).unwrap();
    let restored = run(&["restore", "--data", text(&data), text(&copy)]);
    assert!(stderr(&restored).contains("not a database"), "{}", stderr(&restored));
    std::fs::write(&copy, "").unwrap();
    let restored = run(&["restore", "--data", text(&data), text(&copy)]);
    assert!(stderr(&restored).contains("no store that this program knows"), "{restored:?}");
    assert!(!data.join("hookwright.db").exists());
}

#[test]
fn two_daemons_never_share_a_data_directory() {
    let daemon = Daemon::start();
    let second = run(&["serve", "--listen", "127.0.0.1:0", "--data", text(daemon.data())]);
    assert_eq!(second.status.code(), Some(1));
    assert!(stderr(&second).contains("another daemon works on"), "{}", stderr(&second));
    // Killed, it lets go.
    let daemon = daemon.kill_and_restart();
    assert_eq!(daemon.api().get("/readyz").status, 200);
}

#[test]
fn a_newer_program_does_not_change_the_store_of_a_daemon_that_works() {
    let daemon = Daemon::start();
    let store = rusqlite::Connection::open(daemon.data().join("hookwright.db")).unwrap();
    let version = |store: &rusqlite::Connection| {
        store.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap()
    };
    let older = version(&store) - 1;
    store.pragma_update(None, "user_version", older).unwrap();
    let data = text(daemon.data());
    let token = ["token", "create", "--data", data, "--name", "x", "--role", "reader"];
    let users = ["user", "--data", data, "list"];
    for command in [&token[..], &users] {
        let refused = run(command);
        assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
        assert!(stderr(&refused).contains("end that, and start the newer one"));
        assert_eq!(version(&store), older);
    }
    drop(daemon.send("ticket.created", &json!(null)));
    // Of the same version, a command has its way beside it.
    store.pragma_update(None, "user_version", older + 1).unwrap();
    assert!(run(&users).status.success());
}

#[test]
fn the_doctor_says_what_is_wrong() {
    let mut daemon = Daemon::start();
    daemon.apply(&misbehave("post", "http://127.0.0.1:9/", ""), &[]);
    let key = daemon.data().join("secret.key");
    let aside = daemon.data().join("aside");
    assert!(daemon.stop().success());

    // Without the key.
    std::fs::rename(&key, &aside).unwrap();
    let (found, good) = doctor(daemon.data(), "key");
    assert!(!good && found["health"] == "bad", "{found}");
    assert!(!key.exists(), "a doctor changes nothing");
    // With another key.
    std::fs::write(&key, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").unwrap();
    let readable = doctor(daemon.data(), "key").0;
    assert!(readable["detail"].as_str().unwrap().contains("chmod 600"), "{readable}");
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (found, good) = doctor(daemon.data(), "secrets");
    assert!(!good && found["detail"].as_str().unwrap().contains("not the one"), "{found}");
    std::fs::rename(&aside, &key).unwrap();
    assert!(doctor(daemon.data(), "plugins").1);

    // A page of the store overwritten, as a failing disk does.
    let store = daemon.data().join("hookwright.db");
    let length = std::fs::metadata(&store).unwrap().len();
    let mut file = std::fs::OpenOptions::new().write(true).open(&store).unwrap();
    for page in (1..length / 8192).step_by(3) {
        file.seek(SeekFrom::Start(page * 8192)).unwrap();
        file.write_all(&[0xA5; 4096]).unwrap();
    }
    drop(file);
    let (found, good) = doctor(daemon.data(), "store");
    assert!(!good && found["health"] == "bad", "{found}");
    assert!(found["advice"].as_str().unwrap().contains("hookwright restore"), "{found}");
    // A copy of it would only spread the damage, or cannot be made.
    let elsewhere = tempfile::tempdir().unwrap();
    let missing = doctor(elsewhere.path(), "store").0;
    assert!(missing["detail"].as_str().unwrap().contains("there is no"), "{missing}");
}

/// Compiled code that was changed, cut or removed is compiled again.
#[test]
fn a_damaged_code_cache_is_made_anew() {
    let sink = Sink::start();
    let mut daemon = Daemon::start();
    daemon.apply(&misbehave("post", &sink.url("/"), ""), &[]);
    for damage in ["changed", "cut", "removed"] {
        let mut damaged = 0;
        for entry in std::fs::read_dir(daemon.data().join("code")).unwrap() {
            let path = entry.unwrap().path();
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            match damage {
                "changed" => bytes[middle] ^= 0xff,
                "cut" => bytes.truncate(middle),
                _ => {}
            }
            if damage == "removed" {
                std::fs::remove_file(&path).unwrap();
            } else {
                std::fs::write(&path, bytes).unwrap();
            }
            damaged += 1;
        }
        assert!(damaged > 0);
        daemon = daemon.kill_and_restart();
        let event = daemon.send("test.post", &json!({ "ticket": { "title": damage } }));
        assert_eq!(daemon.ended(&event, "post")["state"], "delivered");
        assert!(daemon.log().contains("gone or changed; compiling again"), "{damage}");
    }
    until("all to arrive", || (sink.count() == 3).then_some(()));
}
