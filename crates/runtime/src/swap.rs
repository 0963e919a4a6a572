//! The thread that replaces System 1's policy while everything runs.
//!
//! All that takes time or memory happens here, on an ordinary thread: reading, checking, warming up,
//! a time in the shadow, and the dropping of what is retired. The real-time threads only exchange
//! one half of a policy for another between two of their steps.

mod board;
mod desk;
mod probation;
mod shadow;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use tandem_bundle::Latent;
use tandem_config::PoliciesSection;
use tandem_inference::EngineKind;
use tandem_latest::Reader;
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer, thread_cpu_time};
use tandem_system1::{Budget, LookError, divergence};
use tandem_types::{ActionChunk, Frame, JointVec, Stamp};

use crate::error::StartError;
use crate::policies::Fitting;
use crate::seat::{Counter, EyeSeat, Pair, PolicySeat};
use crate::shared::Shared;
use crate::system1::Rehearsal;

pub(crate) use board::Board;
use board::End;
pub(crate) use desk::PolicyDesk;
use probation::Lapse;
use shadow::{Shadow, ShadowFault};

/// How long the thread waits for an order before it looks whether the daemon stops.
const PATIENCE: Duration = Duration::from_millis(100);

/// How often it looks whether the real-time threads have changed seats, or how a new policy does on
/// probation: often enough that ten refused chunks in a row at 200 Hz, which make the guard hold, do
/// not pass unnoticed.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// One swap to be made.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) dir: PathBuf,
    pub(crate) engine: EngineKind,
    /// How long the candidate runs beside the active policy first.
    pub(crate) shadow: Duration,
}

/// Everything the swapping thread holds.
pub(crate) struct SwapThread {
    pub(crate) orders: Receiver<Order>,
    pub(crate) board: Arc<Board>,
    pub(crate) fitting: Fitting,
    pub(crate) settings: PoliciesSection,
    /// System 1's period.
    pub(crate) period: Duration,
    /// One for each camera of the config, in its order.
    pub(crate) frames: Vec<Reader<Frame>>,
    pub(crate) rehearsals: Reader<Rehearsal>,
    pub(crate) eye: Counter<EyeSeat>,
    pub(crate) policy: Counter<PolicySeat>,
    /// Wakes the eye's thread.
    pub(crate) bell: SyncSender<()>,
}

/// Why a swap did not last.
#[derive(Debug, thiserror::Error)]
enum SwapError {
    /// It cannot be System 1 of this robot, or not on this engine.
    #[error(transparent)]
    Unusable(#[from] Box<StartError>),
    /// It was trained on latent goals of other ages than the guard watches for.
    #[error(
        "it was trained on latent goals of {} to {} ms, the policy in charge on {} to {} ms: name \
         it in system1.bundle and restart the daemon",
        found.age_min.as_millis(), found.age_max.as_millis(),
        active.age_min.as_millis(), active.age_max.as_millis()
    )]
    LatentAges {
        /// What the candidate was trained on.
        found: Latent,
        /// What the policy in charge was.
        active: Latent,
    },
    /// It cannot use the pictures there are.
    #[error("its encoder cannot see: {0}")]
    Look(#[from] LookError),
    /// It failed in the shadow.
    #[error("in the shadow, {0}")]
    Shadow(#[from] ShadowFault),
    /// It failed on probation; the old policy is back.
    #[error(transparent)]
    Lapse(#[from] Lapse),
    /// There is no time left for it.
    #[error("the daemon is going down")]
    Stopping,
}

/// Ends the swap under way, whatever ends its thread: nobody shall wait for it, or for another.
struct LastWords(Arc<Board>);

impl Drop for LastWords {
    fn drop(&mut self) {
        if self.0.is_under_way() {
            let words = "the swapping thread has ended: restart the daemon to swap again";
            self.0.end(End::Kept, words.to_owned());
        }
    }
}

impl SwapThread {
    pub(crate) fn run(&mut self, shared: &Shared) {
        let _last_words = LastWords(self.board.clone());
        while !shared.stopping() {
            match self.orders.recv_timeout(PATIENCE) {
                Ok(order) => self.carry_out(&order, shared),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn carry_out(&mut self, order: &Order, shared: &Shared) {
        let swapped = self.swap(order, shared);
        let active = self.board.active();
        let (name, engine) = (&active.name, active.engine);
        match swapped {
            Ok(()) => self.board.end(End::Done, format!("done: `{name}` on {engine} is in charge")),
            Err(SwapError::Lapse(lapse)) => {
                self.board.end(End::Reverted, format!("back to `{name}` on {engine}: {lapse}"));
            }
            Err(error) => {
                self.board.end(End::Kept, format!("kept `{name}` on {engine}: {error}"));
            }
        }
    }

    fn swap(&mut self, order: &Order, shared: &Shared) -> Result<(), SwapError> {
        let (dir, engine) = (order.dir.display(), order.engine);
        self.board.step(format!("loading {dir} and warming it up on {engine}"));
        let (mut pair, active) = self.fitting.system1(&order.dir, engine).map_err(Box::new)?;
        let (found, before) = (active.latent, self.board.active().latent);
        if (found.age_min, found.age_max) != (before.age_min, before.age_max) {
            return Err(SwapError::LatentAges { found, active: before });
        }
        if !order.shadow.is_zero() {
            self.board.step(format!("in the shadow for {} s", order.shadow.as_secs_f64()));
            self.rehearse(&mut pair, order.shadow, shared)?;
        }
        // The new head's first features are there before its first step.
        pair.eye.look(&mut self.frames).transpose()?;
        self.board.step(format!("handing over to `{}`", active.name));
        let mut old = self.hand_over(pair, shared)?;
        let before = self.board.replace(active);

        let probation = self.settings.probation;
        self.board.step(format!("in charge, on probation for {} s", probation.as_secs_f64()));
        let Some(lapse) = self.watch(shared) else { return Ok(()) };
        self.board.step(format!("handing back to `{}`: {lapse}", before.name));
        // It was in charge a moment ago: if it cannot see now, its thread says so as it always does.
        old.eye.look(&mut self.frames);
        drop(self.hand_over(old, shared)?);
        self.board.replace(before);
        Err(lapse.into())
    }

    /// Gives both threads their half and waits until both have changed; returns the pair they had.
    /// Meanwhile nobody can arm. If a thread never comes for its half (it is stalled, or dead), this
    /// goes on waiting, and says so: there is nobody then who could be swapped.
    fn hand_over(&mut self, pair: Pair, shared: &Shared) -> Result<Pair, SwapError> {
        let _turn = shared.wait_turn();
        let offered = (self.eye.give(pair.eye).is_ok(), self.policy.give(pair.policy).is_ok());
        debug_assert_eq!(offered, (true, true), "the hand-over before this one was waited for");
        let (mut eye, mut policy) = (None, None);
        let mut timer = PeriodicTimer::new(LOOK_EVERY, Duration::ZERO);
        loop {
            // Frames ring the bell, too, but there may be none.
            self.bell.try_send(()).ok();
            eye = eye.or_else(|| self.eye.take_back());
            policy = policy.or_else(|| self.policy.take_back());
            match (eye, policy) {
                (Some(eye), Some(policy)) => return Ok(Pair { eye, policy }),
                _ if shared.stopping() => return Err(SwapError::Stopping),
                waiting => (eye, policy) = waiting,
            }
            timer.wait();
        }
    }

    /// Watches a new policy for as long as its probation lasts.
    fn watch(&self, shared: &Shared) -> Option<Lapse> {
        let before = shared.conduct();
        let until = MonotonicClock.now().after(self.settings.probation);
        let mut timer = PeriodicTimer::new(LOOK_EVERY, Duration::ZERO);
        while MonotonicClock.now() < until && !shared.stopping() {
            timer.wait();
            let lapse = Lapse::between(before, shared.conduct(), &self.settings);
            if lapse.is_some() {
                return lapse;
            }
        }
        None
    }

    /// Runs a candidate on what the active policy sees and knows, without acting on what it says.
    fn rehearse(
        &mut self,
        pair: &mut Pair,
        time: Duration,
        shared: &Shared,
    ) -> Result<(), SwapError> {
        let pace = pair.policy.pace;
        let mut shadow = Shadow::new(self.fitting.joints(), pace.period());
        let mut chunk = ActionChunk::at_rest(JointVec::EMPTY, Stamp::ORIGIN);
        let mut timer = PeriodicTimer::new(self.period, Duration::ZERO);
        let until = MonotonicClock.now().after(time);
        // What was said before the shadow began is not compared.
        self.rehearsals.fresh();
        while MonotonicClock.now() < until {
            if shared.stopping() {
                return Err(SwapError::Stopping);
            }
            timer.wait();
            let before = thread_cpu_time();
            if let Some(look) = pair.eye.look(&mut self.frames) {
                look?;
                shadow.looked(thread_cpu_time().saturating_sub(before));
            }
            let known = (pair.policy.features.latest(), self.rehearsals.fresh());
            let (Some(features), Some(rehearsal)) = known else { continue };
            let (features, Rehearsal { posture, goal, chunk: active }) =
                (&features.value, &rehearsal.value);
            let before = thread_cpu_time();
            let mut is_over = || thread_cpu_time().saturating_sub(before) >= pace.deadline();
            let mut budget = Budget::new(pace.steps_max, &mut is_over);
            pair.policy
                .policy
                .step(posture, features, goal, &mut budget, &mut chunk)
                .map_err(ShadowFault::from)?;
            let took = thread_cpu_time().saturating_sub(before);
            shadow.stepped(took, &chunk, divergence(active, &chunk).as_ref())?;
        }
        self.board.measured(shadow.distributions());
        let sentence = shadow.verdict(time)?;
        self.board.step(sentence);
        Ok(())
    }
}
