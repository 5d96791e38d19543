//! Adding, changing and removing those who can log in.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use hookwright_tests::{Daemon, binary};
use serde_json::{Value, json};

use super::{audit, send};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs the command line with this on its standard input.
fn typed(command: &mut Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // It may not want it.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

#[test]
fn users_come_and_go() {
    let daemon = Daemon::start();
    let api = daemon.api();
    let anna = json!({ "name": "anna", "role": "operator", "language": "uk",
                       "password": "correct horse battery" });
    let made = api.post_json("/v1/users", &anna).expect(201).json();
    assert!(made["id"].as_str().unwrap().starts_with("usr_"), "{made}");
    assert!(made.get("password").is_none(), "only one that was made is said: {made}");
    let bob = api.post_json("/v1/users", &json!({ "name": "bob", "role": "reader" }));
    let bob = bob.expect(201).json();
    assert_eq!(bob["password"].as_str().unwrap().len(), 20);

    let shown = api.get("/v1/users/anna").expect(200).json();
    assert_eq!(shown, api.get(&format!("/v1/users/{}", made["id"].as_str().unwrap())).json());
    assert_eq!((&shown["role"], &shown["language"]), (&json!("operator"), &json!("uk")));
    assert_eq!(shown["disabled"], false);
    let names: Vec<_> = api.items("/v1/users").iter().map(|user| user["name"].clone()).collect();
    assert_eq!(names, ["anna", "bob"]);

    let patch = json!({ "role": "admin", "language": null });
    let changed = send(&api, "PATCH", "/v1/users/anna", &patch).expect(200).json();
    assert_eq!(changed["role"], "admin");
    assert!(changed.get("language").is_none(), "{changed}");
    let made = send(&api, "PATCH", "/v1/users/bob", &json!({ "generate_password": true }));
    assert_ne!(made.expect(200).json()["password"], bob["password"]);
    drop(send(&api, "DELETE", "/v1/users/bob", &Value::Null).expect(204));
    drop(send(&api, "DELETE", "/v1/users/bob", &Value::Null).problem(404));
    drop(api.get("/v1/users/bob").problem(404));
    drop(api.post_json("/v1/users", &anna).problem(409));

    // Not in any form, as nothing that is kept could be turned back into it.
    let said = format!("{} {:?}", daemon.log(), audit(&daemon, ""));
    for (file, bytes) in crate::all_bytes(daemon.data()) {
        let found = bytes.windows(21).any(|window| window == b"correct horse battery");
        assert!(!found, "{file}");
    }
    assert!(!said.contains("correct horse") && !said.contains("argon2id"), "{said}");
}

#[test]
fn users_that_make_no_sense() {
    let daemon = Daemon::start();
    let wanted = |name: &str, role: &str, password: Value| json!({ "name": name, "role": role, "password": password });
    for (document, pointer) in [
        (wanted("Anna", "reader", json!("correct horse battery")), "/name"),
        (wanted("anna", "poster", json!("correct horse battery")), "/role"),
        (wanted("anna", "root", json!("correct horse battery")), "/role"),
        (wanted("anna", "reader", json!("too short")), "/password"),
        (wanted("anna", "reader", json!("x".repeat(129))), "/password"),
        (wanted("anna.petrovna", "reader", json!("Anna.Petrovna")), "/password"),
        (wanted("anna", "reader", json!(428_942_894_289_u64)), "/password"),
        (json!({ "name": "anna", "role": "reader", "language": "fr" }), "/language"),
        (json!({ "name": "anna", "role": "reader", "admin": true }), "/admin"),
    ] {
        let problem = daemon.api().post_json("/v1/users", &document).problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{document}: {problem}");
        assert!(!problem.to_string().contains("4289"), "{problem}");
    }
    assert_eq!(daemon.api().items("/v1/users"), [] as [Value; 0]);
}

#[test]
fn the_first_user_is_made_in_the_data_directory() {
    let data = tempfile::tempdir().unwrap();
    let run = |args: &[&str], input: &str| {
        let mut command = Command::new(binary());
        command.args(["user", "--data"]).arg(data.path()).args(args);
        command.env_remove("HOOKWRIGHT_TOKEN").env("USER", "root-of-all");
        typed(&mut command, input)
    };
    let create = ["create", "--name", "anna", "--role", "admin"];
    let none = run(&create, "");
    assert!(text(&none.stderr).contains("give one on standard input"), "{none:?}");
    let short = run(&create, "short\n");
    assert!(text(&short.stderr).contains("/password: a password has 12 to 128"), "{short:?}");
    let made = run(&create, "correct horse battery\n");
    assert!(made.status.success() && made.stdout.is_empty(), "{made:?}");
    let bob = run(&["create", "--name", "bob", "--role", "reader", "--generate"], "");
    assert_eq!(text(&bob.stdout).trim().len(), 20, "{bob:?}");
    assert!(run(&["set", "bob", "--disable", "--language", "de"], "").status.success());
    assert!(!run(&["set", "bob"], "").status.success());
    assert!(run(&["password", "anna"], "another good one\n").status.success());
    let unknown = run(&["remove", "nobody", "--yes"], "");
    assert!(text(&unknown.stderr).contains("there is no user `nobody`"), "{unknown:?}");
    let listed = text(&run(&["list"], "").stdout);
    assert!(
        listed.lines().any(|line| line.trim_start().starts_with("bob") && line.contains("de")),
        "{listed}"
    );
    assert!(run(&["remove", "bob", "--yes"], "").status.success());

    let token = Command::new(binary())
        .args(["token", "create", "--name", "tests", "--role", "admin", "--data"])
        .arg(data.path())
        .env_remove("HOOKWRIGHT_TOKEN")
        .output()
        .unwrap();
    let daemon = Daemon::in_folder(data, text(&token.stdout).trim().to_owned());
    assert_eq!(daemon.api().items("/v1/users").len(), 1);
    let entries = audit(&daemon, "actor=command_line");
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let expected = [
        "user.create",
        "user.create",
        "user.update",
        "user.password",
        "user.remove",
        "token.create",
    ];
    assert_eq!(actions, expected);
    assert_eq!(entries[0]["actor"]["name"], "root-of-all");
    assert!(entries[0].get("address").is_none());

    // With a token the daemon is asked.
    let mut command = daemon.command(&["user", "create", "--name", "eva", "--role", "operator"]);
    assert!(typed(&mut command, "correct horse battery\n").status.success());
    let set = daemon.cli(&["user", "set", "eva", "--role", "reader", "--json"]);
    let set: Value = serde_json::from_slice(&set.stdout).unwrap();
    assert_eq!(set["role"], "reader");
    assert!(daemon.cli(&["user", "remove", "eva", "--yes"]).status.success());
    let entry = audit(&daemon, "action=user.remove&target=eva").pop().unwrap();
    assert_eq!(
        (&entry["actor"]["kind"], &entry["address"]),
        (&json!("token"), &json!("127.0.0.1"))
    );
}
