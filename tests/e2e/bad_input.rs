//! Bad input gets an answer that says what is wrong, where, and what to do; and the daemon goes
//! on.

use hookwright_tests::{Daemon, Seed, Sink, ZAMMAD_KEY};
use serde_json::json;

use crate::misbehave;

const SOURCES: &str = r#"
    [[secret]]
    name = "key"
    env = "KEY"

    [[plugin]]
    file = "target/plugins/source-zammad.wasm"
    [[plugin]]
    file = "target/plugins/source-zenlix.wasm"

    [[source]]
    name = "helpdesk"
    plugin = "zammad"
    auth = { kind = "hub_signature", secret = "key" }

    [[source]]
    name = "zenlix"
    plugin = "zenlix"
    auth = { kind = "token", secret = "key" }

    [[source]]
    name = "open"
    plugin = "zenlix"
    auth = { kind = "none" }

    [[source]]
    name = "off"
    plugin = "zenlix"
    auth = { kind = "none" }
    enabled = false
"#;

#[test]
fn posts() {
    let daemon = Daemon::start();
    daemon.apply(SOURCES, &[("KEY", ZAMMAD_KEY)]);
    let outside = daemon.api().anonymous();
    let post =
        |path: &str, headers: &[(&str, &str)], body: &[u8]| outside.post(path, headers, body);

    let unknown = post("/in/nowhere", &[], b"{}").problem(404);
    assert_eq!(unknown["detail"], "there is no source `nowhere`");
    let disabled = post("/in/off", &[], b"{}").problem(403);
    assert_eq!(disabled["detail"], "the source `off` is disabled");

    let malformed = post("/in/open", &[], b"{\"action\":").problem(400);
    assert_eq!(malformed["title"], "The post cannot be read");
    assert!(malformed["detail"].as_str().unwrap().starts_with("not JSON: EOF"), "{malformed}");
    let wrong_type = post("/in/open", &[], b"{\"action\":\"create\",\"ticket\":7}").problem(400);
    assert_eq!(wrong_type["errors"][0]["pointer"], "/ticket");
    let not_utf8 = post("/in/open", &[], b"{\"action\":\"\xff\"}").problem(400);
    assert_eq!(not_utf8["detail"], "not UTF-8 at byte 11");

    let missing = post("/in/zenlix", &[], b"{}").problem(401);
    assert!(missing["detail"].as_str().unwrap().contains("/in/zenlix/<token>"), "{missing}");
    let wrong = post("/in/zenlix/s3cr3t-t0k3N", &[], b"{}").problem(401);
    assert_eq!(wrong["detail"], "the token is wrong");
    let wrong = post("/in/zenlix", &[("Authorization", "Bearer nope")], b"{}").problem(401);
    assert_eq!(wrong["detail"], "the token is wrong");
    assert!(wrong.get("errors").is_none());

    let seed = Seed::zammad();
    let unsigned = post("/in/helpdesk", &[], &seed.body).problem(401);
    assert_eq!(unsigned["detail"], "the header `X-Hub-Signature` is missing");
    let signature = &seed.headers.iter().find(|(name, _)| *name == "X-Hub-Signature").unwrap().1;
    let mut changed = seed.body.clone();
    changed[100] ^= 1;
    let signed = [("X-Hub-Signature", signature.as_str())];
    let tampered = post("/in/helpdesk", &signed, &changed).problem(401);
    assert!(tampered["detail"].as_str().unwrap().starts_with("the signature is wrong"));
    // Every bit of the signature counts.
    for at in [5, 20, 44] {
        let mut other = signature.clone().into_bytes();
        other[at] ^= 1;
        let other = String::from_utf8(other).unwrap();
        drop(post("/in/helpdesk", &[("X-Hub-Signature", &other)], &seed.body).problem(401));
    }
    drop(post("/in/helpdesk", &signed, &seed.body).expect(202));

    let large = post("/in/open", &[], &vec![b' '; 30_000_000]).problem(413);
    assert!(large["detail"].as_str().unwrap().contains("26214400"), "{large}");
    // Within what is taken in, and more than a plugin may be given.
    let fat = format!("{{\"action\":\"create\",\"x\":\"{}\"}}", "x".repeat(3_000_000));
    let fat = post("/in/open", &[], fat.as_bytes()).problem(422);
    assert!(fat["detail"].as_str().unwrap().contains("limits.input_bytes"), "{fat}");

    drop(outside.get("/in/open").problem(405));
    drop(outside.get("/nothing/here").problem(404));
    drop(post("/in/open", &[], b"{\"action\":\"create\"}").expect(202));
}

#[test]
fn events() {
    let daemon = Daemon::start();
    let api = daemon.api();
    let kind = [("Content-Type", "application/cloudevents+json")];
    let broken = api.post("/v1/events", &kind, b"{").problem(400);
    assert!(broken["detail"].as_str().unwrap().starts_with("the body is not JSON"), "{broken}");
    let event = json!({"specversion": "1.0", "id": "1", "source": "a", "type": "not a type"});
    let bad_type = api.post("/v1/events", &kind, event.to_string().as_bytes()).problem(422);
    assert_eq!(bad_type["errors"][0]["pointer"], "/type");
    let text = api.post("/v1/events", &[("Content-Type", "text/plain")], b"hi").problem(415);
    assert!(text["detail"].as_str().unwrap().contains("`text/plain`"), "{text}");
    drop(api.get("/v1/events/evt_7").problem(400));
    drop(api.get("/v1/events?limit=0").problem(400));
    drop(api.get("/v1/events?colour=red").problem(400));
    drop(api.get("/v1/deliveries?state=lost").problem(400));
    drop(api.get("/v1/deliveries?subscription=nobody").problem(404));
    drop(api.get("/v1/deliveries/dlv_01234567890123456789012345678901").problem(404));
    drop(
        api.post("/v1/deliveries/dlv_01234567890123456789012345678901/retry", &[], b"")
            .problem(404),
    );

    // An event that nobody takes is kept, and whoever sent it is told.
    let event = json!({"specversion": "1.0", "id": "1", "source": "a", "type": "a.b"});
    let untaken = api.post("/v1/events", &kind, event.to_string().as_bytes()).expect(202).json();
    assert_eq!(untaken["events"][0]["deliveries"], 0);
    assert_eq!(untaken["problems"][0]["title"], "No subscription takes the event");
    let id = untaken["events"][0]["id"].as_str().unwrap();
    drop(api.get(&format!("/v1/events/{id}")).expect(200));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "{}").unwrap();
    let path = file.path().display().to_string();
    let sent = daemon.cli(&["event", "send", "--type", "a.b", &path]);
    assert_eq!(sent.status.code(), Some(1));
    let error = String::from_utf8_lossy(&sent.stderr);
    assert!(error.contains("no enabled subscription takes it"), "{error}");
}

#[test]
fn plugins() {
    let daemon = Daemon::start();
    let install = |bytes: &[u8]| daemon.api().post("/v1/plugins", &[], bytes).problem(422);
    let page = install(b"<!DOCTYPE html>");
    assert_eq!(page["title"], "The plugin cannot be installed");
    assert!(page["detail"].as_str().unwrap().contains("not WebAssembly"), "{page}");
    let empty = install(b"\0asm\x0d\0\x01\0");
    assert!(empty["detail"].as_str().unwrap().contains("hookwright:plugin"), "{empty}");
    let module = install(b"\0asm\x01\0\0\0");
    assert!(module["detail"].as_str().unwrap().contains("hookwright:plugin"), "{module}");
    let large = daemon.api().post("/v1/plugins", &[], &vec![0; 34 << 20]).problem(413);
    assert!(large["detail"].as_str().unwrap().contains("33554432"), "{large}");
    let output = daemon.cli(&["plugin", "install", "/dev/null"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("not WebAssembly"), "{error}");
    let missing = daemon.cli(&["plugin", "inspect", "nothing"]);
    let error = String::from_utf8_lossy(&missing.stderr);
    assert!(error.contains("`nothing` is neither a file nor an installed plugin"), "{error}");
}

#[test]
fn set_ups() {
    let daemon = Daemon::start();
    let telegram = |more: &str| {
        let toml = format!(
            r#"
            [[secret]]
            name = "bot"
            env = "BOT"
            [[plugin]]
            file = "target/plugins/destination-telegram.wasm"
            [[subscription]]
            name = "duty"
            plugin = "telegram"
            {more}
            "#
        );
        let output = daemon.try_apply(&toml, &[("BOT", "123:abc-def")]);
        assert_eq!(output.status.code(), Some(1), "{more}");
        String::from_utf8(output.stderr).unwrap()
    };
    let good = r#"events = ["*"]
                  secrets = { token = "bot" }"#;
    for (more, expected) in [
        (
            format!("{good}\nsettings = {{ chat_id = 1, colour = \"red\" }}"),
            "subscription `duty`: settings: Additional properties are not allowed ('colour' was \
             unexpected)",
        ),
        (
            format!("{good}\nsettings = {{ chat_id = \"support\" }}"),
            "subscription `duty`: settings/chat_id: `support` is neither the number of a chat nor",
        ),
        (format!("{good}\nsettings = {{}}"), "\"chat_id\" is a required property"),
        (
            "events = [\"*\"]\nsettings = { chat_id = 1 }".into(),
            "subscription `duty`: secrets: the secret `token` (Bot token) is needed",
        ),
        (
            "events = [\"*\"]\nsecrets = { token = \"other\" }\nsettings = { chat_id = 1 }".into(),
            "subscription `duty`: secrets/token: there is no secret `other`",
        ),
        (
            "events = [\"*\"]\nsecrets = { token = \"bot\", pin = \"bot\" }\nsettings = { chat_id = 1 }"
                .into(),
            "secrets/pin: the plugin `telegram` has no secret `pin`; it has token",
        ),
        (
            "events = [\"ticket*\"]".into(),
            "`ticket*` is no event pattern: use `*`, a prefix such as `ticket.*`, or one event",
        ),
        (
            format!("{good}\nsettings = {{ chat_id = 1 }}\nretry = {{ attempts = 0 }}"),
            "retry/attempts: retry.attempts is 0: it must be between 1 and 1000",
        ),
        (
            format!("{good}\nsettings = {{ chat_id = 1 }}\ntime_zone = \"Mars\""),
            "subscription `duty`: time_zone: `Mars` is not a time zone",
        ),
        (
            format!("{good}\nsettings = {{ chat_id = 1 }}\ntimeout_s = 0"),
            "timeout_s: it must be between 0.1 and 600 seconds",
        ),
        (format!("{good}\ncolor = 1"), "unknown field `color`"),
        (
            format!(
                "{good}\nsettings = {{ chat_id = 1 }}\nsigning = [{{ scheme = \"standard-webhooks\", \
                 secret = \"bot\" }}]"
            ),
            "signing/0/secret: a Standard Webhooks secret is `whsec_` and 24 to 64 bytes",
        ),
    ] {
        let error = telegram(&more);
        assert!(error.contains(expected), "{more}\n{error}");
    }
    assert!(daemon.api().items("/v1/subscriptions").is_empty(), "nothing was set up");

    let apply = |toml: &str| {
        let output = daemon.try_apply(toml, &[]);
        assert_eq!(output.status.code(), Some(1), "{toml}");
        String::from_utf8(output.stderr).unwrap()
    };
    let error = apply("[[secret]]\nname = \"a\"\nenv = \"NOT_THERE\"");
    assert!(error.contains("the environment variable NOT_THERE"), "{error}");
    let error = apply("[[source]]\nname = \"a\"\nplugin = \"zammad\"");
    assert!(error.contains("missing field `auth`"), "{error}");
    let error = apply("[[source]]\nname = \"a\"\nplugin = \"otrs\"\nauth = { kind = \"none\" }");
    assert!(
        error.contains("source `a`: plugin: the source plugin `otrs` is not installed"),
        "{error}"
    );
    let error = apply("[[plugin]]\nfile = \"/dev/null\"\nlimits = { fuel = 1 }");
    assert!(error.contains("not WebAssembly"), "{error}");
    let error =
        apply("[[plugin]]\nfile = \"target/plugins/misbehave.wasm\"\nlimits = { fuel = 1 }");
    assert!(error.contains("limits.fuel is 1: it must be between 100000"), "{error}");
    let error = apply("not toml at all");
    assert!(error.contains("is not usable"), "{error}");
}

#[test]
fn short_secrets_cannot_be_kept() {
    let daemon = Daemon::start();
    let output = daemon.try_apply("[[secret]]\nname = \"pin\"\nenv = \"PIN\"", &[("PIN", "123")]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("secret `pin`: value: a secret has at least 4 bytes"), "{error}");
}

#[test]
fn applying_twice_changes_nothing() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let toml = misbehave("a", &sink.url("/"), "");
    daemon.apply(&toml, &[]);
    let before = daemon.api().items("/v1/subscriptions");
    let output = daemon.try_apply(&toml, &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Nothing to change."), "{text}");
    assert_eq!(daemon.api().items("/v1/subscriptions"), before);
    let output = daemon.try_apply(&toml.replace("/\" }", "/other\" }"), &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("update") && text.contains("/settings/url: "), "{text}");
}
