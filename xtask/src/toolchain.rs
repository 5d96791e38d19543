//! Finds, or installs, a way to compile Rust to WebAssembly.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::apt::apt;
use crate::run::{output, run};

const TARGET: &str = "wasm32-unknown-unknown";
/// What Debian and its children call a Rust that can build a standard library.
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// A way to compile Rust to WebAssembly.
pub(crate) enum Toolchain {
    /// The toolchain in use has the target.
    Installed,
    /// Debian's own, which builds the standard library from its source.
    Debian {
        /// The linker.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// The one that is there, else the first that can be installed.
    pub(crate) fn find_or_install() -> Result<Self> {
        if installed() {
            return Ok(Self::Installed);
        }
        println!("The Rust toolchain in use has no target {TARGET}; asking rustup for it.");
        if run(Command::new("rustup").args(["target", "add", TARGET])).is_ok() && installed() {
            return Ok(Self::Installed);
        }
        if !debian_is_there() {
            println!("rustup cannot add it; asking Debian's packages.");
            install_from_debian();
        }
        if debian_is_there() {
            return Ok(Self::Debian { linker: linker()? });
        }
        bail!(
            "Rust cannot be compiled to WebAssembly here. Install one of these and try again:\n  \
             rustup target add {TARGET}\n  apt-get install {}",
            DEBIAN_PACKAGES.join(" ")
        )
    }

    /// In words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Installed => format!("the Rust toolchain in use and its target {TARGET}"),
            Self::Debian { .. } => {
                "Debian's Rust, which builds the standard library first".to_owned()
            }
        }
    }

    /// `cargo build --release` for the target, to which packages are to be added. What it
    /// builds is in `<target dir>/wasm32-unknown-unknown/release`.
    pub(crate) fn cargo_build(&self, target_dir: &Path) -> Command {
        let mut command = match self {
            Self::Installed => Command::new("cargo"),
            Self::Debian { linker } => {
                let mut command = Command::new("/usr/bin/cargo");
                command
                    // rustup's proxies and the cargo that runs this would be in the way.
                    .env("PATH", "/usr/bin:/bin")
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .env_remove("CARGO")
                    .env("RUSTC", "/usr/bin/rustc")
                    // Building the standard library is not stable yet; Debian ships its source
                    // with the compiler that it was made for.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                command
            }
        };
        command.args(["build", "--release", "--locked", "--target", TARGET]);
        command.arg("--target-dir").arg(target_dir);
        if let Self::Debian { .. } = self {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }
}

fn installed() -> bool {
    let sysroot = output("rustc", &["--print", "sysroot"]).map(PathBuf::from);
    sysroot.is_some_and(|sysroot| sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

fn debian_is_there() -> bool {
    let source = Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml");
    Path::new("/usr/bin/cargo").is_file()
        && Path::new("/usr/bin/rustc").is_file()
        && source.is_file()
}

fn install_from_debian() {
    if let Err(error) = apt(&DEBIAN_PACKAGES) {
        println!("{error:#}");
    }
}

/// A linker for WebAssembly: Debian's if it is installed, else the one that comes with every
/// Rust.
fn linker() -> Result<PathBuf> {
    let host = |line: &str| line.strip_prefix("host: ").map(str::to_owned);
    let rustup = output("rustc", &["--print", "sysroot"])
        .zip(output("rustc", &["-vV"]).and_then(|version| version.lines().find_map(host)));
    let bundled = rustup.map(|(sysroot, host)| {
        Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld")
    });
    let candidates =
        bundled.into_iter().chain(["/usr/bin/rust-lld", "/usr/bin/wasm-ld"].map(PathBuf::from));
    for candidate in candidates {
        if candidate.is_file() {
            return Ok(candidate);
        }
    }
    bail!("there is no linker for WebAssembly: install Debian's package `lld`")
}
