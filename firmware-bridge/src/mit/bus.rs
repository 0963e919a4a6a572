//! A host of motors that take MIT-style frames.

use core::time::Duration;

use tandem_protocol::MotorFlags;

use super::damiao;
use super::frame::{MitCommand, MitReply, Word};
use super::ranges::{Dialect, MotorKind};
use crate::can::{CanFrame, CanLine, DATA_BYTES_MAX, frame_time};
use crate::motor_bus::{BusError, Effort, MotorBus, ShaftGoal, ShaftState, Shape};

/// What these motors speak at.
const BITS_S: u32 = 1_000_000;

/// Beyond the time their frames take, answers may be so late: the motors' own loop, the adapter's
/// buffering and this process' wake-up.
const ANSWER_SLACK: Duration = Duration::from_millis(3);

/// The same for a question outside the cycle, which nobody's motion waits for.
const PATIENCE: Duration = Duration::from_millis(30);

/// How often a motor is asked before it counts as silent.
const TRIES: usize = 3;

/// After so long without a frame a motor that can be told so lets go by itself, if nobody says
/// anything else.
const TIMEOUT: Duration = Duration::from_millis(20);

/// The highest id that fits into a Damiao motor's answer.
const DAMIAO_ID_MAX: u8 = 15;

/// One motor of the arm, and how it shall drive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MitMotor {
    /// Its identifier on CAN.
    pub id: u8,
    /// Its type.
    pub kind: &'static MotorKind,
    /// Stiffness, N m/rad.
    pub kp: f64,
    /// Damping while it follows, N m s/rad.
    pub kd: f64,
    /// Damping when it is let go, N m s/rad.
    pub damping: f64,
}

/// A motor's gains cannot be sent, or its id.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("motor {id}: {what} is {value}, which must be above 0 and at most {max}")]
pub struct MitConfigError {
    /// Its id.
    pub id: u8,
    /// Which number.
    pub what: &'static str,
    /// It.
    pub value: f64,
    /// The most it may be.
    pub max: f64,
}

impl MitMotor {
    pub(crate) fn check(&self) -> Result<(), MitConfigError> {
        let id_max = if self.kind.dialect == Dialect::Damiao { DAMIAO_ID_MAX } else { u8::MAX };
        for (what, value, max) in [
            ("id", f64::from(self.id), f64::from(id_max)),
            ("kp", self.kp, self.kind.kp_max),
            ("kd", self.kd, self.kind.kd_max),
            ("damping", self.damping, self.kind.kd_max),
        ] {
            // Not a number is none of these.
            if !(value > 0.0 && value <= max) {
                return Err(MitConfigError { id: self.id, what, value, max });
            }
        }
        Ok(())
    }
}

/// The bus, from the host's side.
#[derive(Debug)]
pub struct MitBus<C> {
    line: C,
    motors: Vec<Told>,
    timeout: Duration,
}

/// A motor and what it was told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) motor: MitMotor,
    goal: ShaftGoal,
    on: bool,
    /// It was sent a frame whose answer was not taken yet.
    asked: bool,
}

impl<C: CanLine> MitBus<C> {
    /// A bus of these motors.
    ///
    /// # Errors
    /// If a motor's numbers cannot be sent.
    pub fn new(line: C, motors: &[MitMotor]) -> Result<Self, MitConfigError> {
        motors.iter().try_for_each(MitMotor::check)?;
        let told = |motor: &MitMotor| Told {
            motor: *motor,
            goal: ShaftGoal { id: motor.id, ..ShaftGoal::default() },
            on: false,
            asked: false,
        };
        Ok(Self { line, motors: motors.iter().map(told).collect(), timeout: TIMEOUT })
    }

    /// Makes the place where a motor is its zero. It must have been let go.
    ///
    /// # Errors
    /// If the line is gone or the motor does not answer.
    pub fn zero_here(&mut self, id: u8) -> Result<(), BusError> {
        self.exchange(id, Word::Zero.encode()).map(drop)
    }

    /// Sends a motor a frame, again if need be, and takes its answer.
    fn exchange(&mut self, id: u8, data: [u8; DATA_BYTES_MAX]) -> Result<MitReply, BusError> {
        let kind = self.told(id)?.motor.kind;
        self.ask(&CanFrame::eight(id, data), |frame| {
            MitReply::decode(frame.data(), kind).ok().filter(|reply| reply.id == id)
        })?
        .ok_or(BusError::Silent { id })
    }

    /// Sends a frame, again if need be, until there is an answer.
    fn ask<T>(
        &mut self,
        question: &CanFrame,
        answer: impl Fn(&CanFrame) -> Option<T>,
    ) -> Result<Option<T>, BusError> {
        for _try in 0..TRIES {
            self.line.discard()?;
            self.line.send(question)?;
            let deadline = self.line.now().after(PATIENCE);
            while let Some(frame) = self.line.receive(self.line.now().age_at(deadline))? {
                if let Some(answer) = answer(&frame) {
                    return Ok(Some(answer));
                }
            }
        }
        Ok(None)
    }

    pub(super) fn told(&self, id: u8) -> Result<&Told, BusError> {
        self.motors.iter().find(|told| told.motor.id == id).ok_or(BusError::Silent { id })
    }

    /// Reads a register of a Damiao motor, or writes it and reads it back.
    fn register(&mut self, id: u8, number: u8, write: Option<u32>) -> Result<u32, BusError> {
        let frame = damiao::question(id, number, write);
        let answer = |frame: &CanFrame| damiao::answer(frame.data(), id, number);
        self.ask(&frame, answer)?.ok_or(BusError::Silent { id })
    }

    /// A Damiao motor says itself what its bits mean, and watches its host if told to.
    fn prepare_damiao(&mut self, id: u8, kind: &MotorKind) -> Result<(), BusError> {
        self.exchange(id, Word::Clear.encode())?;
        let mode = self.register(id, damiao::CONTROL_MODE, None)?;
        require(id, "control mode (10)", i64::from(mode), i64::from(damiao::MIT_MODE))?;
        for (number, name, wanted) in [
            (damiao::POSITION_MAX, "PMAX (21), mrad", kind.position_rad),
            (damiao::VELOCITY_MAX, "VMAX (22), mrad/s", kind.velocity_rad_s),
            (damiao::TORQUE_MAX, "TMAX (23), mN m", kind.torque_nm),
        ] {
            let found = f32::from_bits(self.register(id, number, None)?);
            require(id, name, milli(f64::from(found)), milli(wanted))?;
        }
        let timeout = damiao::timeout(self.timeout);
        let kept = self.register(id, damiao::TIMEOUT, Some(timeout))?;
        require(id, "timeout (9), 50 us", i64::from(kept), i64::from(timeout))
    }
}

impl Told {
    /// What it is to do now. Whoever is off gives way, and brakes.
    fn command(&self) -> MitCommand {
        let rad = |urad: i32| f64::from(urad) / 1e6;
        if self.on {
            MitCommand {
                position_rad: rad(self.goal.position_urad),
                velocity_rad_s: rad(self.goal.velocity_urad_s),
                kp: self.motor.kp,
                kd: self.motor.kd,
                torque_nm: 0.0,
            }
        } else {
            MitCommand::damping(self.motor.damping)
        }
    }

    fn send<C: CanLine>(&mut self, line: &mut C) -> Result<(), BusError> {
        self.asked = true;
        Ok(line.send(&CanFrame::eight(self.motor.id, self.command().encode(self.motor.kind)))?)
    }

    fn state(&self, reply: &MitReply) -> ShaftState {
        let urad = |rad: f64| (rad * 1e6).round() as i32;
        let mut flags = reply.status.flags;
        if self.on && reply.status.enabled == Some(false) && flags.is_empty() {
            flags = MotorFlags::RESTARTED;
        }
        ShaftState {
            position_urad: urad(reply.position_rad),
            velocity_urad_s: urad(reply.velocity_rad_s),
            effort: Effort::TorqueNm(reply.torque_nm),
            flags,
        }
    }
}

impl<C: CanLine> MotorBus for MitBus<C> {
    fn find(&mut self, id: u8) -> Result<bool, BusError> {
        let Ok(told) = self.told(id) else { return Ok(false) };
        let damping = MitCommand::damping(told.motor.damping).encode(told.motor.kind);
        match self.exchange(id, damping) {
            Ok(_) => Ok(true),
            Err(BusError::Silent { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn shape(&mut self, shape: &Shape) {
        self.timeout = shape.stop_within;
    }

    fn prepare(&mut self, id: u8) -> Result<(), BusError> {
        self.exchange(id, Word::Exit.encode())?;
        let kind = self.told(id)?.motor.kind;
        match kind.dialect {
            Dialect::Damiao => self.prepare_damiao(id, kind),
            Dialect::MiniCheetah | Dialect::CubeMars => Ok(()),
        }
    }

    fn send_goals(&mut self, goals: &[ShaftGoal]) -> Result<(), BusError> {
        self.line.discard()?;
        for goal in goals {
            let Some(told) = self.motors.iter_mut().find(|told| told.motor.id == goal.id) else {
                continue;
            };
            told.goal = *goal;
            if told.on {
                told.send(&mut self.line)?;
            }
        }
        Ok(())
    }

    fn switch_on(&mut self, ids: &[u8]) -> Result<(), BusError> {
        for told in self.motors.iter_mut().filter(|told| ids.contains(&told.motor.id)) {
            self.line.send(&CanFrame::eight(told.motor.id, Word::Enter.encode()))?;
            told.on = true;
            told.send(&mut self.line)?;
        }
        Ok(())
    }

    fn let_go(&mut self, ids: &[u8]) -> Vec<u8> {
        let mut frames = Vec::new();
        for told in self.motors.iter_mut().filter(|told| ids.contains(&told.motor.id)) {
            told.on = false;
            let damping = told.command().encode(told.motor.kind);
            self.line.send(&CanFrame::eight(told.motor.id, damping)).ok();
            frames.push((told.motor.id, damping));
        }
        let mut still_on = |(id, damping): (u8, _)| self.exchange(id, damping).is_err();
        frames.into_iter().filter(|frame| still_on(*frame)).map(|(id, _)| id).collect()
    }

    fn sense(&mut self, ids: &[u8], into: &mut [Option<ShaftState>]) -> Result<(), BusError> {
        into.fill(None);
        for told in self.motors.iter_mut().filter(|told| ids.contains(&told.motor.id)) {
            if !core::mem::take(&mut told.asked) {
                // Nothing new for it: it stays where it was told to be last.
                told.goal.velocity_urad_s = 0;
                told.send(&mut self.line)?;
                told.asked = false;
            }
        }
        let deadline = self.line.now().after(self.cycle_floor(ids.len()) + ANSWER_SLACK);
        let mut missing = ids.len();
        while missing > 0 {
            let left = self.line.now().age_at(deadline);
            let Some(frame) = self.line.receive(left)? else { break };
            // Who it is stands in the same place in every dialect, but not in as many bits.
            let heard = self.motors.iter().find_map(|told| {
                let reply = MitReply::decode(frame.data(), told.motor.kind).ok()?;
                (reply.id == told.motor.id).then(|| (told, told.state(&reply)))
            });
            let Some((told, state)) = heard else { continue };
            let at = ids.iter().position(|id| *id == told.motor.id);
            if let Some(slot) = at.and_then(|at| into.get_mut(at)) {
                // The last word counts: a motor that was just switched on answers twice.
                missing -= usize::from(slot.is_none());
                *slot = Some(state);
            }
        }
        Ok(())
    }

    fn cycle_floor(&self, motors: usize) -> Duration {
        frame_time(BITS_S, DATA_BYTES_MAX) * u32::try_from(2 * motors).unwrap_or(u32::MAX)
    }
}

fn milli(value: f64) -> i64 {
    (value * 1e3).round() as i64
}

fn require(id: u8, register: &'static str, found: i64, wanted: i64) -> Result<(), BusError> {
    if found == wanted {
        return Ok(());
    }
    let fit = |value: i64| i32::try_from(value).unwrap_or(i32::MAX);
    Err(BusError::Setup { id, register, found: fit(found), wanted: fit(wanted) })
}

#[cfg(test)]
mod tests;
