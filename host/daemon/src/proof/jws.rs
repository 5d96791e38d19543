//! A token's outer form: the compact serialization of RFC 7515. Nothing in it is to be believed
//! before its signature has been checked.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::JwtAlgorithm;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::object;

/// The longest token, in bytes.
pub(super) const MAX_TOKEN: usize = 16 << 10;

/// A token taken apart.
#[derive(Debug)]
pub(super) struct Jws<'a> {
    /// What it says it is signed with.
    pub(super) algorithm: JwtAlgorithm,
    /// The id of the key it says it is signed with.
    pub(super) kid: Option<String>,
    /// What is signed: header and claims, as they stand in the token.
    pub(super) signed: &'a [u8],
    /// The claims in JSON.
    pub(super) claims: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    /// Extensions that must be understood.
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart. The texts of errors hold nothing of the token.
    pub(super) fn parse(token: &'a str) -> Result<Self, String> {
        if token.len() > MAX_TOKEN {
            return Err(format!("the token is longer than {} KiB", MAX_TOKEN >> 10));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("the token is not header.claims.signature".into());
        };
        let decode = |part: &str, what: &str| {
            let decoded = BASE64_URL_SAFE_NO_PAD.decode(part);
            decoded.map_err(|_| format!("the token's {what} is not base64url"))
        };
        let read: Header = object::read(&decode(header, "header")?)
            .ok_or("the token's header is not one of a signed token")?;
        if read.crit.is_some() {
            return Err("the token's header asks for extensions (`crit`) that are not known".into());
        }
        let Some(algorithm) = JwtAlgorithm::named(&read.alg) else {
            let known = JwtAlgorithm::ALL.map(JwtAlgorithm::as_str).join(", ");
            return Err(format!("the token's algorithm is not one of {known}"));
        };
        Ok(Self {
            algorithm,
            kid: read.kid,
            signed: &token.as_bytes()[..header.len() + 1 + claims.len()],
            claims: decode(claims, "claims")?,
            signature: decode(signature, "signature")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{claims}.c2ln")
    }

    #[test]
    fn parts() {
        let text = token(r#"{"typ":"JWT","alg":"HS256","kid":"k"}"#, "{}");
        let jws = Jws::parse(&text).unwrap();
        assert_eq!((jws.algorithm, jws.kid.as_deref()), (JwtAlgorithm::HS256, Some("k")));
        assert_eq!((&*jws.claims, &*jws.signature), (&b"{}"[..], &b"sig"[..]));
        assert_eq!(jws.signed, text.rsplit_once('.').unwrap().0.as_bytes());
    }

    #[test]
    fn what_is_no_signed_token() {
        let right = token(r#"{"alg":"HS256"}"#, "{}");
        assert!(Jws::parse(&right).is_ok());
        for wrong in [
            String::new(),
            "..".into(),
            "a.b".into(),
            format!("{right}.x"),
            format!("{right}="),
            format!(" {right}"),
            right.replace("c2ln", "c2lo/"),
            // Spare bits that are not zero.
            right.replace("c2ln", "c2l"),
            token(r#"{"alg":"none"}"#, "{}"),
            token(r#"{"alg":"None"}"#, "{}"),
            token(r#"{"alg":""}"#, "{}"),
            token(r#"{"alg":null}"#, "{}"),
            token(r#"{"alg":"hs256"}"#, "{}"),
            token(r#"{"alg":"PS256"}"#, "{}"),
            token(r#"{"alg":["HS256"]}"#, "{}"),
            token(r#"{"alg":"HS256","alg":"none"}"#, "{}"),
            token(r#"{"alg":"HS256","kid":1}"#, "{}"),
            token(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, "{}"),
            token("{}", "{}"),
            token("[]", "{}"),
            token(r#"{"alg":"HS256"}"#, &"x".repeat(MAX_TOKEN)),
        ] {
            assert!(Jws::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
