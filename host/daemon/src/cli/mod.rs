//! The command line. What it does to a running daemon goes through the daemon's API, as any
//! other program's requests do.

#![allow(clippy::print_stdout, reason = "a command line program talks to people")]

mod apply;
mod audit;
mod bench;
mod care;
mod client;
mod connection;
mod delivery;
mod destination;
mod dry_run;
mod event;
mod event_file;
mod export;
mod journal;
mod moment;
mod output;
mod plugin;
mod policy;
mod reject;
mod replay;
mod run_plugin;
mod search;
mod secret;
mod sent;
mod serve;
mod subscription;
mod token;
mod user;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use client::Client;

/// Takes ticket events from helpdesks, routes them through sandboxed plugins, delivers and
/// journals them.
#[derive(Parser)]
#[command(name = "hookwright", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    daemon: Daemon,
    #[command(subcommand)]
    command: Command,
}

/// Which daemon to talk to, and how.
#[derive(clap::Args, Clone)]
struct Daemon {
    /// Where the daemon listens.
    #[arg(long, global = true, env = "HOOKWRIGHT_URL", default_value = "http://127.0.0.1:8088")]
    url: String,
    /// An API token, as `hookwright token create` makes them.
    #[arg(long, global = true, env = "HOOKWRIGHT_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Print the API's JSON instead of tables.
    #[arg(long, global = true)]
    json: bool,
}

/// Where the daemon keeps everything.
#[derive(clap::Args, Clone)]
struct Data {
    /// The directory of the store, the compiled plugins and the key.
    #[arg(long, env = "HOOKWRIGHT_DATA", default_value = "hookwright-data")]
    data: PathBuf,
    /// The key of the secrets: 32 bytes in base64. Without it the file `secret.key` in the data
    /// directory is used, and made if it is not there.
    #[arg(long, env = "HOOKWRIGHT_KEY", hide_env_values = true)]
    key: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the daemon.
    Serve(serve::Serve),
    /// Set up plugins, connections, sources and subscriptions from a file, showing what changes.
    Apply(apply::Apply),
    /// Install plugins, look into them, try them.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// See the connections, through which fields and comments are written back.
    #[command(subcommand)]
    Connection(connection::Connection),
    /// See the subscriptions, and which of them take an event.
    #[command(subcommand)]
    Subscription(subscription::Subscription),
    /// Send events, and see those that were taken in.
    #[command(subcommand)]
    Event(event::Event),
    /// See how bodies are put into tokens, and change the keys.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Make keys.
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// See what was delivered, and deliver it again.
    #[command(subcommand)]
    Delivery(delivery::Delivery),
    /// Deliver again what failed, or events to a subscription that has not had them.
    #[command(subcommand)]
    Replay(replay::Replay),
    /// See whether the destinations are well that requests go to.
    #[command(subcommand)]
    Destination(destination::Destination),
    /// See posts that could not be read, and read them again.
    #[command(subcommand)]
    Reject(reject::Reject),
    /// See what the journal keeps, and erase from it.
    #[command(subcommand)]
    Journal(journal::Journal),
    /// Make and remove API tokens.
    #[command(subcommand)]
    Token(token::Token),
    /// Add, change and remove people who can log in to the console.
    User(user::UserCommand),
    /// See who changed what.
    Audit(audit::Audit),
    /// Measure how much a daemon takes, and run a receiver to try it with.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Copy the store, also while the daemon runs.
    Backup(care::Backup),
    /// Put a copy of the store into a data directory that has none.
    Restore(care::Restore),
    /// Look at the data directory: what is wrong, and what to do.
    Doctor(care::Doctor),
    /// Print the description of the API (OpenAPI 3.1).
    Openapi,
}

/// Runs the program. The exit code is 0 if it did what was asked, 1 if it could not, and 2 if
/// what was asked makes no sense.
#[must_use]
pub fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some(crate::app::COMPILE_COMMAND) {
        return hookwright_sandbox::compile::child_main(&args.collect::<Vec<_>>());
    }
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli)),
        Err(error) => Err(anyhow::anyhow!("no asynchronous runtime: {error}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hookwright: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let daemon = cli.daemon;
    match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Apply(apply) => apply.run(&Client::new(&daemon)?).await,
        Command::Plugin(plugin) => plugin.run(&daemon).await,
        Command::Connection(connection) => connection.run(&Client::new(&daemon)?).await,
        Command::Subscription(subscription) => subscription.run(&Client::new(&daemon)?).await,
        Command::Event(event) => event.run(&Client::new(&daemon)?).await,
        Command::Delivery(delivery) => delivery.run(&Client::new(&daemon)?).await,
        Command::Replay(replay) => replay.run(&Client::new(&daemon)?).await,
        Command::Destination(destination) => destination.run(&Client::new(&daemon)?).await,
        Command::Reject(reject) => reject.run(&Client::new(&daemon)?).await,
        Command::Journal(journal) => journal.run(&Client::new(&daemon)?).await,
        Command::Policy(policy) => policy.run(&Client::new(&daemon)?).await,
        Command::Secret(secret) => secret.run(daemon.json),
        Command::Token(token) => token.run(&daemon).await,
        Command::User(user) => user.run(&daemon).await,
        Command::Audit(audit) => audit.run(&Client::new(&daemon)?).await,
        Command::Bench(bench) => bench.run(&daemon).await,
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Doctor(doctor) => doctor.run(&daemon).await,
        Command::Openapi => {
            print!("{}", crate::server::openapi::text());
            Ok(())
        }
    }
}
