//! Where a load goes. A load that goes to somebody else by mistake is an attack: only this
//! machine itself is posted to unless the user says that the target is theirs.

use anyhow::{Context as _, bail, ensure};
use http::Uri;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::rt::{Read, Write};
use tower_service::Service as _;
use url::{Host, Url};

use super::post::Body;
use crate::delivery::connect::Connector;
use crate::delivery::guard::Guard;

/// Where a load goes.
#[derive(Clone)]
pub(super) struct Target {
    connector: Connector,
    uri: Uri,
    /// Host and port, for `Host` and for people.
    pub(super) authority: String,
    /// Path and query. It may hold a source's token, so it is shown nowhere.
    pub(super) path: String,
}

impl Target {
    /// # Errors
    /// When the address names nothing to post to, or is not this machine's own and the user has
    /// not said that it is theirs. No text holds the address's path.
    pub(super) fn new(address: &str, is_mine: bool) -> anyhow::Result<Self> {
        let url = Url::parse(address).context("--url is no address")?;
        let is_http = matches!(url.scheme(), "http" | "https");
        ensure!(is_http, "--url is no address of HTTP: it starts with http:// or https://");
        ensure!(
            url.username().is_empty() && url.password().is_none(),
            "a user name and password cannot stand in --url: use --header 'Authorization: …'"
        );
        let host = url.host().context("--url has no host")?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        if !is_mine && !is_loopback(&host) {
            bail!(
                "{authority} is not this machine's own loopback address, and a load can bring \
                 down what it is sent to: if it is yours to try, add --yes-this-is-mine"
            );
        }
        if url.path() == "/" {
            let scheme = url.scheme();
            bail!(
                "--url names no source: give the whole address that the helpdesk posts to, such \
                 as --url {scheme}://{authority}/in/helpdesk"
            );
        }
        let query = url.query().map(|query| format!("?{query}"));
        let path = format!("{}{}", url.path(), query.unwrap_or_default());
        let uri = url.as_str().parse().context("--url cannot be used")?;
        // What may be called was decided above.
        Ok(Self { connector: Connector::new(Guard::open())?, uri, authority, path })
    }

    /// A connection of its own.
    ///
    /// # Errors
    /// When there is nobody.
    pub(super) async fn connect(&self) -> anyhow::Result<SendRequest<Body>> {
        let stream = self.connector.clone().call(self.uri.clone()).await?;
        speak(stream).await
    }
}

async fn speak(
    stream: impl Read + Write + Unpin + Send + 'static,
) -> anyhow::Result<SendRequest<Body>> {
    let (sender, connection) = handshake(stream).await?;
    // What is wrong with a connection is told to whoever sends over it.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        // The one name that leads nowhere else (RFC 6761).
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}
