//! Hosts in reserve: what takes the place of a URL's host when a try has failed.

use std::str::FromStr;

use url::{Host, Url};

use super::fill::Filled;

/// The most hosts in reserve.
pub const MAX_HOSTS: usize = 8;

/// A host that takes the place of a URL's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveHost {
    host: Host,
    /// The URL's if absent.
    port: Option<u16>,
}

/// A text that is not a host.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a host: write it as `api2.example.com` or `api2.example.com:8443`")]
pub struct BadHost(String);

impl FromStr for ReserveHost {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        let bad = || BadHost(text.chars().take(200).collect());
        let (host, port) = match text.rsplit_once(':') {
            // An IPv6 address has colons of its own, within brackets.
            Some((host, port)) if !port.ends_with(']') => {
                let digits = port.bytes().all(|b| b.is_ascii_digit());
                let port = port.parse().ok().filter(|&port| digits && port > 0);
                (host, Some(port.ok_or_else(bad)?))
            }
            _ => (text, None),
        };
        let host = Host::parse(host).map_err(|_| bad())?;
        Ok(Self { host, port })
    }
}

/// Sends a request to another host than the plugin asked for. Its `Host` header and the name
/// that TLS checks follow the URL.
pub(super) fn redirect(filled: &mut Filled, reserve: &ReserveHost) {
    filled.url = moved(&filled.url, reserve);
    filled.sent.url = with_host(&filled.sent.url, &filled.url);
}

/// A URL at another host.
pub(super) fn moved(url: &Url, reserve: &ReserveHost) -> Url {
    let mut url = url.clone();
    // Of an http URL both can be set.
    let set = url.set_host(Some(&reserve.host.to_string())).is_ok()
        && reserve.port.is_none_or(|port| url.set_port(Some(port)).is_ok());
    debug_assert!(set, "{reserve:?}");
    url
}

/// A URL as the journal has it, with the host of another. Where the host stands within a secret,
/// all that is known beside it is put before.
pub(super) fn with_host(masked: &str, url: &Url) -> String {
    let scheme = url.scheme();
    let host = url.host_str().unwrap_or_default();
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let rest = masked.split_once("://").filter(|(before, _)| *before == scheme);
    let rest = rest.map_or(masked, |(_, rest)| rest);
    let (old, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if old.contains('{') || rest == masked {
        return format!("{scheme}://{authority}/{rest}");
    }
    format!("{scheme}://{authority}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_addresses_and_ports() {
        for good in ["api2.example.com", "a:1", "127.0.0.1:8080", "[::1]:80", "[::1]", "пример.рф"]
        {
            assert!(good.parse::<ReserveHost>().is_ok(), "{good}");
        }
        for bad in [
            "",
            ":",
            "a:",
            "a:0",
            "a:65536",
            "a:b",
            "https://a",
            "a/b",
            "u@a",
            "a b",
            "::1",
            "a:+1",
            "[::1",
            "a?b",
            "a#b",
            "a:80:90",
        ] {
            let error = bad.parse::<ReserveHost>().unwrap_err();
            assert!(error.to_string().contains("is not a host"), "{bad}");
        }
    }

    #[test]
    fn the_port_stays_unless_there_is_another() {
        let to = |url: &str, reserve: &str| {
            let mut filled = filled(url, url);
            redirect(&mut filled, &reserve.parse().unwrap());
            assert_eq!(filled.sent.url, filled.url.as_str());
            filled.url.to_string()
        };
        assert_eq!(to("https://a.example/x?y=1", "b.example"), "https://b.example/x?y=1");
        assert_eq!(to("https://a.example:8443/x", "b.example"), "https://b.example:8443/x");
        assert_eq!(to("https://a.example:8443/x", "b.example:443"), "https://b.example/x");
        assert_eq!(to("http://127.0.0.1:1/", "[::1]:2"), "http://[::1]:2/");
    }

    #[test]
    fn the_journal_shows_the_host_and_no_secret() {
        let shown = |masked: &str| {
            let mut filled = filled("https://a.example/k3y/x", masked);
            redirect(&mut filled, &"b.example".parse().unwrap());
            filled.sent.url
        };
        assert_eq!(shown("https://a.example/{secret:k}/x"), "https://b.example/{secret:k}/x");
        assert_eq!(shown("https://a.example?{secret:k}"), "https://b.example?{secret:k}");
        assert_eq!(shown("{secret:k}"), "https://b.example/{secret:k}");
        assert_eq!(shown("{secret:k}/x://y/"), "https://b.example/{secret:k}/x://y/");
        assert_eq!(shown("https://{secret:k}.example/x"), "https://b.example/{secret:k}.example/x");
    }

    fn filled(url: &str, masked: &str) -> Filled {
        Filled {
            method: http::Method::POST,
            url: url.parse().unwrap(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            sent: hookwright_model::Sent {
                method: "POST".into(),
                url: masked.into(),
                headers: Vec::new(),
                body: bytes::Bytes::new(),
            },
            scrubber: std::sync::Arc::new(super::super::scrub::Scrubber::new([])),
        }
    }
}
