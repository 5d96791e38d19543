//! `cargo xtask plugins`: builds all guests as components.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::run::{path, run};
use crate::toolchain::Toolchain;

/// Packages of the workspace in `plugins/` that are guests.
const GUESTS: [&str; 24] = [
    "source-eddydesk",
    "source-helpdeskeddy-channel",
    "source-r-service",
    "source-zammad",
    "source-zenlix",
    "destination-cloudevents",
    "destination-helpdeskeddy-api",
    "destination-helpdeskeddy-channel",
    "destination-mattermost",
    "destination-ms-teams",
    "destination-ntfy",
    "destination-parent-comment",
    "destination-r-service",
    "destination-rocket-chat",
    "destination-slack",
    "destination-sms-traffic",
    "destination-standard-webhooks",
    "destination-telegram",
    "destination-template",
    "destination-xurrent-api",
    "destination-zammad",
    "destination-zammad-api",
    "destination-zenlix",
    "misbehave",
];

/// Where components go, below the top of the repository. The core modules they are made of
/// are in `core`.
pub(crate) const COMPONENTS: &str = "target/plugins";

/// Builds all guests.
pub(crate) fn build_all() -> Result<()> {
    let toolchain = Toolchain::find_or_install()?;
    println!("Building the guests with {}.", toolchain.describe());
    let target_dir = path("target/guests");
    let mut build = toolchain.cargo_build(&target_dir);
    build.current_dir(path("plugins"));
    for guest in GUESTS {
        build.args(["--package", guest]);
    }
    run(&mut build)?;
    let components = path(COMPONENTS);
    fs::create_dir_all(components.join("core"))?;
    for guest in GUESTS {
        let file = format!("{}.wasm", guest.replace('-', "_"));
        let module = target_dir.join("wasm32-unknown-unknown/release").join(file);
        let to = format!("{guest}.wasm");
        make_component(&module, &components.join("core").join(&to), &components.join(to))
            .with_context(|| format!("cannot make a component of {}", module.display()))?;
    }
    println!("{} components are in {COMPONENTS}.", GUESTS.len());
    Ok(())
}

fn make_component(module: &Path, core: &Path, component: &Path) -> Result<()> {
    let module = fs::read(module)?;
    let bytes =
        wit_component::ComponentEncoder::default().validate(true).module(&module)?.encode()?;
    write_if_changed(core, &module)?;
    write_if_changed(component, &bytes)
}

/// Leaves a file alone that is already right, so that what depends on it is not built again.
fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
