//! Trying out what was set up, switching it, and dry runs that change nothing.

use hookwright_tests::{Daemon, Reply, Sink};
use serde_json::json as document;

use super::{DESK, desk, failed, json, text, with_input};

fn channel(daemon: &Daemon, name: &str, url: &str, more: &[&str]) -> std::process::Output {
    let (name, url) = (format!("name={name}"), format!("settings.url={url}"));
    let fixed = ["subscription", "create", &name, "plugin=helpdeskeddy-channel"];
    daemon.cli(&[&fixed, &["events=[\"ticket.created\"]", &url][..], more].concat())
}

#[test]
fn what_is_made_is_tested_if_that_is_asked_for() {
    let sink =
        Sink::answering(|request| Reply::status(if request.path == "/gone" { 404 } else { 200 }));
    let daemon = Daemon::start();
    daemon
        .apply("[[plugin]]\nfile = \"target/plugins/destination-helpdeskeddy-channel.wasm\"", &[]);
    let good = text(&channel(&daemon, "good", &sink.url("/good"), &["--test"]));
    assert!(
        good.contains("+ create subscription good") && good.contains("delivered  200"),
        "{good}"
    );
    assert_eq!(sink.at("/good").len(), 1);

    let bad = channel(&daemon, "bad", &sink.url("/gone"), &["--test"]);
    let (code, said) = failed(&bad);
    assert!(code == 1 && said.contains("it was not delivered"), "{code} {said}");
    let shown = String::from_utf8(bad.stdout).unwrap();
    assert!(shown.contains("create subscription bad") && shown.contains("404"), "{shown}");
    let url = format!("settings.url={}", sink.url("/good"));
    let mended = text(&daemon.cli(&["subscription", "set", "bad", &url, "--test"]));
    assert!(mended.contains("/settings/url") && mended.contains("delivered"), "{mended}");

    let (code, _) = failed(&channel(&daemon, "x", &sink.url("/"), &["--test", "--dry-run"]));
    assert_eq!(code, 2);
    drop(text(&channel(&daemon, "quiet", &sink.url("/quiet"), &[])));
    assert!(sink.at("/quiet").is_empty());
}

#[test]
fn an_operator_enables_and_disables_subscriptions() {
    let daemon = desk();
    let wanted = document!({"name": "operator", "roles": ["operator"]});
    let made = daemon.api().post_json("/v1/tokens", &wanted).expect(201).json();
    let run = |action: &str| {
        let mut command = daemon.command(&["subscription", action, "duty"]);
        command.env("HOOKWRIGHT_TOKEN", made["secret"].as_str().unwrap()).output().unwrap()
    };
    for (action, state) in [("disable", "disabled"), ("enable", "active")] {
        text(&run(action));
        let shown = daemon.api().get("/v1/subscriptions/duty").expect(200).json();
        assert_eq!(shown["state"], state);
    }
}

#[test]
fn a_dry_run_installs_nothing_and_is_drift() {
    let daemon = Daemon::start();
    let plugins = "[[plugin]]\nfile = \"target/plugins/destination-ntfy.wasm\"\n";
    let plugins =
        plugins.replace("target", &hookwright_tests::root().join("target").display().to_string());
    let apply = |toml: &str, args: &[&str]| {
        with_input(daemon.command(&[&["apply", "--file", "-"], args].concat()), toml)
    };
    let looked = apply(&plugins, &["--dry-run", "--exit-code"]);
    assert_eq!(looked.status.code(), Some(6));
    let shown = String::from_utf8(looked.stdout).unwrap();
    assert!(shown.contains("+ create plugin destination/ntfy"), "{shown}");
    assert!(daemon.api().items("/v1/plugins").is_empty());

    // What can be checked is checked, and named by what it is in the file.
    let pager = "[[subscription]]\nname = \"pager\"\nplugin = \"ntfy\"\nevents = [\"*\"]\n\
                 settings = { topic = \"x\" }\n";
    let wrong = "[[subscription]]\nname = \"other\"\nplugin = \"fax\"\nevents = [\"*\"]\n";
    let (_, said) = failed(&apply(&format!("{plugins}{pager}{wrong}"), &["--dry-run"]));
    assert!(said.contains("subscription `other`: plugin"), "{said}");
    let file = format!("{plugins}{pager}");
    let planned = json(&apply(&file, &["--dry-run", "--json"]));
    assert_eq!(planned["unchecked"], document!(["subscription pager"]));
    text(&apply(&file, &[]));
    let same = apply(&file, &["--dry-run", "--exit-code"]);
    assert!(same.status.success(), "{}", String::from_utf8_lossy(&same.stdout));
}

/// Bounds that were set are part of what is set up, also of a plugin that nothing uses.
#[test]
fn bounds_are_exported() {
    let daemon = desk();
    daemon.apply("[[plugin]]\nfile = \"target/plugins/destination-ntfy.wasm\"\n", &[]);
    let exported = || text(&daemon.cli(&["export"]));
    assert!(!exported().contains("ntfy"), "nothing is set up for it");
    daemon.apply(
        "[[plugin]]\nfile = \"target/plugins/destination-ntfy.wasm\"\nlimits = { fuel = 123456789 }\n",
        &[],
    );
    let file = exported();
    assert!(file.contains("# destination/ntfy") && file.contains("123456789"), "{file}");
    let same =
        with_input(daemon.command(&["apply", "--file", "-", "--dry-run", "--exit-code"]), &file);
    assert!(same.status.success(), "{}", String::from_utf8_lossy(&same.stdout));
    assert!(DESK.contains("duty") && file.contains("duty"));
}
