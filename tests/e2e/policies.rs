//! Webhook policies: set up, signed by, their keys changed, found by receivers, removed.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_tests::{Daemon, Options, Reply, Request, Sink, until};
use serde_json::{Value, json};

use crate::{all_bytes, misbehave};

const URL: &str = "https://hooks.example/desk";

fn start() -> Daemon {
    let args = vec!["--public-url".to_owned(), format!("{URL}/")];
    Daemon::with(Options { args, ..Options::default() })
}

fn policy(more: &str) -> String {
    format!("[[policy]]\nname = \"prod\"\n{more}\n")
}

/// Header and claims of the token that a request's body is.
fn token(request: &Request) -> (Value, Value) {
    let body = request.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    let parts: Vec<_> = body["jwt"].as_str().unwrap().split('.').collect();
    assert_eq!(parts.len(), 3);
    let part =
        |part: &str| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (part(parts[0]), part(parts[1]))
}

fn kids(set: &Value) -> Vec<&str> {
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect()
}

#[test]
fn from_creation_to_removal() {
    let sink = Sink::start();
    let mut daemon = start();
    let settings = policy("algorithm = \"es256\"\naudience = \"desk\"\nexpires_in_s = 600");
    let jwt = "signing = [{ scheme = \"jwt\", policy = \"prod\" }]";
    let toml = format!("{settings}{}", misbehave("tokens", &sink.url("/"), jwt));
    // Looking at it makes no key.
    let looked = daemon.api().post_json(
        "/v1/apply?dry_run=true",
        &json!({"policies": [{"name": "prod", "algorithm": "es256"}]}),
    );
    assert_eq!(looked.expect(200).json()["changes"][0]["action"], "create");
    assert!(daemon.api().items("/v1/policies").is_empty());
    let output = daemon.try_apply(&toml, &[]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("create policy ") && !stdout.contains("KEY"), "{stdout}");

    let shown = daemon.api().get("/v1/policies/prod").expect(200).json();
    let issuer = format!("{URL}/webhook_policies/prod");
    assert_eq!(shown["issuer"], issuer.as_str());
    assert_eq!((&shown["algorithm"], &shown["disabled"]), (&json!("ES256"), &json!(false)));
    let pem = shown["public_key_pem"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
    assert!(shown["created_at"].is_string() && shown["kid"].is_string());
    assert_eq!(shown["keys"][0]["public_key_pem"], pem);
    assert_eq!(daemon.api().items("/v1/policies"), std::slice::from_ref(&shown));
    let first = shown["kid"].as_str().unwrap().to_owned();

    // Anyone finds the keys.
    let anyone = daemon.api().anonymous();
    let at = |path: &str| anyone.get(path).expect(200).json();
    let found = at("/webhook_policies/prod/.well-known/openid-configuration");
    assert_eq!(found["issuer"], issuer.as_str());
    assert_eq!(found["jwks_uri"], format!("{issuer}/.well-known/jwks.json"));
    let set = at("/webhook_policies/prod/.well-known/jwks.json");
    assert_eq!(set, at("/.well-known/jwks.json"));
    assert_eq!(kids(&set), [&first]);
    let key = &set["keys"][0];
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"]),
        (&"EC".into(), &"P-256".into(), &"ES256".into())
    );
    assert!(key.get("d").is_none());
    for path in ["/v1/policies", "/v1/policies/prod"] {
        drop(anyone.get(path).problem(401));
    }
    for path in [
        "/v1/policies/none",
        "/webhook_policies/none/.well-known/jwks.json",
        "/webhook_policies/none/.well-known/openid-configuration",
    ] {
        drop(daemon.api().get(path).problem(404));
    }

    // What is sent.
    let data = json!({"do": "nothing", "title": "Привет <b>"});
    let event = daemon.send("test.tokens", &data);
    let delivery = daemon.ended(&event, "tokens");
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    let request = sink.requests().remove(0);
    assert_eq!(request.header("content-type").as_deref(), Some("application/json"));
    let (header, claims) = token(&request);
    assert_eq!(header, json!({"typ": "JWT", "alg": "ES256", "kid": first}));
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(issuer), &json!("tokens")));
    assert_eq!((&claims["aud"], &claims["data"]), (&json!("desk"), &data));
    let seconds = |claim: &str| claims[claim].as_i64().unwrap();
    assert_eq!((seconds("nbf"), seconds("exp")), (seconds("iat"), seconds("iat") + 600));
    // The journal has it as it was sent.
    let attempt = daemon.attempts(&delivery).remove(0);
    assert_eq!(attempt["sent"]["body"], request.text());

    // A new key signs at once; the old one is published beside it, and by then no more.
    let rotated = daemon.cli(&["policy", "rotate", "prod", "--json"]);
    let rotated: Value = serde_json::from_slice(&rotated.stdout).unwrap();
    let second = rotated["kid"].as_str().unwrap().to_owned();
    assert_ne!(second, first);
    assert!(rotated["keys"][1]["kept_until"].is_string());
    assert_eq!(kids(&at("/.well-known/jwks.json")), [&second, &first]);
    let event = daemon.send("test.tokens", &data);
    drop(daemon.ended(&event, "tokens"));
    let (header, again) = token(&sink.requests()[1]);
    assert_eq!(header["kid"], second.as_str());
    assert_ne!(again["jti"], claims["jti"]);
    let shown = daemon.cli(&["policy", "show", "prod"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains(&first) && shown.contains(&second) && shown.contains("published until"));
    let listed = daemon.cli(&["policy", "list"]);
    assert!(String::from_utf8(listed.stdout).unwrap().contains(&issuer));
    let problem =
        daemon.api().post_json("/v1/policies/prod/rotate", &json!({"keep_s": 40_000_000}));
    assert_eq!(problem.problem(422)["errors"][0]["pointer"], "/keep_s");
    drop(daemon.api().post_json("/v1/policies/prod/rotate", &json!({"keep": 1})).problem(422));

    // Kept over a restart. The private key is nowhere to be read.
    daemon = daemon.kill_and_restart();
    let event = daemon.send("test.tokens", &data);
    assert_eq!(daemon.ended(&event, "tokens")["state"], "delivered");
    assert_eq!(token(&sink.requests()[2]).0["kid"], second.as_str());
    for (file, bytes) in all_bytes(daemon.data()) {
        // How PKCS #8 says that it is a key on P-256, in DER and in base64.
        let oids: [&[u8]; 2] = [
            b"\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x6d",
            b"PRIVATE",
        ];
        for needle in oids {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{file}");
        }
    }
    assert!(!daemon.log().contains("PRIVATE"));

    // Another algorithm is another key; with 0 seconds those before are withdrawn.
    daemon.apply(&policy("algorithm = \"RS256\""), &[]);
    let shown = daemon.api().get("/v1/policies/prod").expect(200).json();
    assert_eq!(shown["keys"].as_array().unwrap().len(), 3);
    let event = daemon.send("test.tokens", &data);
    drop(daemon.ended(&event, "tokens"));
    let (header, claims) = token(&sink.requests()[3]);
    assert_eq!((&header["alg"], &header["kid"]), (&json!("RS256"), &shown["kid"]));
    assert!(claims.get("aud").is_none() && claims.get("exp").is_none());
    let rotated = daemon.api().post("/v1/policies/prod/rotate", &[], b"{\"keep_s\":0}").expect(200);
    let rotated = rotated.json();
    let anyone = daemon.api().anonymous();
    let set = anyone.get("/.well-known/jwks.json").expect(200).json();
    assert_eq!(kids(&set), [rotated["kid"].as_str().unwrap()]);

    // It is used, and so stays.
    let refused = daemon.cli(&["policy", "remove", "prod", "--yes"]);
    let refused = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.contains("the subscription `tokens` uses the policy `prod`"), "{refused}");
    daemon.apply(&misbehave("tokens", &sink.url("/"), ""), &[]);
    assert!(daemon.cli(&["policy", "remove", "prod", "--yes"]).status.success());
    assert!(daemon.api().items("/v1/policies").is_empty());
    drop(daemon.api().try_send("DELETE", "/v1/policies/prod", &[], b"").unwrap().problem(404));
}

#[test]
fn what_a_disabled_policy_signs_waits() {
    let sink = Sink::start();
    let daemon = start();
    let jwt = "signing = [{ scheme = \"jwt\", policy = \"prod\" }]";
    let toml = format!(
        "{}{}",
        policy("algorithm = \"none\"\ndisabled = true"),
        misbehave("tokens", &sink.url("/"), jwt)
    );
    daemon.apply(&toml, &[]);
    drop(daemon.send("test.tokens", &json!({"do": "nothing"})));
    let held = until("the delivery to wait", || {
        let delivery = daemon.deliveries("").remove(0);
        delivery["reason"].is_string().then_some(delivery)
    });
    assert_eq!((&held["state"], &held["attempts"]), (&json!("pending"), &json!(0)));
    assert_eq!(held["reason"], "the policy `prod` is disabled");
    let anyone = daemon.api().anonymous();
    drop(anyone.get("/webhook_policies/prod/.well-known/openid-configuration").problem(404));
    assert_eq!(sink.count(), 0);
    daemon.apply(&policy("algorithm = \"none\""), &[]);
    let event = daemon.send("test.tokens", &json!({"do": "nothing"}));
    assert_eq!(daemon.ended(&event, "tokens")["state"], "delivered");
    let (header, _) = token(&sink.requests()[0]);
    assert_eq!(header, json!({"typ": "JWT", "alg": "none"}));
    assert!(sink.requests()[0].json()["jwt"].as_str().unwrap().ends_with('.'));
    let rotated = daemon.api().post("/v1/policies/prod/rotate", &[], b"").problem(409);
    assert_eq!(rotated["detail"], "the policy `prod` has no key: its algorithm is none");
}

#[test]
fn a_body_that_is_not_json_is_a_failure() {
    let sink = Sink::start();
    let daemon = start();
    let toml = format!(
        "{}{}",
        policy("algorithm = \"none\""),
        r#"
        [[plugin]]
        file = "target/plugins/destination-template.wasm"
        [[subscription]]
        name = "text"
        events = ["*"]
        plugin = "template"
        settings = { url = "SINK", format = "text", body = "{ticket_name}" }
        signing = [{ scheme = "jwt", policy = "prod" }]
        "#
        .replace("SINK", &sink.url("/"))
    );
    daemon.apply(&toml, &[]);
    let event = daemon.send("ticket.created", &json!({"ticket": {"id": "1", "title": "Hello"}}));
    let delivery = daemon.ended(&event, "text");
    assert_eq!(delivery["state"], "failed");
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.starts_with("the body is not JSON, and the policy `prod` signs nothing else"));
    assert_eq!(sink.count(), 0);
}

/// A receiver that gives back what it got, as it came and taken apart.
#[test]
fn secrets_in_tokens_are_seen_by_nobody() {
    const TOKEN: &str = "t0k/n\"&<SENTINEL-of-the-token>";
    let sink = Sink::answering(|request| {
        let (_, claims) = token(request);
        Reply { status: 418, ..Reply::ok(format!("{}\n{claims}", request.text())) }
    });
    let daemon = start();
    let toml = format!(
        "[[secret]]\nname = \"token\"\nenv = \"TOKEN\"\n{}{}",
        policy("algorithm = \"es384\""),
        misbehave(
            "echo",
            &sink.url("/"),
            r#"secrets = { token = "token" }
               retry = { attempts = 2, first_wait_s = 0.05 }
               signing = [{ scheme = "jwt", policy = "prod" }]"#
        )
    );
    daemon.apply(&toml, &[("TOKEN", TOKEN)]);
    let event = daemon.send("test.echo", &json!({"do": "use-secret", "judge": "echo"}));
    let delivery = daemon.ended(&event, "echo");
    assert_eq!(token(&sink.requests()[0]).1["data"]["token"], TOKEN, "the receiver did get it");
    let attempts = daemon.attempts(&delivery);
    let sent: Value = serde_json::from_str(attempts[0]["sent"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(sent["jwt"]["claims"]["data"]["token"], "{secret:token}");
    assert_eq!(sent["jwt"]["header"]["alg"], "ES384");
    let seen = format!("{delivery}{}{}", json!(attempts), daemon.log());
    let echo = attempts[0]["received"]["body"].as_str().unwrap();
    assert!(echo.contains("{\"jwt\":\"") && echo.contains("{secret:token}"), "{echo}");
    assert!(!seen.contains("SENTINEL"), "{seen}");
    // Nor in anything that can be decoded.
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    for run in seen.split(|c| !letters(c)).filter(|run| run.len() >= 8) {
        for start in 0..4 {
            let Some(run) = run.get(start..) else { continue };
            let run = &run[..run.len() / 4 * 4];
            let Ok(bytes) = BASE64_URL_SAFE_NO_PAD.decode(run) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("SENT") && !text.contains("token>"), "{text} in {run}");
        }
    }
}
