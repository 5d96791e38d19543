//! Public keys that are set up.

use serde_json::{Value, json};

use crate::proof::{jwk, pem};

fn document() -> Value {
    serde_json::from_str(include_str!("../../../../../tests/data/jwt.json")).unwrap()
}

fn pem_of(algorithm: &str) -> String {
    let document = document();
    let mut cases = document["cases"].as_array().unwrap().iter();
    let case = cases.find(|case| case["alg"] == algorithm).unwrap();
    case["pem"].as_str().unwrap().to_owned()
}

#[test]
fn pem_as_people_paste_it() {
    for algorithm in ["RS256", "ES256", "ES384", "ES512"] {
        let text = pem_of(algorithm);
        let indented = text.replace('\n', "\n    ");
        let windows = text.replace('\n', "\r\n");
        for form in [&text, text.trim(), &indented, &windows, &format!("\n\n{text}\n")] {
            let key = pem::read(form).unwrap();
            assert!(key.algorithms().iter().any(|known| known.as_str() == algorithm), "{form}");
        }
        // Without its first character.
        let cut = text.replacen(
            "KEY-----
M",
            "KEY-----
",
            1,
        );
        assert!(pem::read(&cut).is_err());
    }
    let old = document()["cases"][3]["pkcs1"].as_str().unwrap().to_owned();
    assert!(old.contains("RSA PUBLIC KEY") && pem::read(&old).is_ok());
}

#[test]
fn pem_that_is_something_else() {
    let wrap = |label: &str, base64: &str| {
        format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
    };
    let short_rsa = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCjCiuS9dSEFMbPY1pnUp0TMQvv\n\
                     5yGKDtT9Gkyx57fovJu+AsBBP5lXn7xK0RafxHcVpGN7H6IOe9CBMyaZ+cdn2+8T\n\
                     0Q2rm7f098+/k+KNEPH+x20E5XH7V0UkBHieAlvUJZRdvN5+n5NiCj8+jQH8RPTd\n\
                     4ySC/ln8fFGaJXiJJQIDAQAB";
    let ed25519 = "MCowBQYDK2VwAyEAGF3t9RrLgKam8kcW/fHRsgB/s62Emgbq2W4b4ZQMXtM=";
    let k256 = "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE3FI3erTxL5uUbhEXEUCo/KivMf5OPYTI\n\
                fRcyAUEIsG2soBex8sC1ikBm+Gemk9eo4/x3RQ0BQ4B6IXz6BGHLTw==";
    for (text, why) in [
        (wrap("PUBLIC KEY", short_rsa), "1024 bits"),
        (wrap("PUBLIC KEY", ed25519), "neither of RSA nor of an elliptic curve"),
        (wrap("PUBLIC KEY", k256), "not one of P-256, P-384 and P-521"),
        (wrap("PRIVATE KEY", ed25519), "private key"),
        (wrap("EC PRIVATE KEY", ed25519), "private key"),
        (wrap("CERTIFICATE", ed25519), "not a public key"),
        (wrap("PUBLIC KEY", "AAAA"), "cannot be read"),
        (wrap("RSA PUBLIC KEY", "AAAA"), "cannot be read"),
        ("desk.pem".into(), "cannot be read"),
        (String::new(), "cannot be read"),
    ] {
        let error = pem::read(&text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn jwk_that_is_something_else() {
    let p521_x =
        "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk";
    let p521_y =
        "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk";
    for (text, why) in [
        (json!({"kty": "oct", "k": "AA"}), "neither `RSA` nor `EC`"),
        (json!({"kty": "EC", "crv": "P-256", "x": "AA"}), "`y` is missing"),
        (json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}), "have 32 bytes"),
        (json!({"kty": "EC", "crv": "P-256", "x": "A=", "y": "AA"}), "not base64url"),
        (json!({"kty": "EC", "crv": "secp256k1"}), "`crv`"),
        (json!({"kty": "EC", "crv": "P-521", "x": p521_x, "y": p521_y}), "not on P-521"),
        (json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}), "17 bits"),
        (json!({"kty": "RSA", "alg": "PS256"}), "not known"),
        (json!({"kty": "RSA", "use": "enc"}), "not meant for signatures"),
        (json!({"kty": "RSA", "key_ops": ["encrypt"]}), "not meant for signatures"),
        (json!({"keys": {}}), "not a list"),
        (json!(["RSA"]), "is an object"),
    ] {
        let error = jwk::read(text.to_string().as_bytes()).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
    assert!(jwk::holds_private(br#"{"kty":"oct","k":"AA"}"#));
    assert!(jwk::holds_private(br#"{"keys":[{"kty":"RSA"},{"kty":"EC","d":"AA"}]}"#));
    assert!(!jwk::holds_private(br#"{"keys":[{"kty":"RSA"}]}"#));
}
