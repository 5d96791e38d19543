//! Debian's packages.

use std::process::Command;

use anyhow::Result;

use crate::run::{output, run};

/// Installs them, if this is such a system and we may.
pub(crate) fn apt(packages: &[&str]) -> Result<()> {
    let superuser = output("id", &["-u"]).as_deref() == Some("0");
    let apt = |args: &[&str]| {
        let mut command = Command::new(if superuser { "apt-get" } else { "sudo" });
        if !superuser {
            // Without a password, or not at all: nobody may be there to type one.
            command.args(["-n", "apt-get"]);
        }
        run(command.args(args).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
}
