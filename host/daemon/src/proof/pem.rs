//! Public keys in PEM.

use spki::der::asn1::{AnyRef, BitStringRef, UintRef};
use spki::der::pem::LineEnding;
use spki::der::{Decode, EncodePem, Reader, SliceReader};
use spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfoRef};

use super::key::{Curve, Key};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const CURVES: [(ObjectIdentifier, Curve); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Curve::P256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521),
];

/// Reads a key. Indentation, as texts in configuration files have it, does no harm.
pub(crate) fn read(text: &str) -> Result<Key, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let (label, der) = spki::der::pem::decode_vec(text.as_bytes())
        .map_err(|error| format!("this PEM cannot be read: {error}"))?;
    match label {
        "PUBLIC KEY" => subject_public_key(&der),
        "RSA PUBLIC KEY" => rsa(&der),
        label if label.ends_with("PRIVATE KEY") => Err("this is a private key, which nobody but \
             its owner should have: give the public key, which begins with \
             `-----BEGIN PUBLIC KEY-----`"
            .into()),
        _ => Err("this is not a public key, which begins with `-----BEGIN PUBLIC KEY-----`".into()),
    }
}

fn subject_public_key(der: &[u8]) -> Result<Key, String> {
    let broken = |error: spki::der::Error| format!("the public key cannot be read: {error}");
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(broken)?;
    let key = info.subject_public_key.as_bytes();
    let key = key.ok_or_else(|| "the public key is not of whole bytes".to_owned())?;
    if info.algorithm.oid == RSA {
        return rsa(key);
    }
    if info.algorithm.oid != EC {
        return Err("the key is neither of RSA nor of an elliptic curve".into());
    }
    let curve = info.algorithm.parameters_oid().ok();
    let curve = curve.and_then(|oid| CURVES.into_iter().find(|(known, _)| *known == oid));
    let (_, curve) = curve.ok_or("the key's curve is not one of P-256, P-384 and P-521")?;
    Key::ec_point(curve, key)
}

/// `RSAPublicKey` of RFC 8017.
fn rsa(der: &[u8]) -> Result<Key, String> {
    let read = || {
        let mut reader = SliceReader::new(der)?;
        let numbers = reader.sequence(|inner| {
            Ok::<_, spki::der::Error>((UintRef::decode(inner)?, UintRef::decode(inner)?))
        })?;
        reader.finish()?;
        Ok(numbers)
    };
    let (modulus, exponent) =
        read().map_err(|error: spki::der::Error| format!("the RSA key cannot be read: {error}"))?;
    Key::rsa(modulus.as_bytes(), exponent.as_bytes())
}

/// Writes an RSA key, which is given as `RSAPublicKey` of RFC 8017.
pub(crate) fn write_rsa(der: &[u8]) -> Result<String, spki::der::Error> {
    write(RSA, AnyRef::NULL, der)
}

/// Writes a key on an elliptic curve, which is given as an uncompressed point.
pub(crate) fn write_ec(curve: Curve, point: &[u8]) -> Result<String, spki::der::Error> {
    let known = CURVES.iter().find(|(_, known)| *known == curve);
    let (oid, _) = known.ok_or(spki::der::ErrorKind::Failed)?;
    write(EC, AnyRef::from(oid), point)
}

fn write(
    oid: ObjectIdentifier,
    parameters: AnyRef<'_>,
    key: &[u8],
) -> Result<String, spki::der::Error> {
    let info = SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid, parameters: Some(parameters) },
        subject_public_key: BitStringRef::from_bytes(key)?,
    };
    info.to_pem(LineEnding::LF)
}
