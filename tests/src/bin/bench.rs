//! `cargo xtask bench` runs this: it measures scenarios beside their yardsticks and prints a table.
//!
//! The daemon is the one built beside this program, or `HOOKWRIGHT_BIN`.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measuring program")]

use std::process::ExitCode;

use hookwright_tests::bench::size::Size;
use hookwright_tests::bench::{SCENARIOS, Scenario, page, peers};

/// What is asked for.
struct Wanted {
    scenarios: Vec<&'static Scenario>,
    quick: bool,
    write: bool,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        // The other programs of a measurement.
        ["__sink"] => peers::sink(false),
        ["__sink", "hang"] => peers::sink(true),
        ["__relay", target] => peers::relay(target.parse().unwrap()),
        // Whether it could be run like this.
        ["--check", args @ ..] => return told(wanted(args).map(drop)),
        args => return told(wanted(args).map(|wanted| measure(&wanted))),
    }
    ExitCode::SUCCESS
}

fn told(done: Result<(), String>) -> ExitCode {
    let Err(mistake) = done else { return ExitCode::SUCCESS };
    eprintln!("bench: {mistake}");
    usage();
    ExitCode::from(2)
}

fn usage() {
    eprintln!("\nbench [SCENARIO…] [--quick] [--write]\n");
    for Scenario { name, about, .. } in &SCENARIOS {
        eprintln!("  {name:<12} {about}");
    }
    eprintln!(
        "\n  --quick      measure little, to see whether it works: the figures mean nothing\
         \n  --write      write the figures to docs/benchmarks.md and docs/benchmarks.svg"
    );
}

fn wanted(args: &[&str]) -> Result<Wanted, String> {
    let (mut quick, mut write, mut scenarios) = (false, false, Vec::new());
    for arg in args {
        match *arg {
            "--quick" => quick = true,
            "--write" => write = true,
            name => match SCENARIOS.iter().find(|scenario| scenario.name == name) {
                Some(scenario) => scenarios.push(scenario),
                None => return Err(format!("there is no scenario or option `{name}`")),
            },
        }
    }
    let all = scenarios.is_empty();
    // What is published comes from one run of everything, as it is delivered.
    if write && (quick || !all || cfg!(debug_assertions)) {
        return Err("--write is for whole runs of all scenarios, built for release".into());
    }
    if all {
        scenarios.extend(&SCENARIOS);
    }
    Ok(Wanted { scenarios, quick, write })
}

fn measure(wanted: &Wanted) {
    let size = if wanted.quick { Size::QUICK } else { Size::WHOLE };
    if wanted.quick || cfg!(debug_assertions) {
        println!("Quick runs and debug builds show whether it works; the figures mean nothing.");
    }
    let mut figures = Vec::new();
    for scenario in &wanted.scenarios {
        println!("{}: {}", scenario.name, scenario.about);
        let found = (scenario.run)(&size);
        println!("\n{}\n", page::table(&found));
        figures.extend(found);
    }
    if wanted.scenarios.len() > 1 {
        println!("{}", page::table(&figures));
    }
    if wanted.write {
        page::write(&figures);
        println!("\nWritten to docs/benchmarks.md and docs/benchmarks.svg.");
    }
}
