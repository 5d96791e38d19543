//! Bodies that become tokens (JSON Web Tokens, RFC 7519), as webhook policies of Xurrent and
//! R-Service sign: `{"jwt": "<header>.<claims>.<signature>"}`, with the body as the claim `data`.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_model::{Name, Policy, PolicyAlgorithm, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::policy::key::SigningKey;
use crate::public_url::PublicUrl;

/// Makes tokens by a policy.
#[derive(Debug)]
pub struct TokenMaker {
    policy: Name,
    issuer: String,
    audience: Option<String>,
    expires_in_s: Option<u32>,
    algorithm: PolicyAlgorithm,
    /// In JSON. It is the same for all tokens.
    header: String,
    key: SigningKey,
}

/// Makes tokens for one subscription.
#[derive(Clone, Debug)]
pub struct TokenSigner {
    /// Of its policy.
    pub maker: Arc<TokenMaker>,
    /// The subscription's name.
    pub subject: Name,
}

/// What is said about a body beside the body.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The subscription's name.
    pub subject: &'a str,
    /// When it is sent.
    pub sent_at: Timestamp,
    /// New for each attempt.
    pub id: &'a str,
}

#[derive(Serialize)]
struct Header<'a> {
    typ: &'static str,
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

/// In the order in which R-Service's documents name them.
#[derive(Serialize)]
struct Claims<'a, D: Serialize> {
    iss: &'a str,
    sub: &'a str,
    nbf: i64,
    iat: i64,
    jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    data: D,
}

impl TokenMaker {
    /// Makes tokens with this key, which is the policy's.
    #[must_use]
    pub fn new(policy: &Policy, url: &PublicUrl, key: SigningKey) -> Self {
        let kid = policy.algorithm.generated().and(policy.key()).map(|key| key.kid.as_str());
        let header = Header { typ: "JWT", alg: policy.algorithm.as_str(), kid };
        Self {
            policy: policy.name.clone(),
            issuer: url.issuer(&policy.name),
            audience: policy.audience.clone(),
            expires_in_s: policy.expires_in_s,
            algorithm: policy.algorithm,
            header: serde_json::to_string(&header).unwrap_or_default(),
            key,
        }
    }

    /// The body with the token in it.
    ///
    /// # Errors
    /// When the body is not JSON, or nothing can be signed.
    pub fn wrap(&self, body: &[u8], about: About<'_>) -> Result<Vec<u8>, String> {
        let policy = &self.policy;
        if body.is_empty() {
            return Err(format!("the request has no body that the policy `{policy}` could sign"));
        }
        // Spliced in as it is, so that what was signed is what the plugin wrote.
        let data: &RawValue = serde_json::from_slice(body).map_err(|error| {
            format!("the body is not JSON, and the policy `{policy}` signs nothing else: {error}")
        })?;
        let failed = |error: &dyn std::fmt::Display| format!("the policy `{policy}`: {error}");
        let claims = self.claims(data, about).map_err(|error| failed(&error))?;
        let base64 = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", base64(&self.header), base64(&claims));
        let signature = match self.algorithm {
            PolicyAlgorithm::None => Vec::new(),
            PolicyAlgorithm::Signed(algorithm) => {
                self.key.sign(algorithm, signed.as_bytes()).map_err(|error| failed(&error))?
            }
        };
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
        Ok(format!("{{\"jwt\":\"{signed}.{signature}\"}}").into_bytes())
    }

    /// The same for the journal when the body has masks: base64 would hide what was sent and
    /// show, to whoever decodes it, what is masked. So header and claims stand there as they
    /// are, and the signature, by which secrets could be guessed at, does not.
    #[must_use]
    pub fn shown(&self, masked: &[u8], about: About<'_>) -> Vec<u8> {
        let claims = match serde_json::from_slice::<&RawValue>(masked) {
            Ok(data) => self.claims(data, about),
            // A mask where JSON has no text.
            Err(_) => self.claims(String::from_utf8_lossy(masked), about),
        };
        let claims = claims.unwrap_or_default();
        format!("{{\"jwt\":{{\"header\":{},\"claims\":{claims}}}}}", self.header).into_bytes()
    }

    fn claims(&self, data: impl Serialize, about: About<'_>) -> serde_json::Result<String> {
        let now_s = about.sent_at.seconds();
        serde_json::to_string(&Claims {
            iss: &self.issuer,
            sub: about.subject,
            nbf: now_s,
            iat: now_s,
            jti: about.id,
            exp: self.expires_in_s.map(|expires_in_s| now_s + i64::from(expires_in_s)),
            aud: self.audience.as_deref(),
            data,
        })
    }
}
