//! Which commands the robot obeys: the firmware's side of the one door.

use core::time::Duration;
use std::collections::VecDeque;

use tandem_guard::Limits;
use tandem_robot::Robot;
use tandem_types::{Command, Epoch, JointVec, Sequence, Stamp};
use tandem_wire::{JointCommand, Receipt, Refusal};

/// How far in the future a command's stamp may lie. The sender's and the robot's ticks are out of
/// phase by up to one period, and a simulated robot may lag real time by a few steps.
const AHEAD_MAX: Duration = Duration::from_millis(20);
/// No command is obeyed for longer than this, whatever it says.
const VALID_FOR_MAX: Duration = Duration::from_millis(100);
/// The most commands that wait out the servo's latency; at 1 kHz a latency of 64 ms.
const QUEUE_MAX: usize = 64;
/// A target farther than this from the measured position is a mistake, not a command, rad.
const JUMP_RAD_MAX: f64 = 0.8;
/// Rounding in the messages and in the limits' sources, rad.
const LIMIT_SLACK_RAD: f64 = 1e-6;

/// Takes commands, refuses what must not be obeyed, and says what the servos should do now.
#[derive(Clone, Debug)]
pub(crate) struct Inbox {
    limits: Vec<JointRange>,
    latency: Duration,
    queue: VecDeque<Waiting>,
    /// The life obeyed, and until when it has the right to be the only one.
    obeyed: Option<(Epoch, Sequence)>,
    expires: Stamp,
    /// What the servos do now.
    target: Command,
    receipt: Receipt,
}

#[derive(Clone, Copy, Debug)]
struct JointRange {
    position_rad_min: f64,
    position_rad_max: f64,
    velocity_rad_s_max: f64,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    due: Stamp,
    command: Command,
}

impl Inbox {
    /// An inbox of a robot that stands at `q` and holds there.
    pub(crate) fn new(robot: &Robot, epoch: Epoch, latency: Duration, q: &JointVec) -> Self {
        let limits = robot
            .joints()
            .iter()
            .map(|joint| JointRange {
                position_rad_min: joint.limits.position_rad_min,
                position_rad_max: joint.limits.position_rad_max,
                velocity_rad_s_max: joint.limits.velocity_rad_s_max,
            })
            .collect();
        let limits_hash = Limits::hash_of_robot(robot);
        Self {
            limits,
            latency,
            queue: VecDeque::with_capacity(QUEUE_MAX),
            obeyed: None,
            expires: Stamp::ORIGIN,
            target: Command { q: *q, dq: JointVec::zeros(q.len()) },
            receipt: Receipt { epoch, limits_hash, ..Receipt::default() },
        }
    }

    /// Takes or refuses one command.
    pub(crate) fn receive(
        &mut self,
        now: Stamp,
        measured: &JointVec,
        message: &JointCommand,
    ) -> Result<(), Refusal> {
        let judged = self.judge(now, measured, message);
        if let Err(refusal) = judged {
            self.receipt.refused += 1;
            self.receipt.refusal = refusal;
            return judged;
        }
        self.obeyed = Some((message.epoch, message.sequence));
        self.expires = message.stamp.after(message.valid_for.min(VALID_FOR_MAX));
        if self.queue.len() == QUEUE_MAX {
            self.queue.pop_front();
        }
        self.queue.push_back(Waiting { due: now.after(self.latency), command: message.command });
        self.receipt.applied += 1;
        self.receipt.command_epoch = message.epoch;
        self.receipt.command_sequence = message.sequence;
        judged
    }

    /// What the servos should do at `now`. After the last command's validity the target stays and
    /// its velocity is zero, so the arm holds.
    pub(crate) fn target(&mut self, now: Stamp) -> Command {
        while let Some(waiting) = self.queue.front().filter(|waiting| waiting.due <= now) {
            self.target = waiting.command;
            self.queue.pop_front();
        }
        if now > self.expires.after(self.latency) {
            self.target.dq.fill(0.0);
        }
        self.target
    }

    /// Forgets what was commanded and holds at `q`. Whom it obeyed, it remembers: a new episode is
    /// no new life.
    pub(crate) fn hold_at(&mut self, q: &JointVec) {
        self.queue.clear();
        self.target = Command { q: *q, dq: JointVec::zeros(q.len()) };
    }

    /// The receipt to send.
    pub(crate) const fn receipt(&self, now: Stamp) -> Receipt {
        Receipt { stamp: now, ..self.receipt }
    }

    fn judge(
        &self,
        now: Stamp,
        measured: &JointVec,
        message: &JointCommand,
    ) -> Result<(), Refusal> {
        let valid_for = message.valid_for.min(VALID_FOR_MAX);
        if message.stamp > now.after(AHEAD_MAX) || message.stamp.age_at(now) > valid_for {
            return Err(Refusal::Stale);
        }
        if let Some((epoch, sequence)) = self.obeyed {
            if epoch != message.epoch {
                // Another controller may take over only when the present one is no longer heard.
                if now <= self.expires {
                    return Err(Refusal::Epoch);
                }
            } else if message.sequence <= sequence {
                return Err(Refusal::Sequence);
            }
        }
        // Whoever was armed before this robot's life knew nothing of it.
        if message.epoch <= self.receipt.epoch {
            return Err(Refusal::Stopped);
        }
        let Command { q, dq } = &message.command;
        if q.len() != self.limits.len() || dq.len() != self.limits.len() {
            return Err(Refusal::Shape);
        }
        if !q.is_finite() || !dq.is_finite() {
            return Err(Refusal::NotFinite);
        }
        let values = q.iter().zip(dq.iter()).zip(measured.iter());
        let within = self.limits.iter().zip(values).all(|(range, ((&q, &dq), &measured))| {
            q >= range.position_rad_min - LIMIT_SLACK_RAD
                && q <= range.position_rad_max + LIMIT_SLACK_RAD
                && dq.abs() <= range.velocity_rad_s_max + LIMIT_SLACK_RAD
                && (q - measured).abs() <= JUMP_RAD_MAX
        });
        if within { Ok(()) } else { Err(Refusal::Limits) }
    }
}

#[cfg(test)]
mod tests;
