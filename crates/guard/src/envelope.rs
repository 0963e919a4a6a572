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

use crate::{Cause, Limits};
use joint::JointLimiter;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    limits: Limits,
    period_s: f64,
}

/// What was last sent, with what follows from the commands before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) command: Command,
    /// The change of the command's velocity in its last tick, rad/s^2.
    pub(crate) ddq: JointVec,
}

/// What the hardest allowed braking leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlook {
    /// Where the joints come to rest, rad.
    pub(crate) rest: JointVec,
    /// How far they move until then, there and back, rad.
    pub(crate) travel: JointVec,
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
        let rest = JointVec::zeros(q.len());
        Self { command: Command { q, dq: rest }, ddq: rest }
    }

    /// Whether the next command can be left out without a jump.
    pub(crate) fn rests(&self) -> bool {
        self.command.dq.iter().chain(self.ddq.iter()).all(|&rate| rate == 0.0)
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
            let (a, cause) = limiter.toward(joint, q, dq * self.period_s, wanted.speed_scale);
            clamped = clamped.or(cause);
            a
        });
        Motion { sent, clamped }
    }

    /// The hardest allowed braking.
    pub(crate) fn brake(&self, sent: &Sent) -> Sent {
        self.each(sent, |_, limiter| limiter.braking_next())
    }

    /// What braking from here leads to.
    pub(crate) fn outlook(&self, sent: &Sent) -> Outlook {
        let Command { q: rest, dq: coasting } = sent.command;
        let mut outlook = Outlook { rest, travel: sent.ddq, coasting };
        let rates = outlook.coasting.iter_mut().zip(outlook.travel.iter_mut());
        for (bounds, (q, (dq, ddq))) in self.limits.joints().zip(outlook.rest.iter_mut().zip(rates))
        {
            let limiter = JointLimiter::new(&bounds, self.period_s, (*q, *dq, *ddq));
            (*q, *ddq, *dq) = limiter.outlook();
        }
        outlook
    }

    /// Moves each joint by one tick with the acceleration `choose` gives, rad per tick^2.
    fn each(&self, sent: &Sent, mut choose: impl FnMut(usize, &JointLimiter) -> f64) -> Sent {
        let mut next = *sent;
        let rates = next.command.dq.iter_mut().zip(next.ddq.iter_mut());
        let outs = next.command.q.iter_mut().zip(rates);
        for (joint, (bounds, (q, (dq, ddq)))) in self.limits.joints().zip(outs).enumerate() {
            let limiter = JointLimiter::new(&bounds, self.period_s, (*q, *dq, *ddq));
            let a = choose(joint, &limiter);
            (*q, *dq, *ddq) = limiter.moved(a);
        }
        next
    }
}
