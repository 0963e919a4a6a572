//! Batches made on another thread while the step before is computed.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use crate::batch::{Batch, Batcher};
use crate::dataset::DatasetError;

/// Batches that wait, at most. One hides the reading; the second smooths it.
const WAITING_MAX: usize = 2;

/// The batches `first..end` of a batcher, in order.
pub(crate) struct Prefetch {
    batches: Receiver<Result<Batch, DatasetError>>,
}

impl Prefetch {
    /// Starts making batches. The thread ends after the last one, after an error, or when this is
    /// dropped.
    pub(crate) fn start(batcher: Batcher, first: u64, end: u64) -> Self {
        let (sender, batches) = sync_channel(WAITING_MAX);
        thread::spawn(move || {
            for number in first..end {
                let batch = batcher.batch(number);
                let failed = batch.is_err();
                if sender.send(batch).is_err() || failed {
                    break;
                }
            }
        });
        Self { batches }
    }
}

impl Iterator for Prefetch {
    type Item = Result<Batch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.recv().ok()
    }
}
