//! Bodies that become tokens, and what takes the place of what.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::request::Encoding;
use hookwright_model::{JwtAlgorithm, Policy, PolicyAlgorithm};
use serde_json::Value;

use super::*;
use crate::delivery::sign::Signer;
use crate::delivery::sign::token::{TokenMaker, TokenSigner};
use crate::policy::key::SigningKey;

const SENT_AT_S: i64 = 1_614_265_330;

fn policy(algorithm: PolicyAlgorithm) -> Policy {
    Policy {
        name: "prod".parse().unwrap(),
        algorithm,
        audience: None,
        expires_in_s: None,
        secret: None,
        disabled: false,
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
        keys: Vec::new(),
    }
}

/// A subscription called `desk` whose bodies become tokens by this policy.
fn bound(policy: &Policy, slots: &[(&str, &str)], headers: Vec<Signer>) -> Bound {
    let url = "https://hooks.example".parse().unwrap();
    let key = match policy.algorithm {
        PolicyAlgorithm::None => SigningKey::None,
        PolicyAlgorithm::Signed(_) => SigningKey::Shared(Secret::from("a shared key".to_owned())),
    };
    let maker = Arc::new(TokenMaker::new(policy, &url, key));
    let token = Some(TokenSigner { maker, subject: "desk".parse().unwrap() });
    let slots = slots.iter().map(|(slot, value)| {
        let name: Name = format!("my-{slot}").parse().unwrap();
        ((*slot).to_owned(), (name, Secret::from((*value).to_owned())))
    });
    Bound::new(slots.collect(), Vec::new(), Ok(Signers { headers, token }))
}

fn unsigned() -> Policy {
    policy(PolicyAlgorithm::None)
}

fn facts() -> Facts {
    Facts {
        delivery: "dlv_0199f5e0a8c07c3e8d2f1a2b3c4d5e6f".parse().unwrap(),
        sent_at: Timestamp::from_millis(SENT_AT_S * 1000 + 999),
    }
}

fn request(body: Vec<Part>, headers: &[(&str, &str)]) -> Request {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), Template::text(*value));
    Request {
        method: "POST".into(),
        url: Template::text("https://example.com/"),
        headers: headers.iter().map(header).collect(),
        body: Template(body),
    }
}

fn text(text: &str) -> Part {
    Part::Text(text.into())
}

/// Header, claims and signature of the token that a body is.
fn parts(body: &[u8]) -> [Vec<u8>; 3] {
    let body = std::str::from_utf8(body).unwrap();
    let token = body.strip_prefix("{\"jwt\":\"").unwrap().strip_suffix("\"}").unwrap();
    let parts: Vec<_> =
        token.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    parts.try_into().unwrap()
}

#[test]
fn the_body_is_a_claim_as_it_is() {
    let body = "{ \"a\": 1.0e+2,\t\"a\":\"\\u003c\" , \"ü\":[] }";
    let filled = fill(&request(vec![text(body)], &[]), &bound(&unsigned(), &[], vec![]), facts());
    let filled = filled.unwrap();
    let [header, claims, signature] = parts(&filled.body);
    assert_eq!(header, br#"{"typ":"JWT","alg":"none"}"#);
    assert_eq!(signature, b"");
    let claims = String::from_utf8(claims).unwrap();
    let jti = serde_json::from_str::<Value>(&claims).unwrap()["jti"].as_str().unwrap().to_owned();
    let expected = format!(
        "{{\"iss\":\"https://hooks.example/webhook_policies/prod\",\"sub\":\"desk\",\
         \"nbf\":{SENT_AT_S},\"iat\":{SENT_AT_S},\"jti\":\"{jti}\",\"data\":{body}}}"
    );
    assert_eq!(claims, expected);
    assert_eq!(filled.sent.body, filled.body, "the journal has what was sent");
    // Another attempt is another token.
    let again = fill(&request(vec![text(body)], &[]), &bound(&unsigned(), &[], vec![]), facts());
    assert_ne!(again.unwrap().body, filled.body);
    let limited = Policy {
        audience: Some("d\"esk".into()),
        expires_in_s: Some(600),
        algorithm: PolicyAlgorithm::Signed(JwtAlgorithm::HS384),
        ..unsigned()
    };
    let filled = fill(&request(vec![text("7")], &[]), &bound(&limited, &[], vec![]), facts());
    let [header, claims, signature] = parts(&filled.unwrap().body);
    assert_eq!(header, br#"{"typ":"JWT","alg":"HS384"}"#);
    assert_eq!(signature.len(), 48);
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["aud"], &claims["data"]), (&"d\"esk".into(), &7.into()));
    assert_eq!(claims["exp"], SENT_AT_S + 600);
}

#[test]
fn what_is_not_json_is_not_sent() {
    for (body, why) in [
        (vec![], "the request has no body that the policy `prod` could sign"),
        (vec![text("a=b")], "the body is not JSON, and the policy `prod` signs nothing else"),
        (vec![text("{} {}")], "the body is not JSON"),
        (vec![text("\u{feff}{}")], "the body is not JSON"),
        (vec![Part::Bytes(b"\"\xff\"".to_vec())], "the body is not JSON"),
    ] {
        let refused = fill(&request(body, &[]), &bound(&unsigned(), &[], vec![]), facts());
        let refused = refused.unwrap_err().to_string();
        assert!(refused.starts_with(why), "{refused}");
    }
}

#[test]
fn the_journal_has_masks_where_base64_would_hide_a_secret() {
    let secret = |encoding| Part::Secret { slot: "token".into(), encoding };
    let bound = bound(&unsigned(), &[("token", "t0k\"en")], vec![]);
    let body = vec![text("{\"chat\":1,\"token\":\""), secret(Encoding::Json), text("\"}")];
    let filled = fill(&request(body, &[]), &bound, facts()).unwrap();
    let [_, claims, _] = parts(&filled.body);
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["data"]["token"], "t0k\"en");
    let shown: Value = serde_json::from_slice(&filled.sent.body).unwrap();
    assert_eq!(shown["jwt"]["header"]["alg"], "none");
    assert_eq!(shown["jwt"]["claims"]["jti"], claims["jti"]);
    assert_eq!(shown["jwt"]["claims"]["data"]["token"], "{secret:my-token}");
    // A receiver that gives the token back gives no secret away.
    let echo = String::from_utf8(filled.body.to_vec()).unwrap();
    assert!(filled.scrubber.text(&echo).contains("{secret:my-token}"));
    // Where there is no text in JSON.
    let body = vec![text("["), secret(Encoding::Base64), text("]")];
    assert!(fill(&request(body, &[]), &bound, facts()).is_err(), "that is no JSON");
    let number = self::bound(&unsigned(), &[("token", "12345678")], vec![]);
    let body = vec![text("["), secret(Encoding::Raw), text("]")];
    let filled = fill(&request(body, &[]), &number, facts()).unwrap();
    let shown: Value = serde_json::from_slice(&filled.sent.body).unwrap();
    assert_eq!(shown["jwt"]["claims"]["data"], "[{secret:my-token}]");
}

#[test]
fn other_signatures_cover_the_token_and_it_is_json() {
    let key = Secret::from("key!".to_owned());
    let signing = serde_json::from_str(r#"{"scheme":"hmac","secret":"key"}"#).unwrap();
    let signer = Signer::new(&signing, |_| Some(&key)).unwrap().unwrap();
    let bound = bound(&unsigned(), &[], vec![signer]);
    for (kind, expected) in [
        (None, "application/json"),
        (Some("application/cloudevents+json"), "application/json"),
        (Some("application/json; charset=utf-8"), "application/json; charset=utf-8"),
        (Some("Application/JSON"), "Application/JSON"),
    ] {
        let mut headers = vec![("X-Signature", "from the plugin")];
        headers.extend(kind.map(|kind| ("Content-Type", kind)));
        let filled = fill(&request(vec![text("{}")], &headers), &bound, facts()).unwrap();
        let kinds: Vec<_> = filled.headers.get_all("content-type").iter().collect();
        assert_eq!(kinds, [expected]);
        let signatures: Vec<_> = filled.headers.get_all("x-signature").iter().collect();
        let mac =
            sign::hmac(hookwright_model::request::HmacDigest::Sha256, b"key!", &[&filled.body]);
        let written = sign::written(&mac, hookwright_model::request::DigestEncoding::Hex);
        assert_eq!(signatures, [written.as_str()], "it takes the place of the plugin's");
        // The journal has the same headers.
        for (name, value) in &filled.sent.headers {
            assert_eq!(filled.headers[name.to_lowercase()], value.as_str());
        }
        assert_eq!(filled.sent.headers.len(), filled.headers.len());
    }
}
