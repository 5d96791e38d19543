//! The examples of `docs/api.md`, run by a shell as whoever reads them would, one after the other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use hookwright_tests::{Daemon, root};
use serde_json::Value;

use crate::has;

/// Runs curl, and keeps the headers of each answer in a file of its own.
const CURL: &str = r#"#!/bin/sh
number=$(ls "$ANSWERS" | wc -l)
PATH=${PATH#*:}
exec curl -D "$ANSWERS/$(printf %03d "$number")" "$@"
"#;

/// A block of the document's code, and the JSON that stands behind it, as its output.
struct Example {
    code: String,
    output: Option<Value>,
}

fn examples(document: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    // Code is every second part.
    for block in document.split("\n```").skip(1).step_by(2) {
        let (language, code) = block.split_once('\n').unwrap();
        match language {
            "sh" => examples.push(Example { code: code.to_owned(), output: None }),
            "json" => {
                let example = examples.last_mut().unwrap();
                assert!(example.output.is_none(), "{code}");
                example.output = Some(serde_json::from_str(code).unwrap());
            }
            other => panic!("what to do with code in {other}?"),
        }
    }
    examples
}

/// What stands behind requests as the statuses of their answers.
fn expected(code: &str) -> Vec<u16> {
    let comments = code.lines().filter_map(|line| line.rsplit_once("# "));
    let numbers = comments.filter_map(|(_, comment)| {
        comment.split(' ').map(|word| word.parse().ok()).collect::<Option<Vec<u16>>>()
    });
    numbers.flatten().collect()
}

fn statuses(answers: &Path) -> Vec<u16> {
    let mut files: Vec<_> =
        fs::read_dir(answers).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let status = |file: &std::path::PathBuf| {
        let head = fs::read_to_string(file).unwrap();
        // The last, if it said first that it goes on (100).
        let mut lines = head.lines().filter(|line| line.starts_with("HTTP/"));
        lines.next_back().unwrap().split(' ').nth(1).unwrap().parse().unwrap()
    };
    files.iter().map(status).collect()
}

#[test]
fn the_documents_examples_do_as_it_says() {
    if !has("curl") || !has("sh") {
        return;
    }
    let daemon = Daemon::start();
    let place = tempfile::tempdir().unwrap();
    let in_place = |name: &str| place.path().join(name);
    fs::create_dir(in_place("bin")).unwrap();
    fs::write(in_place("bin/curl"), CURL).unwrap();
    fs::set_permissions(in_place("bin/curl"), fs::Permissions::from_mode(0o755)).unwrap();
    let plugin = "destination-standard-webhooks.wasm";
    fs::copy(root().join("target/plugins").join(plugin), in_place(plugin)).unwrap();
    let path = std::env::var("PATH").unwrap();

    let document = fs::read_to_string(root().join("docs/api.md")).unwrap();
    let examples = examples(&document);
    assert!(examples.len() > 5, "{}", examples.len());
    for (number, Example { code, output }) in examples.into_iter().enumerate() {
        let answers = in_place(&format!("answers-{number}"));
        fs::create_dir(&answers).unwrap();
        assert!(code.contains("http://127.0.0.1:8088/"), "{code}");
        let ran = Command::new("sh")
            .arg("-euc")
            .arg(code.replace("http://127.0.0.1:8088", &daemon.url()))
            .current_dir(place.path())
            .env("PATH", format!("{}:{path}", in_place("bin").display()))
            .env("ANSWERS", &answers)
            .env("TOKEN", daemon.token())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stdout);
        let failed = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{code}\n{told}\n{failed}");
        let statuses = statuses(&answers);
        assert!(
            !statuses.is_empty() && statuses == expected(&code),
            "{statuses:?}: {code}\n{told}"
        );
        if let Some(output) = output {
            assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), output, "{code}");
        }
    }
}
