//! The examples of the documentation, as files that can be run.

use std::path::PathBuf;

use hookwright_tests::{Request, root};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::oracle::Oracle;

/// Runs those in JavaScript; most are around `jose` and `standardwebhooks`.
pub(crate) const NODE: Oracle = Oracle::Node("node/doc_example.mjs", "jose");
/// Runs those in Python.
pub(crate) const PYTHON: Oracle = Oracle::Python("python/doc_example.py", "jwt, standardwebhooks");

/// All examples of a document whose first line is their name.
pub(crate) struct Examples {
    dir: TempDir,
}

impl Examples {
    pub(crate) fn of(document: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let libraries = root().join("target/oracles/node_modules");
        std::os::unix::fs::symlink(libraries, dir.path().join("node_modules")).unwrap();
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        for (language, comment) in [("js", "// "), ("python", "# ")] {
            for block in text.split(&format!("\n```{language}\n")).skip(1) {
                let (code, _) = block.split_once("\n```").unwrap();
                let name = code.lines().next().unwrap().strip_prefix(comment).unwrap();
                std::fs::write(dir.path().join(name), code).unwrap();
            }
        }
        Self { dir }
    }

    /// What an example is to judge.
    pub(crate) fn case(&self, name: &str, request: &Request, key: &str) -> Value {
        use base64::Engine;
        let path: PathBuf = self.dir.path().join(name);
        assert!(path.is_file(), "there is no example {name}");
        let body = base64::prelude::BASE64_STANDARD.encode(&request.body);
        json!({"module": path, "headers": headers(request), "body": body, "key": key})
    }
}

/// An example's judgement, by the name of its file.
pub(crate) fn judge(cases: &[Value]) -> Vec<Value> {
    let is_node = |case: &Value| case["module"].as_str().unwrap().ends_with(".mjs");
    let of = |node: bool| cases.iter().filter(|case| is_node(case) == node).cloned().collect();
    let (node, python): (Vec<Value>, Vec<Value>) = (of(true), of(false));
    let mut node = NODE.judge(&node).into_iter();
    let mut python = PYTHON.judge(&python).into_iter();
    let next = |case: &Value| if is_node(case) { node.next() } else { python.next() }.unwrap();
    cases.iter().map(next).collect()
}

fn headers(request: &Request) -> Value {
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
    request.headers.iter().map(|(name, value)| (name.clone(), json!(text(value)))).collect()
}
