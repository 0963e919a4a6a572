//! Keeps watch over what takes more than one tick to see.

mod bucket;
mod overrun;
mod repeats;
mod tracking;

use core::time::Duration;

use tandem_types::{Command, Stamp};

use crate::cause::Finding;
use crate::lease::{Lease, Token};
use crate::supervision::LatentLimits;
use crate::watch::{AHEAD_MAX, CAMERAS_MAX, Evidence, LatentWitness};
use crate::{Cause, ConfigError, GuardConfig, Reaction, Supervision};
use bucket::Bucket;
use overrun::Overrun;
use repeats::{FrameRepeats, StateRepeats};
use tracking::Tracking;

/// More periods than this between two ticks are no delay but a clock that jumped, or a machine that
/// stood still; what was sampled before says nothing then.
const CLOCK_PERIODS_MAX: u32 = 10;

/// The memory behind a [`Supervision`].
#[derive(Clone, Debug)]
pub(crate) struct Supervisor {
    config: Supervision,
    limits_hash: u64,
    period: Duration,
    last_tick: Option<Stamp>,
    lease: Lease,
    // Whom the present run of commands moves for.
    mover: Option<Token>,
    tracking: Tracking,
    clamping: Bucket,
    overrun: Option<Overrun>,
    link: Bucket,
    link_faults_seen: Option<u64>,
    state: StateRepeats,
    frames: [FrameRepeats; CAMERAS_MAX],
}

impl Supervisor {
    pub(crate) fn new(config: &GuardConfig, period: Duration) -> Result<Self, ConfigError> {
        let supervision = config.supervision;
        supervision.check(config.limits.dof())?;
        let period_s = period.as_secs_f64();
        let clamping = supervision.clamping.map_or(Bucket::ENDLESS, |limits| {
            let burst_ticks = limits.burst.as_secs_f64() / period_s;
            Bucket::new(burst_ticks * (1.0 - limits.share_max), limits.share_max)
        });
        let link = supervision.link.map_or(Bucket::ENDLESS, |limits| {
            let size = f64::from(limits.faults_max);
            Bucket::new(size, size * period_s / limits.window.as_secs_f64())
        });
        Ok(Self {
            config: supervision,
            limits_hash: config.limits.hash(),
            period,
            last_tick: None,
            lease: Lease::default(),
            mover: None,
            tracking: Tracking::default(),
            clamping,
            overrun: supervision.overrun.map(|limits| Overrun::new(limits, period)),
            link,
            link_faults_seen: None,
            state: StateRepeats::default(),
            frames: [FrameRepeats::default(); CAMERAS_MAX],
        })
    }

    /// The worst of everything at this tick. `sent` is the last command of an unbroken run.
    pub(crate) fn watch(
        &mut self,
        now: Stamp,
        evidence: &Evidence<'_>,
        sent: Option<&Command>,
    ) -> Option<Finding> {
        let hold = |cause: Cause| Finding::new(Reaction::Hold, cause);
        let findings = [
            self.authority(now, evidence, sent.is_some()),
            self.limits(evidence),
            self.tracking(now, evidence, sent),
            self.clock(now).map(hold),
            self.latent(evidence),
            self.state_repeats(evidence, sent).map(hold),
            self.frame_repeats(evidence).map(hold),
            self.overrun.as_mut().and_then(|overrun| overrun.watch(now, sent.is_some())).map(hold),
            self.link(evidence).map(hold),
            self.clamped_too_much().map(hold),
        ];
        findings.into_iter().flatten().reduce(Finding::worse)
    }

    /// A run of commands begins.
    pub(crate) const fn begin(&mut self) {
        self.mover = self.lease.owner();
        self.tracking = Tracking::NEW;
        self.clamping.empty();
    }

    /// A chunk came, good or bad.
    pub(crate) fn hear_chunk(&mut self, now: Stamp, renewed_after: Duration) {
        if let Some(overrun) = &mut self.overrun {
            overrun.hear(now, renewed_after);
        }
    }

    /// Whether this tick's setpoint was clamped; `false` where there was none.
    pub(crate) fn note_clamped(&mut self, clamped: bool) {
        self.clamping.add(if clamped { 1.0 } else { 0.0 });
    }

    fn authority(&mut self, now: Stamp, evidence: &Evidence<'_>, moves: bool) -> Option<Finding> {
        let age_max = self.config.lease_age_max?;
        // One from the future would keep a dead owner's lease.
        let heartbeat =
            evidence.witness.heartbeat.filter(|beat| beat.stamp <= now.after(AHEAD_MAX));
        if let Some(heartbeat) = heartbeat {
            self.lease.hear(heartbeat);
        }
        let mover = self.mover.filter(|_| moves);
        let why = self.lease.check(now, age_max, mover).err()?;
        Some(Finding::new(Reaction::Stop, Cause::Authority(why)))
    }

    fn limits(&self, evidence: &Evidence<'_>) -> Option<Finding> {
        let (expected, found) = (self.limits_hash, evidence.witness.limits_hash?);
        let cause = Cause::LimitsDiffer { expected, found };
        (found != expected).then(|| Finding::new(Reaction::Stop, cause))
    }

    fn tracking(
        &mut self,
        now: Stamp,
        evidence: &Evidence<'_>,
        sent: Option<&Command>,
    ) -> Option<Finding> {
        let limits = self.config.tracking.as_ref()?;
        let (Some(sent), Some(state)) = (sent, evidence.state) else {
            self.tracking = Tracking::NEW;
            return None;
        };
        self.tracking.watch(now, limits, sent, state)
    }

    fn clock(&mut self, now: Stamp) -> Option<Cause> {
        let last = self.last_tick.replace(now)?;
        let delta_max = self.period * CLOCK_PERIODS_MAX;
        let (forward, back) = (last.age_at(now), now.age_at(last));
        let jumped = forward > delta_max || !back.is_zero();
        let delta_s = forward.as_secs_f64() - back.as_secs_f64();
        jumped.then_some(Cause::Clock { delta_s, delta_s_max: delta_max.as_secs_f64() })
    }

    fn latent(&self, evidence: &Evidence<'_>) -> Option<Finding> {
        check_latent(self.config.latent.as_ref()?, evidence.witness.latent.as_ref()?)
    }

    fn state_repeats(&mut self, evidence: &Evidence<'_>, sent: Option<&Command>) -> Option<Cause> {
        let (repeats_max, state) = (self.config.state_repeats_max?, evidence.state?);
        let repeats = self.state.see(state, sent);
        (repeats >= repeats_max).then_some(Cause::FrozenState { repeats })
    }

    fn frame_repeats(&mut self, evidence: &Evidence<'_>) -> Option<Cause> {
        let repeats_max = self.config.frame_repeats_max?;
        let cameras = self.frames.iter_mut().zip(evidence.witness.frames);
        let repeats = cameras.map(|(memory, frame)| frame.map_or(0, |frame| memory.see(frame)));
        // Every camera is looked at; the one that has stood still for longest is named.
        let (camera, repeats) = repeats.enumerate().max_by_key(|&(_, repeats)| repeats)?;
        (repeats >= repeats_max).then_some(Cause::FrozenFrame { camera, repeats })
    }

    fn link(&mut self, evidence: &Evidence<'_>) -> Option<Cause> {
        let limits = self.config.link?;
        let faults = evidence.witness.link_faults;
        // What was counted before this guard lived is none of its business.
        let new = faults.saturating_sub(self.link_faults_seen.replace(faults).unwrap_or(faults));
        self.link.add(f64::from(u32::try_from(new).unwrap_or(u32::MAX)));
        let (faults_max, window) = (limits.faults_max, limits.window);
        self.link.full().then_some(Cause::LinkFaults { faults_max, window })
    }

    fn clamped_too_much(&self) -> Option<Cause> {
        let share_max = self.config.clamping?.share_max;
        self.clamping.full().then_some(Cause::Clamping { share_max })
    }
}

/// A goal of the wrong kind means nothing to the policy; one of an unknown length may still.
fn check_latent(limits: &LatentLimits, goal: &LatentWitness) -> Option<Finding> {
    if goal.model != limits.model {
        let cause = Cause::Model { found: goal.model, expected: limits.model };
        return Some(Finding::new(Reaction::Hold, cause));
    }
    if goal.dim != limits.dim {
        let cause = Cause::LatentShape { found: goal.dim, expected: limits.dim };
        return Some(Finding::new(Reaction::Hold, cause));
    }
    let norm = goal.norm;
    if norm >= limits.norm_min && norm <= limits.norm_max {
        return None;
    }
    let limit = if norm < limits.norm_min { limits.norm_min } else { limits.norm_max };
    Some(Finding::new(Reaction::Degrade, Cause::LatentNorm { norm, limit }))
}
