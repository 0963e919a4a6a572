//! What an arm asks of a bus of motors, whatever the bus is.
//!
//! Everything here is in units of the motors' *output shafts*, as their own sensors count: how a
//! shaft sits in a joint is the calibration's business. Each bus rounds to its own steps.

use core::time::Duration;
use std::io;

use tandem_protocol::MotorFlags;

use crate::calibration::{STEPS_PER_TURN, URAD_PER_TURN};
use crate::dynamixel::StatusError;

/// A bus of motors that go where they are told, from the host's side.
pub trait MotorBus {
    /// Whether a motor is there. One that is there can be [sensed](Self::sense) if a host has
    /// [prepared](Self::prepare) it since its power-up, this one or one before.
    ///
    /// # Errors
    /// If the line is gone.
    fn find(&mut self, id: u8) -> Result<bool, BusError>;

    /// Says how often a goal will come, and what shall be when none comes any more. Motors use what
    /// they can of it from the next [`prepare`](Self::prepare) on.
    fn shape(&mut self, _shape: &Shape) {}

    /// Lets a motor go and sets up what the host relies on.
    ///
    /// # Errors
    /// If the line is gone, the motor does not answer, or it is set up for something else.
    fn prepare(&mut self, id: u8) -> Result<(), BusError>;

    /// Tells motors where to go. One that is off stays off.
    ///
    /// # Errors
    /// If the line is gone.
    fn send_goals(&mut self, goals: &[ShaftGoal]) -> Result<(), BusError>;

    /// Switches motors on; they go to the goal they were told last.
    ///
    /// # Errors
    /// If the line is gone.
    fn switch_on(&mut self, ids: &[u8]) -> Result<(), BusError>;

    /// Lets every motor go, each by itself, whatever becomes of the others. Gives the ids of those
    /// that did not confirm.
    fn let_go(&mut self, ids: &[u8]) -> Vec<u8>;

    /// Asks motors what they do; `None` for each that does not answer in time.
    ///
    /// # Errors
    /// If the line is gone.
    fn sense(&mut self, ids: &[u8], into: &mut [Option<ShaftState>]) -> Result<(), BusError>;

    /// What the line takes for one cycle of goals and readings with so many motors, at the least.
    fn cycle_floor(&self, motors: usize) -> Duration;
}

/// How an arm is driven, and how it stops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// From one goal to the next.
    pub period: Duration,
    /// How hard joints may brake, rad/s^2, for motors that follow a profile of their own.
    pub deceleration_rad_s2: f64,
    /// After so long without a word of the host's a motor that watches for it stops by itself.
    pub stop_within: Duration,
}

/// Where a motor should go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShaftGoal {
    /// The motor.
    pub id: u8,
    /// Where to, urad.
    pub position_urad: i32,
    /// How fast the goal moves, urad/s, for motors that use it.
    pub velocity_urad_s: i32,
}

/// What a motor does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShaftState {
    /// Where it is, urad.
    pub position_urad: i32,
    /// How fast it moves, urad/s.
    pub velocity_urad_s: i32,
    /// How hard it drives.
    pub effort: Effort,
    /// What it complains of.
    pub flags: MotorFlags,
}

/// How hard a motor drives, as far as it knows, with the sign of its direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effort {
    /// The share of the most it can.
    Share(f64),
    /// Torque at the shaft, N m.
    TorqueNm(f64),
}

impl Effort {
    /// As torque, N m, of a motor that can give so much.
    #[must_use]
    pub fn torque_nm(self, torque_nm_max: f64) -> f64 {
        match self {
            Self::Share(share) => share * torque_nm_max,
            Self::TorqueNm(torque_nm) => torque_nm,
        }
    }
}

/// Why a motor did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The line is gone.
    #[error("the line is gone ({0}); is the cable in?")]
    Line(#[from] io::Error),
    /// No answer, or none that could be read.
    #[error("motor {id} does not answer; is it on the bus, powered, and set to this baud rate?")]
    Silent {
        /// Its id.
        id: u8,
    },
    /// It says itself what is wrong.
    #[error("motor {id} refuses: {reason}")]
    Refused {
        /// Its id.
        id: u8,
        /// Why.
        reason: StatusError,
    },
    /// It is a servo whose registers may lie elsewhere.
    #[error("motor {id} is a servo of model {number}, which this host does not know")]
    Model {
        /// Its id.
        id: u8,
        /// The number of its model.
        number: i32,
    },
    /// It is another servo than the config says.
    #[error(
        "motor {id} is an {found}, where the config has an {expected}; correct it, or look which \
         servo has this id"
    )]
    OtherModel {
        /// Its id.
        id: u8,
        /// What it is.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// It is set up for something that this host does not do.
    #[error("motor {id}: {register} is {found}, but this host relies on {wanted}; set it so")]
    Setup {
        /// Its id.
        id: u8,
        /// The register's name.
        register: &'static str,
        /// What is in it.
        found: i32,
        /// What should be.
        wanted: i32,
    },
}

impl<B: MotorBus + ?Sized> MotorBus for Box<B> {
    fn find(&mut self, id: u8) -> Result<bool, BusError> {
        (**self).find(id)
    }

    fn shape(&mut self, shape: &Shape) {
        (**self).shape(shape);
    }

    fn prepare(&mut self, id: u8) -> Result<(), BusError> {
        (**self).prepare(id)
    }

    fn send_goals(&mut self, goals: &[ShaftGoal]) -> Result<(), BusError> {
        (**self).send_goals(goals)
    }

    fn switch_on(&mut self, ids: &[u8]) -> Result<(), BusError> {
        (**self).switch_on(ids)
    }

    fn let_go(&mut self, ids: &[u8]) -> Vec<u8> {
        (**self).let_go(ids)
    }

    fn sense(&mut self, ids: &[u8], into: &mut [Option<ShaftState>]) -> Result<(), BusError> {
        (**self).sense(ids, into)
    }

    fn cycle_floor(&self, motors: usize) -> Duration {
        (**self).cycle_floor(motors)
    }
}

/// An angle in steps, or a speed in steps/s, as urad or urad/s.
pub(crate) fn urad_of_steps(steps: i32) -> i32 {
    scale(steps, URAD_PER_TURN, i64::from(STEPS_PER_TURN))
}

/// The nearest step to an angle.
pub(crate) fn steps_of_urad(urad: i32) -> i32 {
    scale(urad, i64::from(STEPS_PER_TURN), URAD_PER_TURN)
}

/// `value * by / of`, to the nearest, as far as it fits.
fn scale(value: i32, by: i64, of: i64) -> i32 {
    let product = i64::from(value) * by;
    let half = if product < 0 { -of / 2 } else { of / 2 };
    let scaled = (product + half) / of;
    i32::try_from(scaled).unwrap_or(if scaled < 0 { i32::MIN } else { i32::MAX })
}
