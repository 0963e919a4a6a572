//! How chunks become one setpoint per tick.

mod immediate;
mod real_time_chunking;
mod receding;
mod temporal_ensemble;

use core::time::Duration;

use tandem_guard::{Mode, Provenance};
use tandem_types::{ActionChunk, JointVec, Stamp};

use crate::ExecutorConfig;
use crate::plan::Plan;
use crate::timeline::Timeline;
use immediate::Immediate;
use real_time_chunking::RealTimeChunking;
use receding::Receding;
use temporal_ensemble::TemporalEnsemble;

/// Where the joints should be at one moment, and how fast they should be moving there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setpoint {
    /// Positions, rad.
    pub(crate) q: JointVec,
    /// Velocities, rad/s.
    pub(crate) dq: JointVec,
}

/// Which chunks count for a tick, and how they make its setpoint. A rule is told each chunk once,
/// aligned; ticks never go back.
trait Rule {
    /// Forgets every chunk, and begins with this one at this tick.
    fn restart(&mut self, plan: Option<Plan>, tick: u64);

    /// Takes a new chunk. Says whether that alone may change the setpoint.
    fn offer(&mut self, plan: Plan) -> bool;

    /// Whether this tick brings a hand-over.
    fn is_due(&self, _tick: u64) -> bool {
        false
    }

    /// Makes the hand-over that is due.
    fn hand_over(&mut self, _tick: u64) {}

    /// Gives up a chunk that is there and has not had its turn.
    fn take_waiting(&mut self) -> Option<Plan> {
        None
    }

    /// The chunk whose observations stand for the setpoint's.
    fn playing(&self) -> Option<&Plan>;

    /// The setpoint of a tick; `None` before the first chunk.
    fn setpoint(&self, tick: u64) -> Option<Setpoint>;
}

/// Aligns chunks to the ticks that consume them, and lets a rule choose among them.
#[derive(Clone, Debug)]
pub(crate) struct Executor {
    period: Duration,
    timeline: Timeline,
    rule: Kind,
    /// Motion was broken off: the arm is not where the plans are, so the next chunk begins anew.
    interrupted: bool,
    /// The newest chunk from before the present run. It tells that a policy is there, and moves
    /// nothing: the arm has been anywhere since.
    warm_up: Option<Provenance>,
}

/// Every rule there is; a new one is one more variant here and in [`ExecutorConfig`].
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "made once for each robot, and never moved again")]
enum Kind {
    Immediate(Immediate),
    Receding(Receding),
    TemporalEnsemble(TemporalEnsemble),
    RealTimeChunking(RealTimeChunking),
}

impl Executor {
    pub(crate) fn new(config: ExecutorConfig, period: Duration) -> Self {
        let rule = match config {
            ExecutorConfig::Immediate => Kind::Immediate(Immediate::new()),
            ExecutorConfig::Receding { steps } => Kind::Receding(Receding::new(steps)),
            ExecutorConfig::TemporalEnsemble { decay } => {
                Kind::TemporalEnsemble(TemporalEnsemble::new(decay))
            }
            ExecutorConfig::RealTimeChunking { steps, blend_steps } => {
                Kind::RealTimeChunking(RealTimeChunking::new(steps, blend_steps))
            }
        };
        let timeline = Timeline::new();
        Self { period, timeline, rule, interrupted: true, warm_up: None }
    }

    /// Plans the coming tick. `chunk` is one that is new and that the guard found good.
    ///
    /// Where the plan of this tick changes hands, gives the *seam*: by how much the joint concerned
    /// most is planned elsewhere now than a moment ago, rad.
    pub(crate) fn plan(&mut self, chunk: Option<&ActionChunk>) -> Option<f64> {
        let tick = self.timeline.next_tick();
        let plan = chunk.and_then(|chunk| self.align(chunk, tick));
        if self.interrupted {
            if let Some(plan) = plan.or_else(|| self.rule.get_mut().take_waiting()) {
                self.rule.get_mut().restart(Some(plan), tick);
                self.interrupted = false;
            }
            return None;
        }
        if plan.is_none() && !self.rule.get().is_due(tick) {
            return None;
        }
        let planned = self.rule.get().setpoint(tick);
        let rule = self.rule.get_mut();
        let mut handed_over = plan.is_some_and(|plan| rule.offer(plan));
        if rule.is_due(tick) {
            rule.hand_over(tick);
            handed_over = true;
        }
        let (planned, executed) =
            planned.filter(|_| handed_over).zip(self.rule.get().setpoint(tick))?;
        Some(planned.q.zip_with(&executed.q, |planned, executed| executed - planned).max_abs())
    }

    /// The setpoint of the coming tick; `None` before the first chunk of a run.
    pub(crate) fn setpoint(&self) -> Option<Setpoint> {
        self.rule.get().setpoint(self.timeline.next_tick())
    }

    /// The observations that its setpoints rest on; `None` before the first chunk of all.
    pub(crate) fn provenance(&self) -> Option<Provenance> {
        self.rule.get().playing().map(Plan::provenance).or(self.warm_up)
    }

    /// Takes note of what became of the tick.
    pub(crate) fn note(&mut self, now: Stamp, mode: Mode) {
        match mode {
            Mode::Armed => self.timeline.moved(now),
            Mode::Holding => self.interrupted = true,
            Mode::Disarmed | Mode::Stopped => {
                self.timeline.stands(now);
                self.interrupted = true;
                if let Some(plan) = self.rule.get().playing() {
                    self.warm_up = Some(plan.provenance());
                    self.rule.get_mut().restart(None, 0);
                }
            }
        }
    }

    /// Finds the place of a chunk among the ticks. A chunk whose path has been consumed before it
    /// came says nothing about now; the one before it plays on, ages, and makes the guard hold.
    fn align(&mut self, chunk: &ActionChunk, tick: u64) -> Option<Plan> {
        if self.timeline.is_before_run(chunk.observed) {
            if self.rule.get().playing().is_none() {
                self.warm_up = Some(Provenance::from(chunk));
            }
            return None;
        }
        let begun_tick = self.timeline.tick_of(chunk.observed)?;
        let plan = Plan::new(*chunk, begun_tick, self.period);
        (!plan.is_spent(tick)).then_some(plan)
    }
}

impl Kind {
    const fn get(&self) -> &dyn Rule {
        match self {
            Self::Immediate(rule) => rule,
            Self::Receding(rule) => rule,
            Self::TemporalEnsemble(rule) => rule,
            Self::RealTimeChunking(rule) => rule,
        }
    }

    const fn get_mut(&mut self) -> &mut dyn Rule {
        match self {
            Self::Immediate(rule) => rule,
            Self::Receding(rule) => rule,
            Self::TemporalEnsemble(rule) => rule,
            Self::RealTimeChunking(rule) => rule,
        }
    }
}

#[cfg(test)]
mod tests;
