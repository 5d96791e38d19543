//! Tokens that other people made.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::{SourceAuth, Timestamp};
use serde_json::{Value, json};

use super::{map, secret};
use crate::delivery::client::Sender;
use crate::delivery::connect::Connector;
use crate::delivery::guard::Guard;
use crate::proof::issuer::Issuers;
use crate::proof::{Mistake, Post, Proof, Proven, Refused};

/// When PyJWT's tokens are valid.
fn then() -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000)
}

const ISSUER: &str = "https://desk.example/webhook_policies/1";

struct Case {
    algorithm: String,
    token: String,
    secret: Option<String>,
    pem: Value,
    jwk: Value,
}

/// A token of each algorithm by PyJWT.
fn cases() -> Vec<Case> {
    let document: Value =
        serde_json::from_str(include_str!("../../../../../tests/data/jwt.json")).unwrap();
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let case = |case: &Value| Case {
        algorithm: text(&case["alg"]).unwrap(),
        token: text(&case["token"]).unwrap(),
        secret: text(&case["secret"]),
        pem: case["pem"].clone(),
        jwk: case["jwk"].clone(),
    };
    document["cases"].as_array().unwrap().iter().map(case).collect()
}

/// How posts with the key of a case are proved; more settings may be said.
fn proof(case: &Case, more: &Value) -> Result<Proof, Mistake> {
    let mut auth = json!({"kind": "jwt", "audience": "hookwright"});
    if case.secret.is_some() {
        auth["secret"] = json!("key");
    } else {
        auth["public_key"] = case.pem.clone();
    }
    for (name, value) in more.as_object().unwrap() {
        auth[name] = value.clone();
    }
    made(auth, case.secret.as_deref())
}

fn made(auth: Value, key: Option<&str>) -> Result<Proof, Mistake> {
    let auth: SourceAuth = serde_json::from_value(auth).unwrap();
    Proof::new(&auth, key.map(secret))
}

fn issuers() -> Issuers {
    let guard = Guard::default();
    Issuers::new(Sender::new(Connector::new(guard.clone()).unwrap()), guard)
}

async fn check(proof: &Proof, now: Timestamp, token: &str) -> Result<Proven, Refused> {
    let headers = map(&[("authorization", &format!("Bearer {token}"))]);
    proof
        .check(&issuers(), &Post { source: "desk", token: None, headers: &headers, body: b"", now })
        .await
}

async fn check_body(proof: &Proof, body: &str) -> Result<Proven, Refused> {
    let (headers, body, now) = (map(&[]), body.as_bytes(), then());
    proof
        .check(&issuers(), &Post { source: "desk", token: None, headers: &headers, body, now })
        .await
}

/// The same token with one bit of its signature, claims or header other than it was.
fn flipped(token: &str, part: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(ToOwned::to_owned).collect();
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    parts[part] = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    parts.join(".")
}

#[tokio::test]
async fn every_algorithm() {
    for case in cases() {
        let name = &case.algorithm;
        let proof = proof(&case, &json!({"issuer": ISSUER})).unwrap();
        assert_eq!(check(&proof, then(), &case.token).await, Ok(Proven::default()), "{name}");
        for part in 0..3 {
            let refused = check(&proof, then(), &flipped(&case.token, part)).await;
            assert!(matches!(refused, Err(Refused::Wrong(_))), "{name} {part}: {refused:?}");
        }
        let signature = case.token.rsplit_once('.').unwrap().0;
        assert!(check(&proof, then(), &format!("{signature}.")).await.is_err(), "{name}");
        for later in [then().after(std::time::Duration::from_secs(660)), Timestamp::from_millis(0)]
        {
            assert!(check(&proof, later, &case.token).await.is_err(), "{name}");
        }
        if case.secret.is_none() {
            let more = json!({"public_key": case.jwk.to_string()});
            let one = super::jwt::proof(&case, &more).unwrap();
            assert!(check(&one, then(), &case.token).await.is_ok(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_key_takes_its_own_algorithms_only() {
    let cases = cases();
    for mine in &cases {
        let proof = proof(mine, &json!({})).unwrap();
        for other in &cases {
            let is_mine = mine.algorithm == other.algorithm;
            // One secret and one RSA key are good for three of them each.
            let is_shared = mine.secret.is_some() && other.secret.is_some();
            let is_rsa = mine.pem == other.pem && mine.pem.is_string();
            let taken = check(&proof, then(), &other.token).await.is_ok();
            let expected = is_mine || is_shared || is_rsa;
            assert_eq!(taken, expected, "{} as {}", other.algorithm, mine.algorithm);
        }
        let only = super::jwt::proof(mine, &json!({"algorithms": [mine.algorithm]})).unwrap();
        for other in &cases {
            let taken = check(&only, then(), &other.token).await.is_ok();
            assert_eq!(taken, mine.algorithm == other.algorithm);
        }
    }
}

/// The public key as the secret of an HMAC, which a careless check would take.
#[tokio::test]
async fn confusion_of_algorithms() {
    use hmac::{Hmac, KeyInit, Mac};
    for case in cases().iter().filter(|case| case.secret.is_none()) {
        let proof = proof(case, &json!({})).unwrap();
        let claims = case.token.split('.').nth(1).unwrap();
        for key in [case.pem.as_str().unwrap(), case.pem.as_str().unwrap().trim()] {
            let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
            let signed = format!("{header}.{claims}");
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
            mac.update(signed.as_bytes());
            let signature = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
            assert!(check(&proof, then(), &format!("{signed}.{signature}")).await.is_err());
        }
        for none in ["none", "NONE", "None"] {
            let header = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{none}"}}"#));
            assert!(check(&proof, then(), &format!("{header}.{claims}.")).await.is_err());
        }
    }
}

#[tokio::test]
async fn a_body_that_is_a_token_and_nothing_else() {
    let case = cases().remove(6);
    let proof = proof(&case, &json!({"location": "body"})).unwrap();
    let token = &case.token;
    for right in [
        json!({"jwt": token}).to_string(),
        format!("\n{{ \"jwt\" :\t\"{token}\" }}\n"),
        format!("{{\"\\u006awt\":\"\\u0065{}\"}}", token.strip_prefix('e').unwrap()),
    ] {
        let jti = check_body(&proof, &right).await.unwrap().jti;
        assert_eq!(jti.as_deref(), Some("c0ffee-1"), "{right}");
    }
    for wrong in [
        String::new(),
        token.clone(),
        json!(token).to_string(),
        json!([token]).to_string(),
        "{}".into(),
        json!({"jwt": null}).to_string(),
        json!({"jwt": ""}).to_string(),
        json!({"jwt": [token]}).to_string(),
        json!({"jwt": {"jwt": token}}).to_string(),
        json!({"JWT": token}).to_string(),
        json!({"jwt": token, "event": "request.update"}).to_string(),
        format!(r#"{{"jwt":"{token}","jwt":"{token}"}}"#),
        format!(r#"{{"jwt":"{token}","\u006awt":"x"}}"#),
        format!(r#"{{"jwt":"x","jwt":"{token}"}}"#),
        format!("{}{}", json!({"jwt": token}), json!({"jwt": token})),
        format!("\u{feff}{}", json!({"jwt": token})),
        format!("{}{}", json!({"jwt": token}), " ".repeat(200_000)),
    ] {
        assert!(check_body(&proof, &wrong).await.is_err(), "{}", &wrong[..wrong.len().min(90)]);
    }
    // A token of a source that reads it from a header does not make a body of another right.
    let header = super::jwt::proof(&case, &json!({"location": "header"})).unwrap();
    assert!(check_body(&header, &json!({"jwt": token}).to_string()).await.is_err());
}

#[tokio::test]
async fn a_set_of_keys() {
    let cases: Vec<_> = cases().into_iter().filter(|case| case.secret.is_none()).collect();
    let keys: Vec<_> = cases.iter().map(|case| case.jwk.clone()).collect();
    let set = |keys: &[Value]| {
        let text = json!({"keys": keys}).to_string();
        let auth = json!({"kind": "jwt", "audience": "hookwright", "public_key": text});
        made(auth, None)
    };
    let all = set(&keys).unwrap();
    for case in &cases {
        assert!(check(&all, then(), &case.token).await.is_ok(), "{}", case.algorithm);
    }
    // Another id, another key.
    let renamed: Vec<_> = keys
        .iter()
        .map(|jwk| {
            let mut jwk = jwk.clone();
            jwk["kid"] = json!("another");
            jwk
        })
        .collect();
    let refused = check(&set(&renamed).unwrap(), then(), &cases[0].token).await.unwrap_err();
    assert!(refused.detail().contains("`kid`"), "{refused:?}");
    // Keys that are of no use here are no obstacle.
    let odd = [
        json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
        json!({"kty": "RSA", "use": "enc", "n": "AA", "e": "AQAB"}),
        json!({"kty": "quantum"}),
        json!(7),
        keys[0].clone(),
    ];
    assert!(check(&set(&odd).unwrap(), then(), &cases[0].token).await.is_ok());
    assert!(set(&odd[..4]).is_err() && set(&[]).is_err());
    assert!(set(&vec![keys[0].clone(); 33]).is_err());
}

/// RFC 7515, appendices A.3 (claims of 2011) and A.4 (which is no JWT).
#[tokio::test]
async fn rfc_7515() {
    let claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let now = Timestamp::from_millis(1_300_819_000_000);
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let a3 = made(json!({"kind": "jwt", "issuer": "joe", "public_key": jwk.to_string()}), None);
    let token = format!(
        "eyJhbGciOiJFUzI1NiJ9.{claims}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    assert!(check(a3.as_ref().unwrap(), now, &token).await.is_ok());
    assert!(check(a3.as_ref().unwrap(), now, &flipped(&token, 2)).await.is_err());
    let jwk = json!({
        "kty": "EC", "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
    });
    let keys = crate::proof::jwk::read(jwk.to_string().as_bytes()).unwrap();
    let signature = "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    let mut signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let message = b"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA";
    let key = &keys.0[0].key;
    assert!(key.verify(hookwright_model::JwtAlgorithm::ES512, message, &signature));
    signature[70] ^= 1;
    assert!(!key.verify(hookwright_model::JwtAlgorithm::ES512, message, &signature));
    assert!(!key.verify(hookwright_model::JwtAlgorithm::ES512, message, &[0; 132]));
    assert!(!key.verify(hookwright_model::JwtAlgorithm::ES512, message, &[]));
}

#[test]
fn what_cannot_be_set_up() {
    let cases = cases();
    let (hs, rs, es) = (&cases[0], &cases[3], &cases[6]);
    let field = |case: &Case, more: &Value| proof(case, more).map(drop).map_err(|m| m.field);
    assert_eq!(field(rs, &json!({"algorithms": ["HS256"]})), Err("algorithms"));
    assert_eq!(field(rs, &json!({"algorithms": ["RS256", "ES256"]})), Err("algorithms"));
    assert_eq!(field(hs, &json!({"algorithms": ["RS256"]})), Err("algorithms"));
    assert_eq!(field(es, &json!({"algorithms": ["es384"]})), Err("algorithms"));
    assert_eq!(field(hs, &json!({"public_key": rs.pem})), Err("public_key"));
    assert_eq!(field(hs, &json!({"leeway_s": 3601})), Err("leeway_s"));
    for issuer in ["", "desk", "ftp://desk.example", "https://a:b@desk.example", "https://d?x"] {
        let auth = json!({"kind": "jwt", "issuer": issuer});
        assert_eq!(made(auth, None).map(drop).map_err(|m| m.field), Err("issuer"), "{issuer}");
    }
    assert_eq!(made(json!({"kind": "jwt"}), None).map(drop).map_err(|m| m.field), Err("issuer"));
    // Only checked here, and then it may be any text.
    assert_eq!(field(hs, &json!({"issuer": "desk"})), Ok(()));
    let auth = json!({"kind": "jwt", "secret": "key"});
    let short = made(auth.clone(), Some("fifteen bytes!!")).map(drop).map_err(|m| m.field);
    assert_eq!(short, Err("secret"));
    assert_eq!(made(auth, None).map(drop).map_err(|m| m.field), Err("secret"));
    for unknown in [
        json!({"kind": "jwt", "secret": "key", "algorithm": "HS256"}),
        json!({"kind": "jwt", "secret": "key", "algorithms": ["none"]}),
        json!({"kind": "token", "secret": "key", "header": "X"}),
    ] {
        assert!(serde_json::from_value::<SourceAuth>(unknown.clone()).is_err(), "{unknown}");
    }
}
