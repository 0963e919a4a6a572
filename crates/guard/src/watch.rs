//! What the evidence of one tick calls for: how old, how complete and how plausible it is.

use core::time::Duration;

use tandem_types::{ActionChunk, LatentGoal, ModelId, Stamp, State};

use crate::cause::Finding;
use crate::lease::Heartbeat;
use crate::refusal::{ARM_VELOCITY_RAD_S_MAX, Refusal};
use crate::{Cause, GuardConfig, Reaction, Signal};

/// How far ahead of the tick a stamp may lie. All stamps come from one monotonic clock, and a tick
/// takes its time before it samples, so a little is normal; a tick's own delay is far below 1 ms.
pub(crate) const AHEAD_MAX: Duration = Duration::from_millis(1);

/// The most cameras whose pictures can be compared.
pub const CAMERAS_MAX: usize = 8;

/// What one tick has to go by.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The newest joint state.
    pub state: Option<&'a State>,
    /// Where the chunk now being played comes from.
    pub action: Option<Provenance>,
    /// The robot's stamp on its newest receipt for one of our commands.
    pub receipt: Option<Stamp>,
    /// What others testify to.
    pub witness: Witness,
}

/// What others have seen and the guard cannot: whoever has the picture hashes it, whoever has the
/// latent goal measures it. What nobody testifies to is not checked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Witness {
    /// The newest picture of each camera.
    pub frames: [Option<FrameWitness>; CAMERAS_MAX],
    /// The latent goal behind the action.
    pub latent: Option<LatentWitness>,
    /// The newest heartbeat of an owner.
    pub heartbeat: Option<Heartbeat>,
    /// The hash of the limits the robot keeps, as [`Limits::hash`](crate::Limits::hash) makes it.
    pub limits_hash: Option<u64>,
    /// How many messages were dropped so far for a wrong sequence, epoch or source.
    pub link_faults: u64,
}

/// One camera picture, as a hash of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameWitness {
    /// When it was taken.
    pub stamp: Stamp,
    /// Any hash that differs where pictures do.
    pub hash: u64,
}

/// One latent goal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatentWitness {
    /// The model that made it.
    pub model: ModelId,
    /// How many values it has.
    pub dim: usize,
    /// Its Euclidean length.
    pub norm: f64,
}

/// The observations an action rests on. [`Stamp::ORIGIN`] stands for "none yet".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The posture System 1 saw.
    pub observed: Stamp,
    /// The oldest camera picture it used.
    pub frame_observed: Stamp,
    /// The observation behind the latent goal it used.
    pub latent_observed: Stamp,
}

/// How old everything was at one tick; `None` where there is nothing yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    /// Of the joint state.
    pub state: Option<Duration>,
    /// Of the observation behind the chunk being played.
    pub action: Option<Duration>,
    /// Of the oldest camera picture behind it.
    pub frame: Option<Duration>,
    /// Of the observation behind the latent goal behind it.
    pub latent: Option<Duration>,
    /// Of the robot's newest receipt.
    pub receipt: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Assessment {
    pub(crate) ages: Ages,
    /// What is wrong with the measured state; such a state is used for nothing.
    pub(crate) state: Option<Finding>,
    /// The worst finding of all.
    pub(crate) worst: Option<Finding>,
}

impl LatentWitness {
    /// What there is to say of a goal. Real-time: bounded by its length.
    #[must_use]
    pub fn of(goal: &LatentGoal) -> Self {
        let values = goal.values();
        let square: f64 = values.iter().map(|&value| f64::from(value).powi(2)).sum();
        Self { model: goal.model, dim: values.len(), norm: square.sqrt() }
    }
}

impl From<&ActionChunk> for Provenance {
    fn from(chunk: &ActionChunk) -> Self {
        Self {
            observed: chunk.observed,
            frame_observed: chunk.frame_observed,
            latent_observed: chunk.latent_observed,
        }
    }
}

impl Ages {
    fn of(now: Stamp, evidence: &Evidence<'_>) -> Self {
        let age = |stamp: Stamp| (stamp > Stamp::ORIGIN).then(|| stamp.age_at(now));
        let action = evidence.action;
        Self {
            state: evidence.state.and_then(|state| age(state.stamp)),
            action: action.and_then(|action| age(action.observed)),
            frame: action.and_then(|action| age(action.frame_observed)),
            latent: action.and_then(|action| age(action.latent_observed)),
            receipt: evidence.receipt.and_then(age),
        }
    }
}

impl Assessment {
    /// Looks at everything. `sending_since` is when the present run of commands began: a robot
    /// cannot confirm what it was not sent.
    pub(crate) fn new(
        config: &GuardConfig,
        now: Stamp,
        evidence: &Evidence<'_>,
        sending_since: Option<Stamp>,
    ) -> Self {
        let state = check_state(config, now, evidence.state);
        let receipt =
            sending_since.and_then(|since| check_receipt(config, now, since, evidence.receipt));
        let action = check_action(config, now, evidence.action);
        let findings = [state, receipt, action];
        let worst = findings.into_iter().flatten().reduce(Finding::worse);
        Self { ages: Ages::of(now, evidence), state, worst }
    }

    /// The same, with one more finding.
    pub(crate) fn and(self, finding: Option<Finding>) -> Self {
        let worst = [self.worst, finding].into_iter().flatten().reduce(Finding::worse);
        Self { worst, ..self }
    }

    /// Whether nothing is the matter that could stop the arm: the state is sound, and no latent goal
    /// that was there has been lost. An arm that waits for its first instruction is well.
    pub(crate) fn is_settled(&self) -> bool {
        let grave = |finding: Finding| match finding.cause {
            Cause::Stale { signal: Signal::Latent, .. } => finding.reaction >= Reaction::Hold,
            _ => finding.reaction >= Reaction::Stop,
        };
        self.state.is_none() && !self.worst.is_some_and(grave)
    }

    /// What speaks against adopting this state and beginning to move.
    pub(crate) fn unfit(&self, state: Option<&State>) -> Option<Refusal> {
        let stop = self.worst.filter(|finding| finding.reaction >= Reaction::Stop);
        if let Some(finding) = self.state.or(stop) {
            return Some(Refusal::Unfit(finding.cause));
        }
        let velocities = state?.dq.iter().copied().enumerate();
        velocities
            .into_iter()
            .find(|(_, velocity)| velocity.abs() > ARM_VELOCITY_RAD_S_MAX)
            .map(|(joint, velocity_rad_s)| Refusal::Moving { joint, velocity_rad_s })
    }
}

/// The state must be there, whole, fresh and within the mechanical limits.
fn check_state(config: &GuardConfig, now: Stamp, state: Option<&State>) -> Option<Finding> {
    let hold = |cause| Some(Finding::new(Reaction::Hold, cause));
    let signal = Signal::State;
    let Some(state) = state else { return hold(Cause::Missing { signal }) };
    let expected = config.limits.dof();
    for found in [state.q.len(), state.dq.len()] {
        if found != expected {
            return hold(Cause::Shape { signal, found, expected });
        }
    }
    let mut joints = state.q.iter().zip(state.dq.iter());
    if let Some(joint) = joints.position(|(q, dq)| !(q.is_finite() && dq.is_finite())) {
        return hold(Cause::NotFinite { signal, joint });
    }
    let stale = check_silence(config, now, signal, state.stamp, config.state_age_max);
    stale.or_else(|| check_measured(config, state))
}

fn check_measured(config: &GuardConfig, state: &State) -> Option<Finding> {
    let slack_rad = config.supervision.measured_slack_rad;
    let joints = state.q.iter().copied().zip(config.limits.joints()).enumerate();
    for (joint, (position_rad, bounds)) in joints {
        let limits_rad = [
            (position_rad < bounds.hard_rad_min - slack_rad, bounds.hard_rad_min),
            (position_rad > bounds.hard_rad_max + slack_rad, bounds.hard_rad_max),
        ];
        if let Some(&(_, limit_rad)) = limits_rad.iter().find(|(beyond, _)| *beyond) {
            let cause = Cause::BeyondLimit { joint, position_rad, limit_rad };
            return Some(Finding::new(Reaction::Stop, cause));
        }
    }
    None
}

fn check_receipt(
    config: &GuardConfig,
    now: Stamp,
    since: Stamp,
    receipt: Option<Stamp>,
) -> Option<Finding> {
    let heard = receipt.map_or(since, |receipt| receipt.max(since));
    check_silence(config, now, Signal::Receipt, heard, config.receipt_age_max)
}

/// The robot is silent: hold, and after a while nobody knows where the arm is, so stop.
fn check_silence(
    config: &GuardConfig,
    now: Stamp,
    signal: Signal,
    stamp: Stamp,
    age_max: Duration,
) -> Option<Finding> {
    match check_age(now, signal, stamp, config.silence_age_stop) {
        Some(cause @ Cause::Stale { .. }) => Some(Finding::new(Reaction::Stop, cause)),
        _ => Some(Finding::new(Reaction::Hold, check_age(now, signal, stamp, age_max)?)),
    }
}

/// The chunk first: if System 1 is silent, what its last chunk used says nothing any more about
/// the cameras or System 2, and blaming them would send people to the wrong place.
fn check_action(config: &GuardConfig, now: Stamp, action: Option<Provenance>) -> Option<Finding> {
    let hold = |cause| Finding::new(Reaction::Hold, cause);
    let Some(action) = action else {
        return Some(hold(Cause::Missing { signal: Signal::Action }));
    };
    let chunk = check_age(now, Signal::Action, action.observed, config.action_age_max);
    if let Some(cause) = chunk {
        return Some(hold(cause));
    }
    let frame = check_age(now, Signal::Frame, action.frame_observed, config.frame_age_max);
    let latent = check_latent(config, now, action.latent_observed);
    [latent, frame.map(hold)].into_iter().flatten().reduce(Finding::worse)
}

/// A ladder: warn, slow down, hold (resumes by itself), stop. "None yet" is a plain hold however long it
/// lasts, because an arm without an instruction has nothing wrong with it.
fn check_latent(config: &GuardConfig, now: Stamp, observed: Stamp) -> Option<Finding> {
    let ladder = [
        (Reaction::Stop, Some(config.latent_age_stop)),
        (Reaction::Hold, Some(config.latent_age_hold)),
        (Reaction::Degrade, config.supervision.latent_age_slow),
        (Reaction::Warn, Some(config.latent_age_warn)),
    ];
    ladder.into_iter().filter_map(|(reaction, age_max)| Some((reaction, age_max?))).find_map(
        |(reaction, age_max)| match check_age(now, Signal::Latent, observed, age_max)? {
            cause @ Cause::Stale { .. } => Some(Finding::new(reaction, cause)),
            cause => Some(Finding::new(Reaction::Hold, cause)),
        },
    )
}

fn check_age(now: Stamp, signal: Signal, stamp: Stamp, age_max: Duration) -> Option<Cause> {
    if stamp == Stamp::ORIGIN {
        return Some(Cause::Missing { signal });
    }
    let ahead = now.age_at(stamp);
    if ahead > AHEAD_MAX {
        return Some(Cause::Ahead { signal, ahead });
    }
    let age = stamp.age_at(now);
    (age > age_max).then_some(Cause::Stale { signal, age, age_max })
}
