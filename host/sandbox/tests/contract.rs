//! A published contract never changes shape. Each folder of `wit/` has a copy in `wit/frozen`,
//! in binary form, made when it was published. Documentation may still be improved.
//!
//! For a new version, write its copy with
//! `HOOKWRIGHT_FREEZE=1 cargo test -p hookwright-sandbox --test contract`, and commit it with
//! the folder. That never replaces a copy that is there.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use wit_component::{DecodedWasm, semver_check};
use wit_parser::{PackageId, Resolve};

fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")
}

/// The published versions, by their folders.
fn versions() -> Vec<String> {
    let entries = fs::read_dir(wit()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = entries.map(|name| name.into_string().unwrap());
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_digit())).collect()
}

fn parsed(folder: &Path) -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(folder).unwrap();
    (resolve, package)
}

fn frozen(version: &str) -> (Resolve, PackageId) {
    let path = wit().join("frozen").join(format!("{version}.wasm"));
    if std::env::var_os("HOOKWRIGHT_FREEZE").is_some() && !path.exists() {
        let (resolve, package) = parsed(&wit().join(version));
        fs::write(&path, wit_component::encode(&resolve, package).unwrap()).unwrap();
    }
    let bytes = fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; the beginning of this file says how to make it", path.display())
    });
    match wit_component::decode(&bytes).unwrap() {
        DecodedWasm::WitPackage(resolve, package) => (resolve, package),
        DecodedWasm::Component(..) => panic!("{} is a component", path.display()),
    }
}

/// Fails unless each world of either can stand in for the same world of the other.
fn same_shape(one: (Resolve, PackageId), other: (Resolve, PackageId)) -> Result<(), String> {
    let (mut all, one) = one;
    let (mut other, package) = other;
    // Two packages of one name cannot stand beside each other; the check allows for versions
    // that differ in the last number.
    let mut name = other.packages[package].name.clone();
    other.package_names.swap_remove(&name);
    name.version.as_mut().unwrap().patch += 1;
    other.packages[package].name = name.clone();
    other.package_names.insert(name, package);
    let moved = all.merge(other).map_err(|error| error.to_string())?;
    let other = moved.packages[package.index()];
    let worlds = all.packages[one].worlds.clone();
    let others = all.packages[other].worlds.clone();
    if !worlds.keys().eq(others.keys()) {
        return Err(format!("the worlds {:?} became {:?}", worlds.keys(), others.keys()));
    }
    for (name, world) in worlds {
        for (from, to) in [(world, others[&name]), (others[&name], world)] {
            semver_check(all.clone(), from, to).map_err(|error| format!("{name}: {error:#}"))?;
        }
    }
    Ok(())
}

#[test]
fn published_versions_keep_their_shape() {
    let versions = versions();
    assert!(versions.contains(&"1.0.0".to_owned()), "{versions:?}");
    for version in versions {
        same_shape(frozen(&version), parsed(&wit().join(&version))).unwrap();
    }
}

/// The test above can fail: every one of these changes is found.
#[test]
fn changes_of_shape_are_found() {
    for (from, to) in [
        ("        subject: option<string>,\n", ""),
        ("        data: string,\n", "        data: string,\n        more: string,\n"),
        ("        skip(string),\n", "        skip(string),\n        wait(u64),\n"),
        ("    export transform;\n", "    export transform;\n    export more: func();\n"),
        ("        event-type: string,\n", "        event-type: list<u8>,\n"),
        ("    import original;\n", ""),
    ] {
        let changed = tempfile::tempdir().unwrap();
        let mut found = 0;
        for entry in fs::read_dir(wit().join("1.0.0")).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            found += text.matches(from).count();
            let copy = changed.path().join(path.file_name().unwrap());
            fs::write(copy, text.replace(from, to)).unwrap();
        }
        assert!(found > 0, "{from:?} is nowhere");
        let outcome = same_shape(frozen("1.0.0"), parsed(changed.path()));
        assert!(outcome.is_err(), "{from:?} to {to:?} was not noticed");
    }
}
