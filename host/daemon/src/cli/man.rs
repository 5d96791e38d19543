//! `hookwright man`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory;
use clap_mangen::Man;

use super::Cli;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  hookwright man | man -l -
  hookwright man --dir /usr/local/share/man/man1")]
pub(super) struct ManPages {
    /// Write the pages of all commands into this folder, such as hookwright-delivery-list.1.
    /// Without it the page of the program itself is printed.
    #[arg(long)]
    dir: Option<PathBuf>,
}

impl ManPages {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let Some(dir) = &self.dir else {
            Man::new(Cli::command()).render(&mut std::io::stdout())?;
            return Ok(());
        };
        let cannot = || format!("cannot write into {}", dir.display());
        std::fs::create_dir_all(dir).with_context(cannot)?;
        clap_mangen::generate_to(Cli::command(), dir).with_context(cannot)
    }
}
