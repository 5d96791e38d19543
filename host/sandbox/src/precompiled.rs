//! Loads compiled code: the one place of the project that is not safe Rust.

#![allow(unsafe_code)]

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::compile::Code;

/// Loads code that a [`crate::Compiler`] made.
pub(crate) fn load(engine: &Engine, code: &Code) -> wasmtime::Result<Component> {
    // SAFETY: `deserialize_file` and `deserialize` execute what they are given, so it must be
    // the unchanged output of `Engine::precompile_component` of this very version of wasmtime.
    // A `Code` can only be made in `compile`: either from the output of the compile child of
    // this same executable, or from a cached file whose bytes were just found to have the
    // SHA-256 that was noted, in the daemon's own store, when the child wrote them. Cached
    // files are kept by the full version of wasmtime and its settings (the compatibility
    // hash), since wasmtime itself compares only the major version. `Code` holds the checked
    // bytes, not a path, so the file cannot be exchanged between the check and the load.
    let component = unsafe { Component::deserialize(engine, code.bytes()) }?;
    // Now, not in the first call.
    component.initialize_copy_on_write_image()?;
    Ok(component)
}
