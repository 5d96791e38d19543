//! Keys that tokens are checked with. A key is of one kind, and takes the algorithms of that
//! kind only: a public key can never be used as the secret of an HMAC.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use hookwright_model::{JwtAlgorithm, Secret};
use p521::ecdsa::signature::Verifier;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use sha2::{Sha256, Sha384, Sha512};

/// The lengths of RSA keys that are taken, in bits: shorter ones are not safe, longer ones take
/// long.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A key.
pub(crate) enum Key {
    /// Shared by both sides.
    Shared(Secret),
    /// Modulus and exponent, without leading zeros.
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// A point, uncompressed.
    P256(Vec<u8>),
    /// A point, uncompressed.
    P384(Vec<u8>),
    /// *ring* has no P-521.
    P521(Box<p521::ecdsa::VerifyingKey>),
}

impl Key {
    /// An RSA key.
    pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, String> {
        let [n, e] = [modulus, exponent].map(|number| {
            let zeros = number.iter().take_while(|&&byte| byte == 0).count();
            number[zeros..].to_vec()
        });
        let bits = n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if !RSA_BITS.contains(&bits) {
            let (shortest, longest) = (RSA_BITS.start(), RSA_BITS.end());
            return Err(format!(
                "the RSA key has {bits} bits; from {shortest} to {longest} are taken"
            ));
        }
        Ok(Self::Rsa(RsaPublicKeyComponents { n, e }))
    }

    /// A key on an elliptic curve, by the point's coordinates, each as long as the curve is
    /// wide.
    pub(crate) fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, String> {
        if x.len() != curve.width() || y.len() != curve.width() {
            let detail =
                format!("the coordinates of a point on {curve} have {} bytes", curve.width());
            return Err(detail);
        }
        Self::ec_point(curve, &[&[4], x, y].concat())
    }

    /// A key on an elliptic curve, by its point.
    pub(crate) fn ec_point(curve: Curve, point: &[u8]) -> Result<Self, String> {
        if point.len() != 1 + 2 * curve.width() || point[0] != 4 {
            return Err(format!("this is not an uncompressed point on {curve}"));
        }
        Ok(match curve {
            Curve::P256 => Self::P256(point.to_vec()),
            Curve::P384 => Self::P384(point.to_vec()),
            Curve::P521 => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let key = key.map_err(|_| "this point is not on P-521".to_owned())?;
                Self::P521(Box::new(key))
            }
        })
    }

    /// The algorithms it can be used with.
    pub(crate) fn algorithms(&self) -> &'static [JwtAlgorithm] {
        use JwtAlgorithm::{ES256, ES384, ES512, HS256, HS384, HS512, RS256, RS384, RS512};
        match self {
            Self::Shared(_) => &[HS256, HS384, HS512],
            Self::Rsa(_) => &[RS256, RS384, RS512],
            Self::P256(_) => &[ES256],
            Self::P384(_) => &[ES384],
            Self::P521(_) => &[ES512],
        }
    }

    /// Whether a signature is of this message, by this key and algorithm.
    pub(crate) fn verify(&self, algorithm: JwtAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        use JwtAlgorithm::{ES256, ES384, ES512, HS256, HS384, HS512, RS256, RS384, RS512};
        let rsa = |key: &RsaPublicKeyComponents<Vec<u8>>, parameters: &RsaParameters| {
            key.verify(parameters, message, signature).is_ok()
        };
        let ec = |point: &[u8], algorithm: &'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok()
        };
        match (self, algorithm) {
            (Self::Shared(key), HS256) => is_hmac::<Hmac<Sha256>>(key, message, signature),
            (Self::Shared(key), HS384) => is_hmac::<Hmac<Sha384>>(key, message, signature),
            (Self::Shared(key), HS512) => is_hmac::<Hmac<Sha512>>(key, message, signature),
            (Self::Rsa(key), RS256) => rsa(key, &RSA_PKCS1_2048_8192_SHA256),
            (Self::Rsa(key), RS384) => rsa(key, &RSA_PKCS1_2048_8192_SHA384),
            (Self::Rsa(key), RS512) => rsa(key, &RSA_PKCS1_2048_8192_SHA512),
            (Self::P256(point), ES256) => ec(point, &ECDSA_P256_SHA256_FIXED),
            (Self::P384(point), ES384) => ec(point, &ECDSA_P384_SHA384_FIXED),
            (Self::P521(key), ES512) => p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            _ => false,
        }
    }
}

/// Compares in constant time.
fn is_hmac<M: Mac + KeyInit>(key: &Secret, message: &[u8], signature: &[u8]) -> bool {
    // A key of any length is a key for HMAC.
    <M as KeyInit>::new_from_slice(key.expose())
        .is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, …)", self.algorithms())
    }
}

/// An elliptic curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The bytes of a coordinate.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        })
    }
}

/// A key, and what a set of keys says of it.
#[derive(Debug)]
pub(crate) struct NamedKey {
    /// Its id in the set.
    pub(crate) kid: Option<String>,
    /// The only algorithm it is meant for.
    pub(crate) algorithm: Option<JwtAlgorithm>,
    pub(crate) key: Key,
}

/// Keys of one side, several while they are changed.
#[derive(Debug)]
pub(crate) struct KeySet(pub(crate) Vec<NamedKey>);

impl KeySet {
    /// A set of one key without a name.
    pub(crate) fn of(key: Key) -> Self {
        Self(vec![NamedKey { kid: None, algorithm: None, key }])
    }

    /// The keys that a token may have been signed with. A key or a token without an id fits
    /// all.
    pub(crate) fn fitting<'a>(
        &'a self,
        kid: Option<&'a str>,
        algorithm: JwtAlgorithm,
    ) -> impl Iterator<Item = &'a Key> {
        let fits = move |named: &&NamedKey| {
            named.key.algorithms().contains(&algorithm)
                && named.algorithm.is_none_or(|only| only == algorithm)
                && kid.zip(named.kid.as_deref()).is_none_or(|(wanted, kid)| wanted == kid)
        };
        self.0.iter().filter(fits).map(|named| &named.key)
    }

    /// The algorithms that some key can be used with.
    pub(crate) fn algorithms(&self) -> Vec<JwtAlgorithm> {
        let takes = |algorithm: &JwtAlgorithm| self.fitting(None, *algorithm).next().is_some();
        JwtAlgorithm::ALL.into_iter().filter(takes).collect()
    }
}
