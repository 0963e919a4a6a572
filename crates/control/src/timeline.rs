//! How much of a path has been executed since an observation, in ticks that moved.
//!
//! A chunk says where the joints should be so and so long after its observation. How long that has
//! been is *counted*, never estimated and never read off a clock: a tick is one period of motion
//! however late it comes, and a tick that holds is none. So a chunk that took long is entered further
//! along, a control thread that was kept from its CPU for 20 ms plays on where it was instead of
//! jumping 20 ms ahead, and what a policy computed while the arm stood still begins at its beginning,
//! however long its first, cold inference took.

use tandem_types::Stamp;

/// How many ticks are remembered: 4 s at 1 kHz, 0.5 s at 8 kHz. Memory is 32 KiB.
const TICKS_REMEMBERED: usize = 4096;

/// Counts the ticks that moved, and remembers when the latest of them were.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    // A ring, sorted by time from `next` round to `next`. Allocated once: as an array it would be
    // copied about the stack while a controller is made.
    moved_at: Box<[Stamp]>,
    next: usize,
    moved: u64,
    standing_until: Stamp,
}

impl Timeline {
    pub(crate) fn new() -> Self {
        let moved_at = vec![Stamp::ORIGIN; TICKS_REMEMBERED].into_boxed_slice();
        Self { moved_at, next: 0, moved: 0, standing_until: Stamp::ORIGIN }
    }

    /// The number of the next tick to move.
    pub(crate) const fn next_tick(&self) -> u64 {
        self.moved.saturating_add(1)
    }

    /// A tick moved.
    pub(crate) fn moved(&mut self, now: Stamp) {
        if let Some(slot) = self.moved_at.get_mut(self.next) {
            *slot = now;
        }
        self.next = self.next.wrapping_add(1).checked_rem(self.moved_at.len()).unwrap_or(0);
        self.moved = self.moved.saturating_add(1);
    }

    /// Nothing is being sent to the robot: what was observed up to now shows another run.
    pub(crate) const fn stands(&mut self, now: Stamp) {
        self.standing_until = now;
    }

    /// Whether an observation is from before the present run of commands.
    pub(crate) fn is_before_run(&self, observed: Stamp) -> bool {
        observed <= self.standing_until
    }

    /// The number of the last tick that had moved at an observation; `None` if that is longer ago
    /// than is remembered.
    ///
    /// Real-time: a binary search.
    pub(crate) fn tick_of(&self, observed: Stamp) -> Option<u64> {
        let (newer, older) = self.moved_at.split_at_checked(self.next)?;
        let since = |part: &[Stamp]| {
            part.len().saturating_sub(part.partition_point(|stamp| *stamp <= observed))
        };
        let consumed = since(older).saturating_add(since(newer));
        let known = consumed < self.moved_at.len();
        known.then(|| self.moved.saturating_sub(u64::try_from(consumed).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: u64) -> Stamp {
        Stamp::from_nanos(1_000_000_000 + milliseconds * 1_000_000)
    }

    #[test]
    fn counts_ticks_and_not_time() {
        let mut timeline = Timeline::new();
        for milliseconds in [1, 2, 3, 50, 51] {
            timeline.moved(at(milliseconds));
        }
        assert_eq!(timeline.next_tick(), 6);
        // A posture belongs to the tick whose stamp it bears, that tick's motion included.
        for (observed, tick) in [(0, 0), (1, 1), (3, 3), (49, 3), (50, 4), (51, 5), (90, 5)] {
            assert_eq!(timeline.tick_of(at(observed)), Some(tick), "observed at {observed} ms");
        }
    }

    #[test]
    fn goes_on_counting_when_the_ring_is_full() {
        let mut timeline = Timeline::new();
        let ticks = 10_000;
        for tick in 1..=ticks {
            timeline.moved(at(tick));
        }
        let remembered = u64::try_from(TICKS_REMEMBERED).unwrap();
        for back in [0, 1, 1_000, remembered - 1] {
            assert_eq!(timeline.tick_of(at(ticks - back)), Some(ticks - back));
        }
        assert_eq!(timeline.tick_of(at(ticks - remembered)), None);
    }

    #[test]
    fn a_run_begins_after_the_last_tick_without_one() {
        let mut timeline = Timeline::new();
        timeline.stands(at(7));
        assert!(timeline.is_before_run(at(7)));
        assert!(!timeline.is_before_run(at(8)));
    }
}
