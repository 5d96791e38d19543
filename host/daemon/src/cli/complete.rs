//! Completion in shells: `hookwright completions`, and what the shell asks for each time.

use std::path::PathBuf;
use std::time::Duration;

use clap::{CommandFactory, Parser as _};
use clap_complete::env::{EnvCompleter, Shells};
use clap_complete::{ArgValueCandidates, CompleteEnv, CompletionCandidate};
use serde_json::Value;

use super::client::Client;
use super::{Cli, exit};

/// The variable by which a shell asks for what can come next.
const VARIABLE: &str = "HOOKWRIGHT_COMPLETE";
/// A shell that waits longer seems to hang.
const PATIENCE: Duration = Duration::from_millis(800);

#[derive(clap::Args)]
#[command(after_help = "Examples:
  echo 'source <(hookwright completions bash)' >> ~/.bashrc
  echo 'source <(hookwright completions zsh)' >> ~/.zshrc
  echo 'hookwright completions fish | source' >> ~/.config/fish/config.fish

Names of what is set up are completed too, if HOOKWRIGHT_TOKEN is set and the daemon answers at
once. Load it anew after an update of the program: it asks the program what there is.")]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_parser = ["bash", "elvish", "fish", "powershell", "zsh"])]
    shell: String,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let shells = Shells::builtins();
        let shell: &dyn EnvCompleter = shells
            .completer(&self.shell)
            .ok_or_else(|| exit::usage(format!("`{}` is no shell that is known", self.shell)))?;
        let program = program();
        let mut script = Vec::new();
        shell.write_registration(VARIABLE, "hookwright", "hookwright", &program, &mut script)?;
        std::io::Write::write_all(&mut std::io::stdout(), &script)?;
        Ok(())
    }
}

/// As it was called; from another folder too, if that was by its place.
fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let placed = match std::env::current_dir() {
        Ok(here) if called.components().count() > 1 => here.join(called),
        _ => called,
    };
    placed.to_string_lossy().into_owned()
}

/// Answers a shell that asks for what can come next, and ends; does nothing otherwise.
pub(super) fn answer() {
    if std::env::var_os(VARIABLE).is_some() {
        CompleteEnv::with_factory(Cli::command).var(VARIABLE).complete();
    }
}

/// Completes names of what the daemon lists there.
pub(super) fn candidates(path: &'static str) -> ArgValueCandidates {
    ArgValueCandidates::new(move || names(path))
}

/// Nothing rather than an error: a shell would show it in the middle of the line.
fn names(path: &str) -> Vec<CompletionCandidate> {
    ask(path).unwrap_or_default()
}

fn ask(path: &str) -> Option<Vec<CompletionCandidate>> {
    // The line that is being written may say another daemon; the environment is what is known.
    let daemon = Cli::try_parse_from(["hookwright", "destination", "list"]).ok()?.daemon;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let listing: Value = runtime.block_on(async {
        let client = Client::new(&daemon).ok()?;
        let asked = tokio::time::timeout(PATIENCE, client.get(path)).await;
        asked.ok()?.ok()
    })?;
    let items = listing["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<_> = items
        .iter()
        // Plugins have their names in a key.
        .filter_map(|item| item["name"].as_str().or_else(|| item["key"]["name"].as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    Some(names.into_iter().map(CompletionCandidate::new).collect())
}
