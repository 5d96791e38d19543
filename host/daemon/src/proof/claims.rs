//! What a token says (RFC 7519), once its signature is known to be right.

use serde::Deserialize;

use super::object;

/// What is read of a token's claims.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    aud: Option<Audience>,
    #[serde(default)]
    exp: Option<f64>,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    iat: Option<f64>,
    #[serde(default)]
    jti: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What claims must be.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) leeway_s: u32,
}

impl Claims {
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        object::read(json).ok_or_else(|| {
            "the token's claims cannot be read: `iss` and `jti` are texts, `aud` is a text or a \
             list of texts, `exp`, `nbf` and `iat` are seconds since 1970"
                .to_owned()
        })
    }

    /// Whether it says that it is from this issuer.
    pub(super) fn is_from(&self, issuer: &str) -> bool {
        self.iss.as_deref() == Some(issuer)
    }

    /// The token's id.
    pub(super) fn into_id(self) -> Option<String> {
        self.jti.filter(|id| !id.is_empty())
    }

    /// Says what is not as it must be.
    pub(super) fn check(&self, expected: &Expected, now_s: f64) -> Result<(), String> {
        if let Some(issuer) = &expected.issuer
            && !self.is_from(issuer)
        {
            return Err(format!("the token's issuer (`iss`) is not `{issuer}`"));
        }
        match (&expected.audience, &self.aud) {
            (None, None) => {}
            (Some(audience), Some(found)) if found.holds(audience) => {}
            (Some(audience), _) => {
                return Err(format!("the token is not for the audience (`aud`) `{audience}`"));
            }
            // RFC 7519, 4.1.3: who is not named there must not take it.
            (None, Some(_)) => {
                return Err("the token names who it is for (`aud`), and the source does not: set \
                            its `audience`"
                    .into());
            }
        }
        let leeway_s = f64::from(expected.leeway_s);
        if self.exp.is_some_and(|exp| now_s >= exp + leeway_s) {
            return Err("the token has expired (`exp`)".into());
        }
        let clocks = "check the clocks of both sides";
        if self.nbf.is_some_and(|nbf| now_s + leeway_s < nbf) {
            return Err(format!("the token is not valid yet (`nbf`): {clocks}"));
        }
        if self.iat.is_some_and(|iat| now_s + leeway_s < iat) {
            return Err(format!("the token is from the future (`iat`): {clocks}"));
        }
        Ok(())
    }
}

impl Audience {
    fn holds(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_700_000_000.0;

    fn expected(issuer: Option<&str>, audience: Option<&str>) -> Expected {
        let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
        Expected { issuer: owned(issuer), audience: owned(audience), leeway_s: 60 }
    }

    fn check(claims: &str, expected: &Expected) -> Result<(), String> {
        Claims::read(claims.as_bytes())?.check(expected, NOW)
    }

    #[test]
    fn times() {
        let any = expected(None, None);
        for right in [
            "{}",
            r#"{"exp":1700000001}"#,
            r#"{"exp":1699999940.5}"#,
            r#"{"nbf":1700000060,"iat":1700000060,"exp":1e12}"#,
            r#"{"nbf":0,"iat":-1}"#,
            r#"{"exp":null}"#,
        ] {
            assert_eq!(check(right, &any), Ok(()), "{right}");
        }
        for (wrong, why) in [
            (r#"{"exp":1699999940}"#, "has expired"),
            (r#"{"exp":0}"#, "has expired"),
            (r#"{"exp":-1e300}"#, "has expired"),
            (r#"{"nbf":1700000061}"#, "not valid yet"),
            (r#"{"iat":1700000061}"#, "from the future"),
            (r#"{"exp":"1800000000"}"#, "cannot be read"),
            (r#"{"exp":1800000000,"exp":1800000000}"#, "cannot be read"),
            (r#"{"exp":1e400}"#, "cannot be read"),
            (r#"{"jti":1}"#, "cannot be read"),
            ("[]", "cannot be read"),
            ("", "cannot be read"),
        ] {
            let refused = check(wrong, &any).unwrap_err();
            assert!(refused.contains(why), "{wrong}: {refused}");
        }
    }

    #[test]
    fn who_it_is_from_and_for() {
        let mine = expected(Some("https://desk"), Some("me"));
        for right in
            [r#"{"iss":"https://desk","aud":"me"}"#, r#"{"iss":"https://desk","aud":["x","me"]}"#]
        {
            assert_eq!(check(right, &mine), Ok(()), "{right}");
        }
        for (wrong, why) in [
            (r#"{"aud":"me"}"#, "issuer"),
            (r#"{"iss":"https://desk/","aud":"me"}"#, "issuer"),
            (r#"{"iss":"https://desk"}"#, "audience"),
            (r#"{"iss":"https://desk","aud":[]}"#, "audience"),
            (r#"{"iss":"https://desk","aud":"Me"}"#, "audience"),
            (r#"{"iss":["https://desk"],"aud":"me"}"#, "cannot be read"),
        ] {
            let refused = check(wrong, &mine).unwrap_err();
            assert!(refused.contains(why), "{wrong}: {refused}");
        }
        let refused = check(r#"{"aud":"me"}"#, &expected(None, None)).unwrap_err();
        assert!(refused.contains("set its `audience`"), "{refused}");
    }

    #[test]
    fn ids() {
        let id = |claims: &str| Claims::read(claims.as_bytes()).unwrap().into_id();
        assert_eq!(id(r#"{"jti":"a"}"#).as_deref(), Some("a"));
        assert_eq!(id(r#"{"jti":""}"#), None);
        assert_eq!(id("{}"), None);
    }
}
