//! How often is too often: a bucket that leaks.

/// Filled by events, emptied by time. It is full when events come faster than it leaks for longer
/// than its size allows, and stays so until it has run dry: what it guards shall not flicker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    size: f64,
    leak: f64,
    level: f64,
    full: bool,
}

impl Bucket {
    /// One that is never full.
    pub(crate) const ENDLESS: Self = Self::new(f64::INFINITY, 0.0);

    /// Holds `size` events and loses `leak` of them a tick.
    pub(crate) const fn new(size: f64, leak: f64) -> Self {
        Self { size, leak, level: 0.0, full: false }
    }

    /// From now on it holds `size` events and loses `leak` of them a tick; what is in it stays.
    pub(crate) const fn resize(&mut self, size: f64, leak: f64) {
        (self.size, self.leak) = (size, leak);
    }

    /// A tick with so many events in it.
    pub(crate) fn add(&mut self, events: f64) {
        // Twice its size is enough to remember; one flood shall not be held against the future.
        self.level = (self.level - self.leak + events).clamp(0.0, 2.0 * self.size);
        self.full = self.level > self.size || (self.full && self.level > 0.0);
    }

    pub(crate) const fn full(&self) -> bool {
        self.full
    }

    pub(crate) const fn empty(&mut self) {
        (self.level, self.full) = (0.0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of ticks until it is full, if one in `every` has an event.
    fn filled_after(every: usize) -> Option<usize> {
        let mut bucket = Bucket::new(10.0, 0.5);
        (1..10_000).find(|tick| {
            bucket.add(if tick % every == 0 { 1.0 } else { 0.0 });
            bucket.full()
        })
    }

    #[test]
    fn is_full_only_above_its_leak() {
        assert_eq!(filled_after(1), Some(21));
        assert_eq!(filled_after(2), None);
        assert_eq!(filled_after(3), None);
    }

    #[test]
    fn stays_full_until_it_has_run_dry() {
        let mut bucket = Bucket::new(3.0, 0.5);
        bucket.add(1e9);
        let dry = (0..100).position(|_| {
            bucket.add(0.0);
            !bucket.full()
        });
        assert_eq!(dry, Some(11));
    }

    #[test]
    fn emptied_it_is_not_full() {
        let mut bucket = Bucket::new(3.0, 0.5);
        bucket.add(1e9);
        bucket.empty();
        assert!(!bucket.full());
        bucket.add(1.0);
        assert!(!bucket.full());
    }

    #[test]
    fn an_endless_one_is_never_full() {
        let mut bucket = Bucket::ENDLESS;
        bucket.add(1e300);
        assert!(!bucket.full());
    }
}
