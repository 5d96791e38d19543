//! What one Hookwright signs another takes.

use std::sync::Arc;

use hookwright_model::{Policy, PolicyAlgorithm, Secret, Signing, SourceAuth, Timestamp};
use serde_json::{Value, json};

use super::{map, secret};
use crate::delivery::client::Sender;
use crate::delivery::connect::Connector;
use crate::delivery::guard::Guard;
use crate::delivery::sign::token::{About, TokenMaker};
use crate::delivery::sign::{Outgoing, Signer};
use crate::policy::generate::generate;
use crate::policy::key::SigningKey;
use crate::proof::issuer::Issuers;
use crate::proof::{Post, Proof};

const BODY: &[u8] = r#"{"ticket":{"title":"Привет"}}"#.as_bytes();
const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn is_taken(auth: &Value, key: Option<&str>, headers: &[(&str, &str)], body: &[u8]) -> bool {
    let guard = Guard::default();
    let issuers = Issuers::new(Sender::new(Connector::new(guard.clone()).unwrap()), guard);
    let auth: SourceAuth = serde_json::from_value(auth.clone()).unwrap();
    let proof = Proof::new(&auth, key.map(secret)).unwrap();
    let (headers, now) = (map(headers), Timestamp::now());
    let post = Post { source: "desk", token: None, headers: &headers, body, now };
    proof.check(&issuers, &post).await.is_ok()
}

/// The headers of a signature with the secrets `new` and `old`.
fn signed(signing: &Value, new: &str, old: &str) -> Vec<(String, String)> {
    let signing: Signing = serde_json::from_value(signing.clone()).unwrap();
    let (new, old) = (secret(new), secret(old));
    let value =
        |name: &hookwright_model::Name| Some(if name.as_str() == "old" { &old } else { &new });
    let signer = Signer::new(&signing, value).unwrap().unwrap();
    let outgoing = Outgoing { id: "dlv_1", sent_at: Timestamp::now(), body: BODY };
    let headers = signer.headers(outgoing).into_iter();
    headers.map(|(name, value)| (name.to_string(), value)).collect()
}

#[tokio::test]
async fn headers() {
    let hmac = |digest: &str, encoding: &str, prefix: &str| {
        (
            json!({"scheme": "hmac", "secret": "new", "header": "X-Desk", "digest": digest,
                   "encoding": encoding, "format": format!("{prefix}{{signature}}")}),
            json!({"kind": "hmac", "secret": "key", "header": "X-Desk", "digest": digest,
                   "encoding": encoding, "prefix": prefix}),
        )
    };
    let hub = |digest: &str| {
        (
            json!({"scheme": "hub-signature", "secret": "new", "digest": digest}),
            json!({"kind": "hub_signature", "secret": "key"}),
        )
    };
    for (signing, auth) in [
        hmac("sha1", "hex", ""),
        hmac("sha256", "hex", "sha256="),
        hmac("sha512", "base64", "v0 "),
        hub("sha1"),
        hub("sha256"),
        hub("sha512"),
    ] {
        let headers = signed(&signing, "s3cr3t-t0k3n", "unused");
        let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let taken = is_taken(&auth, Some("s3cr3t-t0k3n"), &headers, BODY);
        assert!(taken.await, "{signing}");
        assert!(!is_taken(&auth, Some("s3cr3t-t0k3N"), &headers, BODY).await, "{signing}");
        assert!(!is_taken(&auth, Some("s3cr3t-t0k3n"), &headers, b"{}").await, "{signing}");
    }
}

#[tokio::test]
async fn standard_webhooks_while_keys_are_changed() {
    let until = |after_s: i64| Timestamp::from_millis(Timestamp::now().millis() + after_s * 1000);
    let auth = json!({"kind": "standard_webhooks", "secret": "key"});
    for (after_s, takes_old) in [(60, true), (-60, false)] {
        let signing = json!({"scheme": "standard-webhooks", "secret": "new", "previous": "old",
                             "previous_until": until(after_s)});
        let headers = signed(&signing, NEW, OLD);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert!(is_taken(&auth, Some(NEW), &headers, BODY).await);
        assert_eq!(is_taken(&auth, Some(OLD), &headers, BODY).await, takes_old);
        let other = "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
        assert!(!is_taken(&auth, Some(other), &headers, BODY).await);
    }
}

#[tokio::test]
async fn tokens() {
    let shared = "a key that both sides know";
    for name in ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"] {
        let algorithm: PolicyAlgorithm = serde_json::from_value(json!(name)).unwrap();
        let mut policy = Policy {
            name: "prod".parse().unwrap(),
            algorithm,
            audience: Some("desk".into()),
            expires_in_s: Some(60),
            secret: None,
            disabled: false,
            created_at: Timestamp::now(),
            updated_at: Timestamp::now(),
            keys: Vec::new(),
        };
        let mut auth = json!({"kind": "jwt", "location": "body", "audience": "desk"});
        let key = match algorithm.generated() {
            None => {
                auth["secret"] = json!("key");
                SigningKey::Shared(Secret::from(shared.to_owned()))
            }
            Some(algorithm) => {
                let (public, private) = generate(algorithm).await.unwrap();
                auth["public_key"] = json!(public.public_key_pem);
                policy.keys.push(public);
                SigningKey::read(algorithm, private.expose()).unwrap()
            }
        };
        let maker = Arc::new(TokenMaker::new(&policy, &"https://h.example".parse().unwrap(), key));
        let about = About { subject: "desk", sent_at: Timestamp::now(), id: "1" };
        let body = maker.wrap(BODY, about).unwrap();
        let shared = algorithm.shared().map(|_| shared);
        assert!(is_taken(&auth, shared, &[], &body).await, "{name}");
        let late = About { sent_at: Timestamp::from_millis(0), ..about };
        let expired = maker.wrap(BODY, late).unwrap();
        assert!(!is_taken(&auth, shared, &[], &expired).await, "{name}");
        auth["audience"] = json!("another");
        assert!(!is_taken(&auth, shared, &[], &body).await, "{name}");
    }
}
