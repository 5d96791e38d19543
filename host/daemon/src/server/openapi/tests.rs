//! Whether the description is complete and the committed one is the same.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn operations() -> Vec<(String, String, Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, one)| (path.clone(), method.clone(), one.clone()))
    });
    all.collect()
}

#[test]
fn the_committed_description_is_what_is_served() {
    let committed = include_str!("../../../../../docs/openapi.json");
    assert!(
        committed == text(),
        "docs/openapi.json is not what is served; renew it with `target/debug/hookwright openapi > \
         docs/openapi.json`"
    );
}

/// Routes are registered by `routes!`, which describes them; a plain `route` is described by
/// nothing.
#[test]
fn every_route_is_described() {
    let sources = [
        ("server/mod.rs", include_str!("../mod.rs")),
        ("webhooks/mod.rs", include_str!("../../webhooks/mod.rs")),
    ];
    for (name, source) in sources {
        for line in source.lines() {
            assert!(!line.contains(".route(\""), "{name}: {line}: use `routes!`");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    if let ("$ref", Some(to)) = (key.as_str(), value.as_str()) {
                        found.insert(to.to_owned());
                    }
                    walk(value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(&DOCUMENT, &mut found);
    assert!(found.len() > 50, "{}", found.len());
    for to in found {
        let schema = DOCUMENT.pointer(to.strip_prefix('#').unwrap());
        assert!(schema.is_some_and(|schema| *schema != json!({})), "{to} leads nowhere");
    }
}

#[test]
fn operations_say_what_they_are() {
    let mut ids = BTreeMap::new();
    for (path, method, one) in operations() {
        let at = format!("{method} {path}");
        assert!(one["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{at}: {one}");
        let id = one["operationId"].as_str().unwrap().to_owned();
        if let Some(other) = ids.insert(id.clone(), at.clone()) {
            panic!("{at} and {other} are both {id}");
        }
        let has_role = one.get("x-required-role").is_some();
        // Receivers ask without a token.
        let is_webhooks = path.starts_with("/webhook")
            && !path.contains("/.well-known/")
            && !path.ends_with("/verify");
        assert_eq!(has_role, path.starts_with("/v1/") || is_webhooks, "{at}");
        let kind = if is_webhooks { "webhooks_" } else { "" };
        for (status, response) in one["responses"].as_object().unwrap() {
            let problem = format!("#/components/responses/{kind}{status}");
            assert_eq!(response["$ref"] == problem, status.as_str() >= "400", "{at}");
        }
        // What a path names is said, and nothing else.
        let named = |text: &str| {
            let parts = text.split('/').filter_map(|part| part.strip_prefix('{'));
            parts.map(|part| part.trim_end_matches('}').to_owned()).collect::<BTreeSet<_>>()
        };
        let parameters = one["parameters"].as_array().cloned().unwrap_or_default();
        let said = parameters.iter().filter(|one| one["in"] == "path");
        let said = said.map(|one| one["name"].as_str().unwrap().to_owned());
        assert_eq!(named(&path), said.collect(), "{at}");
    }
}

/// All that the page shows comes from the description, whatever is in it.
#[test]
fn the_page_shows_markup_as_text() {
    let hostile = json!({
        "info": {"title": "<script>alert(1)</script>", "description": "`<b>`", "version": "1"},
        "paths": {"/a\"><script>": {"get": {"tags": ["<i>"], "summary": "</summary><script>"}}},
        "components": {"schemas": {"<u>": {"description": "<script>", "enum": ["<script>"]}}},
    });
    let page = html::Page::of(&hostile);
    let shown = page.html();
    for markup in ["<script", "<i>", "<u>", "<b></code>"] {
        assert!(!shown.contains(markup), "{markup}");
    }
    assert!(shown.contains("&lt;script&gt;alert(1)"), "{shown}");
}

/// Of two types with one name the description has only the last.
#[test]
fn no_two_schemas_have_one_name() {
    fn files(dir: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                found.push(path);
            }
        }
    }
    let derived = regex::Regex::new(
        r"#\[derive\([^\]]*ToSchema[^\]]*\)\]((?:\s*#\[[^\n]*\])*)\s*(?:pub(?:\([a-z ]+\))? )?(?:struct|enum) (\w+)",
    );
    let (derived, renamed) = (derived.unwrap(), regex::Regex::new(r"schema\(as = (\w+)").unwrap());
    let mut sources = Vec::new();
    for part in ["model", "store", "daemon"] {
        let host = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        files(&host.join(part).join("src"), &mut sources);
    }
    let mut names = BTreeMap::new();
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        for found in derived.captures_iter(&text) {
            let other = renamed.captures(&found[1]).map(|renamed| renamed[1].to_owned());
            let name = other.unwrap_or_else(|| found[2].to_owned());
            // Written out for another type, and never under its own name.
            if let (true, Some(before)) =
                (name != "Document", names.insert(name.clone(), path.clone()))
            {
                panic!(
                    "{name} is in {} and {}: use `schema(as = …)`",
                    before.display(),
                    path.display()
                );
            }
        }
    }
    assert!(names.len() > 100, "{}", names.len());
}
