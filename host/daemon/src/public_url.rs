//! Where others reach this daemon.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use hookwright_model::Name;
use url::Url;

/// The address of this daemon as others see it, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address that is listened on: what others see if nothing is in between.
    #[must_use]
    pub fn of(address: SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }

    /// The address of something that has this path, which begins with a slash.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Whether what is sent there is encrypted on its way.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Scheme, host and port, as browsers send them in `Origin`.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        Some(Url::parse(&self.0).ok()?.origin().ascii_serialization())
    }

    /// What tokens of a policy have as `iss`.
    #[must_use]
    pub fn issuer(&self, policy: &Name) -> String {
        self.at(&format!("/webhook_policies/{policy}"))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("this is not a URL: {error}"))?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err("give an address such as `https://hooks.example`".into());
        }
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if url.query().is_some() || url.fragment().is_some() || has_credentials {
            return Err("it has no query, no fragment and no password".into());
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_of_it() {
        let policy = "prod".parse().unwrap();
        for (text, issuer) in [
            ("https://hooks.example", "https://hooks.example/webhook_policies/prod"),
            ("https://hooks.example/", "https://hooks.example/webhook_policies/prod"),
            ("HTTPS://Hooks.Example:443/desk/", "https://hooks.example/desk/webhook_policies/prod"),
            ("http://10.0.0.1:8088", "http://10.0.0.1:8088/webhook_policies/prod"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().issuer(&policy), issuer);
        }
        let https: PublicUrl = "https://hooks.example:8443/desk/".parse().unwrap();
        assert_eq!(https.origin().as_deref(), Some("https://hooks.example:8443"));
        assert!(https.is_https());
        let local = PublicUrl::of("127.0.0.1:8088".parse().unwrap());
        assert_eq!(local.at("/livez"), "http://127.0.0.1:8088/livez");
        assert!(!local.is_https());
        for bad in [
            "",
            "hooks.example",
            "ftp://hooks.example",
            "https://a:b@h",
            "https://h?x",
            "https://h#x",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }
}
