//! `[task]`: what ends a task.

use tandem_control::TaskConfig;

use super::Check;
use crate::raw::RawTask;

/// An hour: longer than any task that a sentence names.
const TIMEOUT_MS_MAX: f64 = 3_600_000.0;

impl Check<'_> {
    pub(super) fn task(&mut self, raw: &RawTask) -> TaskConfig {
        self.within("task.done_progress", raw.done_progress, 0.01..=1.0);
        self.within("task.done_hysteresis", raw.done_hysteresis, 0.0..=0.5);
        self.within("task.idle_rad_s", raw.idle_rad_s, 0.0..=1.0);
        let timeout = self.milliseconds("task.timeout_ms", raw.timeout_ms, 100.0..=TIMEOUT_MS_MAX);
        TaskConfig {
            done_progress: raw.done_progress as f32,
            done_hysteresis: raw.done_hysteresis as f32,
            done_for: self.milliseconds("task.done_ms", raw.done_ms, 0.0..=60_000.0),
            idle_rad_s: raw.idle_rad_s,
            idle_for: self.milliseconds("task.idle_ms", raw.idle_ms, 100.0..=TIMEOUT_MS_MAX),
            timeout,
        }
    }
}
