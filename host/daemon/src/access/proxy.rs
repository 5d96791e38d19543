//! Proxies: what is sent to them, and what their answers mean.
//!
//! Requests by https go through a tunnel (`CONNECT`, RFC 9110, section 9.3.6), others as they
//! are, with the whole URL (RFC 9112, section 3.2.2).

use std::time::Duration;

use bytes::Bytes;
use hookwright_model::{Proxy, Secret};
use http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Host, Url};

use super::credential::check_username;
use super::{Mistake, Named, words};
use crate::delivery::guard::Guard;
use crate::delivery::scrub::basic_pair;

/// How long a proxy may take to reach the receiver; the delivery's own deadline is for all.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that is read of a proxy's answer before the tunnel.
const MAX_HEAD: usize = 16 << 10;

/// A proxy that requests go through.
#[derive(Clone, Debug)]
pub struct ProxyServer {
    /// Its name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Both, as in a URL.
    pub authority: String,
    /// `Basic` and the user name and password, if it wants them.
    authorization: Option<Secret>,
}

impl ProxyServer {
    pub(crate) fn new(
        proxy: &Proxy,
        secret: Option<Named<'_>>,
        guard: &Guard,
    ) -> Result<Self, Mistake> {
        let wrong = |detail| Mistake::new("proxy/url", detail);
        let url = read(&proxy.url, guard).map_err(wrong)?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(wrong(FORM.into()));
        };
        let authority = format!("{host}:{port}");
        let host = host.trim_matches(['[', ']']).to_owned();
        let missing = |field, other: &str| {
            Err(Mistake::new(field, format!("a proxy wants both or neither: set `{other}` too")))
        };
        let authorization = match (&proxy.username, secret) {
            (Some(username), Some((_, secret))) => {
                check_username("proxy/username", username)?;
                let pair = basic_pair(username.as_bytes(), secret.expose());
                Some(Secret::from(format!("Basic {pair}")))
            }
            (None, Some(_)) => return missing("proxy/secret", "username"),
            // A secret that is named and not there was said already.
            (Some(_), None) if proxy.secret.is_none() => {
                return missing("proxy/username", "secret");
            }
            (_, None) => None,
        };
        Ok(Self { host, port, authority, authorization })
    }

    /// What is to be taken out of answers.
    pub(super) fn forms(&self, secret: Option<Named<'_>>) -> Vec<(String, Secret)> {
        let Some((name, secret)) = secret else { return Vec::new() };
        let authorization = self.authorization.iter().map(Secret::expose);
        let pair = authorization.filter_map(|basic| basic.strip_prefix(b"Basic "));
        let pair = pair.map(|pair| Secret::new(pair.to_vec()));
        pair.chain([secret.clone()]).map(|form| (name.to_string(), form)).collect()
    }

    /// What tells it from others.
    pub(super) fn key(&self) -> Vec<Option<&[u8]>> {
        let authorization = self.authorization.as_ref().map(Secret::expose);
        vec![Some(self.authority.as_bytes()), authorization]
    }

    /// What the proxy wants in each request that it sends on.
    #[must_use]
    pub fn authorization(&self) -> Option<HeaderValue> {
        let basic = self.authorization.as_ref()?;
        // Base64 can stand in a header.
        let mut value = HeaderValue::from_bytes(basic.expose()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// A tunnel to a receiver, over a connection to the proxy.
    ///
    /// # Errors
    /// Says what the proxy makes of it.
    pub async fn tunnel(
        &self,
        stream: TcpStream,
        host: &str,
        port: u16,
    ) -> Result<TcpStream, String> {
        let receiver = format!("{host}:{port}");
        let tunnel = self.ask(stream, &receiver);
        tokio::time::timeout(PATIENCE, tunnel).await.unwrap_or_else(|_| {
            Err(format!("it had not reached {receiver} within {} s", PATIENCE.as_secs()))
        })
    }

    async fn ask(&self, stream: TcpStream, receiver: &str) -> Result<TcpStream, String> {
        let broken = |error: hyper::Error| format!("it speaks no HTTP: {error}");
        let mut builder = http1::Builder::new();
        builder.max_buf_size(MAX_HEAD);
        let (mut sender, connection) =
            builder.handshake(TokioIo::new(stream)).await.map_err(broken)?;
        // Ends with the tunnel, or when nobody waits for it any more.
        tokio::spawn(connection.with_upgrades());
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.method_mut() = Method::CONNECT;
        *request.uri_mut() =
            receiver.parse::<Uri>().map_err(|_| "its receiver cannot be named".to_owned())?;
        let host = HeaderValue::from_str(receiver)
            .map_err(|_| "its receiver cannot be named".to_owned())?;
        request.headers_mut().insert(header::HOST, host);
        if let Some(authorization) = self.authorization() {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, authorization);
        }
        let response = sender.send_request(request).await.map_err(broken)?;
        if !response.status().is_success() {
            return Err(self.refusal(response.status(), receiver));
        }
        let upgraded = hyper::upgrade::on(response).await.map_err(broken)?;
        let parts = upgraded
            .downcast::<TokioIo<TcpStream>>()
            .map_err(|_| "its connection was lost".to_owned())?;
        // In TLS it is for us to speak first.
        if !parts.read_buf.is_empty() {
            return Err(format!("it speaks in the name of {receiver}"));
        }
        Ok(parts.io.into_inner())
    }

    /// What it means that the proxy does not do what it is asked for.
    #[must_use]
    pub fn refusal(&self, status: StatusCode, receiver: &str) -> String {
        let meaning = match status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED if self.authorization.is_some() => {
                "it does not take the user name and password".to_owned()
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                "it wants a user name and password: set `proxy.username` and `proxy.secret`"
                    .to_owned()
            }
            StatusCode::FORBIDDEN => format!("it does not let requests through to {receiver}"),
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => format!("it does not reach {receiver}"),
            _ => format!("it makes no tunnel to {receiver}"),
        };
        format!("{meaning} ({})", words(status.as_u16()))
    }
}

const FORM: &str = "a proxy is `http://host:port`";

fn read(text: &str, guard: &Guard) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("this is not a URL: {error}; {FORM}"))?;
    if url.scheme() != "http" {
        let scheme = url.scheme();
        return Err(format!("proxies are not spoken to by `{scheme}`; {FORM}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a password does not belong here: set `username` and `secret`".into());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("it has nothing behind the port; {FORM}"));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(address.into()),
        Some(Host::Ipv6(address)) => Some(address.into()),
        _ => None,
    };
    // Names are looked up, and then checked, when they are dialled.
    match address.map(|address| guard.check(address)) {
        Some(Err(forbidden)) => Err(forbidden.to_string()),
        _ => Ok(url),
    }
}
