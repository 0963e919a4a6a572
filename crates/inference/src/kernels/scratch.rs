//! Working memory that each thread keeps.
//!
//! A fresh vector of a few hundred kilobytes costs more in page faults than the work done in it.

use std::cell::Cell;

thread_local! {
    static SPARE: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Lends `length` numbers of unspecified content to `work`.
pub(crate) fn with<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    // Taken, not borrowed: a kernel inside `work` finds an empty spare and makes its own.
    let mut spare = SPARE.take();
    if spare.len() < length {
        spare.resize(length, 0.0);
    }
    let result = work(spare.get_mut(..length).unwrap_or_default());
    SPARE.set(spare);
    result
}
