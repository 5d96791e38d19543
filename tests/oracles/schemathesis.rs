//! The API against its own description, by schemathesis: made-up requests, right and wrong, and
//! whether what comes back is what the description says.

use std::process::Command;

use hookwright_tests::{Api, Daemon, root, until};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;

const SCHEMATHESIS: Oracle = Oracle::Python("", "schemathesis");

pub(crate) const TESTS: &[Test] = &[
    ("schemathesis::an_admin_finds_what_is_described", &[SCHEMATHESIS], admin),
    ("schemathesis::a_reader_finds_what_is_described", &[SCHEMATHESIS], reader),
    ("schemathesis::without_a_token_there_is_what_is_described", &[SCHEMATHESIS], nobody),
];

/// All names are the one that the description has as its example.
const NAME: &str = "duty-team";

/// A daemon with something of everything.
fn furnished() -> Daemon {
    let daemon = Daemon::start();
    // These have numbers, and that of the examples is the first.
    daemon.apply("[[plugin]]\nfile = \"target/plugins/destination-r-service.wasm\"\n", &[]);
    let webhook = json!({"event": "problem.update", "uri": "http://127.0.0.1:9/"});
    let webhook = daemon.api().post_json("/webhooks", &webhook).expect(200).json();
    let policy = json!({"jwt_alg": "es256"});
    let policy = daemon.api().post_json("/webhook_policies", &policy).expect(201).json();
    assert_eq!((&webhook["id"], &policy["id"]), (&json!(1), &json!(1)));
    daemon.apply(
        &format!(
            r#"
            [[plugin]]
            file = "target/plugins/misbehave.wasm"
            [[plugin]]
            file = "target/plugins/source-zammad.wasm"
            [[plugin]]
            file = "target/plugins/destination-zammad-api.wasm"
            [[secret]]
            name = "{NAME}"
            env = "SECRET"
            [[policy]]
            name = "{NAME}"
            algorithm = "es256"
            [[source]]
            name = "{NAME}"
            plugin = "zammad"
            auth = {{ kind = "none" }}
            [[connection]]
            name = "{NAME}"
            plugin = "zammad-api"
            settings = {{ base_url = "http://127.0.0.1:9/" }}
            secrets = {{ token = "{NAME}" }}
            [[subscription]]
            name = "{NAME}"
            plugin = "misbehave"
            events = ["test.*"]
            retry = "off"
            settings = {{ url = "http://127.0.0.1:9/" }}
            "#
        ),
        &[("SECRET", "a-secret-for-all")],
    );
    let api = daemon.api();
    let event = daemon.send("test.schemathesis", &json!({"do": "nothing"}));
    drop(daemon.ended(&event, NAME));
    drop(api.post(&format!("/in/{NAME}"), &[], b"no JSON").problem(400));
    until("a reject", || api.items("/v1/rejects").pop());
    let replay = json!({"redeliver": {"subscription": NAME}});
    drop(api.post_json("/v1/replays", &replay).expect(201));
    daemon
}

/// Runs it with these arguments; what it finds is a failure.
fn run(api: &Api, daemon: &Daemon, token: Option<&str>, args: &[&str]) {
    let report = tempfile::tempdir().unwrap();
    let program = root().join("target/oracles/venv/bin/schemathesis");
    let mut command = Command::new(program);
    command
        .arg("--config-file")
        .arg(root().join("tests/oracles/schemathesis.toml"))
        .args(["run", &format!("{}/openapi.json", daemon.url())])
        .args(["--checks", "all", "--generation-deterministic", "--no-color", "--no-shrink"])
        .arg("--continue-on-failure")
        .args(args)
        // It writes where it stands.
        .current_dir(report.path())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    if let Some(token) = token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = told.split("=== FAILURES ===").nth(1).unwrap_or(&told);
    assert!(output.status.success(), "{failed}\n{}", String::from_utf8_lossy(&output.stderr));
    // That it has asked at all, that nobody was locked out meanwhile, and that the daemon is there.
    let asked = told.lines().find_map(|line| line.trim().split_once(" generated, "));
    let (asked, passed) = asked.unwrap_or_else(|| panic!("{told}"));
    assert!(passed.starts_with(&format!("{asked} passed")), "{told}");
    drop(api.get("/readyz").expect(200));
    let log = daemon.log();
    for words in ["made the daemon panic", "the store failed"] {
        assert!(!log.contains(words), "{words}");
    }
}

fn token(api: &Api, scope: &str) -> String {
    let wanted = json!({"name": scope, "scopes": [scope]});
    let made: Value = api.post_json("/v1/tokens", &wanted).expect(201).json();
    made["secret"].as_str().unwrap().to_owned()
}

fn admin() {
    let daemon = furnished();
    // Whoever removes their own token finds nothing more, so that is tried last, and by itself.
    let first = ["--phases", "examples,coverage", "--exclude-operation-id", "tokens_remove"];
    run(&daemon.api(), &daemon, Some(daemon.token()), &first);
    let spare = token(&daemon.api(), "admin");
    let last =
        ["--phases", "fuzzing", "--max-examples", "5", "--include-operation-id", "tokens_remove"];
    run(&daemon.api(), &daemon, Some(&spare), &last);
}

fn reader() {
    let daemon = furnished();
    let token = token(&daemon.api(), "read");
    let few = ["--phases", "examples,fuzzing", "--max-examples", "2"];
    run(&daemon.api(), &daemon, Some(&token), &few);
}

fn nobody() {
    let daemon = furnished();
    run(&daemon.api(), &daemon, None, &["--phases", "examples,fuzzing", "--max-examples", "2"]);
}
