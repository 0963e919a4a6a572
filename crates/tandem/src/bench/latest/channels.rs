//! Six ways to hand the newest value from one thread to another, each as its documentation says
//! to use it for that.

use std::sync::{self, Arc, PoisonError};

use crossbeam_channel::TrySendError;
use tandem_types::{Epoch, Stamp};
use tokio::sync::watch;

/// 2 056 bytes: the largest latent goal and a sequence number.
#[derive(Clone, Copy)]
pub(super) struct Payload {
    pub(super) sequence: u64,
    numbers: [f32; 512],
}

impl Payload {
    pub(super) const ZERO: Self = Self { sequence: 0, numbers: [0.0; 512] };

    /// What a reader looks at: something at either end, so that both must have arrived.
    fn glance(&self) -> u64 {
        self.sequence ^ u64::from(self.numbers[511].to_bits())
    }
}

/// A way to hand over the newest value.
pub(super) trait Channel {
    const NAME: &'static str;
    /// Whether a reader spins while a write is under way. Where the kernel lets real-time threads
    /// have a CPU for good, such a reader would wait for its writer for ever.
    const READER_SPINS: bool = false;
    type Writer: Write + Send + 'static;
    type Reader: Read + Send + 'static;

    fn open() -> (Self::Writer, Self::Reader);
}

/// Its writing end.
pub(super) trait Write {
    /// Makes a copy of `payload` the newest value.
    fn write(&mut self, payload: &Payload);
}

/// Its reading end.
pub(super) trait Read {
    /// Glances at the newest value, in place wherever the channel lends it.
    fn read(&mut self) -> u64;
}

/// Ours: a triple buffer of values with stamps.
pub(super) struct Latest;

impl Channel for Latest {
    const NAME: &'static str = "latest";
    type Writer = tandem_latest::Writer<Payload>;
    type Reader = tandem_latest::Reader<Payload>;

    fn open() -> (Self::Writer, Self::Reader) {
        tandem_latest::channel(Epoch(1), || Payload::ZERO)
    }
}

impl Write for tandem_latest::Writer<Payload> {
    fn write(&mut self, payload: &Payload) {
        self.write(Stamp::ORIGIN, Stamp::ORIGIN, |slot| *slot = *payload);
    }
}

impl Read for tandem_latest::Reader<Payload> {
    fn read(&mut self) -> u64 {
        self.latest().map_or(0, |sample| sample.value.glance())
    }
}

/// The crate `triple_buffer`: the same idea, without stamps.
pub(super) struct TripleBuffer;

impl Channel for TripleBuffer {
    const NAME: &'static str = "triple_buffer";
    type Writer = triple_buffer::Input<Payload>;
    type Reader = triple_buffer::Output<Payload>;

    fn open() -> (Self::Writer, Self::Reader) {
        triple_buffer::triple_buffer(&Payload::ZERO)
    }
}

impl Write for triple_buffer::Input<Payload> {
    fn write(&mut self, payload: &Payload) {
        *self.input_buffer_mut() = *payload;
        self.publish();
    }
}

impl Read for triple_buffer::Output<Payload> {
    fn read(&mut self) -> u64 {
        self.read().glance()
    }
}

/// The crate `arc-swap`: every write allocates, and whoever lets go last frees.
pub(super) struct ArcSwap;

impl Channel for ArcSwap {
    const NAME: &'static str = "arc_swap";
    type Writer = Arc<arc_swap::ArcSwap<Payload>>;
    type Reader = Arc<arc_swap::ArcSwap<Payload>>;

    fn open() -> (Self::Writer, Self::Reader) {
        let shared = Arc::new(arc_swap::ArcSwap::from_pointee(Payload::ZERO));
        (shared.clone(), shared)
    }
}

impl Write for Arc<arc_swap::ArcSwap<Payload>> {
    fn write(&mut self, payload: &Payload) {
        self.store(Arc::new(*payload));
    }
}

impl Read for Arc<arc_swap::ArcSwap<Payload>> {
    fn read(&mut self) -> u64 {
        self.load().glance()
    }
}

/// The standard library's mutex, which does not lend its holder the priority of who waits.
pub(super) struct Mutex;

impl Channel for Mutex {
    const NAME: &'static str = "mutex";
    type Writer = Arc<sync::Mutex<Payload>>;
    type Reader = Arc<sync::Mutex<Payload>>;

    fn open() -> (Self::Writer, Self::Reader) {
        let shared = Arc::new(sync::Mutex::new(Payload::ZERO));
        (shared.clone(), shared)
    }
}

impl Write for Arc<sync::Mutex<Payload>> {
    fn write(&mut self, payload: &Payload) {
        *self.lock().unwrap_or_else(PoisonError::into_inner) = *payload;
    }
}

impl Read for Arc<sync::Mutex<Payload>> {
    fn read(&mut self) -> u64 {
        self.lock().unwrap_or_else(PoisonError::into_inner).glance()
    }
}

/// Tokio's watch channel: a read-write lock and a version, for async tasks.
pub(super) struct Watch;

impl Channel for Watch {
    const NAME: &'static str = "watch";
    type Writer = watch::Sender<Payload>;
    type Reader = watch::Receiver<Payload>;

    fn open() -> (Self::Writer, Self::Reader) {
        watch::channel(Payload::ZERO)
    }
}

impl Write for watch::Sender<Payload> {
    fn write(&mut self, payload: &Payload) {
        self.send_modify(|slot| *slot = *payload);
    }
}

impl Read for watch::Receiver<Payload> {
    fn read(&mut self) -> u64 {
        self.borrow_and_update().glance()
    }
}

/// Crossbeam's queue of one. A full one keeps the old value, so the writer has to take that out
/// itself; and a value can only be moved out, so the reader keeps a copy of the last.
pub(super) struct Crossbeam;

pub(super) struct CrossbeamWriter {
    sender: crossbeam_channel::Sender<Payload>,
    old: crossbeam_channel::Receiver<Payload>,
}

pub(super) struct CrossbeamReader {
    receiver: crossbeam_channel::Receiver<Payload>,
    held: Payload,
}

impl Channel for Crossbeam {
    const NAME: &'static str = "crossbeam";
    const READER_SPINS: bool = true;
    type Writer = CrossbeamWriter;
    type Reader = CrossbeamReader;

    fn open() -> (Self::Writer, Self::Reader) {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let writer = CrossbeamWriter { sender, old: receiver.clone() };
        (writer, CrossbeamReader { receiver, held: Payload::ZERO })
    }
}

impl Write for CrossbeamWriter {
    fn write(&mut self, payload: &Payload) {
        while let Err(TrySendError::Full(_)) = self.sender.try_send(*payload) {
            self.old.try_recv().ok();
        }
    }
}

impl Read for CrossbeamReader {
    fn read(&mut self) -> u64 {
        if let Ok(payload) = self.receiver.try_recv() {
            self.held = payload;
        }
        self.held.glance()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every channel must do the job before its speed means anything.
    fn check<C: Channel>() {
        let (mut writer, mut reader) = C::open();
        assert_eq!(reader.read(), 0, "{}", C::NAME);
        let mut payload = Payload::ZERO;
        for sequence in 1..=3 {
            payload.sequence = sequence;
            writer.write(&payload);
        }
        for _ in 0..2 {
            assert_eq!(reader.read(), 3, "{}: the newest, and still there", C::NAME);
        }
    }

    #[test]
    fn every_channel_hands_over_the_newest_value() {
        check::<Latest>();
        check::<TripleBuffer>();
        check::<ArcSwap>();
        check::<Mutex>();
        check::<Watch>();
        check::<Crossbeam>();
    }
}
