//! The tick: chunk in, command out.

use tandem_guard::{
    AdmittedCommand, Ages, Cause, Counters, Evidence, Guard, Mode, Nonce, Provenance, Reaction,
    Refusal, Request, Verdict, Witness,
};
use tandem_types::{ActionChunk, Command, Epoch, JointVec, Posture, Stamp, State};

use crate::executor::Executor;
use crate::smoother::Smoother;
use crate::{ControlConfig, ControlError};

/// The control tick of one robot. See the crate's documentation.
#[derive(Clone, Debug)]
pub struct Controller {
    guard: Guard,
    executor: Executor,
    smoother: Smoother,
    // The chunk last looked at, good or bad: a latest-value channel shows the same one many times.
    seen: Option<Provenance>,
}

/// One sample of everything a tick may go by: the newest of each, or `None` before the first.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The measured joints.
    pub state: Option<&'a State>,
    /// System 1's newest chunk.
    pub chunk: Option<&'a ActionChunk>,
    /// The robot's stamp on its newest receipt.
    pub receipt: Option<Stamp>,
    /// What others testify to.
    pub witness: Witness,
    /// What somebody asked for since the last tick.
    pub request: Option<Request>,
}

/// What one tick decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Output {
    /// What to send, if anything.
    pub command: Option<AdmittedCommand>,
    /// What System 1 should see, whenever there is a usable state. Its command is the one sent, or
    /// the measured pose at rest while nothing is sent.
    pub posture: Option<Posture>,
    /// The mode after this tick.
    pub mode: Mode,
    /// The worst reaction called for. While disarmed: what arming would meet.
    pub reaction: Reaction,
    /// Its cause; while stopped, what latched the stop.
    pub cause: Option<Cause>,
    /// Why this tick's request was refused.
    pub refusal: Option<Refusal>,
    /// Whether the guard changed the setpoint to keep a limit.
    pub clamped: bool,
    /// Where one chunk was handed over to another while moving: the distance between what had been
    /// planned for this tick and what is executed, of the joint concerned most, rad. The smoother
    /// is what keeps it from becoming a step.
    pub seam_rad: Option<f64>,
    /// How old the state, the action, the pictures, the latent goal and the receipt were.
    pub ages: Ages,
    /// How often the guard has intervened so far.
    pub counters: Counters,
}

impl Controller {
    /// A disarmed controller. Each arming has an epoch of its own, all of them later than `epoch`.
    ///
    /// # Errors
    /// If the config contradicts itself.
    pub fn new(config: ControlConfig, epoch: Epoch) -> Result<Self, ControlError> {
        config.check()?;
        let guard =
            Guard::new(config.guard, config.period, epoch)?.with_latent_alignment(config.latent);
        let guard = match config.space {
            Some(space) => guard.with_space(space),
            None => guard,
        };
        Ok(Self {
            guard,
            executor: Executor::new(config.executor, config.period),
            smoother: Smoother::new(config.bandwidth_rad_s, config.period.as_secs_f64()),
            seen: None,
        })
    }

    /// One control period.
    ///
    /// Real-time: no allocation, no locks, no system calls, bounded by the number of joints and, for
    /// a new chunk, by its length.
    pub fn tick(&mut self, now: Stamp, inputs: &Inputs<'_>) -> Output {
        let chunk = self.take(now, inputs.chunk);
        let seam_rad = self.executor.plan(chunk);
        let evidence = Evidence {
            state: inputs.state,
            action: self.executor.provenance(),
            receipt: inputs.receipt,
            witness: inputs.witness,
        };
        let (executor, smoother) = (&self.executor, &self.smoother);
        let verdict =
            self.guard.tick(now, &evidence, inputs.request, |from| match executor.setpoint() {
                Some(setpoint) => from.arriving_at(smoother.toward(from, &setpoint)),
                None => from.arriving_at(from.command.q),
            });
        self.executor.note(now, verdict.mode);
        Output {
            command: verdict.command,
            posture: posture(now, inputs.state, self.guard.limits().dof(), &verdict),
            mode: verdict.mode,
            reaction: verdict.reaction,
            cause: verdict.cause,
            refusal: verdict.refusal,
            clamped: verdict.clamped,
            seam_rad: seam_rad.filter(|_| verdict.mode == Mode::Armed),
            ages: verdict.ages,
            counters: verdict.counters,
        }
    }

    /// Of the arming that sends commands now, or did last: a receipt for another confirms nothing.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.guard.epoch()
    }

    /// The mode after the last tick.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.guard.mode()
    }

    /// What arms after the stop that was acknowledged, while one waits for it.
    #[must_use]
    pub const fn nonce(&self) -> Option<Nonce> {
        self.guard.nonce()
    }

    /// The chunk, if it is new and the guard finds it good; otherwise the one before it plays on
    /// and ages.
    fn take<'a>(&mut self, now: Stamp, chunk: Option<&'a ActionChunk>) -> Option<&'a ActionChunk> {
        let chunk = chunk?;
        let provenance = Provenance::from(chunk);
        if self.seen == Some(provenance) {
            return None;
        }
        self.seen = Some(provenance);
        self.guard.inspect(now, chunk).is_ok().then_some(chunk)
    }
}

/// State and command of one moment. A state that is not whole is no observation.
fn posture(now: Stamp, state: Option<&State>, dof: usize, verdict: &Verdict) -> Option<Posture> {
    let state = state.filter(|state| {
        let whole = |values: &JointVec| values.len() == dof && values.is_finite();
        whole(&state.q) && whole(&state.dq)
    })?;
    let command = match &verdict.command {
        Some(admitted) => *admitted.command(),
        None => Command { q: state.q, dq: JointVec::zeros(dof) },
    };
    Some(Posture { stamp: now, state: *state, command })
}
