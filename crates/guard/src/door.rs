//! The guard itself: evidence in, at most one admitted command out.

use core::time::Duration;

use tandem_types::{ActionChunk, Command, Epoch, JointVec, Sequence, Stamp, State};

use crate::arming::{Phase, Situation};
use crate::cause::Finding;
use crate::envelope::{Envelope, Sent, Wanted};
use crate::inspection::{Inspection, Steps, jump};
use crate::space::{Pace, Space, Way};
use crate::supervisor::Supervisor;
use crate::watch::Assessment;
use crate::{
    AdmittedCommand, Cause, ConfigError, Counters, Departure, Evidence, GuardConfig,
    LatentAlignment, Limits, Mode, Nonce, Reaction, Refusal, Request, Signal, Verdict,
};

/// The only door to the robot. See the crate's documentation.
#[derive(Clone, Debug)]
pub struct Guard {
    config: GuardConfig,
    envelope: Envelope,
    period_s: f64,
    epoch: Epoch,
    sequence: Sequence,
    phase: Phase,
    mode: Mode,
    run: Option<Run>,
    inspection: Inspection,
    alignment: Option<LatentAlignment>,
    supervisor: Supervisor,
    space: Option<Space>,
    // Since when nothing is the matter that could stop the arm.
    settled_since: Option<Stamp>,
    // The measured pose of the last tick, if it was sound.
    measured: Option<JointVec>,
    counters: Counters,
}

/// One unbroken run of commands.
#[derive(Clone, Copy, Debug)]
struct Run {
    since: Stamp,
    sent: Sent,
    // Motion so far, in ticks; counts up to the ramp's length.
    ramp_ticks: f64,
    // Whether the last command came near to something.
    near: bool,
}

/// What one tick of motion met.
#[derive(Clone, Copy, Debug, Default)]
struct Advance {
    clamped: Option<Cause>,
    slowed: Option<Finding>,
}

impl Guard {
    /// A disarmed guard for a tick of the given period. Each arming has an epoch of its own, later
    /// than `epoch`: the moment it began, so that a robot can tell an arming of itself from one of a
    /// life before its own.
    ///
    /// # Errors
    /// If the config contradicts itself or the period.
    pub fn new(config: GuardConfig, period: Duration, epoch: Epoch) -> Result<Self, ConfigError> {
        config.check(period)?;
        let period_s = period.as_secs_f64();
        Ok(Self {
            config,
            envelope: Envelope::new(config.limits, period_s),
            period_s,
            epoch,
            sequence: Sequence::default(),
            phase: Phase::Disarmed,
            mode: Mode::Disarmed,
            run: None,
            inspection: Inspection::default(),
            alignment: None,
            supervisor: Supervisor::new(&config, period)?,
            space: None,
            settled_since: None,
            measured: None,
            counters: Counters::default(),
        })
    }

    /// The same guard, which also sees that latent goals are of the age the policy was trained on.
    #[must_use]
    pub const fn with_latent_alignment(mut self, alignment: Option<LatentAlignment>) -> Self {
        self.alignment = alignment;
        self
    }

    /// The same guard, which also keeps to a space. Its robot must be the one of the limits.
    #[must_use]
    pub fn with_space(self, space: Space) -> Self {
        Self { space: Some(space), ..self }
    }

    /// Says whether a new chunk may be played; a refused one is counted, and a run of refusals
    /// holds. Ask once for each chunk.
    ///
    /// # Errors
    /// What is wrong with the chunk.
    ///
    /// Real-time: bounded by the length of the chunk.
    pub fn inspect(&mut self, now: Stamp, chunk: &ActionChunk) -> Result<(), Cause> {
        // Whatever a chunk promises, it ends the motion when it is too old.
        let renewed_after = chunk.renewed_after.min(self.config.action_age_max);
        self.supervisor.hear_chunk(now, renewed_after);
        let sent = self.run.as_ref().map(|run| &run.sent.command.q);
        let steps = Steps {
            step_rad_max: self.config.supervision.step_rad_max,
            pose: sent.or(self.measured.as_ref()),
        };
        let inspected = self.inspection.inspect(now, self.config.limits.dof(), &steps, chunk);
        if inspected.is_err() {
            count(&mut self.counters.refused);
        }
        inspected
    }

    /// One tick. `propose` is asked for a setpoint only if the arm may move: where the joints should
    /// be at the end of this tick, and how fast the setpoint moves there. What it says is checked
    /// against every limit before it becomes a command. A path made tick by tick from the departure
    /// says so with [`Departure::arriving_at`]; a setpoint that rests, however far away, has a
    /// velocity of zero, and is approached as fast as the limits allow without overshooting it.
    ///
    /// Real-time: no allocation, no locks, no system calls, bounded by the number of joints.
    pub fn tick(
        &mut self,
        now: Stamp,
        evidence: &Evidence<'_>,
        request: Option<Request>,
        propose: impl FnOnce(&Departure<'_>) -> Command,
    ) -> Verdict {
        let run = self.run.as_ref();
        let assessment = Assessment::new(&self.config, now, evidence, run.map(|run| run.since));
        // A state that is not sound is used for nothing.
        let sound = evidence.state.filter(|_| assessment.state.is_none());
        self.measured = sound.map(|state| state.q);
        let sent = run.map(|run| &run.sent.command);
        let watched = Evidence { state: sound, ..*evidence };
        let assessment = assessment.and(self.supervisor.watch(now, &watched, sent));
        let refusal = self.change_phase(now, evidence.state, request, &assessment);
        let refused = self.inspection.finding(self.config.refused_run_max);
        let untrained = self.alignment.and_then(|alignment| alignment.check(evidence.action));
        let findings = [assessment.worst, refused, untrained];
        let worst = findings.into_iter().flatten().reduce(Finding::worse);

        let (mode, finding, clamped) = self.react(worst, propose);
        self.note(mode, clamped);
        Verdict {
            command: self.admit(now),
            mode,
            reaction: finding.map_or(Reaction::Ok, |finding| finding.reaction),
            cause: finding.map(|finding| finding.cause),
            refusal,
            clamped,
            ages: assessment.ages,
            counters: self.counters,
        }
    }

    /// Of the arming that sends commands now, or did last.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The mode after the last tick.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// What arms after the stop that was acknowledged, while one waits for it.
    #[must_use]
    pub const fn nonce(&self) -> Option<Nonce> {
        self.phase.nonce()
    }

    /// What this guard keeps to.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        self.envelope.limits()
    }

    /// Moves the state machine; begins or ends the run of commands with it.
    fn change_phase(
        &mut self,
        now: Stamp,
        state: Option<&State>,
        request: Option<Request>,
        assessment: &Assessment,
    ) -> Option<Refusal> {
        let stop = assessment.worst.filter(|finding| finding.reaction >= Reaction::Stop);
        self.settled_since = assessment.is_settled().then(|| self.settled_since.unwrap_or(now));
        let situation = Situation {
            now,
            settled: self.settled_since.map_or(Duration::ZERO, |since| since.age_at(now)),
            unfit: assessment.unfit(state),
            stop: stop.map(|finding| finding.cause),
            at_rest: self.run.is_none_or(|run| run.sent.rests()),
        };
        self.phase = self.phase.expire(now);
        let before = self.phase;
        let mut refusal = None;
        match request.map(|request| before.request(request, &situation)) {
            Some(Ok(next)) => self.phase = next,
            Some(Err(reason)) => refusal = Some(reason),
            None => {}
        }
        self.phase = self.phase.advance(&situation);
        match self.phase {
            Phase::Active if self.run.is_none() => {
                self.supervisor.begin();
                self.run = state.map(|state| Run::adopt(now, state));
                self.epoch = Epoch::at(now).max(self.epoch.next());
                self.sequence = Sequence::default();
            }
            Phase::Disarmed | Phase::Ready { .. } | Phase::Stopped(_) if situation.at_rest => {
                self.run = None;
            }
            _ => {}
        }
        refusal
    }

    /// Moves or brakes, as the phase and the worst finding say; also whether a limit was in play.
    fn react(
        &mut self,
        worst: Option<Finding>,
        propose: impl FnOnce(&Departure<'_>) -> Command,
    ) -> (Mode, Option<Finding>, bool) {
        let (mode, finding) = match self.phase {
            Phase::Disarmed | Phase::Ready { .. } => return (Mode::Disarmed, worst, false),
            Phase::Stopped(cause) => (Mode::Stopped, Finding::new(Reaction::Stop, cause)),
            Phase::Disarming => {
                (Mode::Holding, Finding::new(Reaction::Hold, Cause::DisarmRequested))
            }
            Phase::Active => match worst.filter(|finding| finding.reaction >= Reaction::Hold) {
                Some(finding) => (Mode::Holding, finding),
                None => match self.advance(worst, propose) {
                    Ok(Advance { clamped, slowed }) => {
                        let clamp = clamped.map(|cause| Finding::new(Reaction::Warn, cause));
                        let findings = [clamp, worst, slowed].into_iter().flatten();
                        return (Mode::Armed, findings.reduce(Finding::worse), clamped.is_some());
                    }
                    Err(cause) => (Mode::Holding, Finding::new(Reaction::Hold, cause)),
                },
            },
        };
        self.brake();
        (mode, Some(finding), false)
    }

    /// Moves the run on by one tick; says what was changed, or why the setpoint was refused.
    fn advance(
        &mut self,
        worst: Option<Finding>,
        propose: impl FnOnce(&Departure<'_>) -> Command,
    ) -> Result<Advance, Cause> {
        let Some(run) = self.run.as_mut() else { return Ok(Advance::default()) };
        let supervision = &self.config.supervision;
        let careful =
            run.near || worst.is_some_and(|finding| finding.reaction == Reaction::Degrade);
        let caution = if careful { supervision.caution_speed_scale } else { 1.0 };
        let ramp = run.climb_ramp(self.config.ramp.as_secs_f64() / self.period_s);
        let limits = self.envelope.limits();
        let Sent { command, ddq, outlook } = &run.sent;
        let space = self.space.as_ref();
        let pace = space.and_then(|space| space.pace(command, outlook, limits));
        let Pace { scale, slowed } = pace.unwrap_or(Pace { scale: 1.0, slowed: None });
        let speed_scale = (ramp * caution).min(scale);
        let period_s = self.period_s;
        let setpoint = propose(&Departure { command, ddq, period_s, limits, speed_scale });
        let jumps = supervision
            .step_rad_max
            .and_then(|step_rad_max| jump(&command.q, &setpoint.q, step_rad_max));
        if let Some(cause) = check_setpoint(&setpoint, limits.dof()).or(jumps) {
            count(&mut self.counters.refused);
            return Err(cause);
        }
        let wanted = Wanted { setpoint: &setpoint, speed_scale };
        let motion = self.envelope.toward(&run.sent, &wanted);
        let space = self.space.as_mut();
        let near = space.and_then(|space| space.judge(&Way::of(&run.sent), &Way::of(&motion.sent)));
        run.near = near.is_some();
        if let Some(Finding { cause, .. }) = near.filter(|near| near.reaction >= Reaction::Hold) {
            return Err(cause);
        }
        run.sent = motion.sent;
        Ok(Advance { clamped: motion.clamped, slowed: near.or(slowed) })
    }

    fn brake(&mut self) {
        if let Some(run) = self.run.as_mut() {
            run.sent = self.envelope.brake(&run.sent);
        }
    }

    fn note(&mut self, mode: Mode, clamped: bool) {
        self.supervisor.note_clamped(clamped);
        if clamped {
            count(&mut self.counters.clamped);
        }
        if self.mode == Mode::Armed && mode == Mode::Holding {
            count(&mut self.counters.holds);
        }
        if self.mode != Mode::Stopped && mode == Mode::Stopped {
            count(&mut self.counters.stops);
        }
        self.mode = mode;
    }

    fn admit(&mut self, now: Stamp) -> Option<AdmittedCommand> {
        let command = self.run?.sent.command;
        self.sequence = self.sequence.next();
        let valid_for = self.config.valid_for;
        Some(AdmittedCommand::new(command, now, self.epoch, self.sequence, valid_for))
    }
}

impl Run {
    /// Begins where the arm is, at rest.
    fn adopt(now: Stamp, state: &State) -> Self {
        Self { since: now, sent: Sent::at_rest(state.q), ramp_ticks: 0.0, near: false }
    }

    /// The speed scale of this tick of motion. Ticks in a hold do not count, so that an arm that
    /// waited for its first instruction still starts slowly.
    fn climb_ramp(&mut self, length_ticks: f64) -> f64 {
        self.ramp_ticks = (self.ramp_ticks + 1.0).min(length_ticks);
        if length_ticks > 1.0 { self.ramp_ticks / length_ticks } else { 1.0 }
    }
}

/// An infinite velocity is only a fast one; what is no number is no setpoint.
fn check_setpoint(setpoint: &Command, dof: usize) -> Option<Cause> {
    let signal = Signal::Action;
    for found in [setpoint.q.len(), setpoint.dq.len()] {
        if found != dof {
            return Some(Cause::Shape { signal, found, expected: dof });
        }
    }
    let mut joints = setpoint.q.iter().zip(setpoint.dq.iter());
    let joint = joints.position(|(q, dq)| !q.is_finite() || dq.is_nan())?;
    Some(Cause::NotFinite { signal, joint })
}

const fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}
