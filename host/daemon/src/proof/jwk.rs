//! Public keys in JSON: a JWK or a JWK set (RFC 7517).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::JwtAlgorithm;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::key::{Curve, Key, KeySet, NamedKey};

/// The most keys of a set. A token without a key's id is tried with all that fit.
const MAX_KEYS: usize = 32;

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    used_for: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    /// The private part.
    #[serde(default)]
    d: Option<IgnoredAny>,
}

/// Reads a key or a set. Of a set, keys for other purposes and of other kinds are left out, as
/// RFC 7517 says; one at least must be usable.
pub(crate) fn read(json: &[u8]) -> Result<KeySet, String> {
    let mut document: Value = serde_json::from_slice(json)
        .map_err(|error| format!("this is not a JWK in JSON: {error}"))?;
    let Some(keys) = document.get_mut("keys").map(Value::take) else {
        return Ok(KeySet(vec![key(document)?]));
    };
    let Value::Array(keys) = keys else { return Err("`keys` is not a list".into()) };
    if keys.len() > MAX_KEYS {
        return Err(format!("the set has more than {MAX_KEYS} keys"));
    }
    let mut problem = "the set has no keys".to_owned();
    let usable = keys.into_iter().filter_map(|jwk| {
        key(jwk).map_err(|error| problem = format!("no key of the set can be used: {error}")).ok()
    });
    let usable: Vec<_> = usable.collect();
    if usable.is_empty() { Err(problem) } else { Ok(KeySet(usable)) }
}

/// Whether a private key is among them: a mistake where public ones are set up.
pub(crate) fn holds_private(json: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Jwk>,
    }
    let is_private = |jwk: &Jwk| jwk.d.is_some() || jwk.kty == "oct";
    serde_json::from_slice::<Set>(json).is_ok_and(|set| set.keys.iter().any(is_private))
        || serde_json::from_slice::<Jwk>(json).is_ok_and(|jwk| is_private(&jwk))
}

fn key(jwk: Value) -> Result<NamedKey, String> {
    if !jwk.is_object() {
        return Err("a JWK is an object".into());
    }
    let jwk: Jwk =
        serde_json::from_value(jwk).map_err(|error| format!("the JWK cannot be read: {error}"))?;
    if jwk.used_for.as_deref().is_some_and(|used_for| used_for != "sig")
        || jwk.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| op == "verify"))
    {
        return Err("the key is not meant for signatures".into());
    }
    let algorithm = match jwk.alg.as_deref() {
        None => None,
        Some(name) => {
            let found = JwtAlgorithm::named(name);
            Some(found.ok_or("the key is for an algorithm (`alg`) that is not known")?)
        }
    };
    let number = |value: &Option<String>, name: &str| {
        let text = value.as_deref().ok_or_else(|| format!("`{name}` is missing"))?;
        BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("`{name}` is not base64url"))
    };
    let key = match jwk.kty.as_str() {
        "RSA" => Key::rsa(&number(&jwk.n, "n")?, &number(&jwk.e, "e")?)?,
        "EC" => {
            let curve = match jwk.crv.as_deref() {
                Some("P-256") => Curve::P256,
                Some("P-384") => Curve::P384,
                Some("P-521") => Curve::P521,
                _ => return Err("`crv` is not one of P-256, P-384 and P-521".into()),
            };
            Key::ec(curve, &number(&jwk.x, "x")?, &number(&jwk.y, "y")?)?
        }
        _ => return Err("`kty` is neither `RSA` nor `EC`".into()),
    };
    if algorithm.is_some_and(|algorithm| !key.algorithms().contains(&algorithm)) {
        return Err("the key is not one for its own algorithm (`alg`)".into());
    }
    Ok(NamedKey { kid: jwk.kid, algorithm, key })
}
