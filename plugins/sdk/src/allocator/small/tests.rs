use std::alloc::System;
use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// A block in use, all of its bytes having one value.
struct Held {
    block: *mut u8,
    layout: Layout,
    value: u8,
}

impl Held {
    fn new(allocator: &SmallFirst<System>, size: usize, align: usize, value: u8) -> Self {
        let layout = Layout::from_size_align(size, align).unwrap();
        let block = unsafe { allocator.alloc(layout) };
        let held = Self { block, layout, value };
        held.fill();
        held
    }

    fn fill(&self) {
        assert!(!self.block.is_null());
        assert!(self.block.addr().is_multiple_of(self.layout.align()));
        unsafe { self.block.write_bytes(self.value, self.layout.size()) };
    }

    /// Whether nobody else wrote into its first bytes.
    fn is_whole(&self, size: usize) -> bool {
        let bytes = unsafe { std::slice::from_raw_parts(self.block, size) };
        bytes.iter().all(|byte| *byte == self.value)
    }

    fn resize(&mut self, allocator: &SmallFirst<System>, size: usize) {
        let kept = size.min(self.layout.size());
        self.block = unsafe { allocator.realloc(self.block, self.layout, size) };
        self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
        assert!(self.is_whole(kept), "what was in it is in it");
        self.fill();
    }

    fn free(self, allocator: &SmallFirst<System>) {
        assert!(self.is_whole(self.layout.size()));
        unsafe { allocator.dealloc(self.block, self.layout) };
    }
}

fn allocator() -> SmallFirst<System> {
    SmallFirst::over(System)
}

#[derive(Clone, Debug)]
enum Step {
    Take { size: usize, align: usize },
    Resize { which: usize, size: usize },
    Free { which: usize },
}

fn size() -> impl Strategy<Value = usize> {
    let edges = prop::sample::select(vec![1, 15, 16, 17, 1023, 1024, 1025, 4096]);
    prop_oneof![4 => 1..200_usize, 2 => edges, 1 => 1..3_000_usize]
}

fn step() -> impl Strategy<Value = Step> {
    let align = prop::sample::select(vec![1, 2, 4, 8, 8, 16, 64]);
    prop_oneof![
        3 => (size(), align).prop_map(|(size, align)| Step::Take { size, align }),
        2 => (any::<usize>(), size()).prop_map(|(which, size)| Step::Resize { which, size }),
        2 => any::<usize>().prop_map(|which| Step::Free { which }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 8 } else { 256 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn blocks_are_nobody_elses(steps in prop::collection::vec(step(), 1..200)) {
        let allocator = allocator();
        let mut held: Vec<Held> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let value = u8::try_from(number % 251).unwrap();
            match step {
                Step::Take { size, align } => {
                    held.push(Held::new(&allocator, size, align, value));
                }
                Step::Resize { which, size } if !held.is_empty() => {
                    let which = which % held.len();
                    held[which].resize(&allocator, size);
                }
                Step::Free { which } if !held.is_empty() => {
                    held.swap_remove(which % held.len()).free(&allocator);
                }
                Step::Resize { .. } | Step::Free { .. } => {}
            }
        }
        for held in held {
            held.free(&allocator);
        }
    }
}

#[test]
fn what_is_freed_is_used_again() {
    let allocator = allocator();
    let mut seen = HashSet::new();
    for round in 0..1_000 {
        let held = Held::new(&allocator, 33 + round % 15, 8, 7);
        seen.insert(held.block.addr());
        held.free(&allocator);
    }
    assert_eq!(seen.len(), 1);
}

#[test]
fn what_grows_within_its_size_stays_where_it_is() {
    let allocator = allocator();
    let mut held = Held::new(&allocator, 17, 1, 7);
    let before = held.block;
    held.resize(&allocator, 32);
    assert_eq!(held.block, before);
    held.resize(&allocator, 33);
    assert_ne!(held.block, before);
    held.resize(&allocator, 5_000);
    held.resize(&allocator, 3);
    held.free(&allocator);
}

#[test]
fn blocks_of_all_sizes_lie_apart() {
    let allocator = allocator();
    let held: Vec<_> =
        (1..=1_100).map(|size| Held::new(&allocator, size, 16, (size % 251) as u8)).collect();
    for held in held {
        held.free(&allocator);
    }
}
