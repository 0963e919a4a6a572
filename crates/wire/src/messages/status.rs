//! `tandem_msgs/Status`: how the daemon is.

use alloc::string::String;
use alloc::vec::Vec;

use tandem_types::{Epoch, JOINTS_MAX, JointVec, Stamp};

use crate::limits::{CAUSE_BYTES_MAX, INSTRUCTION_BYTES_MAX, INTERVENTIONS_MAX, NAME_BYTES_MAX};
use crate::messages::intervention::INTERVENTION_BYTES_MIN;
use crate::{CdrReader, CdrWriter, DecodeError, Intervention, Message};

/// A summary for people and dashboards, a few times a second; nothing steers by it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// When it was written.
    pub stamp: Stamp,
    /// The life of the controller.
    pub epoch: Epoch,
    /// The guard's mode, as a number that only grows more severe.
    pub mode: u8,
    /// The guard's mode in words.
    pub mode_text: String,
    /// The guard's present reaction, as a number that only grows more severe.
    pub reaction: u8,
    /// Why it reacts; empty if it does not.
    pub cause: String,
    /// The instruction being followed.
    pub instruction: String,
    /// The policy bundle of System 1.
    pub system1_bundle: String,
    /// The policy bundle of System 2.
    pub system2_bundle: String,
    /// What runs System 1: candle or onnx.
    pub engine: String,
    /// How far the newest swap of System 1's policy has come; empty before the first.
    pub swap: String,
    /// System 2's view of how much of the task is done, in `[0, 1]`.
    pub progress: f32,
    /// Control ticks per second, measured.
    pub control_hz: f64,
    /// Chunks per second, measured.
    pub system1_hz: f64,
    /// Latent goals per second, measured.
    pub system2_hz: f64,
    /// Age of the joint state at the last tick; NaN before the first, as for all ages.
    pub state_age_ms: f64,
    /// Age of the observation behind the chunk being played.
    pub observation_age_ms: f64,
    /// Age of the oldest camera frame behind it.
    pub frame_age_ms: f64,
    /// Age of the observation behind the latent goal behind it.
    pub latent_age_ms: f64,
    /// Control ticks done.
    pub ticks: u64,
    /// Control periods skipped because a tick came too late.
    pub missed: u64,
    /// Ticks in which the guard shortened a command.
    pub clamped: u64,
    /// Ticks in which the guard refused one.
    pub refused: u64,
    /// How often the guard began to hold.
    pub holds: u64,
    /// Payloads that could not be decoded.
    pub garbage: u64,
    /// The joints' names.
    pub joints: Vec<String>,
    /// Measured positions, rad.
    pub q: JointVec,
    /// Commanded positions, rad.
    pub command: JointVec,
    /// What the guard has intervened for so far, each kind once.
    pub interventions: Vec<Intervention>,
}

impl Message for Status {
    const TYPE: &'static str = "tandem_msgs/msg/Status";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.stamp(self.stamp);
        out.u64(self.epoch.0);
        out.u8(self.mode);
        out.string(&self.mode_text, NAME_BYTES_MAX);
        out.u8(self.reaction);
        out.string(&self.cause, CAUSE_BYTES_MAX);
        out.string(&self.instruction, INSTRUCTION_BYTES_MAX);
        out.string(&self.system1_bundle, NAME_BYTES_MAX);
        out.string(&self.system2_bundle, NAME_BYTES_MAX);
        out.string(&self.engine, NAME_BYTES_MAX);
        out.string(&self.swap, CAUSE_BYTES_MAX);
        out.f32(self.progress);
        for rate_hz in [self.control_hz, self.system1_hz, self.system2_hz] {
            out.f64(rate_hz);
        }
        for age_ms in
            [self.state_age_ms, self.observation_age_ms, self.frame_age_ms, self.latent_age_ms]
        {
            out.f64(age_ms);
        }
        for count in [self.ticks, self.missed, self.clamped, self.refused, self.holds, self.garbage]
        {
            out.u64(count);
        }
        out.strings(&self.joints, NAME_BYTES_MAX, JOINTS_MAX);
        out.f64s(&self.q, JOINTS_MAX);
        out.f64s(&self.command, JOINTS_MAX);
        out.sequence(&self.interventions, INTERVENTIONS_MAX, |out, item| item.write(out));
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            stamp: from.stamp()?,
            epoch: Epoch(from.u64()?),
            mode: from.u8()?,
            mode_text: from.string(NAME_BYTES_MAX)?,
            reaction: from.u8()?,
            cause: from.string(CAUSE_BYTES_MAX)?,
            instruction: from.string(INSTRUCTION_BYTES_MAX)?,
            system1_bundle: from.string(NAME_BYTES_MAX)?,
            system2_bundle: from.string(NAME_BYTES_MAX)?,
            engine: from.string(NAME_BYTES_MAX)?,
            swap: from.string(CAUSE_BYTES_MAX)?,
            progress: from.f32()?,
            control_hz: from.f64()?,
            system1_hz: from.f64()?,
            system2_hz: from.f64()?,
            state_age_ms: from.f64()?,
            observation_age_ms: from.f64()?,
            frame_age_ms: from.f64()?,
            latent_age_ms: from.f64()?,
            ticks: from.u64()?,
            missed: from.u64()?,
            clamped: from.u64()?,
            refused: from.u64()?,
            holds: from.u64()?,
            garbage: from.u64()?,
            joints: from.strings(NAME_BYTES_MAX, JOINTS_MAX)?,
            q: from.joints()?,
            command: from.joints()?,
            interventions: from.sequence(
                INTERVENTIONS_MAX,
                INTERVENTION_BYTES_MIN,
                Intervention::read,
            )?,
        })
    }
}
