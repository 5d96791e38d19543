//! Mail, against a mail server of other people's making, and read by Python's `email`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use hookwright_tests::{Daemon, Reply, Sink, until};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;
use crate::process::Process;

const SERVER: Oracle = Oracle::Python("python/mail_server.py", "aiosmtpd, cryptography");

pub(crate) const TESTS: &[Test] = &[
    ("mail::every_security_and_login", &[SERVER], securities),
    ("mail::what_a_server_refuses_is_said", &[SERVER], refused),
    ("mail::another_authority_counts_at_once", &[SERVER], authorities),
    ("mail::an_outage_is_two_mails_in_each_language", &[SERVER], languages),
    ("mail::a_mail_survives_a_crash_and_a_server_that_is_down", &[SERVER], crash),
    ("mail::a_server_that_hangs_holds_up_no_delivery", &[SERVER], hanging),
];

const PASSWORD: &str = "pa55 w\"ord: ünsafe";

/// How mail is sent to this server.
fn apply(daemon: &Daemon, made: &Value, more: &str) {
    let port = &made["port"];
    let toml = format!(
        r#"
        [[secret]]
        name = "mail-ca"
        env = "MAIL_CA"
        [[secret]]
        name = "mail-password"
        env = "MAIL_PASSWORD"
        [mail]
        server = "127.0.0.1"
        port = {port}
        from = "Hilfe für alle <desk@bücher.example>"
        timeout_s = 5
        {more}
        "#
    );
    let ca = made["ca"].as_str().unwrap();
    daemon.apply(&toml, &[("MAIL_CA", ca), ("MAIL_PASSWORD", PASSWORD)]);
}

fn mails(server: &mut Process) -> Vec<Value> {
    server.say(&json!({"cmd": "mails"}));
    server.line().as_array().unwrap().clone()
}

/// Waits until there are as many.
fn wait_for(server: &mut Process, count: usize) -> Vec<Value> {
    until(&format!("{count} mails"), || {
        let mails = mails(server);
        (mails.len() >= count).then_some(mails)
    })
}

fn test(daemon: &Daemon, to: &str) -> Value {
    daemon.api().post_json("/v1/mail/test", &json!({ "to": to })).expect(200).json()
}

fn header<'a>(mail: &'a Value, name: &str) -> &'a str {
    let values = mail["headers"][name].as_array().unwrap_or_else(|| panic!("{name}: {mail}"));
    assert_eq!(values.len(), 1, "{name}: {mail}");
    values[0].as_str().unwrap()
}

fn securities() {
    let daemon = Daemon::start();
    let login = "username = \"desk@x\"\npassword = \"mail-password\"";
    for (security, more, is_tls, who) in [
        ("none", String::new(), false, Value::Null),
        ("starttls", format!("ca = \"mail-ca\"\n{login}"), true, json!("desk@x")),
        ("tls", "ca = \"mail-ca\"".to_owned(), true, Value::Null),
    ] {
        let credentials = if who.is_null() { Value::Null } else { json!(PASSWORD) };
        let wanted = json!({"security": security, "username": who, "password": credentials});
        let (mut server, made) = Process::start(SERVER, &wanted);
        apply(&daemon, &made, &format!("security = \"{security}\"\n{more}"));
        let tried = test(&daemon, "anna@пример.example");
        assert_eq!(tried["sent"], true, "{security}: {tried}");
        let sent = mails(&mut server);
        assert_eq!(sent.len(), 1);
        let mail = &sent[0];
        assert_eq!((&mail["login"], &mail["defects"]), (&who, &json!([])), "{mail}");
        assert_eq!(mail["tls"], is_tls, "{security}");
        assert_eq!(mail["to"], json!(["anna@xn--e1afmkfd.example"]));
        assert_eq!(mail["from"], "desk@xn--bcher-kva.example");
        let from = "\"Hilfe für alle\" <desk@xn--bcher-kva.example>";
        assert_eq!(header(mail, "From").replace('"', ""), from.replace('"', ""));
        assert_eq!(header(mail, "Subject"), "Hookwright: a test");
        assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
    }
    let output = daemon.cli(&["mail", "test", "--to", "anna@x.example"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("was not sent: the mail server"), "{said}");
}

fn refused() {
    let daemon = Daemon::start();
    let wanted = json!({"security": "starttls", "username": "desk", "password": PASSWORD});
    let (mut server, made) = Process::start(SERVER, &wanted);
    let login = |name: &str| format!("username = \"{name}\"\npassword = \"mail-password\"");
    for (more, to, words) in [
        (format!("ca = \"mail-ca\"\n{}", login("other")), "a@x.example", "535"),
        ("ca = \"mail-ca\"".to_owned(), "a@x.example", "530"),
        (
            format!("ca = \"mail-ca\"\n{}", login("desk")),
            "a@refused.example",
            "nobody of that name",
        ),
        ("security = \"tls\"\nca = \"mail-ca\"".to_owned(), "a@x.example", "the mail server"),
        // Not one of Mozilla's.
        (login("desk"), "a@x.example", "UnknownIssuer"),
    ] {
        apply(&daemon, &made, &more);
        let tried = test(&daemon, to);
        let detail = tried["detail"].as_str().unwrap();
        assert!(tried["sent"] == false && detail.contains(words), "{words}: {tried}");
        assert!(!detail.contains(PASSWORD), "{detail}");
    }
    assert!(mails(&mut server).is_empty());
    let problem = daemon.api().post_json("/v1/mail/test", &json!({"to": "a"})).problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/to");
    assert!(!daemon.log().contains(PASSWORD));
    let shown = daemon.api().get("/v1/mail").expect(200).text();
    assert!(shown.contains("mail-password") && !shown.contains(PASSWORD), "{shown}");
}

/// Whom to trust is a secret; a new value of it counts for the next mail.
fn authorities() {
    let daemon = Daemon::start();
    let wanted = json!({"security": "starttls"});
    let (_other, other) = Process::start(SERVER, &wanted);
    let (mut server, made) = Process::start(SERVER, &wanted);
    let mut untrusted = made.clone();
    untrusted["ca"] = other["ca"].clone();
    apply(&daemon, &untrusted, "ca = \"mail-ca\"");
    let tried = test(&daemon, "anna@x.example");
    let detail = tried["detail"].as_str().unwrap();
    assert!(tried["sent"] == false && detail.contains("invalid peer certificate"), "{tried}");
    let value = json!({ "value": made["ca"] }).to_string();
    let kind = [("Content-Type", "application/json")];
    let set = daemon.api().try_send("PUT", "/v1/secrets/mail-ca", &kind, value.as_bytes());
    drop(set.unwrap().expect(200));
    assert_eq!(test(&daemon, "anna@x.example")["sent"], true);
    assert_eq!(mails(&mut server).len(), 1);
}

/// A receiver that answers as it is told.
fn receiver() -> (Sink, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(500));
    let answers = Arc::clone(&status);
    (Sink::answering(move |_| Reply::status(answers.load(Ordering::Relaxed))), status)
}

/// A subscription that people are told of.
fn subscribe(daemon: &Daemon, name: &str, url: &str, to: &str) {
    daemon.apply(
        &format!(
            r#"
            [[plugin]]
            file = "target/plugins/destination-standard-webhooks.wasm"
            [[subscription]]
            name = "{name}"
            description = "Ночной \"чат\"\r\nBcc: evil@x.example\u202e"
            events = ["ticket.*"]
            plugin = "standard-webhooks"
            settings = {{ url = "{url}" }}
            retry = {{ attempts = 1 }}
            mail_exceptions_to = [{to}]
            "#
        ),
        &[],
    );
}

fn deliver(daemon: &Daemon, name: &str, state: &str) {
    let event = daemon.send("ticket.created", &json!({"ticket": {"id": "1"}}));
    assert_eq!(daemon.ended(&event, name)["state"], state);
}

fn languages() {
    let (mut server, made) = Process::start(SERVER, &json!({"security": "none"}));
    let daemon = Daemon::start();
    let (sink, status) = receiver();
    subscribe(&daemon, "duty", &sink.url("/duty"), r#""anna@x.example", "bob@y.example""#);
    let mut seen = 0;
    for (language, subject, text, count) in [
        ("en", "deliveries of duty", "succeed again", "3 were given up"),
        ("de", "Zustellungen von duty", "gelingen wieder", "3 wurden aufgegeben"),
        ("ru", "доставки duty", "снова удаются", "от 3 доставок"),
        ("uk", "доставки duty", "знову вдаються", "від 3 доставок"),
    ] {
        apply(&daemon, &made, &format!("security = \"none\"\nlanguage = \"{language}\""));
        status.store(500, Ordering::Relaxed);
        // So few that no circuit opens.
        for _ in 0..3 {
            deliver(&daemon, "duty", "failed");
        }
        let began = wait_for(&mut server, seen + 2)[seen..].to_vec();
        status.store(200, Ordering::Relaxed);
        deliver(&daemon, "duty", "delivered");
        deliver(&daemon, "duty", "delivered");
        let ended = wait_for(&mut server, seen + 4)[seen + 2..].to_vec();
        seen += 4;
        let mut to = [&began[0]["to"][0], &began[1]["to"][0]].map(|to| to.as_str().unwrap());
        to.sort_unstable();
        assert_eq!(to, ["anna@x.example", "bob@y.example"]);
        for mail in began.iter().chain(&ended) {
            let said = header(mail, "Subject");
            let name = "(Ночной \"чат\" Bcc: evil@x.example)";
            assert!(said.starts_with(&format!("Hookwright: {subject} {name}")), "{said}");
            assert!(mail["headers"].get("Bcc").is_none(), "{mail}");
            assert_eq!(mail["defects"], json!([]));
            let body = mail["text"].as_str().unwrap();
            assert!(body.contains("500") && body.contains("/console/subscriptions/duty"), "{body}");
            assert_eq!(body.contains(text), ended.contains(mail), "{body}");
        }
        let id = header(&began[0], "Message-ID");
        assert!(began.iter().all(|mail| header(mail, "Message-ID") == id));
        assert!(ended.iter().all(|mail| header(mail, "In-Reply-To") == id));
        let last = ended[0]["text"].as_str().unwrap();
        assert!(last.contains(count), "how many failed: {last}");
    }
    assert_eq!(mails(&mut server).len(), seen, "none for each failure");
}

/// The server is down when the outage begins, and the daemon is killed.
fn crash() {
    let (server, made) = Process::start(SERVER, &json!({"security": "none"}));
    drop(server);
    let daemon = Daemon::start();
    let (sink, status) = receiver();
    subscribe(&daemon, "duty", &sink.url("/duty"), r#""anna@x.example""#);
    apply(&daemon, &made, "security = \"none\"");
    deliver(&daemon, "duty", "failed");
    daemon.logged("a mail could not be sent");
    let mut daemon = daemon.kill_and_restart();
    deliver(&daemon, "duty", "failed");
    daemon.kill();
    let (mut server, _) =
        Process::start(SERVER, &json!({"security": "none", "port": made["port"]}));
    assert!(daemon.start_again(&[]));
    let sent = wait_for(&mut server, 1);
    let first = header(&sent[0], "Message-ID").to_owned();
    // Until then it would be sent once more, with the same id.
    daemon.logged("a mail is sent");
    // What is over now began before two crashes.
    let daemon = daemon.kill_and_restart();
    deliver(&daemon, "duty", "failed");
    status.store(200, Ordering::Relaxed);
    deliver(&daemon, "duty", "delivered");
    let sent = wait_for(&mut server, 2);
    daemon.logged("a mail is sent");
    assert_eq!(header(&sent[1], "In-Reply-To"), first);
    assert!(sent[1]["text"].as_str().unwrap().contains("3 were given up"), "{}", sent[1]);
    let daemon = daemon.kill_and_restart();
    deliver(&daemon, "duty", "delivered");
    assert_eq!(daemon.api().get("/v1/mail").expect(200).json()["waiting"], 0);
    assert_eq!(mails(&mut server).len(), 2);
}

fn hanging() {
    let (_server, made) = Process::start(SERVER, &json!({"security": "hang"}));
    let daemon = Daemon::start();
    let (sink, status) = receiver();
    subscribe(&daemon, "duty", &sink.url("/duty"), r#""anna@x.example""#);
    apply(&daemon, &made, "security = \"none\"");
    deliver(&daemon, "duty", "failed");
    status.store(200, Ordering::Relaxed);
    for _ in 0..20 {
        deliver(&daemon, "duty", "delivered");
    }
    // It was tried, and what waits for it is still there.
    daemon.logged("no answer within 5 s");
    assert_eq!(daemon.api().get("/v1/mail").expect(200).json()["waiting"], 2);
}
