//! Posts that prove where they come from, or do not.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use hookwright_tests::{Daemon, Options, Reply, Sink, root, until};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::all_bytes;

const BODY: &[u8] = br#"{"action":"ticket_create","ticket":{"id":7}}"#;
const KEY: &str = "n0t-t0-be-seen-anywhere";

fn daemon(options: Options, auth: &[(&str, String)]) -> Daemon {
    let mut desk = r#"
        [[secret]]
        name = "key"
        env = "KEY"
        [[plugin]]
        file = "target/plugins/source-zenlix.wasm"
        [[plugin]]
        file = "target/plugins/source-r-service.wasm"
    "#
    .to_owned();
    for (name, auth) in auth {
        let plugin = if name.starts_with("jwt") { "r-service" } else { "zenlix" };
        desk +=
            &format!("[[source]]\nname = \"{name}\"\nplugin = \"{plugin}\"\nauth = {{ {auth} }}\n");
    }
    let daemon = Daemon::with(options);
    daemon.apply(&desk, &[("KEY", KEY)]);
    daemon
}

/// A token signed with HS256.
fn token(key: &str, header: &Value, claims: &Value) -> String {
    let [header, claims] =
        [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{password}")))
}

#[test]
fn a_post_without_proof_is_refused_and_told_why() {
    let secret = "secret = \"key\"";
    let kinds = [
        ("open", "kind = \"none\"".to_owned()),
        ("token", format!("kind = \"token\", {secret}")),
        ("hub", format!("kind = \"hub_signature\", {secret}")),
        (
            "hmac",
            format!(
                "kind = \"hmac\", {secret}, header = \"X-Desk\", digest = \"sha256\", \
                 encoding = \"base64\""
            ),
        ),
        ("basic", format!("kind = \"basic\", {secret}, username = \"desk\"")),
        ("jwt", format!("kind = \"jwt\", {secret}")),
        ("jwt-body", format!("kind = \"jwt\", {secret}, location = \"body\"")),
    ];
    let daemon = daemon(Options::default(), &kinds);
    let nobody = daemon.api().anonymous();
    drop(nobody.post("/in/open", &[], BODY).expect(202));
    for (source, why) in [
        ("token", "the token is missing"),
        ("hub", "the header `X-Hub-Signature` is missing"),
        ("hmac", "the header `x-desk` is missing"),
        ("basic", "as `Authorization: Basic`"),
        ("jwt", "as `Authorization: Bearer`"),
        ("jwt-body", "the body is not {\"jwt\": \"…\"}"),
    ] {
        let answer = nobody.post(&format!("/in/{source}"), &[], BODY);
        let problem = answer.problem(401);
        assert!(problem["detail"].as_str().unwrap().contains(why), "{source}: {problem}");
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        let expected = if source == "basic" {
            "Basic realm=\"hookwright\", charset=\"UTF-8\""
        } else {
            "Bearer"
        };
        assert_eq!(challenge, expected, "{source}");
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(BODY);
    let hmac = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let hs256 = json!({"alg": "HS256", "typ": "JWT"});
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let claims = json!({"exp": now + 60, "jti": "1", "data": {"event": "request.create",
                        "object_id": 7, "payload": {}}});
    let jwt = token(KEY, &hs256, &claims);
    let try_it = |source: &str, headers: &[(&str, &str)], body: &[u8]| {
        nobody.post(&format!("/in/{source}"), headers, body).status
    };
    let authorize = |source: &str, value: &str| {
        let body =
            if source == "jwt" { claims["data"].to_string().into_bytes() } else { BODY.to_vec() };
        try_it(source, &[("Authorization", value)], &body)
    };
    assert_eq!(try_it(&format!("token/{KEY}"), &[], BODY), 202);
    assert_eq!(try_it("token/other", &[], BODY), 401);
    assert_eq!(authorize("token", &format!("Bearer {KEY}")), 202);
    assert_eq!(try_it("hmac", &[("x-desk", &hmac)], BODY), 202);
    assert_eq!(try_it("hmac", &[("x-desk", &hmac), ("x-desk", &hmac)], BODY), 401);
    assert_eq!(try_it("hmac", &[("x-desk", &hmac)], b"{}"), 401);
    assert_eq!(authorize("basic", &basic("desk", KEY)), 202);
    assert_eq!(authorize("basic", &basic("desk", "other")), 401);
    assert_eq!(authorize("basic", &basic("other", KEY)), 401);
    assert_eq!(authorize("basic", &format!("Bearer {KEY}")), 401);
    assert_eq!(authorize("jwt", &format!("Bearer {jwt}")), 202);
    assert_eq!(authorize("jwt", &format!("bearer {jwt}")), 202);
    assert_eq!(authorize("jwt", &format!("Bearer {KEY}")), 401);
    assert_eq!(
        authorize("jwt", &format!("Bearer {}", token("another key of ours", &hs256, &claims))),
        401
    );
    let none = token("", &json!({"alg": "none"}), &claims);
    assert_eq!(authorize("jwt", &format!("Bearer {none}")), 401);
    let signed = |body: Value| try_it("jwt-body", &[], body.to_string().as_bytes());
    assert_eq!(signed(json!({"jwt": jwt})), 202);
    for wrong in [
        json!({"jwt": null, "event": "request.create", "object_id": 7}),
        json!({"jwt": ""}),
        json!({"jwt": [jwt]}),
        json!([jwt]),
        json!({"jwt": jwt, "event": "request.create"}),
    ] {
        assert_eq!(signed(wrong.clone()), 401, "{wrong}");
    }
    // A token in a header is that of many posts; a token that is the body is one post.
    let nothing_new = nobody.post("/in/jwt-body", &[], json!({"jwt": jwt}).to_string().as_bytes());
    assert_eq!(nothing_new.expect(202).headers["idempotent-replayed"], "true");
    let twice = format!(r#"{{"jwt":"{jwt}","jwt":"{jwt}"}}"#);
    assert_eq!(try_it("jwt-body", &[], twice.as_bytes()), 401);
}

/// Whatever is logged, credentials are not, and neither are they kept.
#[test]
fn credentials_are_nowhere() {
    let secret = "secret = \"key\"";
    let kinds = [
        ("token", format!("kind = \"token\", {secret}")),
        ("basic", format!("kind = \"basic\", {secret}, username = \"desk\"")),
        ("jwt", format!("kind = \"jwt\", {secret}")),
    ];
    let options = Options { log: "trace".into(), ..Options::default() };
    let daemon = daemon(options, &kinds);
    let nobody = daemon.api().anonymous();
    let post = |path: &str, authorization: &str| {
        let headers = [("Authorization", authorization), ("X-Auth-Token", KEY)];
        nobody.post(path, &headers, BODY).status
    };
    let jwt = token(KEY, &json!({"alg": "HS256"}), &json!({}));
    let good = basic("desk", KEY);
    let wrong = "hunter2-hunter2-hunter2";
    let paths = [format!("/in/token/{KEY}"), format!("/in/token/{wrong}")];
    assert_eq!(post(&paths[0], "x"), 202);
    assert_eq!(post(&paths[1], "x"), 401);
    assert_eq!(post(&format!("/in/nobody/{wrong}"), "x"), 404);
    assert_eq!(post(&format!("/in/{wrong}/{wrong}"), "x"), 404);
    assert_eq!(post("/in/token", &format!("Bearer {KEY}")), 202);
    assert_eq!(post("/in/basic", &good), 202);
    assert_eq!(post("/in/basic", &basic("desk", wrong)), 401);
    // Not one of R-Service's, and proved all the same.
    assert_eq!(post("/in/jwt", &format!("Bearer {jwt}")), 400);
    assert_eq!(post("/in/jwt", &format!("Bearer {wrong}")), 401);
    // The last post is in the log, and so are those before it.
    let log = until("the log", || {
        let log = daemon.log();
        (log.matches("a post was refused").count() >= 3).then_some(log)
    });
    assert!(log.contains("has proved"), "{log}");
    let base64 = |header: &str| header.strip_prefix("Basic ").unwrap().to_owned();
    let hidden =
        [KEY.to_owned(), wrong.to_owned(), jwt, base64(&good), base64(&basic("desk", wrong))];
    for hidden in &hidden {
        let line = log.lines().find(|line| line.contains(hidden));
        assert!(line.is_none(), "{hidden} is in the log: {line:?}");
        for (file, bytes) in all_bytes(daemon.data()) {
            let found = bytes.windows(hidden.len()).any(|window| window == hidden.as_bytes());
            assert!(!found, "{hidden} is in {file}");
        }
    }
    for event in daemon.api().items("/v1/events") {
        let id = event["id"].as_str().unwrap();
        let original = daemon.api().get(&format!("/v1/events/{id}/original")).expect(200).text();
        assert!(!original.to_lowercase().contains("authorization"), "{original}");
    }
}

#[test]
fn mistakes_are_found_when_it_is_set_up() {
    let daemon = daemon(Options { allow_addresses: None, ..Options::default() }, &[]);
    let apply = |auth: &Value| {
        let setup = json!({"sources": [{"name": "desk", "plugin": "zenlix", "auth": auth}]});
        daemon.api().post_json("/v1/apply?dry_run=true", &setup)
    };
    let private =
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n";
    let p256 = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let with_private = {
        let mut jwk = p256.clone();
        jwk["d"] = json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
        jwk.to_string()
    };
    let p256 = p256.to_string();
    let hmac = |header: &str, prefix: &str| {
        json!({"kind": "hmac", "secret": "key", "header": header, "digest": "sha1",
               "prefix": prefix})
    };
    for (auth, pointer, why) in [
        (json!({"kind": "token", "secret": "gone"}), "secret", "there is no secret `gone`"),
        (json!({"kind": "jwt", "secret": "gone"}), "secret", "there is no secret `gone`"),
        (json!({"kind": "standard_webhooks", "secret": "key"}), "secret", "`whsec_`"),
        (json!({"kind": "basic", "secret": "key", "username": "a:b"}), "username", "`:`"),
        (hmac("X Desk", ""), "header", "not the name of a header"),
        (hmac("X-Desk", "ключ="), "prefix", "ASCII"),
        (json!({"kind": "jwt"}), "issuer", "give the key"),
        (json!({"kind": "jwt", "public_key": "PEM"}), "public_key", "cannot be read"),
        (json!({"kind": "jwt", "public_key": private}), "public_key", "private key"),
        (json!({"kind": "jwt", "public_key": with_private}), "public_key", "private"),
        (json!({"kind": "jwt", "public_key": "{}"}), "public_key", "`kty`"),
        (json!({"kind": "jwt", "public_key": "{\"keys\":[]}"}), "public_key", "no keys"),
        (json!({"kind": "jwt", "secret": "key", "public_key": p256}), "public_key", "either"),
        (
            json!({"kind": "jwt", "public_key": p256, "algorithms": ["HS256"]}),
            "algorithms",
            "not one for HS256, but for ES256",
        ),
        (
            json!({"kind": "jwt", "secret": "key", "algorithms": ["RS256"]}),
            "algorithms",
            "not one for RS256, but for HS256, HS384, HS512",
        ),
        (
            json!({"kind": "jwt", "issuer": "https://desk.example", "algorithms": ["HS256"]}),
            "algorithms",
            "not one for HS256",
        ),
        (json!({"kind": "jwt", "issuer": "desk"}), "issuer", "not a URL"),
        (json!({"kind": "jwt", "issuer": "http://desk.example"}), "issuer", "https only"),
        (json!({"kind": "jwt", "issuer": "http://127.0.0.1:1"}), "issuer", "https only"),
        (json!({"kind": "jwt", "issuer": "https://d/?a"}), "issuer", "no query"),
        (json!({"kind": "jwt", "secret": "key", "leeway_s": 9999}), "leeway_s", "3600"),
    ] {
        let errors = apply(&auth).problem(422)["errors"].clone();
        assert_eq!(errors.as_array().unwrap().len(), 1, "{auth}: {errors}");
        assert_eq!(errors[0]["pointer"], format!("/sources/0/auth/{pointer}"), "{auth}: {errors}");
        assert!(errors[0]["detail"].as_str().unwrap().contains(why), "{auth}: {errors}");
        assert!(!errors.to_string().contains(KEY), "{errors}");
    }
    for auth in [
        json!({"kind": "jwt", "secret": "key", "algorithms": ["none"]}),
        json!({"kind": "jwt", "secret": "key", "algorithm": "HS256"}),
        json!({"kind": "jwt", "secret": "key", "location": "query"}),
        json!({"kind": "hmac", "secret": "key", "header": "X", "digest": "md5"}),
        json!({"kind": "hmac", "secret": "key", "header": "X"}),
        json!({"kind": "basic", "secret": "key"}),
        json!({"kind": "none", "secret": "key"}),
        json!({}),
        Value::Null,
    ] {
        let problem = apply(&auth).problem(422);
        let pointer = problem["errors"][0]["pointer"].as_str().unwrap();
        assert!(pointer.starts_with("/sources/0/auth"), "{auth}: {problem}");
    }
    // That there is no proof has to be said.
    let silent = json!({"sources": [{"name": "desk", "plugin": "zenlix"}]});
    let problem = daemon.api().post_json("/v1/apply", &silent).problem(422);
    assert!(problem["detail"].as_str().unwrap().contains("missing field `auth`"), "{problem}");
    for auth in [
        json!({"kind": "none"}),
        json!({"kind": "jwt", "public_key": p256, "location": "body", "algorithms": ["es256"]}),
        json!({"kind": "jwt", "issuer": "https://desk.example/webhook_policies/1"}),
        hmac("X-Desk", "sha1="),
    ] {
        drop(apply(&auth).expect(200));
    }
}

/// A token that asks for the issuer's key; it is found wrong only afterwards.
fn asking(issuer: &str) -> String {
    let claims = json!({"iss": issuer, "data": {}});
    let token = token(KEY, &json!({"alg": "ES256", "kid": "k"}), &claims);
    json!({"jwt": token}).to_string()
}

/// Keys are fetched through the same guard as deliveries go.
#[test]
fn an_issuer_inside_is_not_asked() {
    let issuers = ["https://127.0.0.1:9", "https://169.254.169.254", "https://localhost:9"];
    let kinds = issuers.map(|issuer| {
        let auth = format!("kind = \"jwt\", location = \"body\", issuer = \"{issuer}\"");
        (format!("jwt-{}", issuer.replace(|c: char| !c.is_ascii_digit(), "")), auth)
    });
    let named: Vec<_> = kinds.iter().map(|(name, auth)| (&**name, auth.clone())).collect();
    let daemon = daemon(Options { allow_addresses: None, ..Options::default() }, &named);
    for (issuer, (name, _)) in issuers.iter().zip(&kinds) {
        let path = format!("/in/{name}");
        let answer = daemon.api().anonymous().post(&path, &[], asking(issuer).as_bytes());
        let problem = answer.problem(503);
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(detail, "the keys of the token's issuer cannot be fetched now");
    }
    // The name is found in /etc/hosts, as a rule.
    until("both addresses to be refused", || {
        (daemon.log().matches("may not be called").count() >= 2).then_some(())
    });
}

/// An issuer that never answers costs its own posts a bounded while, and others nothing.
#[test]
fn an_issuer_that_hangs() {
    let sink = Sink::answering(|_| Reply::ok("{}").after(Duration::from_secs(60)));
    let kinds = [
        ("open", "kind = \"none\"".to_owned()),
        ("jwt", format!("kind = \"jwt\", location = \"body\", issuer = \"{}\"", sink.url(""))),
    ];
    let daemon = daemon(Options::default(), &kinds);
    let body = asking(&sink.url(""));
    let started = Instant::now();
    // Those that go away do not make it ask anew.
    for _ in 0..3 {
        let address = daemon.url();
        let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
        let head = format!("POST /in/jwt HTTP/1.1\r\nHost: x\r\nContent-Length: {}", body.len());
        stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let answer = daemon.api().anonymous().post("/in/jwt", &[], body.as_bytes());
                assert_eq!(answer.headers["retry-after"], "10");
                drop(answer.problem(503));
            });
        }
        drop(daemon.api().anonymous().post("/in/open", &[], BODY).expect(202));
    });
    let took = started.elapsed();
    assert!(took > Duration::from_secs(7) && took < Duration::from_secs(30), "{took:?}");
    assert_eq!(sink.count(), 1, "all waited for one request");
}

/// Every example in the documents can be applied.
#[test]
fn the_documents_examples() {
    let document = std::fs::read_to_string(root().join("docs/sources.md")).unwrap();
    let blocks = document.split("```toml\n").skip(1);
    let blocks: Vec<_> = blocks.map(|block| block.split("```").next().unwrap()).collect();
    assert!(blocks.len() > 8);
    let daemon = Daemon::start();
    let value = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let mut secrets = String::new();
    for name in ["zammad-key", "desk-token", "desk-password", "desk-key", "policy-key"] {
        secrets += &format!("[[secret]]\nname = \"{name}\"\nenv = \"ZAMMAD_KEY\"\n");
    }
    let plugin = "[[plugin]]\nfile = \"target/plugins/source-zammad.wasm\"\n";
    for block in blocks {
        let source = "[[source]]\nname = \"helpdesk\"\nplugin = \"zammad\"\n";
        let desk = if block.contains("[[source]]") {
            format!("{plugin}{block}")
        } else {
            format!("{plugin}{secrets}{source}{block}")
        };
        daemon.apply(&desk, &[("ZAMMAD_KEY", value)]);
    }
}
