//! The token of a signed webhook: `{"jwt": "header.claims.signature"}`. The host has checked
//! the signature; what is left is to read the claims.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hookwright_sdk::serde_json::{Map, Value};
use hookwright_sdk::{Problem, document};

use crate::fields::{Fields, kind};

/// The last second that RFC 3339 can write: the end of the year 9999.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// What is read of the claims.
pub(crate) struct Claims {
    /// The webhook's body, as it would have come without a signature.
    pub(crate) data: Fields,
    /// The token's own id.
    pub(crate) id: Option<String>,
    /// When the token was made, in milliseconds since the Unix epoch.
    pub(crate) issued_at: Option<u64>,
}

/// Reads the claims of a token. A problem's place is within the claims; without a place it is
/// about the token.
pub(crate) fn claims(token: &str) -> Result<Claims, Problem> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        let count = token.split('.').count();
        return Err(Problem::new(format!(
            "not a signed token: parts divided by `.`: {count}; expected 3, \
             header.claims.signature"
        )));
    };
    let claims = BASE64_URL_SAFE_NO_PAD
        .decode(claims)
        .map_err(|error| Problem::new(format!("the claims are not base64url: {error}")))?;
    let map: Map<String, Value> = document::read(&claims).map_err(|problem| Problem {
        // Even where there is no place in it, it is the claims that are wrong.
        at: Some(problem.at.unwrap_or_default()),
        message: problem.message,
    })?;
    let mut claims = Fields::new("", map);
    let data = match claims.take("data") {
        Some(Value::Object(data)) => Fields::new("/data", data),
        Some(other) => {
            let message = format!("{}; expected the webhook's body, an object", kind(&other));
            return Err(Problem::at("/data", message));
        }
        None => {
            return Err(Problem::at("/data", "no claim `data`: it holds the webhook's body"));
        }
    };
    let id = claims.text("jti")?;
    let issued_at = claims.take("iat").map(|time| milliseconds(&time)).transpose()?;
    Ok(Claims { data, id, issued_at })
}

/// RFC 7519 counts seconds, and allows fractions of them.
fn milliseconds(time: &Value) -> Result<u64, Problem> {
    match time.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the pattern leaves a positive number far below 2^53"
        )]
        Some(seconds) if (0.0..=LAST_SECOND).contains(&seconds) => {
            Ok((seconds * 1000.0).round() as u64)
        }
        _ => Err(Problem::at("/iat", "not a time: expected Unix time in seconds")),
    }
}
