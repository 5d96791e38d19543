//! Whom the host trusts and who it is in TLS, from secrets in PEM.

use std::error::Error;
use std::io;
use std::sync::Arc;

use hookwright_model::{Secret, Tls};
use rustls::pki_types::pem::{Error as PemError, PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, ClientConfig, InconsistentKeys, RootCertStore};

use super::{Mistake, Named, Secrets};

/// A file of a certificate authority is some kilobytes, a bundle of all public ones 200 KiB.
const MAX_PEM: usize = 1 << 20;

/// Settings of TLS that are a subscription's own.
#[derive(Clone, Debug)]
pub struct Identity {
    /// For connections.
    pub config: Arc<ClientConfig>,
    /// What it was made from.
    pub(super) key: Vec<Option<Secret>>,
}

impl Identity {
    /// Nothing if it is as for everyone.
    pub(super) fn new(tls: &Tls, secrets: &Secrets) -> Result<Option<Self>, Vec<Mistake>> {
        if tls.is_empty() {
            return Ok(None);
        }
        let mut mistakes = Vec::new();
        let named = |name| secrets.get_key_value(name);
        let ca = tls.ca.as_ref().and_then(named);
        let client = tls.client_certificate.as_ref().and_then(named);
        if tls.and_public && tls.ca.is_none() {
            let detail = "it is of use beside `ca` only: without, the public authorities are \
                          trusted as it is";
            mistakes.push(Mistake::new("tls/and_public", detail));
        }
        let roots = roots(ca, tls.and_public).map_err(|detail| {
            mistakes.push(Mistake::new("tls/ca", detail));
        });
        let certified = client.map(certified).transpose().map_err(|detail| {
            mistakes.push(Mistake::new("tls/client_certificate", detail));
        });
        let (Ok(roots), Ok(certified), []) = (roots, certified, mistakes.as_slice()) else {
            return Err(mistakes);
        };
        let config = config(roots, certified);
        let config = config.map_err(|error| vec![Mistake::new("tls/ca", error.to_string())])?;
        let text = |secret: Option<Named<'_>>| secret.map(|(_, secret)| secret.clone());
        let public = tls.and_public.then(|| Secret::from("public".to_owned()));
        Ok(Some(Self { config: Arc::new(config), key: vec![text(ca), public, text(client)] }))
    }
}

/// As for everyone: Mozilla's authorities, and nobody in particular.
///
/// # Errors
/// When the cryptography knows no protocol that is safe.
pub fn public() -> Result<ClientConfig, rustls::Error> {
    config(mozilla(), None)
}

fn mozilla() -> RootCertStore {
    RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned())
}

fn config(
    roots: RootCertStore,
    certified: Option<CertifiedKey>,
) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    Ok(match certified {
        None => builder.with_no_client_auth(),
        Some(certified) => {
            let resolver = rustls::sign::SingleCertAndKey::from(certified);
            builder.with_client_cert_resolver(Arc::new(resolver))
        }
    })
}

fn roots(ca: Option<Named<'_>>, and_public: bool) -> Result<RootCertStore, String> {
    let Some((name, secret)) = ca else { return Ok(mozilla()) };
    let wrong = |problem: String| format!("the secret `{name}` {problem}");
    let Sections { certificates, keys, .. } = Sections::read(secret).map_err(wrong)?;
    if !keys.is_empty() {
        let problem = "holds a private key, which is of no use here: an authority's own key \
                       belongs nowhere but there";
        return Err(wrong(problem.into()));
    }
    if certificates.is_empty() {
        return Err(wrong(NO_CERTIFICATE.into()));
    }
    let mut roots = if and_public { mozilla() } else { RootCertStore::empty() };
    for (certificate, number) in certificates.into_iter().zip(1..) {
        roots.add(certificate).map_err(|_| {
            wrong(format!("holds a certificate that cannot be read: number {number}"))
        })?;
    }
    Ok(roots)
}

fn certified((name, secret): Named<'_>) -> Result<CertifiedKey, String> {
    let wrong = |problem: &str| format!("the secret `{name}` {problem}");
    let sections = Sections::read(secret).map_err(|problem| wrong(&problem))?;
    let Sections { certificates, mut keys, has_encrypted_key } = sections;
    if certificates.is_empty() {
        return Err(wrong(NO_CERTIFICATE));
    }
    for (certificate, number) in certificates.iter().zip(1..) {
        if ParsedCertificate::try_from(certificate).is_err() {
            return Err(wrong(&format!(
                "holds a certificate that cannot be read: number {number}"
            )));
        }
    }
    let key = match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => key,
        (Some(_), false) => return Err(wrong("holds more than one private key")),
        (None, _) if has_encrypted_key => {
            return Err(wrong(
                "holds a private key that is encrypted: give it as it is, after `openssl pkey`; \
                 secrets are kept encrypted here",
            ));
        }
        (None, _) => {
            return Err(wrong(
                "holds no private key, which begins with `-----BEGIN PRIVATE KEY-----`: put it \
                 behind the certificate",
            ));
        }
    };
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(certificates, key, &provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => wrong(
            "holds a private key that is not that of its first certificate, which has to be the \
             client's own",
        ),
        _ => wrong(
            "holds a private key that cannot be used: it must be of RSA, P-256, P-384, \
                    P-521 or Ed25519",
        ),
    })
}

const NO_CERTIFICATE: &str =
    "holds no certificate, which begins with `-----BEGIN CERTIFICATE-----`";

/// What a text in PEM holds.
struct Sections {
    certificates: Vec<CertificateDer<'static>>,
    keys: Vec<PrivateKeyDer<'static>>,
    has_encrypted_key: bool,
}

impl Sections {
    /// Reads it. Indentation, as texts in configuration files have it, does no harm, nor do
    /// words around the sections. The problem quotes nothing: it might be a key.
    fn read(secret: &Secret) -> Result<Self, String> {
        let text = std::str::from_utf8(secret.expose())
            .map_err(|_| "is not PEM, which is text: convert it with `openssl x509 -inform der`")?;
        if text.len() > MAX_PEM {
            return Err(format!("has {} bytes; it can have {MAX_PEM}", text.len()));
        }
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let text = Secret::from(lines.flat_map(|line| [line, "\n"]).collect::<String>());
        let has_encrypted_key =
            text.expose().windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED);
        let mut sections = Self { certificates: Vec::new(), keys: Vec::new(), has_encrypted_key };
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text.expose()) {
            let (kind, der) = section.map_err(|error| match error {
                PemError::MissingSectionEnd { .. } => {
                    "begins a section in PEM and does not end it: are line breaks lost?".to_owned()
                }
                PemError::Base64Decode(_) => "holds a section that is not base64".to_owned(),
                _ => "is not PEM".to_owned(),
            })?;
            if kind == SectionKind::Certificate {
                sections.certificates.push(der.into());
            } else if let Some(key) = PrivateKeyDer::from_pem(kind, der) {
                sections.keys.push(key);
            }
        }
        Ok(sections)
    }
}

/// What a failure of TLS means, in words that say what to do; nothing if it is another failure.
#[must_use]
pub fn explain(error: &(dyn Error + 'static)) -> Option<String> {
    refusal(error).or_else(|| {
        Some(match cause(error)? {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                "its certificate is from no authority that is trusted (UnknownIssuer); one of your \
                 own is trusted by `tls.ca`"
                    .to_owned()
            }
            error => error.to_string(),
        })
    })
}

/// Why the receiver does not take who the client is; nothing if the failure is another.
#[must_use]
pub fn refusal(error: &(dyn Error + 'static)) -> Option<String> {
    use rustls::AlertDescription as Alert;
    let rustls::Error::AlertReceived(alert) = cause(error)? else { return None };
    match alert {
        Alert::CertificateRequired => Some(
            "the receiver wants a certificate of the client (CertificateRequired): set \
             `tls.client_certificate`"
                .to_owned(),
        ),
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied
        | Alert::DecryptError => {
            Some(format!("the receiver does not take the client's certificate ({alert:?})"))
        }
        _ => None,
    }
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // `source` of these skips what they hold.
        let io = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match io {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    None
}

const ENCRYPTED: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
