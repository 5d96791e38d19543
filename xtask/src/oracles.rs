//! Other people's libraries, in Ruby, Node and Python, that judge what ours make, tools that
//! stand between the daemon and its system, and a browser for the console.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::apt::apt;
use crate::run::{output, path, run};

/// Where they are installed. The tests look for them here.
fn installed() -> PathBuf {
    path("target/oracles")
}

/// Installs what is not there. What cannot be installed is said; the tests that need it say
/// that they were not run.
pub(crate) fn install() {
    for (name, installed) in [("Ruby", ruby()), ("Node", node()), ("Python", python())] {
        if let Err(error) = installed {
            println!("NOT RUN: the tests that need the oracles in {name}: {error:#}");
        }
    }
    if let Err(error) = tools() {
        println!("NOT RUN: the tests that need strace and faketime: {error:#}");
    }
    if let Err(error) = browser() {
        println!("NOT RUN: the tests of the console in a browser: {error:#}");
    }
}

fn browser() -> Result<()> {
    let runs = |program| output(program, &["--version"]).is_some();
    let there = || runs("chromium") && runs("chromedriver");
    if there() {
        return Ok(());
    }
    // Fonts, or what is measured is boxes.
    apt(&["chromium", "chromium-driver", "fonts-dejavu-core"])?;
    anyhow::ensure!(there(), "they do not run");
    Ok(())
}

fn tools() -> Result<()> {
    let there = || {
        let faketime = output("faketime", &["-f", "+1d", "true"]).is_some();
        faketime && output("strace", &["-V"]).is_some()
    };
    if there() {
        return Ok(());
    }
    apt(&["faketime", "strace"])?;
    anyhow::ensure!(there(), "they do not run");
    Ok(())
}

fn ruby() -> Result<()> {
    let there = || output("ruby", &["-e", "require 'active_support/json'"]).is_some();
    if there() {
        return Ok(());
    }
    apt(&["ruby", "ruby-activesupport"])?;
    anyhow::ensure!(there(), "ruby cannot load active_support");
    Ok(())
}

fn node() -> Result<()> {
    let at = installed();
    fs::create_dir_all(&at)?;
    let mut unchanged = at.join("node_modules").is_dir();
    for file in ["package.json", "package-lock.json"] {
        unchanged &= copy_if_changed(file)?;
    }
    if unchanged {
        return Ok(());
    }
    if output("npm", &["--version"]).is_none() {
        apt(&["nodejs", "npm"])?;
    }
    // Not `ci`, which fails where an optional package for another platform does not exist.
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
        .arg(&at);
    run(&mut npm)
}

fn python() -> Result<()> {
    let at = installed();
    fs::create_dir_all(&at)?;
    let venv = at.join("venv");
    let there = venv.join("bin/python").is_file();
    if copy_if_changed("requirements.txt")? && there {
        return Ok(());
    }
    if !there {
        let make = |venv: &PathBuf| run(Command::new("python3").args(["-m", "venv"]).arg(venv));
        if make(&venv).is_err() {
            apt(&["python3", "python3-venv"])?;
            make(&venv)?;
        }
    }
    let mut pip = Command::new(venv.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"]);
    let installed = run(pip.arg(path("tests/oracles/requirements.txt")));
    if installed.is_err() {
        // Or the next run would take it for done.
        fs::remove_file(at.join("requirements.txt"))?;
    }
    installed
}

/// Says whether the file was there already and the same.
fn copy_if_changed(file: &str) -> Result<bool> {
    let (from, to) = (path("tests/oracles").join(file), installed().join(file));
    let wanted = fs::read(from)?;
    let same = fs::read(&to).is_ok_and(|there| there == wanted);
    if !same {
        fs::write(to, wanted)?;
    }
    Ok(same)
}
