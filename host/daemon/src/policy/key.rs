//! Keys that tokens are signed with.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use hookwright_model::{JwtAlgorithm, Secret};
use p521::ecdsa::signature::Signer;
use ring::rand::SystemRandom;
use ring::rsa;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding,
};
use sha2::{Sha256, Sha384, Sha512};

/// A key, ready to sign. It takes the algorithms of its kind only.
pub enum SigningKey {
    /// Nothing is signed.
    None,
    /// Known to both sides.
    Shared(Secret),
    /// RSA.
    Rsa(Box<rsa::KeyPair>),
    /// On P-256 or P-384.
    Ec(Box<EcdsaKeyPair>),
    /// *ring* has no P-521.
    P521(Box<p521::ecdsa::SigningKey>),
}

/// There is no signature: no random numbers, or a key of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no signature can be made")]
pub struct Unsignable;

impl SigningKey {
    /// A generated key from its stored form: PKCS #8, or the bare number on P-521. Nothing if it
    /// is none for this algorithm.
    #[must_use]
    pub fn read(algorithm: JwtAlgorithm, private: &[u8]) -> Option<Self> {
        use JwtAlgorithm::{ES256, ES384, ES512, HS256, HS384, HS512, RS256, RS384, RS512};
        let ec = |curve: &'static EcdsaSigningAlgorithm| {
            let pair = EcdsaKeyPair::from_pkcs8(curve, private, &SystemRandom::new()).ok()?;
            Some(Self::Ec(Box::new(pair)))
        };
        match algorithm {
            HS256 | HS384 | HS512 => None,
            RS256 | RS384 | RS512 => {
                rsa::KeyPair::from_pkcs8(private).ok().map(|pair| Self::Rsa(Box::new(pair)))
            }
            ES256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            ES384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            ES512 => {
                let key = p521::ecdsa::SigningKey::from_slice(private).ok()?;
                Some(Self::P521(Box::new(key)))
            }
        }
    }

    /// The signature of a message, as tokens have it.
    ///
    /// # Errors
    /// When there are no random numbers, or the algorithm is one of another kind.
    pub fn sign(&self, algorithm: JwtAlgorithm, message: &[u8]) -> Result<Vec<u8>, Unsignable> {
        use JwtAlgorithm::{ES256, ES384, ES512, HS256, HS384, HS512, RS256, RS384, RS512};
        match (self, algorithm) {
            (Self::Shared(key), HS256) => hmac::<Hmac<Sha256>>(key, message),
            (Self::Shared(key), HS384) => hmac::<Hmac<Sha384>>(key, message),
            (Self::Shared(key), HS512) => hmac::<Hmac<Sha512>>(key, message),
            (Self::Rsa(pair), RS256) => rsa_signature(pair, &RSA_PKCS1_SHA256, message),
            (Self::Rsa(pair), RS384) => rsa_signature(pair, &RSA_PKCS1_SHA384, message),
            (Self::Rsa(pair), RS512) => rsa_signature(pair, &RSA_PKCS1_SHA512, message),
            (Self::Ec(pair), ES256 | ES384) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                signature.map(|signature| signature.as_ref().to_vec()).map_err(|_| Unsignable)
            }
            (Self::P521(key), ES512) => {
                let signature: p521::ecdsa::Signature =
                    key.try_sign(message).map_err(|_| Unsignable)?;
                Ok(signature.to_bytes().to_vec())
            }
            _ => Err(Unsignable),
        }
    }
}

fn hmac<M: Mac + KeyInit>(key: &Secret, message: &[u8]) -> Result<Vec<u8>, Unsignable> {
    // A key of any length is a key for HMAC.
    let mac = <M as KeyInit>::new_from_slice(key.expose()).map_err(|_| Unsignable)?;
    Ok(mac.chain_update(message).finalize().into_bytes().to_vec())
}

fn rsa_signature(
    pair: &rsa::KeyPair,
    encoding: &'static dyn RsaEncoding,
    message: &[u8],
) -> Result<Vec<u8>, Unsignable> {
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature).map_err(|_| Unsignable)?;
    Ok(signature)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}
