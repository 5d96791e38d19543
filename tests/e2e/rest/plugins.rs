//! Versions of plugins come once, and go with all that was made of them.

use std::fs;

use hookwright_tests::{Daemon, root};
use serde_json::{Value, json};

use super::delete;

fn files(daemon: &Daemon) -> Vec<String> {
    let files = fs::read_dir(daemon.data().join("code")).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(root().join("target/plugins").join(name)).unwrap()
}

fn install(daemon: &Daemon, name: &str) -> Value {
    daemon.api().post("/v1/plugins", &[], &bytes(name)).expect(201).json()
}

#[test]
fn what_is_there_already_is_not_installed_again() {
    let daemon = Daemon::start();
    let entries = || daemon.api().items("/v1/audit?action=plugin.install").len();
    let first = install(&daemon, "source-zammad.wasm");
    assert_eq!(entries(), 1);
    let again = install(&daemon, "source-zammad.wasm");
    assert_eq!(again, first, "also the time when it was installed");
    assert_eq!(entries(), 1, "nothing has changed");
    drop(install(&daemon, "source-zenlix.wasm"));
    assert_eq!(entries(), 2);
    // Once it is gone, it is new.
    let path = format!("/v1/plugins/{}", first["digest"].as_str().unwrap());
    drop(delete(&daemon.api(), &path).expect(204));
    drop(install(&daemon, "source-zammad.wasm"));
    assert_eq!(entries(), 3);
}

#[test]
fn the_code_of_a_removed_version_goes() {
    let daemon = Daemon::start();
    let gone = install(&daemon, "source-zammad.wasm")["digest"].as_str().unwrap().to_owned();
    let stays = install(&daemon, "source-zenlix.wasm")["digest"].as_str().unwrap().to_owned();
    let of = |digest: &str| files(&daemon).iter().filter(|file| file.contains(digest)).count();
    assert_eq!((of(&gone), of(&stays)), (1, 1), "{:?}", files(&daemon));
    // Of a runtime that the daemon had before.
    fs::write(daemon.data().join(format!("code/{gone}-0000000000000000.cwasm")), "old").unwrap();
    let path = format!("/v1/plugins/{gone}");
    drop(delete(&daemon.api(), &path).expect(204));
    assert_eq!((of(&gone), of(&stays)), (0, 1), "{:?}", files(&daemon));

    // The other is as it was, also after the daemon has started again.
    let daemon = daemon.kill_and_restart();
    let source = json!({"name": "desk", "plugin": "zenlix", "auth": {"kind": "none"}});
    drop(daemon.api().post_json("/v1/sources", &source).expect(201));
    assert!(!daemon.log().contains("compiling again"), "{}", daemon.log());
}

#[test]
fn a_file_that_cannot_be_removed_keeps_no_version() {
    let daemon = Daemon::start();
    let digest = install(&daemon, "source-zammad.wasm")["digest"].as_str().unwrap().to_owned();
    // Not a file.
    let stuck = format!("code/{digest}-0000000000000000.cwasm");
    fs::create_dir(daemon.data().join(&stuck)).unwrap();
    let path = format!("/v1/plugins/{digest}");
    drop(delete(&daemon.api(), &path).expect(204));
    drop(daemon.api().get(&path).problem(404));
    daemon.logged("the compiled code of a removed plugin cannot be removed");
    assert_eq!(files(&daemon), [stuck.trim_start_matches("code/")]);
}
