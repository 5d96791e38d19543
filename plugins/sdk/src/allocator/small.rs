//! Small blocks: cut from chunks, and kept for the next of their size when they are freed.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

/// Sizes are rounded up to this, and every block is aligned to it: in bytes.
const GRANULE: usize = 16;
/// The largest block that is small.
const MOST: usize = 1024;
const CLASSES: usize = MOST / GRANULE;
/// Blocks are cut from chunks of so many bytes.
const CHUNK: usize = 16 << 10;

/// Small blocks by itself, large ones and chunks from another allocator.
///
/// Chunks are never given back: an instance ends soon, and its memory with it.
#[derive(Debug)]
pub(super) struct SmallFirst<A> {
    state: UnsafeCell<State>,
    beyond: A,
}

#[derive(Debug)]
struct State {
    /// Freed blocks of each size, each block holding the address of the next.
    free: [*mut Free; CLASSES],
    /// What is left of the last chunk.
    next: *mut u8,
    left: usize,
}

struct Free {
    next: *mut Self,
}

// SAFETY: guests have one thread: the target has neither threads nor signals. Elsewhere it is not
// `Sync`, so that tests cannot share one.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
unsafe impl<A: Sync> Sync for SmallFirst<A> {}

impl<A> SmallFirst<A> {
    pub(super) const fn over(beyond: A) -> Self {
        let state = State { free: [null_mut(); CLASSES], next: null_mut(), left: 0 };
        Self { state: UnsafeCell::new(state), beyond }
    }
}

/// Which of the sizes a small block is of, from 0. Nobody may ask for no bytes.
const fn class(size: usize) -> usize {
    size.saturating_sub(1) / GRANULE
}

const fn is_small(size: usize, align: usize) -> bool {
    size <= MOST && align <= GRANULE
}

// SAFETY: a block is of its class's size, at least what was asked for, aligned to GRANULE, and is
// either in use, or in the list of its class, or not yet cut from its chunk. `state` is borrowed
// only within a method, none of which calls another of this allocator or gives a borrow away.
unsafe impl<A: GlobalAlloc> GlobalAlloc for SmallFirst<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_small(layout.size(), layout.align()) {
            // SAFETY: the layout is the caller's.
            return unsafe { self.beyond.alloc(layout) };
        }
        let class = class(layout.size());
        // SAFETY: see above.
        let state = unsafe { &mut *self.state.get() };
        // A small size is of a class; this is for the compiler.
        let Some(list) = state.free.get_mut(class) else { return null_mut() };
        let block = *list;
        if !block.is_null() {
            // SAFETY: a freed block, which `dealloc` wrote.
            *list = unsafe { (*block).next };
            return block.cast();
        }
        let size = (class + 1) * GRANULE;
        if state.left < size {
            // What is left of the last chunk is forgotten: less than a small block.
            // SAFETY: the size is not zero.
            let chunk = unsafe { self.beyond.alloc(CHUNK_LAYOUT) };
            if chunk.is_null() {
                return chunk;
            }
            (state.next, state.left) = (chunk, CHUNK);
        }
        let block = state.next;
        // SAFETY: `size` bytes are left of the chunk.
        state.next = unsafe { block.add(size) };
        state.left -= size;
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !is_small(layout.size(), layout.align()) {
            // SAFETY: it came from there, with this layout.
            return unsafe { self.beyond.dealloc(block, layout) };
        }
        // SAFETY: see above.
        let state = unsafe { &mut *self.state.get() };
        if let Some(list) = state.free.get_mut(class(layout.size())) {
            let block = block.cast::<Free>();
            // SAFETY: the block is aligned to GRANULE, at least that large, and nobody's now.
            unsafe { block.write(Free { next: *list }) };
            *list = block;
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let small = is_small(size, layout.align());
        match (is_small(layout.size(), layout.align()), small) {
            // SAFETY: it came from there, with this layout.
            (false, false) => return unsafe { self.beyond.realloc(block, layout, size) },
            (true, true) if class(layout.size()) == class(size) => return block,
            _ => {}
        }
        // SAFETY: the caller says that `size`, rounded up to the alignment, is not too large.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both are at least that large, and two blocks.
            unsafe {
                block.copy_to_nonoverlapping(new, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        new
    }
}

const CHUNK_LAYOUT: Layout = match Layout::from_size_align(CHUNK, GRANULE) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

#[cfg(test)]
mod tests;
