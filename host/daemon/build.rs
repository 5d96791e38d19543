//! Embeds the console's templates, texts and assets: whatever lies in `console/` is in the program.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let top = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let mut code = String::new();
    for (folder, name, kind, include) in [
        ("templates", "TEMPLATES", "&str", "include_str!"),
        ("i18n", "TEXTS", "&str", "include_str!"),
        ("assets", "ASSETS", "&[u8]", "include_bytes!"),
    ] {
        println!("cargo::rerun-if-changed=console/{folder}");
        let folder = top.join("console").join(folder);
        let mut files = Vec::new();
        walk(&folder, &mut files)?;
        files.sort();
        let list = &mut code;
        let written = writeln!(list, "pub(super) static {name}: &[(&str, {kind})] = &[");
        written.map_err(std::io::Error::other)?;
        for file in files {
            let inside = file.strip_prefix(&folder).unwrap_or(&file).display().to_string();
            let path = file.display().to_string();
            let written = writeln!(list, "    ({inside:?}, {include}({path:?})),");
            written.map_err(std::io::Error::other)?;
        }
        list.push_str("];\n");
    }
    fs::write(out.join("console.rs"), code)
}

/// All files below a folder.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            files.push(path);
        }
    }
    Ok(())
}
