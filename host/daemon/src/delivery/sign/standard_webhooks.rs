//! Standard Webhooks 1.0: scheme `v1` (HMAC) and scheme `v1a` (ed25519), with the signature of
//! the key before beside that of the present one for a while.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hookwright_model::request::HmacDigest;
use hookwright_model::{Secret, Timestamp};
use http::HeaderName;
use ring::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use super::{Mistake, Outgoing, hmac};

/// The headers, in the order in which they are sent.
pub(super) const NAMES: [HeaderName; 3] = [
    HeaderName::from_static("webhook-id"),
    HeaderName::from_static("webhook-timestamp"),
    HeaderName::from_static("webhook-signature"),
];

/// What the parts of keys begin with.
const SYMMETRIC: &str = "whsec_";
const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";
/// The length of an ed25519 key, private (its seed) or public, in bytes.
const KEY_LEN: usize = 32;

#[derive(Clone, Debug)]
pub(super) struct StandardWebhooks {
    key: Key,
    /// And until when it is used.
    previous: Option<(Key, Timestamp)>,
}

#[derive(Clone)]
enum Key {
    V1(Secret),
    V1a(Arc<Ed25519KeyPair>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1(_) => "V1(…)",
            Self::V1a(_) => "V1a(…)",
        })
    }
}

impl StandardWebhooks {
    pub(super) fn new(
        secret: &Secret,
        previous: Option<(Secret, Timestamp)>,
    ) -> Result<Self, Mistake> {
        let key = Key::read(secret).map_err(|detail| Mistake::new("secret", detail))?;
        let previous = previous.map(|(secret, until)| {
            let key = Key::read(&secret).map_err(|detail| Mistake::new("previous", detail))?;
            Ok((key, until))
        });
        let previous = previous.transpose()?;
        Ok(Self { key, previous })
    }

    pub(super) fn headers(&self, outgoing: Outgoing<'_>) -> Vec<(HeaderName, String)> {
        let timestamp = outgoing.sent_at.seconds().to_string();
        let mut signatures = self.key.sign(outgoing.id, &timestamp, outgoing.body);
        if let Some((previous, until)) = &self.previous
            && outgoing.sent_at < *until
        {
            signatures.push(' ');
            signatures += &previous.sign(outgoing.id, &timestamp, outgoing.body);
        }
        NAMES.into_iter().zip([outgoing.id.to_owned(), timestamp, signatures]).collect()
    }
}

impl Key {
    fn read(secret: &Secret) -> Result<Self, String> {
        let text = std::str::from_utf8(secret.expose()).unwrap_or_default().trim();
        if text.starts_with(PRIVATE) {
            return ed25519(text).map(|pair| Self::V1a(Arc::new(pair)));
        }
        if text.starts_with(PUBLIC) {
            return Err("this is a public key; what signs is the private one, `whsk_…`".into());
        }
        symmetric(secret).map(Self::V1)
    }

    fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        match self {
            Self::V1(key) => v1(key, id, timestamp, body),
            Self::V1a(pair) => {
                let message = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
                format!("v1a,{}", BASE64_STANDARD.encode(pair.sign(&message)))
            }
        }
    }
}

/// The key in a secret of the form `whsec_` and base64, as Standard Webhooks writes them.
///
/// # Errors
/// Says what is wrong with the form.
pub fn symmetric(secret: &Secret) -> Result<Secret, String> {
    let text = std::str::from_utf8(secret.expose()).unwrap_or_default().trim();
    let key = text
        .strip_prefix(SYMMETRIC)
        .and_then(|base64| BASE64_STANDARD.decode(base64).ok())
        .map(Secret::new)
        .filter(|key| (24..=64).contains(&key.expose().len()));
    key.ok_or_else(|| "a Standard Webhooks secret is `whsec_` and 24 to 64 bytes in base64".into())
}

/// The key pair in a secret of the form `whsk_` and base64: of its seed, as the specification's
/// own library has it, or of seed and public key, as many others do.
fn ed25519(text: &str) -> Result<Ed25519KeyPair, String> {
    let bytes = text.strip_prefix(PRIVATE).and_then(|base64| BASE64_STANDARD.decode(base64).ok());
    let bytes = Zeroizing::new(bytes.unwrap_or_default());
    let pair = match bytes.split_at_checked(KEY_LEN) {
        Some((seed, [])) => Ed25519KeyPair::from_seed_unchecked(seed).ok(),
        Some((seed, public)) if public.len() == KEY_LEN => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(seed, public);
            return pair
                .map_err(|_| "the two halves of this `whsk_` key do not belong together".into());
        }
        _ => None,
    };
    pair.ok_or_else(|| {
        "a private key for Standard Webhooks is `whsk_` and 32 bytes in base64, or 64 with the \
         public key"
            .into()
    })
}

/// The signature of scheme `v1`, as it stands in `webhook-signature`.
#[must_use]
pub fn v1(key: &Secret, id: &str, timestamp: &str, body: &[u8]) -> String {
    let message: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    let digest = hmac(HmacDigest::Sha256, key.expose(), &message);
    format!("v1,{}", BASE64_STANDARD.encode(digest))
}

/// New keys in writing.
pub struct Keys {
    /// For the sender; of scheme `v1` for the receiver too.
    pub secret: String,
    /// For the receiver, of scheme `v1a`.
    pub public: Option<String>,
}

impl Keys {
    /// A key of 32 bytes for scheme `v1`.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub fn symmetric() -> Result<Self, getrandom::Error> {
        let key = random()?;
        let secret = format!("{SYMMETRIC}{}", BASE64_STANDARD.encode(*key));
        Ok(Self { secret, public: None })
    }

    /// A key pair for scheme `v1a`.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub fn asymmetric() -> Result<Self, getrandom::Error> {
        let seed = random()?;
        let secret = format!("{PRIVATE}{}", BASE64_STANDARD.encode(*seed));
        let public = Ed25519KeyPair::from_seed_unchecked(&*seed)
            .ok()
            .map(|pair| format!("{PUBLIC}{}", BASE64_STANDARD.encode(pair.public_key().as_ref())));
        Ok(Self { secret, public })
    }
}

fn random() -> Result<Zeroizing<[u8; KEY_LEN]>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    getrandom::fill(&mut *bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    const V1: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const V1A: &str = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";
    const SENT_AT: i64 = 1_614_265_330_000;

    fn secret(text: &str) -> Secret {
        Secret::from(text.to_owned())
    }

    fn signature(key: &str, previous: Option<(&str, i64)>) -> String {
        let previous = previous.map(|(key, until)| (secret(key), Timestamp::from_millis(until)));
        let signer = StandardWebhooks::new(&secret(key), previous).unwrap();
        let outgoing = Outgoing {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            sent_at: Timestamp::from_millis(SENT_AT),
            body: br#"{"test": 2432232314}"#,
        };
        let mut headers = signer.headers(outgoing);
        assert_eq!(headers[0], (NAMES[0].clone(), outgoing.id.to_owned()));
        assert_eq!(headers[1], (NAMES[1].clone(), "1614265330".to_owned()));
        headers.remove(2).1
    }

    /// Of the specification's repository: `v1` of its text, `v1a` of the tests of its library
    /// for Go.
    #[test]
    fn vectors() {
        let v1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let v1a = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==";
        assert_eq!(signature(V1, None), v1);
        assert_eq!(signature(V1A, None), v1a);
        // The same pair with its public half.
        let seed = BASE64_STANDARD.decode(V1A.strip_prefix(PRIVATE).unwrap()).unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        let both = BASE64_STANDARD.encode([&seed, pair.public_key().as_ref()].concat());
        assert_eq!(signature(&format!("whsk_{both}"), None), v1a);
        // Old and new side by side, until then.
        assert_eq!(signature(V1A, Some((V1, SENT_AT + 1))), format!("{v1a} {v1}"));
        assert_eq!(signature(V1, Some((V1A, SENT_AT + 1))), format!("{v1} {v1a}"));
        assert_eq!(signature(V1A, Some((V1, SENT_AT))), v1a);
    }

    #[test]
    fn keys_that_are_none() {
        let read = |text: &str| Key::read(&secret(text)).map(drop);
        for good in [V1, V1A, &format!(" {V1}\n"), &format!("{V1A}\n")] {
            assert_eq!(read(good), Ok(()), "{good}");
        }
        for bad in
            ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!", "whsec_AAAA", "", "whsk_", "whsk_AAAA"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
        let mixed = BASE64_STANDARD.encode([7; 64]);
        assert!(read(&format!("whsk_{mixed}")).unwrap_err().contains("belong together"));
        assert!(read("whpk_AAAA").unwrap_err().contains("public key"));
        let place = |key: &str, previous: &str| {
            let previous = Some((secret(previous), Timestamp::default()));
            StandardWebhooks::new(&secret(key), previous).map(drop).map_err(|m| m.field)
        };
        assert_eq!(place("nothing", V1), Err("secret"));
        assert_eq!(place(V1, "nothing"), Err("previous"));
    }

    #[test]
    fn new_keys_are_keys() {
        let symmetric = Keys::symmetric().unwrap();
        assert_eq!(symmetric.public, None);
        assert_eq!(super::symmetric(&secret(&symmetric.secret)).unwrap().expose().len(), 32);
        let pair = Keys::asymmetric().unwrap();
        let public = pair.public.unwrap();
        let public = BASE64_STANDARD.decode(public.strip_prefix(PUBLIC).unwrap()).unwrap();
        let Key::V1a(private) = Key::read(&secret(&pair.secret)).unwrap() else { panic!() };
        let signature = private.sign(b"message");
        let public = UnparsedPublicKey::new(&ED25519, public);
        assert!(public.verify(b"message", signature.as_ref()).is_ok());
        assert_ne!(Keys::asymmetric().unwrap().secret, pair.secret);
    }
}
