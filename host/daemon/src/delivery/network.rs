//! The network as connections are made over it: names become addresses, addresses become streams.
//! What may be called is decided between the two, in `connect.rs`.

use std::io;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use tokio::net::TcpStream;

/// Resolves and dials, and decides nothing. Tests put one in its place that lies.
#[async_trait]
pub trait Network: Send + Sync + 'static {
    /// The addresses of a name, as they are given; none if it has none.
    ///
    /// # Errors
    /// Why it could not be resolved.
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, String>;

    /// A connection to an address.
    ///
    /// # Errors
    /// When nobody is there, or does not want it.
    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream>;
}

/// The one that this host is in.
pub struct Internet {
    resolver: TokioResolver,
}

impl Internet {
    /// Asks these name servers, or if there are none those that this host is set up with.
    ///
    /// # Errors
    /// When the resolver cannot be set up.
    pub fn new(name_servers: &[SocketAddr]) -> anyhow::Result<Self> {
        let given =
            |servers| TokioResolver::builder_with_config(servers, TokioRuntimeProvider::default());
        let mut builder = if name_servers.is_empty() {
            TokioResolver::builder_tokio().unwrap_or_else(|error| {
                tracing::warn!(%error, "no resolver is configured on this host; names cannot be resolved");
                given(ResolverConfig::default())
            })
        } else {
            let servers = name_servers.iter().map(|&address| name_server(address)).collect();
            given(ResolverConfig::from_name_servers(servers))
        };
        let options: &mut ResolverOpts = builder.options_mut();
        // Both families at once: whichever the other side has.
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        Ok(Self { resolver: builder.build()? })
    }
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

#[async_trait]
impl Network for Internet {
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        // A dot at the end keeps the resolver from trying the host's search domains.
        let absolute = format!("{}.", name.trim_end_matches('.'));
        let found = self.resolver.lookup_ip(absolute).await.map_err(|error| error.to_string())?;
        Ok(found.iter().collect())
    }

    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(address).await
    }
}
