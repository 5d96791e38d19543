//! `hookwright serve`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use ipnet::IpNet;
use rustix::process::{Resource, Rlimit};
use tracing_subscriber::EnvFilter;

use super::Data;
use crate::app::{self, Options};
use crate::crash;
use crate::delivery::guard::Guard;
use crate::public_url::PublicUrl;
use crate::server::client_address::TrustedProxies;

#[derive(clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    data: Data,
    /// Where to listen. Put a web server with TLS in front of it to be reached from outside.
    #[arg(long, env = "HOOKWRIGHT_LISTEN", default_value = "127.0.0.1:8088")]
    listen: SocketAddr,
    /// Where others reach the daemon, such as https://hooks.example. Tokens name it as their
    /// issuer, and receivers find the keys there; http:// and the listening address if not
    /// given.
    #[arg(long, env = "HOOKWRIGHT_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// Networks that may be called beside the public internet, such as 10.1.2.0/24. Private,
    /// loopback and metadata addresses are refused otherwise, so that a ticket cannot reach
    /// your own machines.
    #[arg(long, env = "HOOKWRIGHT_ALLOW_ADDRESSES", value_delimiter = ',')]
    allow_addresses: Vec<IpNet>,
    /// Name servers to ask in place of those that this machine is set up with, such as
    /// 10.1.2.3:53.
    #[arg(long, env = "HOOKWRIGHT_NAME_SERVERS", value_delimiter = ',', value_name = "ADDRESS")]
    name_servers: Vec<SocketAddr>,
    /// Networks of reverse proxies, such as 10.1.2.0/24, whose X-Forwarded-For is believed. It says
    /// where logins come from, which are limited by address.
    #[arg(
        long = "trusted-proxy",
        env = "HOOKWRIGHT_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "NETWORK"
    )]
    trusted_proxies: Vec<IpNet>,
    /// Threads that run plugins; two for each processor if not given.
    #[arg(long, env = "HOOKWRIGHT_PLUGIN_THREADS")]
    plugin_threads: Option<NonZeroUsize>,
    /// How many seconds deliveries under way have to end when the daemon is asked to. What has not
    /// ended then is tried again after the next start.
    #[arg(long, env = "HOOKWRIGHT_SHUTDOWN_TIMEOUT", default_value_t = 30, value_name = "SECONDS")]
    shutdown_timeout: u32,
    /// What to log: error, warn, info, debug, or a filter such as `hookwright_daemon=debug`.
    #[arg(long, env = "HOOKWRIGHT_LOG", default_value = "info")]
    log: String,
    /// Log as JSON, a line for each entry.
    #[arg(long, env = "HOOKWRIGHT_LOG_JSON")]
    log_json: bool,
    /// Where to crash, in tests.
    #[arg(long, env = "HOOKWRIGHT_CRASH_AT", hide = true)]
    crash_at: Option<crash::Plan>,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let filter = EnvFilter::try_new(&self.log)?;
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        if self.log_json {
            log.json().init();
        } else {
            log.with_ansi(std::io::stderr().is_terminal()).init();
        }
        allow_open_files();
        if let Some(plan) = self.crash_at {
            crash::arm(plan);
        }
        app::serve(Options {
            data: self.data.data,
            listen: self.listen,
            public_url: self.public_url,
            guard: Guard::allowing(self.allow_addresses),
            name_servers: self.name_servers,
            key: self.data.key,
            trusted_proxies: TrustedProxies(self.trusted_proxies),
            plugin_threads: self.plugin_threads,
            shutdown_timeout: Duration::from_secs(self.shutdown_timeout.into()),
        })
        .await
    }
}

/// As many as the system allows: each helpdesk and each receiver is a connection, and shells
/// allow 1,024 unless one asks.
fn allow_open_files() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = rustix::process::setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the number of open files stays limited");
    }
}
