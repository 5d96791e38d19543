//! What is exported is what was set up: random set-ups go from one daemon to another.

use fastrand::Rng;
use hookwright_tests::{Daemon, component};
use serde_json::{Map, Value, json};

use super::{failed, text, with_input};

const SECRETS: usize = 4;
const VALUE: &str = "S3NTINEL-value-of-at-least-thirty-two-bytes";

/// A text with all that can go wrong in a file.
fn words(rng: &mut Rng) -> String {
    let pieces = [
        "a", " ", "\"", "'", "\\", "\n", "\r\n", "\t", "ü", "日本", "#", "=", "[", "'''", "\"\"\"",
        "\u{7f}", "\u{202e}", "😀",
    ];
    let mut text = "x".to_owned();
    (0..rng.usize(..12)).for_each(|_| text.push_str(pieces[rng.usize(..pieces.len())]));
    text + "x"
}

fn maybe(
    rng: &mut Rng,
    fields: &mut Map<String, Value>,
    name: &str,
    value: impl FnOnce(&mut Rng) -> Value,
) {
    if rng.bool() {
        fields.insert(name.to_owned(), value(rng));
    }
}

fn one(rng: &mut Rng, values: &[Value]) -> Value {
    values[rng.usize(..values.len())].clone()
}

fn secret(rng: &mut Rng) -> String {
    ["s.one", "s-one", "s_one", "two"][rng.usize(..SECRETS)].to_owned()
}

/// How requests are sent: the same for connections and subscriptions.
fn sending(rng: &mut Rng, fields: &mut Map<String, Value>) {
    let name = secret(rng);
    let auths = [
        json!({"scheme": "bearer", "secret": name}),
        json!({"scheme": "basic", "username": "ü\"", "secret": name}),
        json!({"scheme": "header", "header": "X-Key", "secret": name, "prefix": "Key "}),
        json!({"scheme": "oauth2", "token_url": "https://login.example/token", "client_id": "h",
               "secret": name, "scope": "a b"}),
    ];
    maybe(rng, fields, "auth", |rng| one(rng, &auths));
    let retries = [
        json!("off"),
        json!({"attempts": 3}),
        json!({"every_s": 30, "for_s": 3600}),
        json!({"waits_s": [1, 2.5, 60]}),
    ];
    maybe(rng, fields, "retry", |rng| one(rng, &retries));
    maybe(rng, fields, "retry_unknown", |rng| rng.bool().into());
    maybe(rng, fields, "timeout_s", |rng| one(rng, &[json!(5), json!(0.5), json!(30.0)]));
    maybe(rng, fields, "time_zone", |_| "Europe/Kyiv".into());
    maybe(rng, fields, "max_concurrent", |rng| rng.u32(1..9).into());
    maybe(rng, fields, "reserve_hosts", |rng| one(rng, &[json!([]), json!(["b.example:8443"])]));
    let paces = [
        json!([]),
        json!([{"count": 3, "per_s": 1.5, "burst": 2}, {"count": 1, "per_s": 1, "by": ["host"]}]),
    ];
    maybe(rng, fields, "pace", |rng| one(rng, &paces));
    maybe(rng, fields, "answers", |rng| {
        json!([
            {"json": {"at": "/ok", "one_of": ["queued", 1, 1.5, true]}, "verdict": "delivered"},
            {"status": ["429", "5xx"], "verdict": "retry", "wait": {"json": "/in"}, "counted": false},
            {"header": {"name": "X-Error", "exists": true}, "text": {"regex": "(?i)no \\w+"},
             "verdict": "failed", "detail": {"regex": words(rng).replace(['[', '\\'], "")}},
        ])
    });
}

fn random_set_up(rng: &mut Rng) -> Value {
    let names = ["s.one", "s-one", "s_one", "two"];
    let secrets = names.map(|name| json!({"name": name, "value": VALUE}));
    let mut setup = json!({
        "secrets": secrets,
        "policies": [{"name": "none", "algorithm": "none"}],
        "connections": [], "sources": [], "subscriptions": [],
    });
    let add = |setup: &mut Value, list: &str, fields: Map<String, Value>| {
        setup[list].as_array_mut().unwrap().push(fields.into());
    };
    for number in 0..rng.usize(..3) {
        let mut fields = Map::new();
        fields.insert("name".into(), format!("policy-{number}").into());
        if rng.bool() {
            fields.insert("algorithm".into(), "HS256".into());
            fields.insert("secret".into(), secret(rng).into());
        } else {
            fields.insert("algorithm".into(), "ES256".into());
        }
        maybe(rng, &mut fields, "audience", |rng| words(rng).into());
        maybe(rng, &mut fields, "expires_in_s", |rng| rng.u32(1..1000).into());
        maybe(rng, &mut fields, "disabled", |rng| rng.bool().into());
        add(&mut setup, "policies", fields);
    }
    let connections = rng.usize(1..3);
    for number in 0..connections {
        let mut fields = Map::new();
        fields.insert("name".into(), format!("connection-{number}").into());
        fields.insert("plugin".into(), "zammad-api".into());
        fields.insert("settings".into(), json!({"base_url": "https://desk.example"}));
        fields.insert("secrets".into(), json!({"token": secret(rng)}));
        maybe(rng, &mut fields, "enabled", |rng| rng.bool().into());
        maybe(rng, &mut fields, "writes_per_ticket_per_hour", |rng| rng.u32(1..99).into());
        sending(rng, &mut fields);
        fields.remove("auth");
        add(&mut setup, "connections", fields);
    }
    for number in 0..rng.usize(1..4) {
        let mut fields = Map::new();
        fields.insert("name".into(), format!("source.{number}").into());
        fields.insert("plugin".into(), "zenlix".into());
        let auths = [json!({"kind": "none"}), json!({"kind": "token", "secret": secret(rng)})];
        fields.insert("auth".into(), one(rng, &auths));
        fields.insert("connection".into(), "connection-0".into());
        maybe(rng, &mut fields, "time_zone", |_| "Asia/Tokyo".into());
        maybe(rng, &mut fields, "repeat_window_s", |rng| rng.u32(..9).into());
        maybe(rng, &mut fields, "track_changes", |rng| rng.bool().into());
        maybe(rng, &mut fields, "enabled", |rng| rng.bool().into());
        add(&mut setup, "sources", fields);
    }
    for number in 0..rng.usize(1..5) {
        let mut fields = Map::new();
        fields.insert("name".into(), format!("subscription_{number}").into());
        if rng.bool() {
            fields.insert("plugin".into(), "telegram".into());
            fields.insert("settings".into(), json!({"chat_id": rng.i64(-9..9)}));
            fields.insert("secrets".into(), json!({"token": secret(rng)}));
        } else {
            fields.insert("plugin".into(), "template".into());
            // Its body is any JSON: also what TOML cannot say.
            let body = [
                json!({words(rng): words(rng), "list": [1, -2.5, [words(rng)], {}], "empty": []}),
                json!({"none": null, "list": [u64::MAX, null, {"a": words(rng)}]}),
                json!("{\"text\": \"{ticket_name}\"}\n"),
            ];
            let settings = json!({"url": "https://desk.example/", "body": one(rng, &body)});
            fields.insert("settings".into(), settings);
        }
        fields.insert("events".into(), one(rng, &[json!(["*"]), json!(["ticket.*", "test.a"])]));
        maybe(rng, &mut fields, "description", |rng| words(rng).into());
        maybe(rng, &mut fields, "sources", |_| json!(["source.0"]));
        maybe(rng, &mut fields, "groups", |rng| json!([words(rng), "Sales"]));
        maybe(rng, &mut fields, "condition", |_| {
            "event.type == \"ticket.created\"\n|| true".into()
        });
        maybe(rng, &mut fields, "enabled", |rng| rng.bool().into());
        maybe(rng, &mut fields, "disable_on_failure", |rng| rng.bool().into());
        maybe(rng, &mut fields, "mail_exceptions_to", |_| json!(["a@desk.example"]));
        if rng.bool() {
            fields.insert("order".into(), one(rng, &[json!("per_ticket"), json!("strict")]));
            maybe(rng, &mut fields, "after_failure", |rng| {
                one(rng, &[json!("skip"), json!("wait")])
            });
        }
        maybe(rng, &mut fields, "write_back", |rng| {
            json!([
                {"from": {"json": "/id"}, "field": words(rng), "connection": "connection-0"},
                {"comment": {"text": words(rng), "visibility": "public"}, "when": "failed"},
            ])
        });
        maybe(rng, &mut fields, "signing", |_| json!([{"scheme": "jwt", "policy": "none"}]));
        sending(rng, &mut fields);
        add(&mut setup, "subscriptions", fields);
    }
    if rng.bool() {
        setup["journal"] = json!({"keep_for": "30d", "redact": [
            {"source": "source.0", "pointer": "/ticket/phone"},
        ]});
    }
    setup
}

/// A daemon that has the plugins.
fn daemon() -> Daemon {
    let daemon = Daemon::start();
    for plugin in
        ["source-zenlix", "destination-zammad-api", "destination-telegram", "destination-template"]
    {
        let file = component(plugin).display().to_string();
        text(&daemon.cli(&["plugin", "install", &file]));
    }
    daemon
}

/// Makes the daemon have this and nothing else.
fn replace(daemon: &Daemon, setup: &Value) -> Result<(), String> {
    let current = daemon.api().get("/v1/setup").expect(200).json();
    let names = |of: &Value| {
        let all = of.as_array().cloned().unwrap_or_default();
        all.iter().map(|one| one["name"].as_str().or(one.as_str()).unwrap().to_owned()).collect()
    };
    let mut setup = setup.clone();
    for list in ["subscriptions", "sources", "connections", "policies", "secrets"] {
        let (there, wanted): (Vec<String>, Vec<String>) =
            (names(&current[list]), names(&setup[list]));
        let gone: Vec<_> = there.iter().filter(|name| !wanted.contains(name)).collect();
        setup["remove"][list] = json!(gone);
    }
    let answer = daemon.api().post_json("/v1/apply", &setup);
    if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
}

#[test]
fn random_set_ups() {
    let (one, other) = (daemon(), daemon());
    for seed in 0..12 {
        let mut rng = Rng::with_seed(seed);
        let setup = random_set_up(&mut rng);
        // All of it is what a daemon takes: otherwise this test would test less each time.
        replace(&one, &setup).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{setup:#}"));
        let exported = text(&one.cli(&["export"]));
        assert!(!exported.contains("S3NTINEL"), "seed {seed}: {exported}");
        let apply = |daemon: &Daemon, args: &[&str]| {
            let mut command = daemon.command(&[&["apply", "--file", "-"], args].concat());
            for variable in ["S_ONE", "S_ONE_2", "S_ONE_3", "TWO"] {
                command.env(format!("HOOKWRIGHT_SECRET_{variable}"), VALUE);
            }
            with_input(command, &exported)
        };
        let again = with_input(one.command(&["apply", "--file", "-", "--dry-run"]), &exported);
        assert!(text(&again).contains("Nothing to change."), "seed {seed}: {again:?}\n{exported}");
        text(&apply(&other, &["--prune", "--yes"]));
        let there = text(&other.cli(&["export"]));
        assert_eq!(there, exported, "seed {seed}");
        let same = |daemon: &Daemon| daemon.api().get("/v1/setup").expect(200).json();
        assert_eq!(same(&other), same(&one), "seed {seed}");
    }
}

#[test]
fn with_its_plugins_it_is_all_that_another_daemon_needs() {
    let one = super::desk();
    let dir = tempfile::tempdir().unwrap();
    let (file, plugins) = (dir.path().join("desk.toml"), dir.path().join("plugins"));
    let (file, plugins) = (file.to_str().unwrap(), plugins.to_str().unwrap());
    text(&one.cli(&["export", "--file", file, "--with-plugins", plugins]));
    let exported = std::fs::read_to_string(file).unwrap();
    assert!(exported.contains("file = \"plugins/destination-telegram-0"), "{exported}");
    assert_eq!(std::fs::read_dir(plugins).unwrap().count(), 3);

    let other = Daemon::start();
    let (_, error) = failed(&other.cli(&["apply", "--file", file]));
    assert!(error.contains("HOOKWRIGHT_SECRET_BOT"), "{error}");
    let mut apply = other.command(&["apply", "--file", file]);
    apply.env("HOOKWRIGHT_SECRET_BOT", super::BOT).env("HOOKWRIGHT_SECRET_KEY", super::KEY);
    text(&apply.output().unwrap());
    let plain = |daemon: &Daemon| text(&daemon.cli(&["export"]));
    assert_eq!(plain(&other), plain(&one));

    // What is not what it was is not installed.
    for entry in std::fs::read_dir(plugins).unwrap() {
        let path = entry.unwrap().path();
        if path.to_str().unwrap().contains("telegram") {
            std::fs::write(path, b"something else").unwrap();
        }
    }
    let (_, error) = failed(&other.cli(&["apply", "--file", file]));
    assert!(error.contains("one of them was changed"), "{error}");
}
