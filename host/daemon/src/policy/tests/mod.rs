//! Keys that are made here, as others read them.

use hookwright_model::{JwtAlgorithm, PolicyKey};
use serde_json::json;

use super::generate::generate;
use super::jwk;
use super::key::{SigningKey, Unsignable};
use crate::proof::key::Key;
use crate::proof::pem;

const GENERATED: [JwtAlgorithm; 6] = [
    JwtAlgorithm::RS256,
    JwtAlgorithm::RS384,
    JwtAlgorithm::RS512,
    JwtAlgorithm::ES256,
    JwtAlgorithm::ES384,
    JwtAlgorithm::ES512,
];

#[tokio::test]
async fn what_a_key_signs_its_public_part_proves() {
    for algorithm in GENERATED {
        let (public, private) = generate(algorithm).await.unwrap();
        assert_eq!(public.algorithm, algorithm);
        let key = SigningKey::read(algorithm, private.expose()).unwrap();
        let signature = key.sign(algorithm, b"message").unwrap();
        let read = pem::read(&public.public_key_pem).unwrap();
        assert!(read.verify(algorithm, b"message", &signature), "{algorithm:?}");
        assert!(!read.verify(algorithm, b"messagE", &signature), "{algorithm:?}");
        // The set says the same.
        let jwk = jwk::jwk(&public).unwrap();
        let set = crate::proof::jwk::read(jwk.to_string().as_bytes()).unwrap();
        let named = set.0.first().unwrap();
        assert_eq!(named.kid.as_deref(), Some(public.kid.as_str()));
        assert_eq!(named.algorithm, Some(algorithm));
        assert!(named.key.verify(algorithm, b"message", &signature), "{algorithm:?}");
        assert!(!crate::proof::jwk::holds_private(jwk.to_string().as_bytes()));
        // Another is another.
        let (other, _) = generate(algorithm).await.unwrap();
        assert_ne!(other.kid, public.kid);
        let other = pem::read(&other.public_key_pem).unwrap();
        assert!(!other.verify(algorithm, b"message", &signature), "{algorithm:?}");
        // It signs with the algorithms of its kind only.
        for wrong in JwtAlgorithm::ALL {
            if wrong.as_str()[..2] != algorithm.as_str()[..2] {
                assert_eq!(key.sign(wrong, b"message"), Err(Unsignable), "{wrong:?}");
                assert!(SigningKey::read(wrong, private.expose()).is_none(), "{wrong:?}");
            }
        }
    }
    assert!(generate(JwtAlgorithm::HS256).await.is_err());
    assert_eq!(SigningKey::None.sign(JwtAlgorithm::HS256, b""), Err(Unsignable));
}

/// Section 3.1 of RFC 7638.
#[test]
fn the_thumbprint_of_rfc_7638() {
    let jwk = json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    });
    let set = crate::proof::jwk::read(jwk.to_string().as_bytes()).unwrap();
    let key: &Key = &set.0[0].key;
    assert_eq!(jwk::thumbprint(key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

/// What PyJWT and its library wrote is written here in the same way.
#[test]
fn keys_of_others() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../tests/data/jwt.json")).unwrap();
    for case in document["cases"].as_array().unwrap() {
        let (Some(text), jwk) = (case["pem"].as_str(), &case["jwk"]) else { continue };
        let algorithm = JwtAlgorithm::named(case["alg"].as_str().unwrap()).unwrap();
        let key = PolicyKey {
            kid: "k1".into(),
            algorithm,
            public_key_pem: text.to_owned(),
            created_at: hookwright_model::Timestamp::default(),
            kept_until: None,
        };
        let written = jwk::jwk(&key).unwrap();
        for member in ["kty", "crv", "x", "y", "n", "e"] {
            assert_eq!(written[member], jwk[member], "{algorithm:?} {member}");
        }
        assert_eq!((&written["kid"], &written["use"]), (&"k1".into(), &"sig".into()));
        let again = match pem::read(text).unwrap() {
            Key::P256(point) => pem::write_ec(crate::proof::key::Curve::P256, &point),
            Key::P384(point) => pem::write_ec(crate::proof::key::Curve::P384, &point),
            _ => continue,
        };
        assert_eq!(again.unwrap(), text);
    }
}
