//! The allocator of guests: Talc over an arena that is part of the initial memory, and over
//! grown memory only beyond it.
//!
//! An instance lives for one call. The standard library's allocator asks for more memory with
//! its first allocation, and growing memory, and shrinking it again for the next instance, costs
//! the host two system calls that make every processor wait: more than most calls compute.

use core::alloc::Layout;
use core::arch::wasm32::memory_grow;
use core::mem::MaybeUninit;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

/// Enough for an event of a hundred kilobytes. Pages of it that are not touched cost nothing.
const ARENA: usize = 1 << 20;
const PAGE: usize = 64 << 10;

static mut MEMORY: [MaybeUninit<u8>; ARENA] = [MaybeUninit::uninit(); ARENA];

/// The arena first, then grown memory.
pub(super) type Arena = TalcSyncCell<ArenaThenGrow, WasmBinning>;

#[derive(Debug)]
pub(super) struct ArenaThenGrow {
    arena_claimed: bool,
}

// SAFETY: `acquire` uses no allocator and no type that does.
unsafe impl Source for ArenaThenGrow {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        if !talc.source.arena_claimed {
            talc.source.arena_claimed = true;
            // SAFETY: nothing else refers to the arena, and it is claimed once.
            let claimed = unsafe { talc.claim((&raw mut MEMORY).cast::<u8>(), ARENA) };
            if claimed.is_some() && layout.size() < ARENA / 2 {
                return Ok(());
            }
        }
        // What the allocator needs beside the allocation itself fits into a page.
        let pages = (layout.size() + layout.align()).div_ceil(PAGE) + 1;
        let before = memory_grow::<0>(pages);
        if before == usize::MAX {
            return Err(());
        }
        // SAFETY: this memory was grown for this claim; nothing else knows of it.
        let claimed = unsafe { talc.claim((before * PAGE) as *mut u8, pages * PAGE) };
        claimed.map(drop).ok_or(())
    }
}

/// Allocates from the arena and beyond.
pub(super) const fn arena() -> Arena {
    TalcSyncCell::new_wasm(ArenaThenGrow { arena_claimed: false })
}
