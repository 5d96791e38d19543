//! Each command, in tables and in JSON, and how it fails.

use std::process::Command;

use hookwright_tests::{Daemon, Sink, binary};
use serde_json::{Value, json};

use super::{BOT, KEY, desk, failed, json, text, with_input};

/// On one daemon: each would compile its plugins.
#[test]
fn each_does_what_it_says() {
    let daemon = desk();
    what_is_listed_is_a_table_for_people_and_json_for_programs(&daemon);
    secrets_come_by_input_file_or_variable_and_never_out(&daemon);
    the_journal_keeps_what_it_is_told_to(&daemon);
    an_editor_opens_what_there_is(&daemon);
    versions_of_plugins_are_pinned_and_rolled_back(&daemon);
    failures_say_what_to_do_and_have_codes_of_their_own(&daemon);
    colours_and_hostile_texts(&daemon);
    things_are_made_changed_and_removed(&daemon);
}

fn what_is_listed_is_a_table_for_people_and_json_for_programs(daemon: &Daemon) {
    for (command, head, found) in [
        (&["source", "list"][..], "NAME", "desk"),
        (&["source", "show", "desk"], "/in/desk/<token>", "plugin = \"zenlix\""),
        (&["subscription", "list"], "STATE", "duty"),
        (&["subscription", "show", "duty"], "duty active", "[settings]\nchat_id = 5"),
        (&["connection", "list"], "PLUGIN", "desk-api"),
        (&["connection", "show", "desk-api"], "zammad-api", "writes"),
        (&["policy", "list"], "ALGORITHM", "prod"),
        (&["policy", "show", "prod"], "HS256", "prod"),
        (&["secret", "list"], "USED BY", "subscription duty"),
        (&["plugin", "list"], "DIGEST", "telegram"),
        (&["plugin", "show", "telegram"], "settings schema", "api_url"),
        (&["plugin", "limits", "telegram"], "PUBLISHED", "fuel"),
        (&["destination", "list"], "", ""),
        (&["delivery", "list"], "SUBSCRIPTION", ""),
        (&["event", "list"], "RECEIVED", ""),
        (&["event", "types"], "MEANING", "ticket.created"),
        (&["reject", "list"], "REASON", ""),
        (&["replay", "list"], "", ""),
        (&["journal", "show"], "HOW MUCH", "keep_for"),
        (&["token", "list"], "NAME", "tests"),
        (&["user", "list"], "ROLE", ""),
        (&["audit"], "WHO", "subscription/duty"),
        (&["mail", "show"], "not set up", ""),
        (&["statistics"], "", ""),
        (&["attention"], "", ""),
        (&["settings", "show"], "SETTING", "journal.keep_for"),
    ] {
        let table = text(&daemon.cli(command));
        assert!(table.contains(head) && table.contains(found), "{command:?}\n{table}");
        assert!(!table.contains('\u{1b}'), "{command:?} has colours in a pipe");
        let document = json(&daemon.cli(&[command, &["--json"]].concat()));
        assert!(document.is_array() || document.is_object(), "{command:?}");
        let shown = table + &document.to_string();
        assert!(!shown.contains("S3NTINEL"), "{command:?} shows a secret\n{shown}");
    }
}

fn things_are_made_changed_and_removed(daemon: &Daemon) {
    let made = daemon.cli(&[
        "subscription",
        "create",
        "name=night",
        "plugin=telegram",
        "events=[\"ticket.created\"]",
        "settings.chat_id=7",
        "secrets.token=bot",
        "--dry-run",
    ]);
    let made_text = text(&made);
    assert!(made_text.contains("create subscription night"), "{made_text}");
    assert!(made_text.contains("--dry-run"), "{made_text}");
    assert_eq!(failed(&daemon.cli(&["subscription", "show", "night"])).0, 3);

    let night = "[[subscription]]\nname = \"night\"\nplugin = \"telegram\"\nevents = [\"*\"]\n\
                 settings = { chat_id = 7 }\nsecrets = { token = \"bot\" }";
    let create = || daemon.command(&["subscription", "create", "--file", "-"]);
    text(&with_input(create(), night));
    let (code, error) = failed(&with_input(create(), night));
    assert!(code == 1 && error.contains("hookwright subscription set night"), "{error}");

    let set = daemon.cli(&["subscription", "set", "night", "settings.chat_id=8", "groups=[\"A\"]"]);
    let set = text(&set);
    assert!(set.contains("/settings/chat_id: 7 → 8") && set.contains("/groups: "), "{set}");
    let patch = r#"{"groups": null, "retry": {"attempts": 3}, "description": "a\nb"}"#;
    let set = daemon.cli(&["subscription", "set", "night", "--patch", patch, "--json"]);
    assert_eq!(json(&set)["changes"][0]["action"], "update");
    let shown = json(&daemon.cli(&["subscription", "show", "night", "--json"]));
    assert_eq!((&shown["groups"], &shown["retry"]["attempts"]), (&json!([]), &json!(3)));
    assert_eq!(
        (&shown["settings"], &shown["description"]),
        (&json!({"chat_id": 8}), &json!("a\nb"))
    );

    let (code, error) = failed(&daemon.cli(&["subscription", "set", "night", "settings.chat=1"]));
    assert_eq!(code, 1);
    assert!(error.contains("/settings: Additional properties") && !error.contains("/0"), "{error}");
    let (_, error) = failed(&daemon.cli(&["subscription", "set", "night", "name=day"]));
    assert!(error.contains("a name stays"), "{error}");
    let (_, error) = failed(&daemon.cli(&["subscription", "set", "night", "colour=red"]));
    assert!(error.contains("unknown field `colour`"), "{error}");
    assert_eq!(failed(&daemon.cli(&["subscription", "set", "night"])).0, 2);
    assert_eq!(failed(&daemon.cli(&["subscription", "set", "nobody", "enabled=true"])).0, 3);

    for (kind, name) in [
        ("subscription", "night"),
        ("source", "desk"),
        ("connection", "desk-api"),
        ("policy", "prod"),
    ] {
        text(&daemon.cli(&[kind, "disable", name]));
        let listed = json(&daemon.cli(&[kind, "show", name, "--json"]));
        assert!(listed["enabled"] == false || listed["disabled"] == true, "{listed}");
        text(&daemon.cli(&[kind, "enable", name]));
        let listed = json(&daemon.cli(&[kind, "show", name, "--json"]));
        assert!(listed["enabled"] == true || listed["disabled"] == false, "{listed}");
    }

    // Nobody is there to ask.
    let (code, error) = failed(&daemon.cli(&["subscription", "remove", "night"]));
    assert!(code == 2 && error.contains("--yes"), "{error}");
    let (_, error) = failed(&daemon.cli(&["connection", "remove", "desk-api", "--yes"]));
    assert!(error.contains("the source `desk` uses the connection `desk-api`"), "{error}");
    text(&daemon.cli(&["subscription", "remove", "night", "duty", "--yes"]));
    text(&daemon.cli(&["source", "remove", "desk", "--yes"]));
    text(&daemon.cli(&["connection", "remove", "desk-api", "--yes"]));
    text(&daemon.cli(&["policy", "remove", "prod", "--yes"]));
    text(&daemon.cli(&["secret", "remove", "key", "bot", "new", "--yes"]));
    assert_eq!(failed(&daemon.cli(&["source", "remove", "desk", "--yes"])).0, 3);
    for kind in ["subscription", "source", "connection", "policy", "secret"] {
        assert_eq!(json(&daemon.cli(&[kind, "list", "--json"])), json!([]), "{kind}");
    }
}

fn an_editor_opens_what_there_is(daemon: &Daemon) {
    let edit = |editor: &str| {
        let mut command = daemon.command(&["subscription", "edit", "duty"]);
        command.env_remove("VISUAL").env("EDITOR", editor).output().unwrap()
    };
    assert!(text(&edit("true")).contains("Nothing to change."));
    let changed = text(&edit("sed -i s/chat_id.=.5/chat_id=6/"));
    assert!(changed.contains("/settings/chat_id: 5 → 6"), "{changed}");
    let (code, error) = failed(&edit("sed -i s/^events.*/events=0/"));
    assert!(code == 1 && error.contains("events of the subscription"), "{error}");
    let path = error.split("what was written is in ").nth(1).unwrap().lines().next().unwrap();
    assert!(std::fs::read_to_string(path).unwrap().contains("events=0"));
    std::fs::remove_file(path).unwrap();
    let (_, error) = failed(&edit("false"));
    std::fs::remove_file(error.split("is in ").nth(1).unwrap().lines().next().unwrap()).unwrap();
}

fn secrets_come_by_input_file_or_variable_and_never_out(daemon: &Daemon) {
    let set = |more: &[&str]| daemon.command(&[&["secret", "set", "new"], more].concat());
    let mut shown = text(&with_input(set(&[]), &format!("{KEY}\n")));
    assert!(shown.contains("create secret new"), "{shown}");
    // The line end is no part of it: the same again is no change.
    let mut command = set(&["--env", "NEW"]);
    shown += &text(&command.env("NEW", KEY).output().unwrap());
    assert!(shown.contains("Nothing to change."), "{shown}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("secret");
    std::fs::write(&file, BOT).unwrap();
    shown += &text(&with_input(set(&["--file", file.to_str().unwrap()]), ""));
    assert!(shown.contains("update secret new") && !shown.contains("S3NTINEL"), "{shown}");
    let (code, error) = failed(&with_input(set(&[]), "abc"));
    assert!(code == 1 && error.contains("at least 4 bytes") && !error.contains("abc"), "{error}");
    let (_, error) = failed(&daemon.cli(&["secret", "remove", "bot", "--yes"]));
    assert!(error.contains("the subscription `duty` uses the secret `bot`"), "{error}");
}

fn versions_of_plugins_are_pinned_and_rolled_back(daemon: &Daemon) {
    // Another version of the same: a component may have sections of any name.
    let component = hookwright_tests::component("destination-telegram");
    let mut bytes = std::fs::read(component).unwrap();
    let first = hex(&bytes);
    bytes.extend_from_slice(b"\0\x05\x04test");
    let second = hex(&bytes);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("telegram.wasm");
    std::fs::write(&file, bytes).unwrap();
    let installed = text(&daemon.cli(&["plugin", "install", file.to_str().unwrap()]));
    assert!(installed.contains(&second), "{installed}");
    let digest =
        || json(&daemon.cli(&["subscription", "show", "duty", "--json"]))["digest"].clone();
    assert_eq!(digest(), first.as_str());
    let looked = text(&daemon.cli(&["plugin", "pin", "telegram", &second[..8], "--dry-run"]));
    assert!(looked.contains(&format!("/digest: {} → {}", &first[..12], &second[..12])), "{looked}");
    assert_eq!(digest(), first.as_str());
    text(&daemon.cli(&["plugin", "pin", "telegram", &second[..8], "--only", "duty"]));
    assert_eq!(digest(), second.as_str());
    text(&daemon.cli(&["plugin", "rollback", "telegram"]));
    assert_eq!(digest(), first.as_str());
    let (code, error) = failed(&daemon.cli(&["plugin", "rollback", "telegram"]));
    assert!(code == 3 && error.contains("there is none before"), "{error}");
    assert_eq!(failed(&daemon.cli(&["plugin", "pin", "telegram", "ffffffffff"])).0, 3);
    let nobody = ["plugin", "pin", "telegram", &second[..8], "--only", "nobody"];
    assert_eq!(failed(&daemon.cli(&nobody)).0, 3);

    let (code, error) = failed(&daemon.cli(&["plugin", "remove", &first[..8], "--yes"]));
    assert!(code == 1 && error.contains("duty"), "{error}");
    assert_eq!(failed(&daemon.cli(&["plugin", "remove", &second[..8]])).0, 2);
    text(&daemon.cli(&["plugin", "remove", &second[..8], "--yes"]));
    assert!(!text(&daemon.cli(&["plugin", "list"])).contains(&second[..12]));

    let limits = text(&daemon.cli(&["plugin", "limits", "telegram", "fuel=300000000"]));
    assert!(limits.contains("/fuel: 200000000 → 300000000"), "{limits}");
    let (_, error) = failed(&daemon.cli(&["plugin", "limits", "telegram", "fuel=1"]));
    assert!(error.contains("fuel is 1: it must be between"), "{error}");
    let shown = json(&daemon.cli(&["plugin", "limits", "telegram", "--json"]));
    assert_eq!(shown["fuel"], 300_000_000);
    text(&daemon.cli(&["plugin", "limits", "telegram", "fuel=null"]));
    let shown = json(&daemon.cli(&["plugin", "limits", "telegram", "--json"]));
    assert_eq!(shown["fuel"], 200_000_000);
}

fn hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn the_journal_keeps_what_it_is_told_to(daemon: &Daemon) {
    let set = text(&daemon.cli(&["journal", "set", "keep_for=30d", "keep_bytes=10GiB"]));
    assert!(set.contains("update journal") && set.contains("/keep_for: "), "{set}");
    assert!(text(&daemon.cli(&["journal", "show"])).contains("30d"));
    let looked = daemon.cli(&["settings", "set", "journal.keep_for=9d", "--dry-run", "--json"]);
    assert_eq!(json(&looked)["journal"]["keep_for"], "9d");
    assert!(text(&daemon.cli(&["settings", "show"])).contains("30d"));
    text(&daemon.cli(&["settings", "set", "journal.keep_for=9d"]));
    assert!(text(&daemon.cli(&["journal", "show"])).contains("9d"));
    let (_, error) = failed(&daemon.cli(&["settings", "set", "journl.keep_for=9d"]));
    assert!(error.contains("journl"), "{error}");
    let (code, error) = failed(&daemon.cli(&["journal", "set", "keep_for=soon"]));
    assert!(code == 1 && error.contains("keep_for"), "{error}");
}

fn failures_say_what_to_do_and_have_codes_of_their_own(daemon: &Daemon) {
    let run = |url: &str, token: Option<&str>, args: &[&str]| {
        let mut command = Command::new(binary());
        command.args(args).env("HOOKWRIGHT_URL", url).env_remove("HOOKWRIGHT_TOKEN");
        if let Some(token) = token {
            command.env("HOOKWRIGHT_TOKEN", token);
        }
        failed(&command.output().unwrap())
    };
    let list = &["subscription", "list"][..];
    let (code, error) = run("http://127.0.0.1:9", Some("hwt_x"), list);
    assert_eq!(code, 5);
    for part in ["http://127.0.0.1:9", "hookwright serve", "--url", "HOOKWRIGHT_URL"] {
        assert!(error.contains(part), "{error}");
    }
    let (code, error) = run(&daemon.url(), None, list);
    assert!(code == 4 && error.contains("HOOKWRIGHT_TOKEN"), "{error}");
    assert!(error.contains("token create"), "{error}");
    let (code, error) = run(&daemon.url(), Some("hwt_S3NTINEL"), list);
    assert!(code == 4 && error.contains("is it for this daemon?"), "{error}");
    assert!(!error.contains("S3NTINEL"), "{error}");
    let reader =
        json(&daemon.cli(&["token", "create", "--name", "r", READER[0], READER[1], "--json"]));
    let reader = reader["secret"].as_str().unwrap().to_owned();
    let (code, error) =
        run(&daemon.url(), Some(&reader), &["subscription", "remove", "duty", "--yes"]);
    assert!(code == 4 && error.contains("token list"), "{error}");
    let nobody = "dlv_0193456789ab7cde8f0123456789abcd";
    assert_eq!(run(&daemon.url(), Some(daemon.token()), &["delivery", "show", nobody]).0, 3);
    assert_eq!(run(&daemon.url(), None, &["delivery", "lst"]).0, 2);
    let sink = Sink::start();
    let (code, error) = run(&sink.url(""), Some("hwt_x"), list);
    assert!(code == 1 && !error.is_empty(), "{error}");
}

const READER: [&str; 2] = ["--role", "reader"];

fn colours_and_hostile_texts(daemon: &Daemon) {
    let evil = "\u{1b}[2J\u{202e}txt.exe";
    let event = daemon.send("ticket.created", &json!({"ticket": {"number": evil, "title": evil}}));
    let listed = daemon.command(&["event", "list"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    let listed = text(&listed);
    assert!(listed.starts_with("\u{1b}[1m") || listed.contains("\u{1b}[1m"), "{listed:?}");
    let plain = daemon.command(&["event", "list"]).env("NO_COLOR", "1").output().unwrap();
    assert!(!text(&plain).contains('\u{1b}'));
    let dry = ["subscription", "dry-run", "duty", "--event", &event];
    let shown = text(&daemon.cli(&dry));
    assert!(shown.contains("takes the event") && shown.contains("POST https://"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains("S3NTINEL"), "{shown}");
    assert_eq!(json(&daemon.cli(&[&dry[..], &["--json"]].concat()))["outcome"], "sends");
    let deliveries: Value = json(&daemon.cli(&["delivery", "list", "--event", &event, "--json"]));
    let id = deliveries[0]["id"].as_str().unwrap();
    // Whoever reads has enough.
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$1\" openapi | head -n 1", "sh"]).arg(binary());
    let enough = shell.output().unwrap();
    assert!(enough.stderr.is_empty(), "{}", String::from_utf8_lossy(&enough.stderr));
    let raw = text(&daemon.cli(&["delivery", "list", "--json"]));
    assert!(!raw.contains('\u{202e}') && !raw.contains('\u{1b}'), "{raw:?}");
    for command in [&["delivery", "list"][..], &["delivery", "show", id]] {
        let shown = text(&daemon.cli(command));
        assert!(!shown.contains('\u{202e}') && !shown.contains('\u{1b}'), "{shown:?}");
    }
    assert!(text(&daemon.cli(&["delivery", "list"])).contains("\\u{1b}[2J\\u{202e}txt"));
}
