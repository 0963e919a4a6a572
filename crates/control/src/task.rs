//! When a task is over: a state machine over System 2's progress.
//!
//! Progress is a guess, and flickers. So a task is *done* when its progress has stayed high for a
//! while, with hysteresis: it counts as high from [`TaskConfig::done_progress`] on, and until it has
//! fallen clearly below that. A task that moves nothing for a while is *idle*, one that takes too
//! long has *timed out*. Only time in which the arm may move counts: whoever disarms it, or a guard
//! that holds it, does not end a task.

use core::time::Duration;

use tandem_types::Stamp;

/// What ends a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskConfig {
    /// Progress counts as high from here on, in `[0, 1]`.
    pub done_progress: f32,
    /// It counts as high until it has fallen by this much below that.
    pub done_hysteresis: f32,
    /// A task is done when its progress has been high for this long.
    pub done_for: Duration,
    /// Slower than this, of the joint commanded to move fastest, is no motion, rad/s.
    pub idle_rad_s: f64,
    /// A task is idle when nothing has moved for this long.
    pub idle_for: Duration,
    /// A task has timed out after this much time in which the arm could move.
    pub timeout: Duration,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskEnd {
    /// Its progress stayed high.
    Done,
    /// Nothing moved any more.
    Idle,
    /// It took too long.
    TimedOut,
}

/// How a task is going, at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskSample {
    /// The moment. One before the last is taken for the last.
    pub now: Stamp,
    /// Whether the arm may move and follows this very task.
    pub is_under_way: bool,
    /// System 2's progress, in `[0, 1]`; what is no number is no progress.
    pub progress: f32,
    /// The speed of the joint commanded to move fastest, rad/s.
    pub speed_rad_s: f64,
}

/// Watches one task at a time.
#[derive(Clone, Copy, Debug)]
pub struct TaskMonitor {
    config: TaskConfig,
    seen: Option<Stamp>,
    under_way: Duration,
    still: Duration,
    high: Option<Duration>,
    ended: bool,
}

impl TaskEnd {
    /// The name of the end, as counters have it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Idle => "idle",
            Self::TimedOut => "timed_out",
        }
    }
}

impl TaskMonitor {
    /// A monitor of a task that begins.
    #[must_use]
    pub const fn new(config: TaskConfig) -> Self {
        let (under_way, still) = (Duration::ZERO, Duration::ZERO);
        Self { config, seen: None, under_way, still, high: None, ended: false }
    }

    /// The next task begins.
    pub const fn restart(&mut self) {
        *self = Self::new(self.config);
    }

    /// Looks at a task; says how it ended, once.
    ///
    /// Real-time: a few comparisons.
    pub fn update(&mut self, sample: &TaskSample) -> Option<TaskEnd> {
        let passed = self.seen.map_or(Duration::ZERO, |seen| seen.age_at(sample.now));
        self.seen = Some(self.seen.map_or(sample.now, |seen| seen.max(sample.now)));
        if self.ended || !sample.is_under_way {
            return None;
        }
        self.under_way = self.under_way.saturating_add(passed);
        self.still = if sample.speed_rad_s.abs() < self.config.idle_rad_s {
            self.still.saturating_add(passed)
        } else {
            Duration::ZERO
        };
        let enough = match self.high {
            None => self.config.done_progress,
            Some(_) => self.config.done_progress - self.config.done_hysteresis,
        };
        self.high = (sample.progress >= enough)
            .then(|| self.high.map_or(Duration::ZERO, |high| high.saturating_add(passed)));
        let end = self.end();
        self.ended = end.is_some();
        end
    }

    /// Of several ends at once the best: a task that is done also stands still.
    fn end(&self) -> Option<TaskEnd> {
        if self.high.is_some_and(|high| high >= self.config.done_for) {
            Some(TaskEnd::Done)
        } else if self.still >= self.config.idle_for {
            Some(TaskEnd::Idle)
        } else if self.under_way >= self.config.timeout {
            Some(TaskEnd::TimedOut)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;
