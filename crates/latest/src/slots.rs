//! The three slots and the one atomic byte that says which of them lies in the middle.

use crate::sync::{AtomicU8, Ordering, UnsafeCell};

/// The bits of the middle byte that name a slot.
const INDEX: u8 = 0b011;
/// Set while the middle slot has been published and not yet been taken.
const FRESH: u8 = 0b100;

/// Names one slot. Neither `Copy` nor `Clone`: holding it is the permission to touch that slot.
///
/// Invariant: of the three indices one is held by the writer, one by the reader, and one lies in
/// the middle byte; [`Slots::publish`] and [`Slots::take`] only ever exchange them.
pub(crate) struct Index(u8);

pub(crate) struct Slots<T> {
    slots: [Slot<T>; 3],
    middle: AtomicU8,
}

/// One value, on cache lines of its own (128 bytes: adjacent lines are fetched in pairs on x86-64,
/// and are that long on many 64-bit Arm cores), so that filling one slot does not slow down a
/// reader of its neighbour.
#[repr(align(128))]
struct Slot<T>(UnsafeCell<T>);

impl<T> Slots<T> {
    /// The slots, the writer's index and the reader's index.
    pub(crate) fn new(mut init: impl FnMut() -> T) -> (Self, Index, Index) {
        let mut slot = || Slot(UnsafeCell::new(init()));
        let slots = Self { slots: [slot(), slot(), slot()], middle: AtomicU8::new(1) };
        (slots, Index(0), Index(2))
    }

    /// Exchanges the filled slot for the middle one, and marks it fresh.
    pub(crate) fn publish(&self, filled: &mut Index) {
        // Release: whoever takes this slot sees what was written to it. Acquire: the reader has
        // finished with the slot we get in return.
        filled.0 = self.middle.swap(filled.0 | FRESH, Ordering::AcqRel) & INDEX;
    }

    /// Exchanges the slot for the middle one if that is fresh; says whether it was.
    pub(crate) fn take(&self, seen: &mut Index) -> bool {
        // Only the reader clears the bit, so what is fresh here stays fresh until the swap. The
        // load needs no ordering: nothing is read on its word alone.
        if self.middle.load(Ordering::Relaxed) & FRESH == 0 {
            return false;
        }
        // The counterpart of the swap in `publish`.
        seen.0 = self.middle.swap(seen.0, Ordering::AcqRel) & INDEX;
        true
    }

    /// The cell that the holder of `index` alone may touch.
    pub(crate) fn cell(&self, index: &Index) -> &UnsafeCell<T> {
        let [first, second, third] = &self.slots;
        match index.0 {
            0 => &first.0,
            1 => &second.0,
            _ => &third.0,
        }
    }
}
