//! `X-Hub-Signature` and its younger siblings, as Zammad and GitHub sign.

use hookwright_model::Secret;
use hookwright_model::request::{DigestEncoding, HmacDigest};
use http::HeaderName;

use super::{Outgoing, hmac, written};

#[derive(Clone, Debug)]
pub(super) struct HubSignature {
    pub(super) digest: HmacDigest,
    pub(super) key: Secret,
}

impl HubSignature {
    pub(super) fn name(&self) -> HeaderName {
        HeaderName::from_static(name(self.digest))
    }

    pub(super) fn header(&self, outgoing: Outgoing<'_>) -> (HeaderName, String) {
        let (name, value) = hub_signature(self.digest, &self.key, outgoing.body);
        (HeaderName::from_static(name), value)
    }
}

fn name(digest: HmacDigest) -> &'static str {
    match digest {
        HmacDigest::Sha1 => "x-hub-signature",
        HmacDigest::Sha256 => "x-hub-signature-256",
        HmacDigest::Sha512 => "x-hub-signature-512",
    }
}

/// The name and value of the header that Zammad and GitHub sign with.
#[must_use]
pub fn hub_signature(digest: HmacDigest, key: &Secret, body: &[u8]) -> (&'static str, String) {
    let hex = written(&hmac(digest, key.expose(), &[body]), DigestEncoding::Hex);
    let method = match digest {
        HmacDigest::Sha1 => "sha1",
        HmacDigest::Sha256 => "sha256",
        HmacDigest::Sha512 => "sha512",
    };
    (name(digest), format!("{method}={hex}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each checked with two or three other implementations (OpenSSL, Python, npm
    /// x-hub-signature).
    #[test]
    fn vectors() {
        let key = Secret::from("s3cr3t-t0k3n".to_owned());
        let seed = include_bytes!("../../../../../tests/data/seeds/001-zammad.wire.json");
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
        let key = Secret::from("It's a Secret to Everybody".to_owned());
        let (name, value) = hub_signature(HmacDigest::Sha256, &key, b"Hello, World!");
        let expected = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!((name, value), ("x-hub-signature-256", format!("sha256={expected}")));
    }
}
