//! `tandem_msgs/Truth`: what the simulator knows and no policy may see.

use alloc::vec::Vec;

use tandem_types::Stamp;

use crate::limits::OBJECTS_MAX;
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// Where the fingertip is, and what the judge makes of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// The simulated moment.
    pub stamp: Stamp,
    /// The episode it belongs to.
    pub episode: u64,
    /// The fingertip in the arm's base frame (x forward, y left, z up), m.
    pub tip_m: [f64; 3],
    /// From the fingertip to each object's surface, m.
    pub distances_m: Vec<f64>,
    /// The target's place among them.
    pub target: u8,
    /// How long the fingertip has been near the target without a break, s.
    pub held_s: f64,
    /// Whether the episode has succeeded.
    pub succeeded: bool,
}

impl Message for Truth {
    const TYPE: &'static str = "tandem_msgs/msg/Truth";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.stamp(self.stamp);
        out.u64(self.episode);
        for coordinate_m in self.tip_m {
            out.f64(coordinate_m);
        }
        out.f64s(&self.distances_m, OBJECTS_MAX);
        out.u8(self.target);
        out.f64(self.held_s);
        out.bool(self.succeeded);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            stamp: from.stamp()?,
            episode: from.u64()?,
            tip_m: [from.f64()?, from.f64()?, from.f64()?],
            distances_m: from.f64s(OBJECTS_MAX)?,
            target: from.u8()?,
            held_s: from.f64()?,
            succeeded: from.bool()?,
        })
    }
}
