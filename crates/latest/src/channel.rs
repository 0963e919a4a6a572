//! The two ends of the channel.
#![expect(unsafe_code, reason = "a slot is owned by whoever holds its index, not by a lock")]

use tandem_types::{Epoch, Sequence, Stamp};

use crate::{
    slots::{Index, Slots},
    sync::Arc,
};

/// A value and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample<T> {
    /// What was written.
    pub value: T,
    /// Its place in its producer's life, from one.
    pub sequence: Sequence,
    /// Which life of the producer wrote it.
    pub epoch: Epoch,
    /// The stamp of the observation it was computed from.
    pub observed: Stamp,
    /// When its producer was done with it.
    pub published: Stamp,
}

/// Makes a channel for the producer's life `epoch`, with three slots made by `init`.
#[must_use]
pub fn channel<T>(epoch: Epoch, mut init: impl FnMut() -> T) -> (Writer<T>, Reader<T>) {
    let (slots, write_index, read_index) = Slots::new(|| Sample {
        value: init(),
        sequence: Sequence(0),
        epoch,
        observed: Stamp::ORIGIN,
        published: Stamp::ORIGIN,
    });
    let slots = Arc::new(slots);
    let writer =
        Writer { slots: Arc::clone(&slots), index: write_index, epoch, newest: Sequence(0) };
    (writer, Reader { slots, index: read_index })
}

/// The end that publishes.
///
/// It can be sent to its thread, but not be shared between threads:
/// ```compile_fail,E0277
/// fn shared<T: Sync>(_: T) {}
/// shared(tandem_latest::channel(tandem_types::Epoch(1), || 0_u8).0);
/// ```
pub struct Writer<T> {
    slots: Arc<Slots<Sample<T>>>,
    index: Index,
    epoch: Epoch,
    newest: Sequence,
}

// SAFETY: the writer touches only the slot whose index it holds, and the atomic exchange of indices
// orders its accesses with the reader's. Values move between the two threads, hence `T: Send`; no
// value is ever seen by both at once, hence no `T: Sync`.
unsafe impl<T: Send> Send for Writer<T> {}

impl<T> Writer<T> {
    /// Lets `fill` edit a slot in place and publishes it; returns its sequence number.
    ///
    /// `fill` finds a value from two or more writes ago (or from `init`), so it must overwrite
    /// everything it cares about. If it panics nothing is published, no sequence number is used
    /// up, and the next `fill` finds what the panic left.
    ///
    /// Real-time: wait-free, no allocation; as long as `fill` and one atomic swap.
    pub fn write(
        &mut self,
        observed: Stamp,
        published: Stamp,
        fill: impl FnOnce(&mut T),
    ) -> Sequence {
        let (epoch, sequence) = (self.epoch, self.newest.next());
        self.slots.cell(&self.index).with_mut(|slot| {
            // SAFETY: we hold the slot's index, so no other reference to its content exists: the
            // reader gave it back by a swap that ours synchronised with.
            let sample = unsafe { &mut *slot };
            fill(&mut sample.value);
            sample.sequence = sequence;
            sample.epoch = epoch;
            sample.observed = observed;
            sample.published = published;
        });
        self.slots.publish(&mut self.index);
        self.newest = sequence;
        sequence
    }

    /// Begins another life of the producer behind this writer: what is written from now on carries
    /// `epoch` and counts from one again. Already published values keep theirs.
    pub fn begin_epoch(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        self.newest = Sequence(0);
    }
}

/// The end that reads.
///
/// It can be sent to its thread, but not be shared between threads:
/// ```compile_fail,E0277
/// fn shared<T: Sync>(_: T) {}
/// shared(tandem_latest::channel(tandem_types::Epoch(1), || 0_u8).1);
/// ```
pub struct Reader<T> {
    slots: Arc<Slots<Sample<T>>>,
    index: Index,
}

// SAFETY: as for `Writer`; the reader, too, touches only the slot whose index it holds.
unsafe impl<T: Send> Send for Reader<T> {}

impl<T> Reader<T> {
    /// The newest published sample; `None` before the first.
    ///
    /// Real-time: wait-free, no allocation, no copy.
    pub fn latest(&mut self) -> Option<&Sample<T>> {
        self.slots.take(&mut self.index);
        self.held()
    }

    /// The newest published sample, if neither [`latest`](Self::latest) nor this method has
    /// returned it before.
    ///
    /// Real-time: wait-free, no allocation, no copy.
    pub fn fresh(&mut self) -> Option<&Sample<T>> {
        if self.slots.take(&mut self.index) { self.held() } else { None }
    }

    /// The sample in the reader's own slot, if it was ever published.
    fn held(&self) -> Option<&Sample<T>> {
        // SAFETY: we hold the slot's index, so nothing writes to it until we give it back, and
        // that takes `&mut self`, which ends this borrow.
        let sample = self.slots.cell(&self.index).with(|slot| unsafe { &*slot });
        (sample.sequence != Sequence(0)).then_some(sample)
    }
}
