//! The few primitives the channel is made of, from `core` or from the loom model checker.
//!
//! Under `--cfg loom` every access to an atomic or a cell is a point at which loom may switch
//! threads, and two accesses to a cell that are not ordered by the atomics are reported as a race.

#[cfg(loom)]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

#[cfg(not(loom))]
pub(crate) use {
    alloc::sync::Arc,
    cell::UnsafeCell,
    core::sync::atomic::{AtomicU8, Ordering},
};

#[cfg(not(loom))]
mod cell {
    /// [`core::cell::UnsafeCell`] with loom's interface.
    pub(crate) struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(core::cell::UnsafeCell::new(value))
        }

        pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
            read(self.0.get())
        }

        pub(crate) fn with_mut<R>(&self, edit: impl FnOnce(*mut T) -> R) -> R {
            edit(self.0.get())
        }
    }
}
