//! The allocator of guests: small blocks by their size, what is larger from an arena.
//!
//! An instance lives for one call of some tens of microseconds, of which a general allocator took
//! a fifth. A guest makes many small blocks and few large ones, and gives memory back only for its
//! own use.

#[cfg(target_family = "wasm")]
mod arena;
mod small;

/// What Rust's collections allocate with.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: small::SmallFirst<arena::Arena> = small::SmallFirst::over(arena::arena());
