//! HMACs, and the signatures that receivers know.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use hookwright_model::Secret;
use hookwright_model::request::{DigestEncoding, HmacDigest};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// HMAC of pieces of a message.
#[must_use]
pub fn hmac(digest: HmacDigest, key: &[u8], message: &[&[u8]]) -> Vec<u8> {
    fn run<M: Mac + KeyInit>(key: &[u8], message: &[&[u8]]) -> Vec<u8> {
        // A key of any length is a key for HMAC.
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
        message.iter().for_each(|piece| mac.update(piece));
        mac.finalize().into_bytes().to_vec()
    }
    match digest {
        HmacDigest::Sha1 => run::<Hmac<Sha1>>(key, message),
        HmacDigest::Sha256 => run::<Hmac<Sha256>>(key, message),
        HmacDigest::Sha512 => run::<Hmac<Sha512>>(key, message),
    }
}

/// A digest in writing.
#[must_use]
pub fn written(digest: &[u8], encoding: DigestEncoding) -> String {
    match encoding {
        DigestEncoding::Hex => {
            let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
            digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
        }
        DigestEncoding::Base64 => BASE64_STANDARD.encode(digest),
    }
}

/// The name and value of the header that Zammad and GitHub sign with.
#[must_use]
pub fn hub_signature(digest: HmacDigest, key: &Secret, body: &[u8]) -> (&'static str, String) {
    let hex = written(&hmac(digest, key.expose(), &[body]), DigestEncoding::Hex);
    match digest {
        HmacDigest::Sha1 => ("x-hub-signature", format!("sha1={hex}")),
        HmacDigest::Sha256 => ("x-hub-signature-256", format!("sha256={hex}")),
        HmacDigest::Sha512 => ("x-hub-signature-512", format!("sha512={hex}")),
    }
}

/// The key in a secret of the form `whsec_` and base64, as Standard Webhooks writes them.
///
/// # Errors
/// Says what is wrong with the form.
pub fn standard_webhooks_key(secret: &Secret) -> Result<Secret, String> {
    let text = std::str::from_utf8(secret.expose()).unwrap_or_default().trim();
    let key = text
        .strip_prefix("whsec_")
        .and_then(|base64| BASE64_STANDARD.decode(base64).ok())
        .filter(|key| (24..=64).contains(&key.len()));
    let key = key.ok_or("a Standard Webhooks secret is `whsec_` and 24 to 64 bytes in base64")?;
    Ok(Secret::new(key))
}

/// The value of `webhook-signature` (Standard Webhooks 1.0, scheme `v1`).
#[must_use]
pub fn standard_webhooks(key: &Secret, id: &str, timestamp: &str, body: &[u8]) -> String {
    let message: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    let digest = hmac(HmacDigest::Sha256, key.expose(), &message);
    format!("v1,{}", BASE64_STANDARD.encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digest: HmacDigest, key: &[u8], message: &[u8]) -> String {
        written(&hmac(digest, key, &[message]), DigestEncoding::Hex)
    }

    #[test]
    fn rfc_2202_and_github() {
        assert_eq!(
            hex(HmacDigest::Sha1, &[0x0b; 20], b"Hi There"),
            "b617318655057264e28bc0b6fb378c8ef146be00"
        );
        assert_eq!(
            hex(HmacDigest::Sha1, b"Jefe", b"what do ya want for nothing?"),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
        assert_eq!(
            hex(HmacDigest::Sha256, b"It's a Secret to Everybody", b"Hello, World!"),
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }

    /// Each checked with two or three other implementations (OpenSSL, Python, npm
    /// x-hub-signature).
    #[test]
    fn hub_signatures() {
        let key = Secret::from("s3cr3t-t0k3n".to_owned());
        let seed = include_bytes!("../../../../tests/data/seeds/001-zammad.wire.json");
        for (body, expected) in [
            (&br#"{"a":1}"#[..], "082d52c6f9f332ef3ff3f80ab4793ab9f5ee962e"),
            (b"{}", "62dbed0e846073c1068278eca5ee448de020d291"),
            (
                r#"{"ticket":{"title":"Привет"}}"#.as_bytes(),
                "78bb3b7d7dac446cc2b80b17224c211705e5fe36",
            ),
            (
                br#"{"ticket":{"title":"a \u003c b \u0026 c"}}"#,
                "b2ab62d79a9a2813d71270d6f471c2a3765ffca4",
            ),
            (seed, "121694301eec2c4796c8fde0f1336109cbffca20"),
        ] {
            let (name, value) = hub_signature(HmacDigest::Sha1, &key, body);
            assert_eq!((name, value), ("x-hub-signature", format!("sha1={expected}")));
        }
        let key = Secret::from("my_little_secret".to_owned());
        let (_, value) = hub_signature(HmacDigest::Sha1, &key, b"body-to-sign");
        assert_eq!(value, "sha1=c36db6d7eb7ee30c0bc843b4c4f123f6fb087f86");
    }

    /// The vector in the specification's repository; standardwebhooks of PyPI and npm give it
    /// too.
    #[test]
    fn standard_webhooks_vector() {
        let secret = Secret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let key = standard_webhooks_key(&secret).unwrap();
        let signature = standard_webhooks(
            &key,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        for bad in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!", "whsec_AAAA", ""] {
            assert!(standard_webhooks_key(&Secret::from(bad.to_owned())).is_err(), "{bad}");
        }
    }
}
