//! Posts that prove where they come from, as other people's libraries sign them: what they make
//! is taken, and with one bit changed it is not.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hookwright_tests::{Answer, Daemon};
use serde_json::{Value, json};

use crate::Test;
use crate::oracle::Oracle;

const HUB: Oracle = Oracle::Node("node/x_hub_signature.mjs", "x-hub-signature");
const WEBHOOKS_NODE: Oracle = Oracle::Node("node/standard_webhooks.mjs", "standardwebhooks");
const WEBHOOKS_PYTHON: Oracle = Oracle::Python("python/standard_webhooks.py", "standardwebhooks");
pub(crate) const JOSE: Oracle = Oracle::Node("node/jose.mjs", "jose");
pub(crate) const PYJWT: Oracle = Oracle::Python("python/jwt_make.py", "jwt");

pub(crate) const TESTS: &[Test] = &[
    ("proof::hmacs_of_x_hub_signature", &[HUB], hmacs),
    ("proof::standard_webhooks", &[WEBHOOKS_NODE, WEBHOOKS_PYTHON], standard_webhooks),
    ("proof::tokens_of_every_algorithm", &[JOSE, PYJWT], tokens),
    ("proof::tokens_that_are_not_for_us_or_not_now", &[JOSE, PYJWT], claims),
    ("proof::no_confusion_of_algorithms", &[JOSE, PYJWT], confusion),
];

const ALGORITHMS: [&str; 9] =
    ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
const KEY: &str = "a key that both sides know, and nobody else";

pub(crate) fn body() -> Value {
    json!({
        "webhook_id": 945, "account": "https://desk.example", "event": "request.note-added",
        "object_id": 219, "person_name": "Говард", "payload": {"status": "workflow_pending"},
    })
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Sources of these names, each proved as it says, in TOML.
pub(crate) fn start(sources: &[(String, String)], secrets: &[(&str, &str)]) -> Daemon {
    let mut desk = "[[plugin]]\nfile = \"target/plugins/source-r-service.wasm\"\n".to_owned();
    for (name, _) in secrets {
        desk += &format!("[[secret]]\nname = \"{}\"\nenv = \"{name}\"\n", name.to_lowercase());
    }
    for (name, auth) in sources {
        desk += &format!("[[source]]\nname = \"{name}\"\nplugin = \"r-service\"\n{auth}\n");
    }
    let daemon = Daemon::start();
    daemon.apply(&desk, secrets);
    daemon
}

fn post(daemon: &Daemon, source: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    daemon.api().anonymous().post(&format!("/in/{source}"), headers, body)
}

fn in_header(daemon: &Daemon, source: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    post(daemon, source, &[("Authorization", &bearer)], body().to_string().as_bytes())
}

pub(crate) fn in_body(daemon: &Daemon, source: &str, token: &str) -> Answer {
    post(daemon, source, &[], json!({"jwt": token}).to_string().as_bytes())
}

/// The bytes with one bit in their middle changed.
fn flip(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

/// The token with one bit in the middle of a part changed.
pub(crate) fn flipped(token: &str, part: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(ToOwned::to_owned).collect();
    let bytes = flip(BASE64_URL_SAFE_NO_PAD.decode(&parts[part]).unwrap());
    parts[part] = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    parts.join(".")
}

pub(crate) fn text<'a>(judgement: &'a Value, field: &str) -> &'a str {
    judgement[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {judgement}"))
}

fn hmacs() {
    let sources = ["sha1", "sha256", "sha512"].map(|digest| {
        let auth = format!(
            "auth = {{ kind = \"hmac\", secret = \"key\", header = \"X-Desk-{digest}\", \
             digest = \"{digest}\", prefix = \"{digest}=\" }}"
        );
        (digest.to_owned(), auth)
    });
    let hub = ("hub".to_owned(), "auth = { kind = \"hub_signature\", secret = \"key\" }".into());
    let daemon = start(&[&sources[..], &[hub]].concat(), &[("KEY", KEY)]);
    let body = body().to_string().into_bytes();
    let wanted = [
        ("sha1", "sha1", "X-Desk-sha1"),
        ("sha256", "sha256", "X-Desk-sha256"),
        ("sha512", "sha512", "X-Desk-sha512"),
        ("hub", "sha1", "X-Hub-Signature"),
        ("hub", "sha256", "X-Hub-Signature-256"),
    ];
    let cases = wanted.map(|(_, algorithm, _)| {
        json!({"mode": "sign", "algorithm": algorithm, "secret": KEY,
               "body": BASE64_STANDARD.encode(&body)})
    });
    for ((source, _, header), made) in wanted.iter().zip(HUB.judge(&cases)) {
        let signature = text(&made, "signature");
        let try_it =
            |signature: &str, body: &[u8]| post(&daemon, source, &[(header, signature)], body);
        drop(try_it(signature, &body).expect(202));
        drop(try_it(signature, &flip(body.clone())).problem(401));
        // The lowest bit of a digit makes another digit, but for 9 and f.
        let (prefix, hex) = signature.split_once('=').unwrap();
        let middle = hex.len() / 2;
        let digit = u8::from_str_radix(&hex[middle..=middle], 16).unwrap() ^ 1;
        let wrong = format!("{prefix}={}{digit:x}{}", &hex[..middle], &hex[middle + 1..]);
        drop(try_it(&wrong, &body).problem(401));
        drop(try_it(hex, &body).problem(401));
        drop(post(&daemon, source, &[], &body).problem(401));
    }
}

fn standard_webhooks() {
    let auth = "auth = { kind = \"standard_webhooks\", secret = \"key\" }";
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let daemon = start(&[("desk".into(), auth.into())], &[("KEY", secret)]);
    let body = body().to_string().into_bytes();
    let case = |secret: &str, timestamp: u64| {
        json!({"mode": "sign", "secret": secret, "body": BASE64_STANDARD.encode(&body),
               "id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "timestamp": timestamp})
    };
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let cases = [
        (case(secret, now()), 202),
        (case(secret, now() - 290), 202),
        (case(secret, now() - 310), 401),
        (case(secret, now() + 310), 401),
        (case(other, now()), 401),
    ];
    for oracle in [WEBHOOKS_NODE, WEBHOOKS_PYTHON] {
        let judged = oracle.judge(&cases.each_ref().map(|(case, _)| case.clone()));
        for ((case, expected), made) in cases.iter().zip(&judged) {
            let headers = &made["headers"];
            let [id, timestamp, signature] =
                ["webhook-id", "webhook-timestamp", "webhook-signature"]
                    .map(|name| text(headers, name));
            let try_it = |timestamp: &str, signature: &str, body: &[u8]| {
                let headers = [
                    ("webhook-id", id),
                    ("webhook-timestamp", timestamp),
                    ("webhook-signature", signature),
                ];
                post(&daemon, "desk", &headers, body).status
            };
            assert_eq!(try_it(timestamp, signature, &body), *expected, "{case}");
            let old = text(&judged[4]["headers"], "webhook-signature");
            let several = format!("{old} {signature}");
            assert_eq!(try_it(timestamp, &several, &body), *expected, "{case}");
            assert_eq!(try_it(timestamp, signature, &flip(body.clone())), 401);
            let later = (timestamp.parse::<u64>().unwrap() + 1).to_string();
            assert_eq!(try_it(&later, signature, &body), 401);
            let bytes = BASE64_STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
            let wrong = format!("v1,{}", BASE64_STANDARD.encode(flip(bytes)));
            assert_eq!(try_it(timestamp, &wrong, &body), 401);
        }
    }
}

fn tokens() {
    let claims = json!({
        "iss": "https://desk.example", "aud": ["hookwright"], "jti": "one", "data": body(),
        "iat": now(), "nbf": now(), "exp": now() + 600,
    });
    let cases = ALGORITHMS.map(|algorithm| {
        let mut case = json!({"mode": "sign", "alg": algorithm, "claims": claims,
                              "headers": {"kid": "k1"}});
        if algorithm.starts_with("HS") {
            case["key"] = json!(KEY);
        }
        case
    });
    let (mut sources, mut tokens) = (Vec::new(), Vec::new());
    for (maker, oracle) in [("jose", JOSE), ("pyjwt", PYJWT)] {
        for (algorithm, made) in ALGORITHMS.iter().zip(oracle.judge(&cases)) {
            let keys = if algorithm.starts_with("HS") {
                vec!["secret = \"key\"".to_owned()]
            } else {
                let set = json!({"keys": [{"kty": "OKP"}, made["public_jwk"]]});
                vec![
                    format!("public_key = '''\n{}'''", text(&made, "public_pem")),
                    format!("public_key = '{}'", made["public_jwk"]),
                    format!("public_key = '{set}'"),
                ]
            };
            for (number, key) in keys.iter().enumerate() {
                for location in ["header", "body"] {
                    let name = format!("{maker}-{}-{number}-{location}", algorithm.to_lowercase());
                    let auth = format!(
                        "[source.auth]\nkind = \"jwt\"\nissuer = \"https://desk.example\"\n\
                         audience = \"hookwright\"\nlocation = \"{location}\"\n{key}"
                    );
                    sources.push((name.clone(), auth));
                    tokens.push((name, location, text(&made, "token").to_owned()));
                }
            }
        }
    }
    let daemon = start(&sources, &[("KEY", KEY)]);
    for (source, location, token) in &tokens {
        let send = if *location == "header" { in_header } else { in_body };
        let answer = send(&daemon, source, token);
        assert_eq!(answer.status, 202, "{source}: {}", answer.text());
        for part in 0..3 {
            let answer = send(&daemon, source, &flipped(token, part));
            assert_eq!(answer.status, 401, "{source} {part}: {}", answer.text());
        }
        let other = if *location == "header" { in_body } else { in_header };
        drop(other(&daemon, source, token).problem(401));
    }
    // A key of the same kind, and not the right one.
    let (mine, theirs) = (&tokens[tokens.len() - 1], &tokens[tokens.len() / 2 - 1]);
    assert!(mine.0.starts_with("pyjwt-es512") && theirs.0.starts_with("jose-es512"));
    drop(in_body(&daemon, &mine.0, &theirs.2).problem(401));
}

fn claims() {
    let auth = "[source.auth]\nkind = \"jwt\"\nsecret = \"key\"\n\
                issuer = \"https://desk.example\"\naudience = \"hookwright\"";
    let loose = "auth = { kind = \"jwt\", secret = \"key\", algorithms = [\"HS256\"], \
                 leeway_s = 0 }";
    let sources = [("desk".to_owned(), auth.to_owned()), ("loose".to_owned(), loose.to_owned())];
    let daemon = start(&sources, &[("KEY", KEY)]);
    let (iss, aud) = ("https://desk.example", "hookwright");
    let cases = [
        ("desk", json!({"iss": iss, "aud": aud}), None),
        ("desk", json!({"iss": iss, "aud": ["x", aud], "exp": now() + 60}), None),
        ("desk", json!({"iss": iss, "aud": aud, "exp": now() - 30, "nbf": now() + 30}), None),
        ("desk", json!({"iss": iss, "aud": aud, "exp": now() - 90}), Some("expired")),
        ("desk", json!({"iss": iss, "aud": aud, "nbf": now() + 90}), Some("not valid yet")),
        ("desk", json!({"iss": iss, "aud": aud, "iat": now() + 90}), Some("from the future")),
        ("desk", json!({"iss": iss, "aud": "another"}), Some("`aud`")),
        ("desk", json!({"iss": iss}), Some("`aud`")),
        ("desk", json!({"iss": "https://evil.example", "aud": aud}), Some("`iss`")),
        ("desk", json!({"aud": aud}), Some("`iss`")),
        ("loose", json!({}), None),
        ("loose", json!({"iss": "anyone", "exp": now() + 60}), None),
        ("loose", json!({"exp": now() - 2}), Some("expired")),
        ("loose", json!({"aud": aud}), Some("set its `audience`")),
    ];
    let asked = cases.each_ref().map(
        |(_, claims, _)| json!({"mode": "sign", "alg": "HS256", "claims": claims, "key": KEY}),
    );
    for oracle in [JOSE, PYJWT] {
        for ((source, claims, refused), made) in cases.iter().zip(oracle.judge(&asked)) {
            let answer = in_header(&daemon, source, text(&made, "token"));
            match refused {
                None => assert_eq!(answer.status, 202, "{claims}: {}", answer.text()),
                Some(why) => {
                    let detail = answer.problem(401)["detail"].clone();
                    assert!(detail.as_str().unwrap().contains(why), "{claims}: {detail}");
                }
            }
        }
    }
    let asked = [json!({"mode": "sign", "alg": "HS512", "claims": {}, "key": KEY})];
    let other = JOSE.judge(&asked);
    let problem = in_header(&daemon, "loose", text(&other[0], "token")).problem(401);
    assert_eq!(problem["detail"], "the token is signed with HS512, and the source takes HS256");
}

/// Tokens that a public key would prove if it were taken for the key of an HMAC, and tokens
/// without any proof.
fn confusion() {
    let claims = json!({"data": body()});
    let public = ["RS256", "ES256", "ES384", "ES512"]
        .map(|algorithm| json!({"mode": "sign", "alg": algorithm, "claims": claims}));
    for made in JOSE.judge(&public) {
        let pem = text(&made, "public_pem");
        let auth = format!("[source.auth]\nkind = \"jwt\"\npublic_key = '''\n{pem}'''");
        let daemon = start(&[("desk".into(), auth)], &[]);
        drop(in_header(&daemon, "desk", text(&made, "token")).expect(202));
        let mut forged = Vec::new();
        for key in [pem.to_owned(), pem.trim().to_owned(), made["public_jwk"].to_string()] {
            for algorithm in ["HS256", "HS384", "HS512"] {
                forged
                    .push(json!({"mode": "sign", "alg": algorithm, "claims": claims, "key": key}));
            }
        }
        let none = json!({"mode": "sign", "alg": "none", "claims": claims});
        forged.push(none.clone());
        let mut forged = JOSE.judge(&forged);
        forged.extend(PYJWT.judge(&[none]));
        for forged in &forged {
            let token = text(forged, "token");
            drop(in_header(&daemon, "desk", token).problem(401));
            // With the signature of the real one.
            let (signed, signature) = (token.rsplit_once('.').unwrap().0, text(&made, "token"));
            let signature = signature.rsplit_once('.').unwrap().1;
            drop(in_header(&daemon, "desk", &format!("{signed}.{signature}")).problem(401));
        }
    }
}
