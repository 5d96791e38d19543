//! Signatures that the host adds, as they go out; and what cannot be set up.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use hookwright_tests::{Daemon, Sink};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::misbehave;

const KEY: &str = "a key that both sides know, and nobody else";
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const WHSK: &str = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";

const SECRETS: &str = r#"
    [[secret]]
    name = "key"
    env = "KEY"
    [[secret]]
    name = "whsec"
    env = "WHSEC"
    [[secret]]
    name = "whsk"
    env = "WHSK"
"#;

const VALUES: [(&str, &str); 3] = [("KEY", KEY), ("WHSEC", WHSEC), ("WHSK", WHSK)];

fn mac(message: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

#[test]
fn every_header_that_is_asked_for() {
    let sink = Sink::start();
    let daemon = Daemon::start();
    let signing = r#"signing = [
        { scheme = "hub-signature", secret = "key", digest = "sha1" },
        { scheme = "hub-signature", secret = "key", digest = "sha512" },
        { scheme = "hmac", secret = "key" },
        { scheme = "hmac", secret = "key", header = "X-Desk", encoding = "base64",
          format = "t={timestamp},id={delivery_id},v1={signature}",
          message = "{timestamp}.{delivery_id}.{body}",
          timestamp_header = "X-Desk-Time", delivery_header = "X-Desk-Delivery" },
        { scheme = "standard-webhooks", secret = "whsk", previous = "whsec",
          previous_until = "2999-12-31T23:59:59Z" },
    ]"#;
    let toml = format!("{SECRETS}{}", misbehave("signed", &sink.url("/"), signing));
    daemon.apply(&toml, &VALUES);
    let event = daemon.send("test.signed", &json!({"do": "nothing", "text": "Привет"}));
    let delivery = daemon.ended(&event, "signed");
    let request = sink.requests().remove(0);
    let header = |name: &str| request.header(name).unwrap_or_else(|| panic!("no {name}"));
    assert!(header("x-hub-signature").starts_with("sha1="));
    assert_eq!(header("x-hub-signature-512").len(), "sha512=".len() + 128);
    let hex: String = mac(&request.body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("x-signature"), hex);
    let (time, id) = (header("x-desk-time"), header("x-desk-delivery"));
    assert_eq!(id, delivery["id"].as_str().unwrap());
    let message = [format!("{time}.{id}.").as_bytes(), &request.body].concat();
    let expected = format!("t={time},id={id},v1={}", BASE64_STANDARD.encode(mac(&message)));
    assert_eq!(header("x-desk"), expected);
    assert_eq!((header("webhook-id"), header("webhook-timestamp")), (id, time));
    let signatures = header("webhook-signature");
    let (new, old) = signatures.split_once(' ').unwrap();
    assert!(new.starts_with("v1a,") && old.starts_with("v1,"), "{signatures}");
    // The journal has the signatures, which are no secrets.
    let attempt = daemon.attempts(&delivery).remove(0);
    assert!(attempt["sent"].to_string().contains(&hex), "{attempt}");
    // What is set up is listed, and comes back as it was said.
    let listed = daemon.api().items("/v1/subscriptions").remove(0);
    assert_eq!(listed["signing"][4]["previous_until"], "2999-12-31T23:59:59.000Z");
    assert_eq!(listed["signing"][2]["header"], "X-Signature");
    // And applied again, nothing changes.
    let again = daemon.try_apply(&toml, &VALUES);
    assert!(String::from_utf8(again.stdout).unwrap().contains("Nothing to change."));
}

#[test]
fn what_cannot_be_set_up_is_named_with_its_place() {
    let daemon = Daemon::start();
    daemon.apply(&format!("{SECRETS}{}", misbehave("x", "http://127.0.0.1:9/", "")), &VALUES);
    let digest = daemon.api().items("/v1/plugins")[0]["digest"].clone();
    let apply = |signing: Value, policies: Value| {
        let document = json!({
            "secrets": [{"name": "short", "value": "fifteen bytes!!"}],
            "policies": policies,
            "subscriptions": [{
                "name": "x", "events": ["*"], "plugin": "misbehave", "digest": digest,
                "settings": {"url": "http://127.0.0.1:9/"}, "signing": signing,
            }],
        });
        daemon.api().post_json("/v1/apply?dry_run=true", &document)
    };
    let pointers = |signing: Value, policies: Value| {
        let problem = apply(signing, policies).problem(422);
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let none = || json!([{"name": "prod", "algorithm": "none"}]);
    drop(apply(json!([{"scheme": "jwt", "policy": "prod"}]), none()).expect(200));
    let at = |field: &str| vec![format!("/subscriptions/0/signing/0{field}")];
    let hmac = |field: &str, value: &str| {
        let mut signing = json!({"scheme": "hmac", "secret": "key"});
        signing[field] = json!(value);
        json!([signing])
    };
    let webhooks = |more: Value| {
        let mut signing = json!({"scheme": "standard-webhooks", "secret": "whsec"});
        for (name, value) in more.as_object().unwrap() {
            signing[name] = value.clone();
        }
        json!([signing])
    };
    let until = "2999-12-31T23:59:59Z";
    for (signing, expected) in [
        (hmac("secret", "none"), "/secret"),
        (hmac("header", "Host"), "/header"),
        (hmac("header", "webhook-signature"), "/header"),
        (hmac("header", "a b"), "/header"),
        (hmac("timestamp_header", "x-signature"), "/timestamp_header"),
        (hmac("delivery_header", "Content-Type"), "/delivery_header"),
        (hmac("format", "{body}"), "/format"),
        (hmac("message", "{timestamp}.{body}"), "/message"),
        (webhooks(json!({"secret": "key"})), "/secret"),
        (webhooks(json!({"previous": "whsk"})), "/previous_until"),
        (webhooks(json!({"previous_until": until})), "/previous"),
        (webhooks(json!({"previous": "whsec", "previous_until": until})), "/previous"),
        (webhooks(json!({"previous": "key", "previous_until": until})), "/previous"),
        (webhooks(json!({"previous": "none", "previous_until": until})), "/previous"),
        (json!([{"scheme": "jwt", "policy": "other"}]), "/policy"),
    ] {
        assert_eq!(pointers(signing.clone(), none()), at(expected), "{signing}");
    }
    let jwt = json!({"scheme": "jwt", "policy": "prod"});
    let twice = pointers(json!([jwt, jwt]), none());
    assert_eq!(twice, ["/subscriptions/0/signing/1"]);
    let hub = json!({"scheme": "hub-signature", "secret": "key", "digest": "sha1"});
    let same = json!({"scheme": "hmac", "secret": "key", "header": "X-Hub-Signature"});
    assert_eq!(pointers(json!([hub, same]), none()), ["/subscriptions/0/signing/1"]);
    for bad in [
        json!([{"scheme": "hmac", "secret": "key", "prefix": "sha256="}]),
        json!([{"scheme": "hmac", "secret": "key", "digest": "md5"}]),
        json!([{"scheme": "jws", "policy": "prod"}]),
        webhooks(json!({"previous": "whsk", "previous_until": "tomorrow"})),
    ] {
        let detail = apply(bad.clone(), none()).problem(422)["errors"][0]["pointer"].clone();
        assert!(detail.as_str().unwrap().starts_with("/subscriptions/0/signing"), "{detail}");
    }
    for (policy, expected) in [
        (json!({"algorithm": "hs256"}), "/secret"),
        (json!({"algorithm": "hs256", "secret": "none"}), "/secret"),
        (json!({"algorithm": "hs256", "secret": "short"}), "/secret"),
        (json!({"algorithm": "es256", "secret": "key"}), "/secret"),
        (json!({"algorithm": "none", "secret": "key"}), "/secret"),
        (json!({"algorithm": "ps256"}), "/algorithm"),
        (json!({"algorithm": "none", "audience": ""}), "/audience"),
        (json!({"algorithm": "none", "audience": "x".repeat(2049)}), "/audience"),
        (json!({"algorithm": "none", "expires_in_s": 0}), "/expires_in_s"),
        (json!({"algorithm": "none", "expires_in_s": -1}), "/expires_in_s"),
        (json!({"algorithm": "none", "key": "x"}), "/key"),
    ] {
        let mut policy = policy;
        policy["name"] = json!("prod");
        let found = pointers(json!([]), json!([policy]));
        assert_eq!(found, [format!("/policies/0{expected}")], "{policy}");
    }
    let twice = json!([{"name": "a", "algorithm": "none"}, {"name": "a", "algorithm": "none"}]);
    assert_eq!(pointers(json!([]), twice), ["/policies/1/name"]);
    // Times have to be in quotes, also in TOML.
    let output = daemon.try_apply(
        "[[subscription]]\nname = \"x\"\nevents = [\"*\"]\nplugin = \"misbehave\"\n\
         signing = [{ scheme = \"standard-webhooks\", secret = \"whsec\", \
         previous = \"whsk\", previous_until = 2999-12-31T23:59:59Z }]\n",
        &[],
    );
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("expected a time in quotes, such as \"2026-12-31"), "{error}");
    // The command line says it in the words of the file.
    let output = daemon.try_apply("[[policy]]\nname = \"prod\"\nalgorithm = \"hs256\"\n", &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    let expected = "policy `prod`: secret: HS256 needs a secret that the receiver has too";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn keys_for_standard_webhooks_are_made_without_a_daemon() {
    let generate = |more: &[&str]| {
        let mut command = std::process::Command::new(hookwright_tests::binary());
        command.args(["secret", "generate", "standard-webhooks"]).args(more);
        let output = command.env("HOOKWRIGHT_URL", "http://127.0.0.1:9").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let key = |text: &str, prefix: &str| {
        BASE64_STANDARD.decode(text.trim().strip_prefix(prefix).unwrap()).unwrap()
    };
    let first = generate(&[]);
    assert_eq!(key(&first, "whsec_").len(), 32);
    assert_ne!(first, generate(&[]));
    let pair = generate(&["--asymmetric"]);
    let (private, public) = pair.trim().split_once('\n').unwrap();
    assert_eq!((key(private, "whsk_").len(), key(public, "whpk_").len()), (32, 32));
    let document: Value = serde_json::from_str(&generate(&["--asymmetric", "--json"])).unwrap();
    assert_eq!(key(document["secret"].as_str().unwrap(), "whsk_").len(), 32);
    assert_eq!(key(document["public_key"].as_str().unwrap(), "whpk_").len(), 32);
}
