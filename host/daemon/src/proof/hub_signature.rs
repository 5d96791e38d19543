//! `X-Hub-Signature` and its younger siblings, as Zammad and GitHub sign.

use hookwright_model::Secret;
use hookwright_model::request::HmacDigest;

use super::{Post, Refused, same, wrong_signature};
use crate::delivery::sign;

#[derive(Debug)]
pub(super) struct HubSignature {
    pub(super) secret: Secret,
}

/// The headers, and what they are made with.
const KNOWN: [(&str, HmacDigest); 3] = [
    ("x-hub-signature", HmacDigest::Sha1),
    ("x-hub-signature-256", HmacDigest::Sha256),
    ("x-hub-signature-512", HmacDigest::Sha512),
];

impl HubSignature {
    /// All that are sent must be right.
    pub(super) fn check(&self, post: &Post<'_>) -> Result<(), Refused> {
        let mut found = false;
        for (name, digest) in KNOWN {
            for value in post.headers.get_all(name) {
                found = true;
                let (_, expected) = sign::hub_signature(digest, &self.secret, post.body);
                if !same(value.as_bytes(), expected.as_bytes()) {
                    return Err(wrong_signature());
                }
            }
        }
        if found {
            return Ok(());
        }
        Err(Refused::Wrong("the header `X-Hub-Signature` is missing".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::tests::{post, secret};

    #[test]
    fn all_that_are_sent_must_be_right() {
        let zammad = HubSignature { secret: secret("s3cr3t-t0k3n") };
        let right = "sha1=082d52c6f9f332ef3ff3f80ab4793ab9f5ee962e";
        let checked = |headers: &[(&str, &str)]| post(headers, br#"{"a":1}"#, |p| zammad.check(p));
        assert_eq!(checked(&[("x-hub-signature", right)]), Ok(()));
        assert_eq!(checked(&[("x-hub-signature", right), ("x-hub-signature", right)]), Ok(()));
        for wrong in [
            &[("x-hub-signature", "sha1=082d52c6f9f332ef3ff3f80ab4793ab9f5ee962f")][..],
            &[("x-hub-signature", "082d52c6f9f332ef3ff3f80ab4793ab9f5ee962e")],
            &[("x-hub-signature", right), ("x-hub-signature-256", right)],
            &[("x-hub-signature-256", right)],
            &[("x-hub-signature", "")],
            &[],
        ] {
            assert!(checked(wrong).is_err(), "{wrong:?}");
        }
        let github = HubSignature { secret: secret("It's a Secret to Everybody") };
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let headers = [("x-hub-signature-256", right)];
        assert_eq!(post(&headers, b"Hello, World!", |p| github.check(p)), Ok(()));
        assert!(post(&headers, b"Hello, World?", |p| github.check(p)).is_err());
    }
}
