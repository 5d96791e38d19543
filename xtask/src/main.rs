//! Repository chores. `cargo xtask` says which there are.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command line program talks to people")]

mod apt;
mod bench;
mod check;
mod guests;
mod oracles;
mod run;
mod toolchain;

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "\
cargo xtask <chore>

  plugins   build all guests as components into target/plugins, installing what that needs
  demo      run the daemon, post the documents' events, show the deliveries
            (--once: end by itself, with exit code 0 if all arrived)
  screenshots
            make the pictures in docs/images anew, in a browser
  test      run everything that CI runs, installing what that needs
  bench     measure, in release, beside yardsticks in the same run
            (SCENARIO…: only these; --quick: little of each; --debug: with what tests
            are run with, to see whether it works; --write: also to docs/benchmarks.md)
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let chore = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match dispatch(&chore, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask {chore}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(chore: &str, rest: &[String]) -> Result<()> {
    match chore {
        "plugins" => guests::build_all(),
        "demo" => check::demo(rest),
        "screenshots" => check::screenshots(),
        "test" => check::test(),
        "bench" => bench::bench(rest),
        _ => {
            print!("{USAGE}");
            anyhow::ensure!(
                matches!(chore, "" | "help" | "--help" | "-h"),
                "there is no such chore"
            );
            Ok(())
        }
    }
}
