//! `tandem_msgs/Intervention`: what the guard intervened for, and how often.

use alloc::string::String;

use crate::limits::{CAUSE_BYTES_MAX, NAME_BYTES_MAX};
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// One kind of intervention of the guard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intervention {
    /// Its stable name, for example `velocity`.
    pub code: String,
    /// How often it began in this life of the daemon.
    pub times: u64,
    /// The joint the newest one concerned, counted from zero; -1 if it is about none.
    pub joint: i32,
    /// What the newest one found, in the unit its text says; NaN if it is no number.
    pub value: f64,
    /// The newest one in words.
    pub text: String,
}

/// The fewest bytes of an intervention: two empty strings and three numbers.
pub(super) const INTERVENTION_BYTES_MIN: usize = 4 + 8 + 4 + 8 + 4;

impl Message for Intervention {
    const TYPE: &'static str = "tandem_msgs/msg/Intervention";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.string(&self.code, NAME_BYTES_MAX);
        out.u64(self.times);
        out.i32(self.joint);
        out.f64(self.value);
        out.string(&self.text, CAUSE_BYTES_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            code: from.string(NAME_BYTES_MAX)?,
            times: from.u64()?,
            joint: from.i32()?,
            value: from.f64()?,
            text: from.string(CAUSE_BYTES_MAX)?,
        })
    }
}
