//! An HMAC of the body, in a header of any name.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hookwright_model::Secret;
use hookwright_model::request::{DigestEncoding, HmacDigest};
use http::HeaderName;

use super::{Mistake, Post, Refused, header, same, wrong_signature};
use crate::delivery::sign;

/// Some leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Debug)]
pub(super) struct HmacHeader {
    header: HeaderName,
    digest: HmacDigest,
    prefix: String,
    encoding: DigestEncoding,
    secret: Secret,
}

impl HmacHeader {
    pub(super) fn new(
        header: &str,
        digest: HmacDigest,
        prefix: &str,
        encoding: DigestEncoding,
        secret: Secret,
    ) -> Result<Self, Mistake> {
        let Ok(header) = HeaderName::from_bytes(header.as_bytes()) else {
            let detail = "this is not the name of a header, such as `X-Signature`";
            return Err(Mistake::new("header", detail));
        };
        if !prefix.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            let detail = "a prefix has printable characters of ASCII only, such as `sha256=`";
            return Err(Mistake::new("prefix", detail));
        }
        // Spaces around a header's value are not part of it.
        let prefix = prefix.trim_start().to_owned();
        Ok(Self { header, digest, prefix, encoding, secret })
    }

    pub(super) fn check(&self, post: &Post<'_>) -> Result<(), Refused> {
        let value = header::one(post.headers, self.header.as_str())?;
        let Some(written) = value.strip_prefix(self.prefix.as_bytes()) else {
            let detail =
                format!("the header `{}` does not begin with `{}`", self.header, self.prefix);
            return Err(Refused::Wrong(detail));
        };
        let signature = match self.encoding {
            DigestEncoding::Hex => from_hex(written),
            DigestEncoding::Base64 => BASE64.decode(written).ok(),
        };
        let Some(signature) = signature else {
            let written = match self.encoding {
                DigestEncoding::Hex => "in hexadecimal digits",
                DigestEncoding::Base64 => "in base64",
            };
            let detail = format!("the header `{}` holds no signature {written}", self.header);
            return Err(Refused::Wrong(detail));
        };
        let expected = sign::hmac(self.digest, self.secret.expose(), &[post.body]);
        if !expected.is_empty() && same(&signature, &expected) {
            return Ok(());
        }
        Err(wrong_signature())
    }
}

/// The signature is no secret: this need not take the same time for all.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::tests::{post, secret};
    use DigestEncoding::{Base64, Hex};

    fn checked(
        (digest, prefix, encoding): (HmacDigest, &str, DigestEncoding),
        key: &str,
        body: &[u8],
        value: &str,
    ) -> Result<(), Refused> {
        let hmac = HmacHeader::new("X-Signature", digest, prefix, encoding, secret(key)).unwrap();
        post(&[("x-signature", value)], body, |p| hmac.check(p))
    }

    /// RFC 2202 (SHA-1), RFC 4231 (SHA-512), and GitHub's documents (SHA-256).
    #[test]
    fn vectors() {
        let jefe = b"what do ya want for nothing?";
        let sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        let sha512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        assert_eq!(checked((HmacDigest::Sha1, "", Hex), "Jefe", jefe, sha1), Ok(()));
        assert_eq!(checked((HmacDigest::Sha512, "", Hex), "Jefe", jefe, sha512), Ok(()));
        let upper = sha1.to_uppercase();
        assert_eq!(checked((HmacDigest::Sha1, "", Hex), "Jefe", jefe, &upper), Ok(()));
        let (key, body) = ("It's a Secret to Everybody", b"Hello, World!");
        let hex = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!(checked((HmacDigest::Sha256, "sha256=", Hex), key, body, hex), Ok(()));
        for base64 in [
            "v0 dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=",
            "v0 dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc",
        ] {
            assert_eq!(checked((HmacDigest::Sha256, "v0 ", Base64), key, body, base64), Ok(()));
        }
    }

    #[test]
    fn what_is_not_the_signature() {
        let kind = (HmacDigest::Sha1, "sha1=", Hex);
        let right = "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        let body = b"what do ya want for nothing?";
        assert_eq!(checked(kind, "Jefe", body, right), Ok(()));
        for wrong in [
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c78",
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c",
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c7",
            "sha1=+ffcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "sha1=",
            "",
        ] {
            assert!(checked(kind, "Jefe", body, wrong).is_err(), "{wrong}");
        }
        assert!(checked(kind, "Jefe", b"what do ya want for nothing!", right).is_err());
        assert!(checked(kind, "Jeff", body, right).is_err());
    }

    #[test]
    fn what_cannot_be_set_up() {
        let new = |header: &str, prefix: &str| {
            let made = HmacHeader::new(header, HmacDigest::Sha1, prefix, Hex, secret("key!"));
            made.map(drop).map_err(|mistake| mistake.field)
        };
        assert_eq!(new("X-Signature", "sha1="), Ok(()));
        assert_eq!(new("X Signature", ""), Err("header"));
        assert_eq!(new("", ""), Err("header"));
        assert_eq!(new("X-Signature", "ä"), Err("prefix"));
    }
}
