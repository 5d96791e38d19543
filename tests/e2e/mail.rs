//! Settings of mail and the secrets that they name. What is sent is judged in `oracles`.

use hookwright_tests::{Answer, Api, Daemon, MailSink, Reply, Sink, until};
use serde_json::{Value, json};

fn send(api: &Api, method: &str, path: &str, document: &Value) -> Answer {
    let kind = [("Content-Type", "application/json")];
    api.try_send(method, path, &kind, document.to_string().as_bytes()).unwrap()
}

fn set(daemon: &Daemon, name: &str, value: &str) -> Answer {
    send(&daemon.api(), "PUT", &format!("/v1/secrets/{name}"), &json!({ "value": value }))
}

fn patch(daemon: &Daemon, mail: &Value) -> Answer {
    send(&daemon.api(), "PATCH", "/v1/settings", &json!({ "mail": mail }))
}

fn used_by(daemon: &Daemon, name: &str) -> Value {
    daemon.api().get(&format!("/v1/secrets/{name}")).expect(200).json()["used_by"].clone()
}

fn certificate() -> String {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

#[test]
fn mail_is_a_user_of_its_secrets_like_any_other() {
    let daemon = Daemon::start();
    drop(set(&daemon, "pass", "first password").expect(201));
    drop(set(&daemon, "authority", &certificate()).expect(201));
    let settings = json!({
        "server": "127.0.0.1", "port": 1, "from": "desk@x.example",
        "username": "desk", "password": "pass", "ca": "authority",
    });
    drop(patch(&daemon, &settings).expect(200));
    for name in ["pass", "authority"] {
        assert_eq!(used_by(&daemon, name), json!([{"kind": "mail", "name": "mail"}]));
        let problem = send(&daemon.api(), "DELETE", &format!("/v1/secrets/{name}"), &json!(null));
        let problem = problem.problem(409);
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(detail, format!("mail uses the secret `{name}`"));
    }
    let listed = daemon.cli(&["secret", "list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("mail"), "{listed:?}");
    // What is to be the authorities has to be some; another one is taken.
    let problem = set(&daemon, "authority", "no certificate at all").problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/value", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("mail uses it in `ca`"), "{problem}");
    drop(set(&daemon, "authority", &certificate()).expect(200));

    // Whoever says nothing of mail has not said that it is to go.
    let whole = send(&daemon.api(), "PUT", "/v1/settings", &json!({"journal": {}})).problem(422);
    assert_eq!(whole["errors"][0]["pointer"], "/mail", "{whole}");
    // Removing it and a secret of it is one change.
    let remove = |mail: bool| json!({"remove": {"secrets": ["pass"], "mail": mail}});
    drop(daemon.api().post_json("/v1/apply?dry_run=true", &remove(false)).problem(422));
    drop(daemon.api().post_json("/v1/apply?dry_run=true", &remove(true)).expect(200));
    let both = json!({"mail": settings, "remove": {"mail": true}});
    let problem = daemon.api().post_json("/v1/apply", &both).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/remove/mail", "{problem}");

    let removed = daemon.cli(&["settings", "set", "mail=null"]);
    assert!(removed.status.success(), "{removed:?}");
    assert!(daemon.api().get("/v1/mail").expect(200).json()["settings"].is_null());
    assert_eq!(used_by(&daemon, "pass"), json!([]));
    drop(send(&daemon.api(), "DELETE", "/v1/secrets/pass", &json!(null)).expect(204));
    let again = daemon.api().post_json("/v1/apply", &json!({"remove": {"mail": true}}));
    assert!(again.problem(422)["detail"].as_str().unwrap().contains("mail is not set up"));
    let daemon = daemon.kill_and_restart();
    assert!(daemon.api().get("/v1/mail").expect(200).json()["settings"].is_null());
    let audit = daemon.api().items("/v1/audit?action=mail.*");
    let actions: Vec<_> = audit.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["mail.remove", "mail.create"]);
    for (entry, side) in audit.iter().zip(["from", "to"]) {
        assert_eq!(entry["changes"][0]["pointer"], "", "{entry}");
        assert_eq!(entry["changes"][0][side]["password"], "pass", "{entry}");
    }
}

/// The mail server wants another password than the secret has. Once it is right, what waits is
/// sent, though its next try is far off.
#[test]
fn a_changed_password_counts_at_once() {
    let (server, daemon) = (MailSink::start(), Daemon::start());
    server.wants("desk", "second password");
    drop(set(&daemon, "pass", "first password").expect(201));
    let mut settings = json!({
        "server": "127.0.0.1", "port": server.port(), "security": "none",
        "from": "desk@x.example", "username": "desk", "password": "pass",
    });
    drop(patch(&daemon, &settings).expect(200));
    let sink = Sink::answering(|_| Reply::status(500));
    let url = sink.url("/");
    daemon.apply(
        &format!(
            r#"
            [[plugin]]
            file = "target/plugins/destination-standard-webhooks.wasm"
            [[subscription]]
            name = "duty"
            events = ["ticket.*"]
            plugin = "standard-webhooks"
            settings = {{ url = "{url}" }}
            retry = {{ attempts = 1 }}
            mail_exceptions_to = ["anna@x.example"]
            "#
        ),
        &[],
    );
    let event = daemon.send("ticket.created", &json!({}));
    assert_eq!(daemon.ended(&event, "duty")["state"], "failed");
    // Each change of the settings is a try, and each try doubles the wait: to 320 s.
    for tries in 1..=6 {
        until(&format!("try {tries}"), || (server.refused() == tries).then_some(()));
        if tries < 6 {
            settings["timeout_s"] = json!(10 + tries);
            drop(patch(&daemon, &settings).expect(200));
        }
    }
    until("the last try to be noted", || {
        let shown = daemon.api().get("/v1/mail").expect(200).json();
        let next: jiff::Timestamp = shown["next_try_at"].as_str()?.parse().ok()?;
        let wait = next.duration_since(jiff::Timestamp::now()).as_secs();
        (shown["waiting"] == 1 && wait > 120).then_some(())
    });
    drop(set(&daemon, "pass", "second password").expect(200));
    let mails = until("the mail", || Some(server.mails()).filter(|mails| !mails.is_empty()));
    assert_eq!(mails[0].to, ["anna@x.example"]);
    assert_eq!(mails[0].username.as_deref(), Some("desk"));
    assert!(mails[0].message.contains("Auto-Submitted: auto-generated"), "{mails:?}");
    assert_eq!((server.mails().len(), server.refused()), (1, 6));
    for secret in ["first password", "second password"] {
        assert!(!daemon.log().contains(secret), "{}", daemon.log());
    }
}
