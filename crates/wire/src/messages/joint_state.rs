//! `sensor_msgs/JointState`: what the joints do, measured.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use tandem_types::{JOINTS_MAX, JointVec, Stamp, State};

use crate::limits::NAME_BYTES_MAX;
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// Names and measured values of some joints, in an order of the sender's choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JointState {
    /// When the joints were sampled.
    pub stamp: Stamp,
    /// The coordinate frame; joints need none, so it is empty here.
    pub frame_id: String,
    /// The joints' names.
    pub names: Vec<String>,
    /// Positions, rad.
    pub positions: Vec<f64>,
    /// Velocities, rad/s.
    pub velocities: Vec<f64>,
    /// Efforts, N m; may be empty if the robot does not measure them.
    pub efforts: Vec<f64>,
}

/// A joint state does not describe the robot it was read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// A joint of the robot is not in the message.
    #[error("joint {joint} of the robot is not among the names received")]
    Missing {
        /// Its place in the robot's order.
        joint: usize,
    },
    /// A joint of the robot is in the message twice.
    #[error("joint {joint} of the robot is named twice")]
    Twice {
        /// Its place in the robot's order.
        joint: usize,
    },
    /// There is not one value per name.
    #[error("{values} values of {quantity} for {names} names")]
    Length {
        /// Position, velocity or effort.
        quantity: &'static str,
        /// How many names there are.
        names: usize,
        /// How many values there are.
        values: usize,
    },
    /// A value is NaN or infinite.
    #[error("{quantity} of joint {joint} is not a finite number")]
    NotFinite {
        /// Position, velocity or effort.
        quantity: &'static str,
        /// The joint's place in the robot's order.
        joint: usize,
    },
    /// The robot has more joints than are supported.
    #[error("the robot has {joints} joints, but at most {JOINTS_MAX} are supported")]
    TooMany {
        /// How many it has.
        joints: usize,
    },
}

impl JointState {
    /// A message for these joints, all at zero; fill it with [`set_state`](Self::set_state).
    #[must_use]
    pub fn new(joints: &[String]) -> Self {
        Self { names: joints.to_vec(), ..Self::default() }
    }

    /// Overwrites stamp and values, which are in the order of the names. Allocates only at first.
    pub fn set_state(&mut self, state: &State) {
        self.stamp = state.stamp;
        for (values, source) in [
            (&mut self.positions, &state.q),
            (&mut self.velocities, &state.dq),
            (&mut self.efforts, &state.tau),
        ] {
            values.clear();
            values.extend_from_slice(source);
        }
    }

    /// As [`decode`](Message::decode), but in place of what the message held, whose memory is used
    /// again: from the second message of a robot on, nothing is allocated.
    ///
    /// # Errors
    /// If the bytes are no such message; what the message then holds is worth nothing.
    pub fn decode_into(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut reader = CdrReader::new(bytes)?;
        self.read_into(&mut reader)?;
        reader.finish()
    }

    /// The state of `joints`, in their order, whatever the order and the company in the message.
    ///
    /// # Errors
    /// If a joint is missing or named twice, lengths disagree, or a value is not finite. Efforts
    /// may be absent as a whole and are then zero.
    pub fn to_state(&self, joints: &[impl AsRef<str>]) -> Result<State, StateError> {
        let too_many = StateError::TooMany { joints: joints.len() };
        let mut state = State { stamp: self.stamp, ..State::default() };
        for values in [&mut state.q, &mut state.dq, &mut state.tau] {
            *values = JointVec::zeros(joints.len());
            if values.len() != joints.len() {
                return Err(too_many);
            }
        }
        self.check_length("position", &self.positions)?;
        self.check_length("velocity", &self.velocities)?;
        let with_efforts = !self.efforts.is_empty();
        if with_efforts {
            self.check_length("effort", &self.efforts)?;
        }
        for (joint, name) in joints.iter().enumerate() {
            let place = self.place(joint, name.as_ref())?;
            set(&mut state.q, joint, &self.positions, place, "position")?;
            set(&mut state.dq, joint, &self.velocities, place, "velocity")?;
            if with_efforts {
                set(&mut state.tau, joint, &self.efforts, place, "effort")?;
            }
        }
        Ok(state)
    }

    fn read_into(&mut self, from: &mut CdrReader<'_>) -> Result<(), DecodeError> {
        self.stamp = from.stamp()?;
        from.str(NAME_BYTES_MAX)?.clone_into(&mut self.frame_id);
        from.strings_into(&mut self.names, NAME_BYTES_MAX, JOINTS_MAX)?;
        from.f64s_into(&mut self.positions, JOINTS_MAX)?;
        from.f64s_into(&mut self.velocities, JOINTS_MAX)?;
        from.f64s_into(&mut self.efforts, JOINTS_MAX)
    }

    fn check_length(&self, quantity: &'static str, values: &[f64]) -> Result<(), StateError> {
        let (names, values) = (self.names.len(), values.len());
        if names == values { Ok(()) } else { Err(StateError::Length { quantity, names, values }) }
    }

    fn place(&self, joint: usize, name: &str) -> Result<usize, StateError> {
        let mut places = self.names.iter().enumerate().filter(|(_, other)| *other == name);
        let (place, _) = places.next().ok_or(StateError::Missing { joint })?;
        if places.next().is_some() {
            return Err(StateError::Twice { joint });
        }
        Ok(place)
    }
}

/// Copies `values[place]` to `target[joint]` if it is finite.
fn set(
    target: &mut JointVec,
    joint: usize,
    values: &[f64],
    place: usize,
    quantity: &'static str,
) -> Result<(), StateError> {
    let value = values.get(place).copied().filter(|value| value.is_finite());
    let value = value.ok_or(StateError::NotFinite { quantity, joint })?;
    if let Some(slot) = target.get_mut(joint) {
        *slot = value;
    }
    Ok(())
}

impl Message for JointState {
    const TYPE: &'static str = "sensor_msgs/msg/JointState";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.stamp(self.stamp);
        out.string(&self.frame_id, NAME_BYTES_MAX);
        out.strings(&self.names, NAME_BYTES_MAX, JOINTS_MAX);
        out.f64s(&self.positions, JOINTS_MAX);
        out.f64s(&self.velocities, JOINTS_MAX);
        out.f64s(&self.efforts, JOINTS_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        let mut message = Self::default();
        message.read_into(from)?;
        Ok(message)
    }
}
