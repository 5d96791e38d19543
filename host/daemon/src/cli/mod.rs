//! The command line. What it does to a running daemon goes through the daemon's API, as any
//! other program's requests do.

#![allow(clippy::print_stdout, reason = "a command line program talks to people")]

mod audit;
mod bench;
mod care;
mod client;
mod complete;
mod connection;
mod delivery;
mod destination;
mod dry_run;
mod event;
mod event_file;
mod exit;
mod export;
mod journal;
mod mail;
mod man;
mod moment;
mod output;
mod paint;
mod plugin;
mod policy;
mod reject;
mod replay;
mod run_plugin;
mod search;
mod secret;
mod sent;
mod serve;
mod settings;
mod setup;
mod source;
mod statistics;
mod subscription;
#[cfg(test)]
mod tests;
mod token;
mod user;
mod versions;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use client::Client;

/// Takes ticket events from helpdesks, routes them through sandboxed plugins, delivers and
/// journals them.
#[derive(Parser)]
#[command(name = "hookwright", version, max_term_width = 100, after_long_help = LONG_HELP)]
struct Cli {
    #[command(flatten)]
    daemon: Daemon,
    #[command(subcommand)]
    command: Command,
}

/// What the help of single commands does not say.
const LONG_HELP: &str = "\
Examples:
  hookwright delivery list --state failed --since 2h     what failed
  hookwright subscription set duty settings.chat_id=-100 enabled=true
  hookwright export --file desk.toml                     all that is set up, as a file
  hookwright apply --file desk.toml --dry-run            what a file would change
  hookwright completions bash                            for your shell

Environment:
  HOOKWRIGHT_URL     where the daemon listens, for --url
  HOOKWRIGHT_TOKEN   the API token, for --token

Tables are for people; with --json every command prints the API's documents for programs. Colours
are used on terminals, unless NO_COLOR is set; CLICOLOR_FORCE=1 uses them elsewhere.

Exit codes:
  0  it is done
  1  it could not be done; also: what was waited for was not delivered
  2  the command line makes no sense, or a removal was not confirmed (--yes)
  3  what was named is not there
  4  the daemon wants another token, or one that allows more
  5  the daemon cannot be reached
  6  with `apply --dry-run --exit-code`: something would change";

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
    /// Set up secrets, plugins, connections, sources and subscriptions from files, showing what
    /// changes.
    Apply(setup::Apply),
    /// Write all that is set up as a file that `apply` takes.
    Export(setup::Export),
    /// See where events come from, and change it.
    #[command(subcommand)]
    Source(source::Source),
    /// Install plugins, look into them, try them, choose their versions.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// See and change the connections, through which fields and comments are written back.
    #[command(subcommand)]
    Connection(connection::Connection),
    /// See and change the subscriptions, try them, see which of them take an event.
    #[command(subcommand)]
    Subscription(subscription::Subscription),
    /// Send events, and see those that were taken in.
    #[command(subcommand)]
    Event(event::Event),
    /// See and change how bodies are put into tokens, and with which keys.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Set, list and remove secrets, and make keys.
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
    /// See how much was delivered and failed, over time or by subscription, source or destination.
    Statistics(statistics::Statistics),
    /// See what needs somebody to look, and what to do.
    Attention(statistics::Attention),
    /// See posts that could not be read, and read them again.
    #[command(subcommand)]
    Reject(reject::Reject),
    /// See what the journal keeps, and erase from it.
    #[command(subcommand)]
    Journal(journal::Journal),
    /// See and change what holds for the daemon as a whole.
    #[command(subcommand)]
    Settings(settings::Settings),
    /// See how mail is sent, and try it.
    #[command(subcommand)]
    Mail(mail::Mail),
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
    /// Print what completes this program's commands in a shell.
    Completions(complete::Completions),
    /// Print or write the manual pages.
    Man(man::ManPages),
    /// Print the description of the API (OpenAPI 3.1).
    Openapi,
}

/// Runs the program. Its exit codes are in the help.
#[must_use]
pub fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some(crate::app::COMPILE_COMMAND) {
        return hookwright_sandbox::compile::child_main(&args.collect::<Vec<_>>());
    }
    exit::quietly_when_nobody_reads();
    complete::answer();
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli)),
        Err(error) => Err(anyhow::anyhow!("no asynchronous runtime: {error}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let (code, told) = exit::code(&error);
            if told {
                eprintln!("hookwright: {}", paint::inert(&format!("{error:#}")));
            }
            ExitCode::from(code)
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let daemon = cli.daemon;
    match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Apply(apply) => apply.run(&Client::new(&daemon)?).await,
        Command::Export(export) => export.run(&Client::new(&daemon)?).await,
        Command::Source(source) => source.run(&Client::new(&daemon)?).await,
        Command::Plugin(plugin) => plugin.run(&daemon).await,
        Command::Connection(connection) => connection.run(&Client::new(&daemon)?).await,
        Command::Subscription(subscription) => subscription.run(&Client::new(&daemon)?).await,
        Command::Event(event) => event.run(&Client::new(&daemon)?).await,
        Command::Delivery(delivery) => delivery.run(&Client::new(&daemon)?).await,
        Command::Replay(replay) => replay.run(&Client::new(&daemon)?).await,
        Command::Destination(destination) => destination.run(&Client::new(&daemon)?).await,
        Command::Statistics(statistics) => statistics.run(&Client::new(&daemon)?).await,
        Command::Attention(attention) => attention.run(&Client::new(&daemon)?).await,
        Command::Reject(reject) => reject.run(&Client::new(&daemon)?).await,
        Command::Journal(journal) => journal.run(&Client::new(&daemon)?).await,
        Command::Mail(mail) => mail.run(&Client::new(&daemon)?).await,
        Command::Policy(policy) => policy.run(&Client::new(&daemon)?).await,
        Command::Secret(secret) => secret.run(&daemon).await,
        Command::Settings(settings) => settings.run(&Client::new(&daemon)?).await,
        Command::Token(token) => token.run(&daemon).await,
        Command::User(user) => user.run(&daemon).await,
        Command::Audit(audit) => audit.run(&Client::new(&daemon)?).await,
        Command::Bench(bench) => bench.run(&daemon).await,
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Doctor(doctor) => doctor.run(&daemon).await,
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
        Command::Openapi => {
            print!("{}", crate::server::openapi::text());
            Ok(())
        }
    }
}
