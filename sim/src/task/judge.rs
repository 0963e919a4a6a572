//! The success rule.

use core::time::Duration;

use tandem_types::Stamp;

/// When an episode has succeeded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuccessRule {
    /// How near the fingertip must be to the target's surface, m.
    pub near_m: f64,
    /// For how long without a break.
    pub hold: Duration,
    /// The time from the start within which that must be complete.
    pub time_max: Duration,
}

impl SuccessRule {
    /// The rule of tandem's task.
    pub const TASK: Self =
        Self { near_m: 0.02, hold: Duration::from_millis(250), time_max: Duration::from_secs(6) };
}

/// What the judge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The episode goes on.
    Running,
    /// It succeeded this long after its start.
    Succeeded(Duration),
    /// The time is over.
    TimedOut,
}

/// Applies the success rule to distances, at whatever rate they come. A verdict is final.
#[derive(Clone, Debug)]
pub struct Judge {
    rule: SuccessRule,
    started: Stamp,
    near_since: Option<Stamp>,
    last: Stamp,
    verdict: Verdict,
}

impl Judge {
    /// A judge for an episode that starts at `started`.
    #[must_use]
    pub const fn new(rule: SuccessRule, started: Stamp) -> Self {
        Self { rule, started, near_since: None, last: started, verdict: Verdict::Running }
    }

    /// Takes the fingertip's distances to every object's surface at `now`.
    pub fn feed(&mut self, now: Stamp, distances_m: &[f64], target: usize) -> Verdict {
        if self.verdict != Verdict::Running {
            return self.verdict;
        }
        self.last = now;
        if !self.is_near(distances_m, target) {
            self.near_since = None;
        } else if self.near_since.is_none() {
            self.near_since = Some(now);
        }
        let elapsed = self.started.age_at(now);
        if self.held() >= self.rule.hold && elapsed <= self.rule.time_max {
            self.verdict = Verdict::Succeeded(elapsed);
        } else if elapsed > self.rule.time_max {
            self.verdict = Verdict::TimedOut;
        }
        self.verdict
    }

    /// How long the fingertip has been near the target without a break.
    #[must_use]
    pub fn held(&self) -> Duration {
        self.near_since.map_or(Duration::ZERO, |since| since.age_at(self.last))
    }

    /// The verdict so far.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    fn is_near(&self, distances_m: &[f64], target: usize) -> bool {
        let Some(&distance_m) = distances_m.get(target) else { return false };
        let nearest_other = distances_m
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != target)
            .map(|(_, distance_m)| *distance_m)
            .fold(f64::INFINITY, f64::min);
        // A NaN distance is near nothing, as every comparison with it fails.
        distance_m <= self.rule.near_m && distance_m < nearest_other
    }
}
