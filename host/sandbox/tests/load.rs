//! What is no plugin is refused when it is installed, in words that say what to do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::{compiler, compiler_with, component, sandbox};
use hookwright_model::{Digest, Limits};
use hookwright_sandbox::CompileError;
use hookwright_sandbox::compile::{CodeCache, CompileLimits, MAX_PLUGIN_BYTES};

fn refusal(wat: &str) -> String {
    let bytes = wat::parse_str(wat).unwrap();
    let code = compiler().compile(&bytes).unwrap();
    let loaded = sandbox().load(&code, Digest::of(&bytes), &Limits::default());
    loaded.expect_err(wat).to_string()
}

#[test]
fn a_component_that_exports_nothing_of_the_contract() {
    let text = refusal("(component)");
    assert!(text.contains("it exports nothing of `hookwright:plugin`"), "{text}");
    assert!(text.contains("hookwright:plugin@1.0"), "{text}");
}

#[test]
fn unknown_imports_are_refused_with_their_names() {
    let text = refusal(
        r#"(component
            (import "acme:net/socket@1.0.0" (instance (export "connect" (func))))
            (import "acme:fs/files@2.1.0" (instance (export "open" (func))))
            (import "wasi:cli/exit@0.2.3" (instance (export "exit" (func (param "status" (result))))))
            (instance $empty)
            (export "hookwright:plugin/metadata@1.0.0" (instance $empty)))"#,
    );
    assert!(text.contains("`acme:net/socket@1.0.0`, `acme:fs/files@2.1.0`"), "{text}");
    assert!(!text.contains("wasi:"), "{text}");
}

#[test]
fn another_version_of_the_contract_is_named() {
    let exported = refusal(
        r#"(component
            (instance $empty)
            (export "hookwright:plugin/metadata@2.0.0" (instance $empty)))"#,
    );
    let expected = "the plugin was built for hookwright:plugin@2.0.0; this host speaks \
                    hookwright:plugin@1.0: rebuild the plugin, or use a newer host";
    assert_eq!(exported, expected);
    let imported = refusal(
        r#"(component
            (import "hookwright:plugin/log@2.0.0" (instance (export "write" (func))))
            (instance $empty)
            (export "hookwright:plugin/metadata@1.0.0" (instance $empty)))"#,
    );
    assert_eq!(imported, expected);
}

#[test]
fn a_function_of_a_newer_minor_version_is_named() {
    let text = refusal(
        r#"(component
            (import "hookwright:plugin/context@1.7.0" (instance (export "weather" (func))))
            (instance $empty)
            (export "hookwright:plugin/metadata@1.0.0" (instance $empty)))"#,
    );
    assert!(text.contains("weather"), "{text}");
    assert!(text.contains("build against the host's version of the contract"), "{text}");
}

#[test]
fn half_a_plugin_is_not_one() {
    let text = refusal(
        r#"(component
            (instance $empty)
            (export "hookwright:plugin/metadata@1.0.0" (instance $empty)))"#,
    );
    assert!(text.starts_with("the component is not a whole plugin"), "{text}");
    assert!(text.contains("describe"), "{text}");
}

#[test]
fn core_modules_that_are_no_plugins_are_explained() {
    let module = wat::parse_str(r#"(module (import "env" "time" (func)))"#).unwrap();
    match compiler().compile(&module) {
        Err(CompileError::BadPlugin(text)) => {
            assert!(text.contains("wasm-tools component new"), "{text}");
            assert!(text.contains("env"), "{text}");
        }
        other => panic!("{:?}", other.map(drop)),
    }
}

#[test]
fn what_is_not_webassembly_or_too_large_is_refused_at_once() {
    match compiler().compile(b"<!DOCTYPE html>") {
        Err(CompileError::BadPlugin(text)) => assert!(text.contains("not WebAssembly"), "{text}"),
        other => panic!("{:?}", other.map(drop)),
    }
    match compiler().compile(&vec![0; MAX_PLUGIN_BYTES + 1]) {
        Err(error @ CompileError::TooLarge { .. }) => {
            assert!(error.to_string().contains("at most 33554432"), "{error}");
        }
        other => panic!("{:?}", other.map(drop)),
    }
}

/// A small file that takes long to compile: one function of a hundred thousand branches.
fn bomb() -> Vec<u8> {
    let locals = "(local i64 i64 i64 i64 i64 i64 i64 i64)".repeat(1_000);
    let branch =
        "(block (br_if 0 (local.get 0)) (local.set 1 (i64.add (local.get 2) (local.get 3))))";
    let body = branch.repeat(40_000);
    wat::parse_str(format!("(module (func (param i32) {locals} {body}))")).unwrap()
}

#[test]
fn a_compile_bomb_ends_in_the_child() {
    let limits = CompileLimits { cpu: Duration::from_secs(1), ..CompileLimits::default() };
    let text = compiler_with(limits).compile(&bomb()).map(drop).unwrap_err().to_string();
    assert_eq!(
        text,
        "compiling the plugin took more than it may (1 s of processor time): make it smaller"
    );
    let limits = CompileLimits { deadline: Duration::from_millis(300), ..CompileLimits::default() };
    let text = compiler_with(limits).compile(&bomb()).map(drop).unwrap_err().to_string();
    assert_eq!(text, "compiling the plugin took more than it may (300ms): make it smaller");
    let limits = CompileLimits { memory: 200 << 20, ..CompileLimits::default() };
    let text = compiler_with(limits).compile(&bomb()).map(drop).unwrap_err().to_string();
    assert!(text.contains("200 MiB of memory"), "{text}");
}

#[test]
fn cached_code_runs_and_a_corrupt_cache_is_noticed() {
    let sandbox = sandbox();
    let bytes = component("misbehave");
    let digest = Digest::of(&bytes);
    let code = compiler().compile(&bytes).unwrap();
    let dir = std::env::temp_dir().join(format!("hookwright-code-{}", std::process::id()));
    let cache = CodeCache::open(&dir, sandbox.compatibility()).unwrap();
    let checksum = cache.put(digest, &code).unwrap();
    let cached = cache.get(digest, checksum).unwrap();
    let plugin = sandbox.load(&cached, digest, &Limits::default()).unwrap();
    assert_eq!(plugin.key().to_string(), "destination/misbehave");
    let file = std::fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
    let mut changed = std::fs::read(&file).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&file, changed).unwrap();
    assert!(cache.get(digest, checksum).is_none());
    std::fs::remove_dir_all(dir).unwrap();
}
