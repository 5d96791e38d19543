//! Connecting: resolve, check every address, dial the checked ones, shake hands for TLS. With a
//! proxy it is the proxy that is dialled, and that resolves the receiver's name.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::guard::{Forbidden, Guard};
use super::network::{Internet, Network};
use super::refused::Refused;
use crate::access::proxy::ProxyServer;
use crate::access::tls;
use crate::crash::{self, Point};

/// Makes connections to addresses that the guard lets through.
#[derive(Clone)]
pub struct Connector {
    guard: Arc<Guard>,
    network: Arc<dyn Network>,
    tls: TlsConnector,
    proxy: Option<Arc<ProxyServer>>,
}

/// How a connection was made; kept with it.
#[derive(Clone, Debug)]
pub struct Dialled {
    /// When it was ready.
    pub at: Instant,
    /// How long resolving took; nothing for an address.
    pub resolve: Option<Duration>,
    /// How long connecting took.
    pub connect: Duration,
    /// How long the TLS handshake took.
    pub tls: Option<Duration>,
    /// What the other side had against it, once it was made.
    pub refused: Refused,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// Not an address that may be called.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The name has no address.
    #[error("`{host}` could not be resolved: {error}")]
    Resolve {
        /// The name.
        host: String,
        /// Why.
        error: String,
    },
    /// Nobody answered.
    #[error("no connection to {address}: {error}")]
    Connect {
        /// The last address that was tried.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The other side is not who it should be, or speaks no TLS.
    #[error("no TLS connection to `{host}`: {error}")]
    Tls {
        /// The name in the URL.
        host: String,
        /// Why.
        error: String,
    },
    /// It is the proxy that fails.
    #[error("the proxy {proxy}: {error}")]
    Proxy {
        /// Its name and port.
        proxy: String,
        /// Why.
        error: String,
    },
    /// The URL has no host.
    #[error("the URL has no usable host")]
    NoHost,
}

impl Connector {
    /// Connections through this guard, trusting Mozilla's certificate authorities.
    ///
    /// # Errors
    /// When the resolver cannot be set up.
    pub fn new(guard: Guard) -> anyhow::Result<Self> {
        Self::over(Arc::new(Internet::new(&[])?), guard)
    }

    /// The same over this network.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn over(network: Arc<dyn Network>, guard: Guard) -> anyhow::Result<Self> {
        Ok(Self {
            guard: Arc::new(guard),
            network,
            tls: TlsConnector::from(Arc::new(tls::public()?)),
            proxy: None,
        })
    }

    /// The same with other settings of TLS, if there are any, and through a proxy, if there is
    /// one.
    #[must_use]
    pub fn with(&self, tls: Option<Arc<ClientConfig>>, proxy: Option<Arc<ProxyServer>>) -> Self {
        let tls = tls.map_or_else(|| self.tls.clone(), TlsConnector::from);
        Self { tls, proxy, ..self.clone() }
    }

    /// The addresses of a host, all of which may be called.
    ///
    /// # Errors
    /// When it has none, or one that may not.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DialError> {
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.resolve(host).await?,
        };
        for &address in &addresses {
            self.guard.check(address)?;
        }
        Ok(addresses)
    }

    /// Which addresses may be called.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// What requests go through.
    #[must_use]
    pub fn proxy(&self) -> Option<&Arc<ProxyServer>> {
        self.proxy.as_ref()
    }

    async fn dial(self, uri: Uri) -> Result<Stream, DialError> {
        let host = uri.host().ok_or(DialError::NoHost)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let (tcp, resolve, connect) = match &self.proxy {
            None => self.reach(bare, port).await?,
            Some(proxy) => {
                self.check_through_proxy(bare)?;
                self.reach_through(proxy, is_tls.then_some((host, port))).await?
            }
        };
        let refused = Refused::default();
        let dialled = |tls| Dialled { at: Instant::now(), resolve, connect, tls, refused };
        if !is_tls {
            let is_proxied = self.proxy.is_some();
            let kind = Kind::Plain { stream: TokioIo::new(tcp), is_proxied };
            return Ok(Stream { dialled: dialled(None), kind, reads: 0 });
        }
        let failed = |error| DialError::Tls { host: bare.to_owned(), error };
        let name =
            ServerName::try_from(bare.to_owned()).map_err(|error| failed(error.to_string()))?;
        let shaking = Instant::now();
        let tls = self.tls.connect(name, tcp).await;
        let tls = tls.map_err(|error| failed(tls::explain(&error).unwrap_or(error.to_string())))?;
        let kind = Kind::Tls(Box::new(TokioIo::new(tls)));
        Ok(Stream { dialled: dialled(Some(shaking.elapsed())), kind, reads: 0 })
    }

    /// Connects to a host, and says how long resolving and connecting took.
    async fn reach(
        &self,
        host: &str,
        port: u16,
    ) -> Result<(TcpStream, Option<Duration>, Duration), DialError> {
        let started = Instant::now();
        let (addresses, resolve) = match host.parse::<IpAddr>() {
            Ok(address) => (vec![address], None),
            Err(_) => (self.resolve(host).await?, Some(started.elapsed())),
        };
        // One forbidden address among others makes the name suspicious: a name that leads
        // inside now and then is how guards are got around.
        for &address in &addresses {
            self.guard.check(address)?;
        }
        let connecting = Instant::now();
        let tcp = self.connect(&addresses, port).await?;
        Ok((tcp, resolve, connecting.elapsed()))
    }

    /// Connects to a proxy, and through it if a tunnel is wanted.
    async fn reach_through(
        &self,
        proxy: &ProxyServer,
        receiver: Option<(&str, u16)>,
    ) -> Result<(TcpStream, Option<Duration>, Duration), DialError> {
        let failed = |error| DialError::Proxy { proxy: proxy.authority.clone(), error };
        let reached = self.reach(&proxy.host, proxy.port).await;
        let (tcp, resolve, connect) = reached.map_err(|error| failed(error.to_string()))?;
        let Some((host, port)) = receiver else { return Ok((tcp, resolve, connect)) };
        let tunnelling = Instant::now();
        let tcp = proxy.tunnel(tcp, host, port).await.map_err(failed)?;
        Ok((tcp, resolve, connect + tunnelling.elapsed()))
    }

    /// What a proxy resolves only it can check. Addresses are checked here, and the one name
    /// that always leads to the same.
    fn check_through_proxy(&self, host: &str) -> Result<(), Forbidden> {
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let is_local = name == "localhost" || name.ends_with(".localhost");
        let local = is_local.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        host.parse().ok().or(local).map_or(Ok(()), |address| self.guard.check(address))
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, DialError> {
        let failed = |error| DialError::Resolve { host: host.to_owned(), error };
        let found = self.network.resolve(host).await.map_err(failed)?;
        if found.is_empty() { Err(failed("it has no address".into())) } else { Ok(found) }
    }

    /// Tries one after the other.
    async fn connect(&self, addresses: &[IpAddr], port: u16) -> Result<TcpStream, DialError> {
        let mut last = DialError::NoHost;
        for &address in addresses {
            let address = SocketAddr::new(address, port);
            // One that does not answer leaves time for the others.
            let patience = Duration::from_secs(10);
            match tokio::time::timeout(patience, self.network.dial(address)).await {
                Ok(Ok(stream)) => {
                    // A request is written whole; waiting for more would only delay it. Not being
                    // able to say so is no reason to fail.
                    drop(stream.set_nodelay(true));
                    return Ok(stream);
                }
                Ok(Err(error)) => last = DialError::Connect { address, error },
                Err(_) => {
                    let error = io::Error::new(io::ErrorKind::TimedOut, "no answer within 10 s");
                    last = DialError::Connect { address, error };
                }
            }
        }
        Err(last)
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = Stream;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().dial(uri))
    }
}

/// A connection, and how it was made.
pub struct Stream {
    dialled: Dialled,
    kind: Kind,
    /// How often something was there to be read without a pause.
    reads: u8,
}

/// As often there may be before others have their turn: what is read is taken apart at once, and a
/// receiver that sends without end would otherwise keep a thread to itself.
const MAX_READS: u8 = 4;

enum Kind {
    Plain { stream: TokioIo<TcpStream>, is_proxied: bool },
    Tls(Box<TokioIo<TlsStream<TcpStream>>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let is_proxied = matches!(self.kind, Kind::Plain { is_proxied: true, .. });
        Connected::new().proxy(is_proxied).extra(self.dialled.clone())
    }
}

impl Read for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.reads == MAX_READS {
            this.reads = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let read = match &mut this.kind {
            Kind::Plain { stream, .. } => Pin::new(stream).poll_read(cx, buffer),
            Kind::Tls(stream) => {
                let read = Pin::new(stream).poll_read(cx, buffer);
                if let Poll::Ready(Err(error)) = &read
                    && let Some(words) = tls::refusal(error)
                {
                    this.dialled.refused.because(words);
                }
                read
            }
        };
        this.reads = if read.is_ready() { this.reads + 1 } else { 0 };
        read
    }
}

impl Write for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match &mut self.get_mut().kind {
            Kind::Plain { stream, .. } => Pin::new(stream).poll_write(cx, bytes),
            Kind::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        passed(written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().kind {
            Kind::Plain { stream, .. } => Pin::new(stream).poll_flush(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().kind {
            Kind::Plain { stream, .. } => Pin::new(stream).poll_shutdown(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.kind {
            Kind::Plain { stream, .. } => stream.is_write_vectored(),
            Kind::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = match &mut self.get_mut().kind {
            Kind::Plain { stream, .. } => Pin::new(stream).poll_write_vectored(cx, slices),
            Kind::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        };
        passed(written)
    }
}

fn passed(written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
    if matches!(written, Poll::Ready(Ok(1..))) {
        crash::pass(Point::SendAfterBytes);
    }
    written
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.dialled, f)
    }
}
