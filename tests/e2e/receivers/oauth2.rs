//! Access tokens: fetched once, kept, fetched anew, and what it means if there are none.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_tests::{Daemon, Reply, Sink};
use serde_json::{Value, json};

use super::{ONCE, deliver, headers, reason, search, secrets, send, shown, subscription};

/// With what is written differently in a form.
const CLIENT_SECRET: &str = "SENTINEL of/the+client:secret";

/// An authorization server and a receiver that takes its tokens. Tokens are numbered.
struct Desk {
    sink: Sink,
    /// The tokens that the receiver takes; all if there are none.
    taken: Arc<Mutex<HashSet<String>>>,
}

impl Desk {
    fn start(expires_in: Option<u64>) -> Self {
        let taken: Arc<Mutex<HashSet<String>>> = Arc::default();
        let (count, takes) = (AtomicUsize::new(0), Arc::clone(&taken));
        let sink = Sink::answering(move |request| {
            if request.path == "/token" {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                let mut token = json!({"access_token": format!("SENTINEL-token-{number}"),
                                       "token_type": "bearer"});
                if let Some(seconds) = expires_in {
                    token["expires_in"] = seconds.into();
                }
                return Reply::ok(token.to_string()).after(Duration::from_millis(300));
            }
            let sent = request.header("authorization").unwrap_or_default();
            let takes = takes.lock().unwrap();
            let is_taken = takes.is_empty() || takes.iter().any(|token| sent.ends_with(token));
            // It gives back what it got.
            Reply { status: if is_taken { 200 } else { 401 }, ..Reply::ok(sent) }
        });
        Self { sink, taken }
    }

    fn takes_only(&self, token: &str) {
        *self.taken.lock().unwrap() = HashSet::from([token.to_owned()]);
    }

    fn fetched(&self) -> usize {
        self.sink.at("/token").len()
    }

    fn auth(&self, more: &str) -> String {
        auth(&self.sink.url("/token"), more)
    }
}

fn auth(token_url: &str, more: &str) -> String {
    format!(
        r#"auth = {{ scheme = "oauth2", token_url = "{token_url}", client_id = "de sk",
                     secret = "client" {more} }}"#
    )
}

/// By its status, as any answer is.
fn assert_judged(delivery: &Value) {
    let reason = reason(delivery);
    assert!(reason.starts_with("given up after it was tried once: "), "{reason}");
    assert!(reason.ends_with("401 Unauthorized"), "{reason}");
}

fn apply(daemon: &Daemon, name: &str, url: &str, more: &str) {
    let toml = secrets(&["client"]) + &subscription(name, url, more);
    daemon.apply(&toml, &[("CLIENT", CLIENT_SECRET)]);
}

#[test]
fn many_deliveries_wait_for_one_token() {
    let desk = Desk::start(None);
    let daemon = Daemon::start();
    let scope = desk.auth(r#", scope = "tickets:write a", audience = "https://desk.example/""#);
    apply(&daemon, "many", &desk.sink.url("/"), &scope);
    // Another subscription with the same account, and one with an account of its own.
    apply(&daemon, "same", &desk.sink.url("/"), &scope);
    apply(&daemon, "body", &desk.sink.url("/"), &desk.auth(r#", client_auth = "body""#));
    let events: Vec<_> = (0..20).map(|_| send(&daemon, "many")).collect();
    let other = send(&daemon, "same");
    for event in &events {
        assert_eq!(daemon.ended(event, "many")["state"], "delivered");
    }
    assert_eq!(daemon.ended(&other, "same")["state"], "delivered");
    assert_eq!(desk.fetched(), 1);
    let got = headers(&desk.sink, "/", "authorization");
    assert!(
        got.len() == 21 && got.iter().all(|it| it.as_deref() == Some("Bearer SENTINEL-token-1"))
    );

    let asked = desk.sink.at("/token").remove(0);
    let form = "grant_type=client_credentials&scope=tickets%3Awrite+a\
                &audience=https%3A%2F%2Fdesk.example%2F";
    assert_eq!(asked.text(), form);
    assert_eq!(asked.method, "POST");
    let kind = asked.header("content-type");
    assert_eq!(kind.as_deref(), Some("application/x-www-form-urlencoded"));
    // Both are form-encoded before they are joined.
    let pair = BASE64_STANDARD.encode("de+sk:SENTINEL+of%2Fthe%2Bclient%3Asecret");
    assert_eq!(asked.header("authorization"), Some(format!("Basic {pair}")));

    let (delivery, attempts) = deliver(&daemon, "body");
    assert_eq!(delivery["state"], "delivered");
    let asked = desk.sink.at("/token").remove(1);
    let form = "grant_type=client_credentials&client_id=de+sk\
                &client_secret=SENTINEL+of%2Fthe%2Bclient%3Asecret";
    assert_eq!((asked.text().as_str(), asked.header("authorization")), (form, None));
    assert_eq!(shown(&attempts[0], "authorization"), ["Bearer {secret:client/token}"]);
    assert_eq!(attempts[0]["received"]["body"], "Bearer {secret:client/token}");
    assert!(attempts[0]["timings"]["token_us"].as_u64().unwrap() >= 300_000, "{attempts:?}");
    let (_, attempts) = deliver(&daemon, "body");
    assert!(attempts[0]["timings"]["token_us"].is_null(), "it was at hand: {attempts:?}");
    search(&daemon, &["SENTINEL", &pair]);
}

#[test]
fn a_token_is_fetched_anew_before_it_ends() {
    let desk = Desk::start(Some(1));
    let daemon = Daemon::start();
    apply(&daemon, "short", &desk.sink.url("/"), &desk.auth(""));
    drop(deliver(&daemon, "short"));
    std::thread::sleep(Duration::from_millis(1_100));
    drop(deliver(&daemon, "short"));
    assert_eq!(desk.fetched(), 2);
    let got = headers(&desk.sink, "/", "authorization");
    assert_eq!(got[1].as_deref(), Some("Bearer SENTINEL-token-2"));
}

#[test]
fn a_kept_token_that_is_refused_is_replaced_at_once() {
    let desk = Desk::start(None);
    let daemon = Daemon::start();
    let written = "write_back = [{ when = \"answered\", comment = { text = \"answered\" } }]";
    let more = format!("{}\n{ONCE}\n{written}", desk.auth(""));
    apply(&daemon, "revoked", &desk.sink.url("/"), &more);
    desk.takes_only("SENTINEL-token-1");
    assert_eq!(deliver(&daemon, "revoked").0["state"], "delivered");
    desk.takes_only("SENTINEL-token-2");
    let (delivery, attempts) = deliver(&daemon, "revoked");
    assert_eq!(delivery["state"], "delivered", "it does not count: one attempt is allowed");
    let statuses: Vec<_> = attempts.iter().map(|it| it["received"]["status"].clone()).collect();
    assert_eq!(statuses, [401, 200]);
    assert_eq!(attempts[0]["result"]["result"], "retry");
    assert_eq!(delivery["children"].as_array().unwrap().len(), 1, "one answer counts: {delivery}");
    let words = attempts[0]["result"]["reason"].as_str().unwrap();
    assert!(words.starts_with("401 Unauthorized: the access token that was kept"), "{words}");
    assert_eq!(desk.fetched(), 2);
    // A receiver that takes none: the kept one is tried, then a new one, and that is judged.
    desk.takes_only("none");
    let (delivery, attempts) = deliver(&daemon, "revoked");
    assert_judged(&delivery);
    assert_eq!(attempts.len(), 2);
    assert_eq!(desk.fetched(), 3);
    search(&daemon, &["SENTINEL"]);
}

#[test]
fn a_new_token_that_is_refused_is_judged_as_usual() {
    let desk = Desk::start(Some(0));
    let daemon = Daemon::start();
    let more = format!("{}\n{ONCE}", desk.auth(""));
    apply(&daemon, "wrong", &desk.sink.url("/"), &more);
    desk.takes_only("none");
    let (delivery, attempts) = deliver(&daemon, "wrong");
    assert_judged(&delivery);
    assert_eq!((attempts.len(), desk.fetched()), (1, 1));
}

#[test]
fn without_a_token_nothing_is_sent_and_the_journal_says_why() {
    let error = |status: u16, body: &str| Reply { status, ..Reply::ok(body.to_owned()) };
    let sink = Sink::answering(move |request| {
        let authorization = request.header("authorization").unwrap_or_default();
        match request.path.as_str() {
            // With what it was sent, as some do.
            "/refused" => error(
                401,
                &json!({"error": "invalid_client", "error_description":
                        format!("bad\ncredentials {authorization} {CLIENT_SECRET}")})
                .to_string(),
            ),
            "/ok" => error(200, r#"{"error":"invalid_scope"}"#),
            "/html" => error(502, "<html>Bad Gateway</html>"),
            "/empty" => error(200, "{}"),
            "/kind" => error(200, r#"{"access_token":"abcdef","token_type":"DPoP"}"#),
            "/break" => error(200, r#"{"access_token":"abc\r\nX-Admin: 1"}"#),
            "/short" => error(200, r#"{"access_token":"abc"}"#),
            "/moved" => Reply::status(302).header("Location", "/ok"),
            "/large" => Reply::ok(vec![b' '; 70_000]),
            "/busy" => Reply::status(503).header("Retry-After", "7"),
            "/hangs" => Reply::status(200).after(Duration::from_secs(30)),
            other => panic!("{other}"),
        }
    });
    let daemon = Daemon::start();
    for (name, words) in [
        (
            "refused",
            "answered 401 Unauthorized: invalid_client (bad credentials Basic {secret:client} \
             {secret:client})",
        ),
        ("ok", "answered 200 OK: invalid_scope"),
        ("html", "answered 502 Bad Gateway, without an error in JSON as RFC 6749 has it"),
        ("empty", "answered 200 OK, without an `access_token` in JSON"),
        ("kind", "answered 200 OK with a token of the type `DPoP`; it must be `Bearer`"),
        ("break", "answered 200 OK with a token that holds a line break or another control"),
        ("short", "answered 200 OK with a token of 3 bytes; it must have 4 to 16000"),
        ("moved", "answered 302 Found: redirects are not followed; set the new address"),
        ("large", "answered 200 OK, and more than 64 KiB"),
        ("busy", "answered 503 Service Unavailable, without an error in JSON"),
        ("hangs", "did not answer within 0.5 s"),
    ] {
        let more = format!("{}\n{ONCE}\ntimeout_s = 0.5", auth(&sink.url(&format!("/{name}")), ""));
        apply(&daemon, name, &sink.url("/receiver"), &more);
        let (delivery, attempts) = deliver(&daemon, name);
        let expected = format!(
            "given up after it was tried once: no access token: the authorization server {words}"
        );
        assert!(reason(&delivery).starts_with(&expected), "{}", reason(&delivery));
        assert_eq!(attempts.len(), 1);
        assert!(attempts[0]["sent"].is_null() && attempts[0]["received"].is_null());
        if name == "busy" {
            assert_eq!(attempts[0]["result"]["asked"], json!({"secs": 7, "nanos": 0}));
        }
    }
    assert!(sink.at("/receiver").is_empty());
    search(&daemon, &["SENTINEL"]);
}

#[test]
fn an_authorization_server_that_is_not_there_or_may_not_be_called() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    for (name, url, words) in [
        ("closed", "http://127.0.0.1:1/token", "no connection to 127.0.0.1:1"),
        ("forbidden", "https://10.1.2.3/token", "10.1.2.3 may not be called: it is private"),
    ] {
        apply(&daemon, name, &sink.url("/"), &format!("{}\n{ONCE}", auth(url, "")));
        let (delivery, _) = deliver(&daemon, name);
        assert!(reason(&delivery).contains("no access token: the authorization server: "));
        assert!(reason(&delivery).contains(words), "{}", reason(&delivery));
    }
    assert_eq!(sink.count(), 0);
}

#[test]
fn failing_to_get_a_token_counts_and_is_tried_again() {
    let count = AtomicUsize::new(0);
    let sink = Sink::answering(move |request| match request.path.as_str() {
        "/token" if count.fetch_add(1, Ordering::SeqCst) == 0 => Reply::status(500),
        "/token" => Reply::ok(r#"{"access_token":"abcdef","token_type":"Bearer"}"#),
        _ => Reply::ok("ok"),
    });
    let daemon = Daemon::start();
    let retry = "retry = { attempts = 2, first_wait_s = 1.2, factor = 1, jitter = 0 }";
    let more = format!("{}\n{retry}", auth(&sink.url("/token"), ""));
    apply(&daemon, "again", &sink.url("/"), &more);
    let (delivery, attempts) = deliver(&daemon, "again");
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(attempts.len(), 2);
    assert!(attempts[0]["sent"].is_null());
    let shown = daemon.cli(&["delivery", "show", delivery["id"].as_str().unwrap()]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("= to be tried again: no access token"), "{shown}");
}
