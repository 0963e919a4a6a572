//! The motions that keep every limit, now and for as long as it takes to brake.
//!
//! Time is discrete: a tick changes the acceleration, that changes the velocity, and that moves the
//! position, so limits hold for the differences of the commands exactly as sent.
//!
//! Four limits at once need care: a joint that meets its position limit at speed can only break
//! another one. So every command sent has a way to rest that keeps all limits, and a motion is
//! allowed only if the command it leads to has one, too. That way is always the same (see
//! [`braking`](crate::braking)) and known in closed form; its first tick is always allowed, because
//! what follows it is the rest of a way already found good.

mod joint;

use tandem_types::{Command, JointVec};

use crate::braking::Excursion;
use crate::{Cause, Limits};
use joint::{JointLimiter, Step};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    limits: Limits,
    period_s: f64,
}

/// What was last sent, with what follows from the commands before it, and what can follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) command: Command,
    /// The change of the command's velocity in its last tick, rad/s^2.
    pub(crate) ddq: JointVec,
    // Found when the command was chosen, for it was chosen by this; nobody has to find it again.
    pub(crate) outlook: Outlook,
}

/// What the hardest allowed braking leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlook {
    /// The lowest points of the joints' ways, rad.
    pub(crate) lowest: JointVec,
    /// The highest, rad.
    pub(crate) highest: JointVec,
    /// Where the joints come to rest, rad.
    pub(crate) rest: JointVec,
    /// The velocities that are left when the present accelerations have been taken back, rad/s.
    pub(crate) coasting: JointVec,
}

/// What a motion should lead to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// The setpoint at the end of this tick and its own velocity; numbers, one of each per joint.
    pub(crate) setpoint: &'a Command,
    /// The part of the velocity limits that may be used, in `[0, 1]`.
    pub(crate) speed_scale: f64,
}

/// One admitted motion of all joints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Motion {
    pub(crate) sent: Sent,
    /// The first intervention, if there was one.
    pub(crate) clamped: Option<Cause>,
}

impl Sent {
    /// At rest at `q`.
    pub(crate) fn at_rest(q: JointVec) -> Self {
        let still = JointVec::zeros(q.len());
        let outlook = Outlook { lowest: q, highest: q, rest: q, coasting: still };
        Self { command: Command { q, dq: still }, ddq: still, outlook }
    }

    /// Whether the next command can be left out without a jump.
    pub(crate) fn rests(&self) -> bool {
        self.command.dq.iter().chain(self.ddq.iter()).all(|&rate| rate == 0.0)
    }
}

impl Outlook {
    /// How far the joints move from `q` until they rest, there and back, rad.
    pub(crate) fn travel(&self, q: &JointVec) -> JointVec {
        let mut travel = *q;
        let ends = self.lowest.iter().zip(self.highest.iter()).zip(self.rest.iter());
        for (q, ((lowest, highest), rest)) in travel.iter_mut().zip(ends) {
            let way = Excursion { lowest: lowest - *q, highest: highest - *q, rest: rest - *q };
            *q = way.travel();
        }
        travel
    }
}

impl Envelope {
    pub(crate) const fn new(limits: Limits, period_s: f64) -> Self {
        Self { limits, period_s }
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The allowed motion that gets to `wanted` soonest. What is within reach is reached exactly; a
    /// setpoint too far for one tick is approached without overshooting it.
    pub(crate) fn toward(&self, sent: &Sent, wanted: &Wanted<'_>) -> Motion {
        let mut clamped = None;
        let sent = self.each(sent, |joint, limiter| {
            let q = wanted.setpoint.q.get(joint).copied().unwrap_or(limiter.q);
            let dq = wanted.setpoint.dq.get(joint).copied().unwrap_or(0.0);
            let (step, cause) = limiter.toward(joint, q, dq * self.period_s, wanted.speed_scale);
            clamped = clamped.or(cause);
            step
        });
        Motion { sent, clamped }
    }

    /// The hardest allowed braking.
    pub(crate) fn brake(&self, sent: &Sent) -> Sent {
        self.each(sent, |_, limiter| limiter.brake())
    }

    /// Moves each joint by the step that `choose` gives.
    fn each(&self, sent: &Sent, mut choose: impl FnMut(usize, &JointLimiter) -> Step) -> Sent {
        let mut next = *sent;
        let Sent { command, ddq, outlook } = &mut next;
        let rates = command.dq.iter_mut().zip(ddq.iter_mut());
        let ends = outlook.lowest.iter_mut().zip(outlook.highest.iter_mut());
        let rests = outlook.rest.iter_mut().zip(outlook.coasting.iter_mut());
        let outs = command.q.iter_mut().zip(rates).zip(ends.zip(rests));
        for (joint, (bounds, out)) in self.limits.joints().zip(outs).enumerate() {
            let ((q, (dq, ddq)), ((lowest, highest), (rest, coasting))) = out;
            let (moving, way) = ((*q, *dq, *ddq), (*lowest, *highest));
            let limiter = JointLimiter::new(&bounds, self.period_s, moving, way);
            let moved = limiter.moved(&choose(joint, &limiter));
            (*q, *dq, *ddq) = moved.moving;
            (*lowest, *highest) = moved.way;
            (*rest, *coasting) = (moved.rest, moved.coasting);
        }
        next
    }
}
