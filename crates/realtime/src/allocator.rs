//! An allocator that counts, for tests of code that must not allocate.
#![expect(unsafe_code, reason = "a global allocator is an unsafe trait")]

use core::cell::Cell;
use std::alloc::{GlobalAlloc, Layout, System};

thread_local! {
    // Needs neither initialisation nor destruction, so that counting never allocates itself.
    static HEAP_CALLS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, with a count of its calls per thread.
///
/// A test binary installs it and compares the count before and after the code under test:
/// ```
/// use tandem_realtime::CountingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: CountingAllocator = CountingAllocator;
///
/// assert!(CountingAllocator::is_installed());
/// let mut values = Vec::with_capacity(1);
/// let before = CountingAllocator::heap_calls();
/// values.push(1); // There is room.
/// assert_eq!(CountingAllocator::heap_calls(), before);
/// values.push(2); // There is none.
/// assert_eq!(CountingAllocator::heap_calls(), before + 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CountingAllocator;

impl CountingAllocator {
    /// How often the calling thread has allocated, reallocated or freed. A free counts, too: it
    /// takes the same locks.
    #[must_use]
    pub fn heap_calls() -> u64 {
        HEAP_CALLS.get()
    }

    /// Whether the count is alive. Without the `#[global_allocator]` it stays at zero, and a test
    /// would pass without having looked.
    #[must_use]
    pub fn is_installed() -> bool {
        let before = Self::heap_calls();
        drop(core::hint::black_box(Box::new(0_u8)));
        Self::heap_calls() != before
    }
}

fn count() {
    HEAP_CALLS.set(HEAP_CALLS.get().wrapping_add(1));
}

// SAFETY: every call goes to the system's allocator with the arguments it came with; counting does
// not touch memory that the allocator manages and does not panic.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are those that the callee asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
