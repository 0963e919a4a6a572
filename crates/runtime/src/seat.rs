//! System 1 in two halves, one for each of its threads, and how a half changes hands.

use std::path::Path;

use rtrb::{Consumer, Producer, RingBuffer};
use tandem_bundle::{Bundle, CameraInput};
use tandem_inference::EngineKind;
use tandem_latest::{Reader, Writer, channel};
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_system1::{Eye, Features, LoadError, LookError, Policy};
use tandem_types::{Epoch, Frame};

use crate::pace::Pace;

/// Both halves of one policy. They are joined by a channel that belongs to this pair alone, so what
/// one policy's encoder saw cannot reach another's head.
pub(crate) struct Pair {
    pub(crate) eye: EyeSeat,
    pub(crate) policy: PolicySeat,
}

/// What the eye's thread needs of a policy.
pub(crate) struct EyeSeat {
    eye: Eye,
    /// The places of its cameras among the config's, in the bundle's order.
    cameras: Vec<usize>,
    features: Writer<Features>,
    scratch: Features,
}

/// What the policy's thread needs of it.
pub(crate) struct PolicySeat {
    pub(crate) policy: Policy,
    pub(crate) features: Reader<Features>,
    pub(crate) pace: Pace,
    /// Whether a fault injection spoils what it says.
    pub(crate) spoilt: bool,
}

impl Pair {
    /// Loads and warms up both halves; `cameras` are the config's.
    pub(crate) fn load(
        bundle: &Bundle,
        engine: EngineKind,
        library: Option<&Path>,
        cameras: &[CameraInput],
        pace: Pace,
        epoch: Epoch,
    ) -> Result<Self, LoadError> {
        let eye = Eye::load(bundle, engine, library)?;
        let policy = Policy::load(bundle, engine, library)?;
        let (writer, reader) = channel(epoch, || eye.blank());
        let wanted = bundle.manifest().cameras.iter();
        // The bundle was checked against the config: every camera it names is there.
        let places = wanted.filter_map(|it| cameras.iter().position(|there| there.name == it.name));
        Ok(Self {
            eye: EyeSeat { cameras: places.collect(), scratch: eye.blank(), features: writer, eye },
            policy: PolicySeat { policy, features: reader, pace, spoilt: false },
        })
    }
}

impl EyeSeat {
    /// Looks at the newest pictures, given one reader for each camera of the config, if every camera
    /// has one that is newer than those of the last look; `None` otherwise.
    pub(crate) fn look(&mut self, frames: &mut [Reader<Frame>]) -> Option<Result<(), LookError>> {
        let newest: Vec<Option<&Frame>> =
            frames.iter_mut().map(|it| it.latest().map(|sample| &sample.value)).collect();
        let pictures = self.cameras.iter().map(|&camera| newest.get(camera).copied().flatten());
        let pictures: Vec<&Frame> = pictures.collect::<Option<_>>()?;
        let oldest = pictures.iter().map(|frame| frame.stamp).min()?;
        if oldest <= self.scratch.observed {
            return None;
        }
        if let Err(error) = self.eye.look(&pictures, &mut self.scratch) {
            return Some(Err(error));
        }
        let scratch = &self.scratch;
        self.features.write(oldest, MonotonicClock.now(), |slot| {
            slot.observed = scratch.observed;
            slot.values.copy_from_slice(&scratch.values);
        });
        Some(Ok(()))
    }
}

/// The end of a hand-over on a real-time thread.
pub(crate) struct Post<T> {
    arriving: Consumer<T>,
    leaving: Producer<T>,
}

/// The end of a hand-over on an ordinary thread, where things may be made and dropped.
pub(crate) struct Counter<T> {
    giving: Producer<T>,
    returned: Consumer<T>,
}

/// The two ends. There is room for one thing each way: one hand-over at a time.
pub(crate) fn exchange<T>() -> (Counter<T>, Post<T>) {
    let (giving, arriving) = RingBuffer::new(1);
    let (leaving, returned) = RingBuffer::new(1);
    (Counter { giving, returned }, Post { arriving, leaving })
}

impl<T> Post<T> {
    /// Puts what has arrived in the place of `held`, which goes back whence it came; says whether
    /// anything had.
    ///
    /// Real-time: nothing is made or dropped here, only moved.
    pub(crate) fn change(&mut self, held: &mut T) -> bool {
        if self.leaving.is_full() {
            return false;
        }
        let Ok(mut next) = self.arriving.pop() else { return false };
        core::mem::swap(held, &mut next);
        // Nobody else fills this ring, and it had room.
        let returned = self.leaving.push(next);
        debug_assert!(returned.is_ok(), "a ring with room takes what is pushed");
        true
    }
}

impl<T> Counter<T> {
    /// Offers something to the other side; it comes back if the last offer was not taken yet.
    pub(crate) fn give(&mut self, thing: T) -> Result<(), T> {
        self.giving.push(thing).map_err(|rtrb::PushError::Full(thing)| thing)
    }

    /// What the other side held before.
    pub(crate) fn take_back(&mut self) -> Option<T> {
        self.returned.pop().ok()
    }
}

#[cfg(test)]
mod tests {
    use tandem_realtime::CountingAllocator;

    use super::*;

    #[test]
    fn a_change_moves_both_ways_and_never_touches_the_heap() {
        assert!(CountingAllocator::is_installed());
        let (mut counter, mut post) = exchange::<Box<u8>>();
        let mut held = Box::new(1);
        assert!(!post.change(&mut held), "nothing has arrived");
        counter.give(Box::new(2)).unwrap();
        let refused = counter.give(Box::new(3)).unwrap_err();
        assert_eq!(*refused, 3, "one hand-over at a time");

        let before = CountingAllocator::heap_calls();
        assert!(post.change(&mut held));
        assert_eq!(CountingAllocator::heap_calls(), before);
        assert_eq!(*held, 2);

        // As long as nobody has fetched what was held before, nothing more is taken.
        counter.give(Box::new(4)).unwrap();
        assert!(!post.change(&mut held));
        assert_eq!(counter.take_back(), Some(Box::new(1)));
        assert!(post.change(&mut held));
        assert_eq!((*held, counter.take_back()), (4, Some(Box::new(2))));
    }
}
