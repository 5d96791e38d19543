//! `apply`: the diff, pruning, several files, exit codes.

use hookwright_tests::{Daemon, component};
use serde_json::json as document;

use super::{BOT, DESK, KEY, failed, json, text, with_input};

/// Applies text from the standard input.
fn apply(daemon: &Daemon, toml: &str, args: &[&str]) -> std::process::Output {
    let plugins = component("misbehave").parent().unwrap().display().to_string();
    let toml = toml.replace("target/plugins", &plugins);
    let mut command = daemon.command(&[&["apply", "--file", "-"], args].concat());
    command.env("KEY", KEY).env("BOT", BOT);
    with_input(command, &toml)
}

#[test]
fn the_diff_is_for_people() {
    let daemon = Daemon::start();
    let first = text(&apply(&daemon, DESK, &["--dry-run"]));
    for part in [
        "+ create secret bot",
        "+ create subscription duty",
        "    + events = [\"ticket.*\"]",
        "    + chat_id = 5",
        "+ create plugin destination/telegram",
        "9 to create. Nothing was changed (--dry-run).",
        "Not checked, before the plugins are installed: connection desk-api, source desk, \
         subscription duty.",
    ] {
        assert!(first.contains(part), "{part}\n{first}");
    }
    assert!(!first.contains("S3NTINEL"), "{first}");
    assert!(daemon.api().items("/v1/plugins").is_empty(), "it was to change nothing");
    assert_eq!(apply(&daemon, DESK, &["--dry-run", "--exit-code"]).status.code(), Some(6));
    text(&apply(&daemon, DESK, &[]));
    assert!(text(&apply(&daemon, DESK, &[])).contains("Nothing to change."));
    let same = apply(&daemon, DESK, &["--dry-run", "--exit-code"]);
    assert_eq!(same.status.code(), Some(0));

    let lines: Vec<_> = (1..=12).map(|line| format!("line {line}")).collect();
    let described = |text: &str| {
        DESK.replace("name = \"duty\"", &format!("name = \"duty\"\ndescription = {text:?}"))
    };
    text(&apply(&daemon, &described(&lines.join("\n")), &[]));
    let mut other = lines;
    "line six".clone_into(&mut other[5]);
    let changed = described(&other.join("\n")).replace("chat_id = 5", "chat_id = 6");
    text(&with_input(daemon.command(&["secret", "set", "bot"]), "123456:other"));
    let diff = text(&apply(&daemon, &changed, &["--dry-run"]));
    for part in [
        "~ update secret bot\n    its value changes\n",
        "~ update subscription duty\n",
        "        line 5\n      - line 6\n      + line six\n        line 7\n",
        "    /settings/chat_id: 5 → 6\n",
    ] {
        assert!(diff.contains(part), "{part}\n{diff}");
    }
    assert!(!diff.contains("line 1\n") && !diff.contains("S3NTINEL"), "{diff}");
    text(&apply(&daemon, DESK, &[]));
    secrets_that_are_there_need_not_be_given(&daemon);
    only_what_is_asked_for_is_removed(&daemon);
}

fn only_what_is_asked_for_is_removed(daemon: &Daemon) {
    // Nobody is there to take it, so there is something to cancel.
    drop(daemon.send("ticket.created", &document!({"ticket": {}})));
    let less = r#"
        [[secret]]
        name = "key"
        [[source]]
        name = "desk"
        plugin = "zenlix"
        auth = { kind = "token", secret = "key" }
    "#;
    let without = text(&apply(daemon, less, &["--dry-run"]));
    assert!(without.contains("update source desk") && !without.contains("remove"), "{without}");
    let looked = text(&apply(daemon, less, &["--dry-run", "--prune"]));
    for part in [
        "- remove subscription duty\n    1 delivery is canceled\n",
        "- remove connection desk-api\n    what is to be written through it fails\n",
        "- remove policy prod",
        "- remove secret bot\n    its value is gone for good\n",
    ] {
        assert!(looked.contains(part), "{part}\n{looked}");
    }
    assert!(!looked.contains("secret key"), "{looked}");
    let (code, error) = failed(&apply(daemon, less, &["--prune"]));
    assert!(code == 2 && error.contains("--yes"), "{error}");
    assert_eq!(daemon.api().items("/v1/subscriptions").len(), 1, "nothing was removed");
    text(&apply(daemon, less, &["--prune", "--yes"]));
    assert!(daemon.api().items("/v1/subscriptions").is_empty());
    assert!(daemon.api().items("/v1/connections").is_empty());
    assert_eq!(daemon.api().items("/v1/sources").len(), 1);
    // Plugins stay.
    assert!(!daemon.api().items("/v1/plugins").is_empty());
    assert!(text(&apply(daemon, less, &["--prune"])).contains("Nothing to change."));
}

fn secrets_that_are_there_need_not_be_given(daemon: &Daemon) {
    let named =
        "[[secret]]\nname = \"key\"\n[[secret]]\nname = \"bot\"\nenv = \"NOT_SET\"\nkeep = true";
    assert!(text(&apply(daemon, named, &[])).contains("Nothing to change."));
    let unknown = named.replace("\"key\"", "\"other\"");
    let (code, error) = failed(&apply(daemon, &unknown, &[]));
    assert!(code == 1 && error.contains("secret `other`"), "{error}");
    let strict = named.replace("keep = true", "");
    let (_, error) = failed(&apply(daemon, &strict, &[]));
    assert!(error.contains("NOT_SET"), "{error}");
}

#[test]
fn folders_and_several_files_are_one_set_up() {
    let daemon = Daemon::start();
    let dir = tempfile::tempdir().unwrap();
    let plugin = component("misbehave").display().to_string();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("plugins.toml", &format!("[[plugin]]\nfile = {plugin:?}"));
    let subscription = |name: &str| {
        format!(
            "[[subscription]]\nname = \"{name}\"\nevents = [\"*\"]\nplugin = \"misbehave\"\n\
             settings = {{ url = \"http://127.0.0.1:9/\" }}"
        )
    };
    write("a.toml", &subscription("a"));
    write("b.toml", &subscription("b"));
    let folder = dir.path().to_str().unwrap();
    let applied = json(&daemon.cli(&["apply", "--file", folder, "--json"]));
    let names = applied["changes"].as_array().unwrap().iter().map(|change| &change["name"]);
    assert_eq!(names.filter(|name| *name == "a" || *name == "b").count(), 2);
    let file = |name: &str| dir.path().join(name).display().to_string();
    let (a, b) = (file("a.toml"), file("b.toml"));
    let pruned = daemon.cli(&["apply", "-f", &a, "-f", &b, "--prune", "--dry-run"]);
    assert!(text(&pruned).contains("Nothing to change."));
    // The other file's subscription is the second of the document.
    write("b.toml", &subscription("b").replace("\"*\"", "\"ticket*\""));
    let (_, error) = failed(&daemon.cli(&["apply", "-f", &a, "-f", &b]));
    assert!(error.contains("b.toml") && error.contains("`ticket*` is no event pattern"), "{error}");
    write("b.toml", &format!("{}\ntime_zone = \"Mars\"", subscription("b")));
    let (_, error) = failed(&daemon.cli(&["apply", "-f", &a, "-f", &b]));
    assert!(error.contains("subscription `b`: time_zone"), "{error}");
}
