//! Public keys as receivers fetch them (RFC 7517).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::PolicyKey;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::proof::key::{Curve, Key};
use crate::proof::pem;

/// The members of a key that RFC 7638 names, in its order, which is that of the alphabet; none
/// of a key that is shared.
fn members(key: &Key) -> Vec<(&'static str, String)> {
    let number = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let point = |curve: Curve, point: &[u8]| {
        let (x, y) = point.get(1..).unwrap_or_default().split_at(curve.width());
        vec![
            ("crv", curve.to_string()),
            ("kty", "EC".to_owned()),
            ("x", number(x)),
            ("y", number(y)),
        ]
    };
    match key {
        Key::Shared(_) => Vec::new(),
        Key::Rsa(key) => {
            vec![("e", number(&key.e)), ("kty", "RSA".to_owned()), ("n", number(&key.n))]
        }
        Key::P256(bytes) => point(Curve::P256, bytes),
        Key::P384(bytes) => point(Curve::P384, bytes),
        Key::P521(key) => point(Curve::P521, key.to_sec1_point(false).as_bytes()),
    }
}

/// What a key is known by: a digest of it (RFC 7638).
#[must_use]
pub(super) fn thumbprint(key: &Key) -> String {
    // The members' values have no character that JSON escapes.
    let members: Vec<_> =
        members(key).iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    let digest = Sha256::digest(format!("{{{}}}", members.join(",")));
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

/// A key as it stands in a set; nothing if what is stored is none.
#[must_use]
pub fn jwk(key: &PolicyKey) -> Option<Value> {
    let public = pem::read(&key.public_key_pem).ok()?;
    let mut jwk: Map<String, Value> = members(&public)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    jwk.insert("kid".into(), key.kid.as_str().into());
    jwk.insert("alg".into(), key.algorithm.as_str().into());
    jwk.insert("use".into(), "sig".into());
    Some(jwk.into())
}
