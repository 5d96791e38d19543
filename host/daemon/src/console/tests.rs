//! That texts and templates fit together, in every language.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use minijinja::value::{Kwargs, Value};
use minijinja::{ErrorKind, UndefinedBehavior, context};
use regex::Regex;

use super::embedded::{TEMPLATES, TEXTS};
use super::language::Language;
use super::text::texts_of;
use super::{template, text};

/// A language's texts by their keys, as they stand in the files.
fn texts(language: Language) -> BTreeMap<&'static str, String> {
    let mut all = BTreeMap::new();
    for (path, source) in texts_of(language) {
        let mut last = None;
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with([' ', '}']) {
                let text: &mut String = all.get_mut(last.unwrap()).unwrap();
                text.push('\n');
                text.push_str(line);
            } else if let Some((key, text)) = line.split_once('=') {
                let key = key.trim();
                last = Some(key);
                let known = all.insert(key, text.to_owned());
                assert!(known.is_none(), "{path}: `{key}` is there twice");
            } else {
                assert!(line.is_empty(), "{path}: `{line}` is no text");
            }
        }
    }
    all
}

#[test]
fn all_languages_say_the_same_with_the_same_variables() {
    let variable = Regex::new(r"\$([a-z_]+)").unwrap();
    let variables = |text: &str| -> BTreeSet<String> {
        variable.captures_iter(text).map(|found| found[1].to_owned()).collect()
    };
    let english = texts(Language::English);
    assert!(english.len() > 50);
    for language in Language::ALL {
        let files = |language: Language| -> Vec<_> {
            texts_of(language).map(|(path, _)| path.split_once('/').unwrap().1).collect()
        };
        assert_eq!(files(language), files(Language::English));
        let other = texts(language);
        let missing: Vec<_> = english.keys().filter(|key| !other.contains_key(*key)).collect();
        let more: Vec<_> = other.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && more.is_empty(), "{language:?}: {missing:?} {more:?}");
        for (key, text) in &other {
            assert_eq!(variables(text), variables(&english[key]), "{language:?} {key}");
        }
    }
    let languages = TEXTS.iter().map(|(path, _)| path.split('/').next().unwrap());
    assert_eq!(languages.collect::<BTreeSet<_>>(), BTreeSet::from(["de", "en", "ru", "uk"]));
}

/// Whatever counts does so by the rules of its language (CLDR, cardinals).
#[test]
fn every_type_of_event_has_a_name() {
    for language in Language::ALL {
        let texts = texts(language);
        for known in hookwright_model::catalogue::types() {
            let key = format!("type-{}", known.event_type.replace('.', "-"));
            let said = texts.get(&*key);
            let said = said.unwrap_or_else(|| panic!("{key} is missing in {language:?}"));
            if language == Language::English {
                assert_eq!(said.trim(), known.title, "{key}");
            } else {
                assert_ne!(said.trim(), known.title, "{key} in {language:?}");
            }
        }
    }
}

#[test]
fn plurals_are_complete() {
    let form = Regex::new(r"(?m)^\s*\*?\[(one|few|many|other|two|zero)\]").unwrap();
    for language in Language::ALL {
        let needed: BTreeSet<_> = match language {
            Language::English | Language::German => ["one", "other"].into(),
            Language::Russian | Language::Ukrainian => ["one", "few", "many", "other"].into(),
        };
        for (key, text) in texts(language) {
            let found: Vec<_> =
                form.captures_iter(&text).map(|found| found[1].to_owned()).collect();
            let selectors = text.matches("->").count();
            let all: BTreeSet<_> = found.iter().map(String::as_str).collect();
            if !all.is_empty() {
                assert_eq!(all, needed, "{language:?} {key}");
                assert_eq!(found.len(), selectors * needed.len(), "{language:?} {key}");
            }
        }
    }
}

/// All files of a kind below a folder of this crate.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn templates_ask_for_texts_that_there_are_and_all_are_asked_for() {
    let whole = Regex::new(r#"\bt\("([a-z0-9-]+)"\s*[,)]|\bt\('([a-z0-9-]+)'\s*[,)]"#).unwrap();
    // The beginning of several keys, or what one ends with.
    let begun = Regex::new(r#"\bt\(["']([a-z0-9-]+-)["']\s*~"#).unwrap();
    let ended = Regex::new(r#"\bt\([a-z_.]+ ~ ["'](-[a-z0-9-]+)["']"#).unwrap();
    let quoted = Regex::new(r#""([a-z0-9]+(?:-[a-z0-9]+)+|[a-z]+)""#).unwrap();
    let singly = Regex::new(r"'([a-z0-9]+(?:-[a-z0-9]+)+|[a-z]+)'").unwrap();
    let (mut used, mut begins, mut ends) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (name, source) in TEMPLATES {
        for found in whole.captures_iter(source) {
            let key = found.get(1).or(found.get(2)).unwrap().as_str();
            assert!(text::has(key), "{name} asks for `{key}`, which is not there");
            used.insert(key.to_owned());
        }
        // Macros are given keys.
        let given = quoted.captures_iter(source).chain(singly.captures_iter(source));
        used.extend(given.map(|found| found[1].to_owned()));
        begins.extend(begun.captures_iter(source).map(|found| found[1].to_owned()));
        ends.extend(ended.captures_iter(source).map(|found| found[1].to_owned()));
    }
    let keys = texts(Language::English);
    for begin in &begins {
        assert!(keys.keys().any(|key| key.starts_with(begin)), "no text begins with `{begin}`");
    }
    // Code names keys, or begins them, in string literals; that of mails, too.
    let literal = Regex::new(r#""([a-z0-9]+-)\{"#).unwrap();
    for (name, source) in files("src", "rs") {
        if name != "tests.rs" {
            used.extend(quoted.captures_iter(&source).map(|found| found[1].to_owned()));
            begins.extend(literal.captures_iter(&source).map(|found| found[1].to_owned()));
        }
    }
    let unused: Vec<_> = keys
        .keys()
        .filter(|key| {
            !used.contains(**key)
                && !begins.iter().any(|begin| key.starts_with(begin))
                && !ends.iter().any(|end| key.ends_with(end))
        })
        .collect();
    assert!(unused.is_empty(), "nothing asks for {unused:?}");
}

#[test]
fn every_template_is_made_in_every_language() {
    let mut made = 0;
    for language in Language::ALL {
        let mut environment = template::environment(language);
        // There is nothing in it: that has to be no mistake of the template's.
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_formatter(minijinja::escape_formatter);
        // Nor are there names to make keys of.
        environment.add_function("t", |key: String, _: Kwargs| {
            let is_part = key.is_empty() || key.starts_with('-') || key.ends_with('-');
            assert!(is_part || text::has(&key), "there is no text `{key}`");
            key
        });
        for filter in ["time", "number", "size", "took"] {
            environment.add_filter(filter, |_: Value| "");
        }
        for (name, source) in TEMPLATES {
            let template = environment.get_template(name);
            let template = template.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            let context = context! {
                lang => language.code(), title => "error-404", role => "admin",
                address => "/console", csrf => "token", user => "somebody", may_read => true,
            };
            let html = match template.render(context) {
                Ok(html) => html,
                // One cannot count with nothing. Pages of something are made by tests from outside.
                Err(error) if error.kind() == ErrorKind::InvalidOperation => continue,
                Err(error) => panic!("{language:?} {name}: {error:#}"),
            };
            made += 1;
            if source.contains("{% extends") {
                assert!(html.contains(&format!("<html lang=\"{}\">", language.code())), "{name}");
            }
        }
    }
    assert!(made > TEMPLATES.len() * 2, "most can be made of nothing: {made}");
}

/// What the policy of the pages forbids, a page that has it would not show rightly.
#[test]
fn templates_have_no_script_and_no_style_in_them() {
    let forbidden = Regex::new(r#"(?i)<style|\sstyle=|\son[a-z]+=|<script(?:>|\s+(?:defer>|type))|javascript:|hx-on|\bjs:|\|\s*safe\b"#).unwrap();
    for (name, source) in TEMPLATES {
        if let Some(found) = forbidden.find(source) {
            panic!("{name} has `{}`", found.as_str());
        }
        let forms = source.matches("<form method=\"post\"").count();
        let proofs =
            source.matches("parts/csrf.html").count() + source.matches("name=\"proof\"").count();
        assert!(forms <= proofs, "{name}: a form lacks the session's token");
        let all = source.matches("<form ").count();
        let asking = source.matches("<form method=\"get\"").count();
        assert_eq!(all, forms + asking, "{name}: a form says `method` first");
    }
}
