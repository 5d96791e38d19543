//! Keys that are found at the issuer of a token: those of other people's libraries.

use std::sync::{Arc, Mutex};

use hookwright_tests::{Reply, Sink, until};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;
use crate::proof::{JOSE, PYJWT, body, flipped, in_body, now, start, text};

pub(crate) const TESTS: &[Test] =
    &[("issuer::keys_are_found_kept_and_found_anew", &[JOSE, PYJWT], found)];

/// An issuer that publishes keys, which can be changed.
struct Issuer {
    sink: Sink,
    keys: Arc<Mutex<Value>>,
}

impl Issuer {
    fn start() -> Self {
        let keys = Arc::new(Mutex::new(json!({"keys": []})));
        let published = Arc::clone(&keys);
        let sink = Sink::answering(move |request| {
            let host = request.header("host").unwrap();
            let Some(name) = request.path.strip_suffix("/.well-known/openid-configuration") else {
                return match request.path.as_str() {
                    "/keys" => Reply::ok(published.lock().unwrap().to_string()),
                    "/large/keys" => {
                        let keys = published.lock().unwrap().to_string();
                        Reply::ok(format!("{keys}{}", " ".repeat(65 << 10)))
                    }
                    "/moved/keys" => Reply::status(302).header("Location", "/keys"),
                    _ => Reply::status(404),
                };
            };
            let (mut issuer, mut keys) =
                (format!("http://{host}{name}"), format!("http://{host}/keys"));
            match name {
                "/large" | "/moved" => keys = format!("http://{host}{name}/keys"),
                "/elsewhere" => keys = keys.replace("127.0.0.1", "127.0.0.2"),
                "/other" => issuer = issuer.replace("/other", "/desk"),
                _ => {}
            }
            Reply::ok(json!({"issuer": issuer, "jwks_uri": keys}).to_string())
        });
        Self { sink, keys }
    }

    /// A token from the issuer of this name, signed with a new key.
    fn token(&self, name: &str, kid: &str, algorithm: &str, oracle: Oracle) -> (String, Value) {
        let claims = json!({"iss": self.sink.url(name), "data": body(), "exp": now() + 600});
        let case = json!({"mode": "sign", "alg": algorithm, "claims": claims,
                          "headers": {"kid": kid}});
        let made = oracle.judge(&[case]).remove(0);
        (text(&made, "token").to_owned(), made["public_jwk"].clone())
    }

    fn publish(&self, keys: &[&Value]) {
        *self.keys.lock().unwrap() = json!({"keys": keys});
    }
}

fn found() {
    let issuer = Issuer::start();
    let names = ["/desk", "/large", "/moved", "/elsewhere", "/other"];
    let sources = names.map(|name| {
        let auth = format!(
            "auth = {{ kind = \"jwt\", location = \"body\", issuer = \"{}\" }}",
            issuer.sink.url(name)
        );
        (name[1..].to_owned(), auth)
    });
    let daemon = start(&sources, &[]);
    let (first, first_key) = issuer.token("/desk", "k1", "ES512", JOSE);
    let (second, second_key) = issuer.token("/desk", "k2", "RS256", PYJWT);
    let (third, third_key) = issuer.token("/desk", "k3", "ES256", JOSE);
    let asked = || issuer.sink.at("/keys").len();
    issuer.publish(&[&first_key]);
    for _ in 0..3 {
        drop(in_body(&daemon, "desk", &first).expect(202));
        drop(in_body(&daemon, "desk", &flipped(&first, 2)).problem(401));
    }
    assert_eq!(asked(), 1, "keys are kept");
    // While keys are changed, both are published.
    issuer.publish(&[&first_key, &second_key]);
    drop(in_body(&daemon, "desk", &second).expect(202));
    drop(in_body(&daemon, "desk", &first).expect(202));
    assert_eq!(asked(), 2, "a new key is fetched when it is named");
    issuer.publish(&[&first_key, &second_key, &third_key]);
    for _ in 0..3 {
        drop(in_body(&daemon, "desk", &third).problem(401));
    }
    assert_eq!(asked(), 2, "nobody can make it ask again and again");
    // Of another issuer with the same keys.
    let before = issuer.sink.count();
    drop(in_body(&daemon, "large", &first).problem(401));
    assert_eq!(issuer.sink.count(), before, "a stranger's token makes no request");
    for name in &names[1..] {
        let (token, key) = issuer.token(name, "k1", "ES256", JOSE);
        issuer.publish(&[&key]);
        let problem = in_body(&daemon, &name[1..], &token).problem(503);
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(detail, "the keys of the token's issuer cannot be fetched now", "{name}");
    }
    for why in ["more than 64 KiB", "the answer is 302", "at another host", "of another issuer"] {
        until(why, || daemon.log().contains(why).then_some(()));
    }
}
