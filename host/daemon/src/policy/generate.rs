//! New keys. *ring* makes those on P-256 and P-384; it knows no P-521 and makes no RSA keys.

use hookwright_model::{JwtAlgorithm, PolicyKey, Secret, Timestamp};
use p521::elliptic_curve::Generate;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair,
};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rsa::rand_core::UnwrapErr;

use super::jwk;
use crate::proof::key::Curve;
use crate::proof::pem;

/// The length of RSA keys, in bits: what every receiver takes.
const RSA_BITS: usize = 2048;

/// Makes a key off the threads that wait for others: one of RSA takes a second or more on a slow
/// machine.
///
/// # Errors
/// When there are no random numbers, or the algorithm is one whose key is not generated.
pub async fn generate(algorithm: JwtAlgorithm) -> Result<(PolicyKey, Secret), String> {
    let made = tokio::task::spawn_blocking(move || make(algorithm)).await;
    made.unwrap_or_else(|_| Err("the key could not be generated".into()))
}

fn make(algorithm: JwtAlgorithm) -> Result<(PolicyKey, Secret), String> {
    use JwtAlgorithm::{ES256, ES384, ES512, HS256, HS384, HS512, RS256, RS384, RS512};
    let failed = |_| format!("no key for {} could be generated", algorithm.as_str());
    let (public_key_pem, private) = match algorithm {
        HS256 | HS384 | HS512 => {
            return Err(format!("a key for {} is not generated", algorithm.as_str()));
        }
        RS256 | RS384 | RS512 => rsa().map_err(failed)?,
        ES256 => ec(Curve::P256, &ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?,
        ES384 => ec(Curve::P384, &ECDSA_P384_SHA384_FIXED_SIGNING).map_err(failed)?,
        ES512 => p521().map_err(failed)?,
    };
    let kid = jwk::thumbprint(&pem::read(&public_key_pem)?);
    let created_at = Timestamp::now();
    let key = PolicyKey { kid, algorithm, public_key_pem, created_at, kept_until: None };
    Ok((key, private))
}

/// A public key in PEM, and the private one.
type Pair = (String, Secret);
/// What is wrong is no concern of anyone: it does not happen.
struct Failed;

fn rsa() -> Result<Pair, Failed> {
    let key = RsaPrivateKey::new(&mut UnwrapErr(getrandom::SysRng), RSA_BITS);
    let der = key.map_err(|_| Failed)?.to_pkcs8_der().map_err(|_| Failed)?;
    // As what signs sees it.
    let pair = ring::rsa::KeyPair::from_pkcs8(der.as_bytes()).map_err(|_| Failed)?;
    let pem = pem::write_rsa(pair.public().as_ref()).map_err(|_| Failed)?;
    Ok((pem, Secret::new(der.as_bytes().to_vec())))
}

fn ec(curve: Curve, algorithm: &'static EcdsaSigningAlgorithm) -> Result<Pair, Failed> {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| Failed)?;
    let private = Secret::new(der.as_ref().to_vec());
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, private.expose(), &random);
    let point = pair.map_err(|_| Failed)?.public_key().as_ref().to_vec();
    Ok((pem::write_ec(curve, &point).map_err(|_| Failed)?, private))
}

fn p521() -> Result<Pair, Failed> {
    let key = p521::ecdsa::SigningKey::try_generate().map_err(|_| Failed)?;
    let point = key.verifying_key().to_sec1_point(false);
    let pem = pem::write_ec(Curve::P521, point.as_bytes()).map_err(|_| Failed)?;
    Ok((pem, Secret::new(key.to_bytes().to_vec())))
}
