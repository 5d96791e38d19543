//! What every plugin of the repository has: settings that explain themselves, and for
//! destinations a README and tests.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use hookwright_sdk::serde_json::{Value, from_str, json};

fn folders(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(kind);
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = folders.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Where a schema leaves people alone: each property, however deep, is to have a title, a
/// description, and examples or a default.
fn unexplained(schema: &Value, at: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let properties = members.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                // One value is all there is to choose from: it tells kinds of settings apart.
                if property.get("const").is_none() {
                    found.extend(lacks(property).map(|what| format!("{at}/{name}: no {what}")));
                }
            }
            for (key, member) in members {
                let at = format!("{at}/{key}");
                match (key.as_str(), member) {
                    // What stands in these is no schema.
                    ("examples" | "default" | "const" | "enum", _) => {}
                    // Names, each with a schema, and not keywords.
                    ("properties" | "patternProperties" | "$defs", Value::Object(named)) => {
                        for (name, schema) in named {
                            unexplained(schema, &format!("{at}/{name}"), found);
                        }
                    }
                    _ => unexplained(member, &at, found),
                }
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                unexplained(item, &format!("{at}/{number}"), found);
            }
        }
        _ => {}
    }
}

fn lacks(property: &Value) -> impl Iterator<Item = &'static str> {
    let text = |key: &str| {
        property[key].as_str().is_some_and(|text| text.trim() == text && !text.is_empty())
    };
    let examples = property["examples"].as_array().is_some_and(|list| !list.is_empty());
    let sampled = examples || property.get("default").is_some();
    let checks = [
        (text("title"), "title"),
        (text("description"), "description"),
        (sampled, "examples and no default"),
    ];
    checks.into_iter().filter(|(good, _)| !good).map(|(_, what)| what)
}

#[test]
fn settings_explain_themselves() {
    let mut found = Vec::new();
    let mut count = 0;
    for folder in [folders("sources"), folders("destinations")].concat() {
        let path = folder.join("settings.schema.json");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let schema: Value = from_str(&text).unwrap();
        let plugin = name(&folder);
        if schema["title"].as_str().is_none_or(str::is_empty) {
            found.push(format!("{plugin}: no title"));
        }
        if let Some(ours) = schema.get("x-hookwright") {
            let preset = ours["preset"].as_str().unwrap_or_default();
            let plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
            if preset.is_empty() || !preset.bytes().all(plain) {
                found.push(format!("{plugin}: x-hookwright names no preset"));
            }
        }
        unexplained(&schema, &plugin, &mut found);
        count += 1;
    }
    assert!(count > 20, "{count}");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_is_not_explained_is_found() {
    let good = json!({"title": "A", "description": "What it is.", "default": null});
    let of = |schema: Value| {
        let mut found = Vec::new();
        unexplained(&schema, "x", &mut found);
        found
    };
    assert!(of(json!({"properties": {"a": good, "kind": {"const": "b"}}})).is_empty());
    for (key, expected) in [
        ("title", "x/a: no title"),
        ("description", "x/a: no description"),
        ("default", "x/a: no examples and no default"),
    ] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(key);
        assert_eq!(of(json!({"properties": {"a": bad}})), [expected]);
        let inside = json!({"oneOf": [{"properties": {"a": bad}}]});
        let found = of(json!({"properties": {"b": good}, "items": inside}));
        assert_eq!(found, [expected.replace("x/", "x/items/oneOf/0/")]);
    }
    let empty = json!({"title": "", "description": "What.", "examples": []});
    assert_eq!(of(json!({"properties": {"a": empty}})).len(), 2);
    // A setting may be called like a keyword of schemas.
    let named = json!({"properties": {"properties": {"type": "object"}}});
    assert_eq!(of(named).len(), 3);
}

#[test]
fn destinations_have_a_readme_and_tests() {
    for folder in folders("destinations") {
        let plugin = name(&folder);
        let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        assert!(readme.starts_with("# "), "{plugin} has no README.md with a title");
        assert!(readme.contains("```"), "{plugin}: README.md shows no sample");
        let tests = fs::read_dir(folder.join("tests"));
        let tests = tests.unwrap_or_else(|error| panic!("{plugin} has no tests: {error}"));
        let is_test = |path: PathBuf| path.extension().is_some_and(|ending| ending == "rs");
        assert!(tests.map(|entry| entry.unwrap().path()).any(is_test), "{plugin} has no tests");
    }
}

#[test]
fn every_plugin_is_built() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/src/guests.rs");
    let list = fs::read_to_string(list).unwrap();
    for (kind, of) in [("sources", "source"), ("destinations", "destination")] {
        for folder in folders(kind) {
            let package = format!("\"{of}-{}\"", name(&folder));
            assert!(list.contains(&package), "{package} is not in xtask/src/guests.rs");
        }
    }
}
