//! HMACs.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digest: HmacDigest, key: &[u8], message: &[u8]) -> String {
        written(&hmac(digest, key, &[message]), DigestEncoding::Hex)
    }

    #[test]
    fn rfc_2202_rfc_4231_and_github() {
        assert_eq!(
            hex(HmacDigest::Sha1, &[0x0b; 20], b"Hi There"),
            "b617318655057264e28bc0b6fb378c8ef146be00"
        );
        let jefe = b"what do ya want for nothing?";
        let sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        assert_eq!(hex(HmacDigest::Sha1, b"Jefe", jefe), sha1);
        let sha512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        assert_eq!(hex(HmacDigest::Sha512, b"Jefe", jefe), sha512);
        assert_eq!(
            hex(HmacDigest::Sha256, b"It's a Secret to Everybody", b"Hello, World!"),
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }
}
