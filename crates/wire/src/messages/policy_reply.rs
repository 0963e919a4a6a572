//! `tandem_msgs/PolicyReply`: what there is to say about System 1's policies.

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits::{
    BUNDLES_MAX, NAME_BYTES_MAX, REPORT_ENTRIES_MAX, SWAP_STEPS_MAX, TEXT_BYTES_MAX,
};
use crate::messages::report::DISTRIBUTION_BYTES_MIN;
use crate::{CdrReader, CdrWriter, DecodeError, Distribution, Message};

/// The answer to a [`PolicyRequest`](crate::PolicyRequest).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyReply {
    /// Whether the request was granted; asked for progress: whether the swap has not failed.
    pub ok: bool,
    /// A sentence for the operator.
    pub message: String,
    /// The number of the newest swap, counted from one; zero before the first.
    pub swap: u64,
    /// Whether it has not come to its end yet.
    pub under_way: bool,
    /// What it has done so far, a sentence each.
    pub steps: Vec<String>,
    /// What its time in the shadow measured: each joint's divergence in mrad, and compute times.
    pub shadow: Vec<Distribution>,
    /// Asked for the list: the bundles at hand.
    pub bundles: Vec<PolicyBundle>,
}

/// One bundle at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyBundle {
    /// Its name: that of its folder.
    pub name: String,
    /// Whether it is System 1 now.
    pub active: bool,
    /// What runs it; empty unless it is active.
    pub engine: String,
    /// Why it cannot be swapped in; empty if it can.
    pub fault: String,
}

/// The fewest bytes of a bundle: three empty strings and a flag.
const BUNDLE_BYTES_MIN: usize = 4 + 1 + 4 + 4;

impl Message for PolicyReply {
    const TYPE: &'static str = "tandem_msgs/msg/PolicyReply";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.bool(self.ok);
        out.string(&self.message, TEXT_BYTES_MAX);
        out.u64(self.swap);
        out.bool(self.under_way);
        out.strings(&self.steps, TEXT_BYTES_MAX, SWAP_STEPS_MAX);
        out.sequence(&self.shadow, REPORT_ENTRIES_MAX, |out, item| item.write(out));
        out.sequence(&self.bundles, BUNDLES_MAX, |out, item| item.write(out));
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            ok: from.bool()?,
            message: from.string(TEXT_BYTES_MAX)?,
            swap: from.u64()?,
            under_way: from.bool()?,
            steps: from.strings(TEXT_BYTES_MAX, SWAP_STEPS_MAX)?,
            shadow: from.sequence(
                REPORT_ENTRIES_MAX,
                DISTRIBUTION_BYTES_MIN,
                Distribution::read,
            )?,
            bundles: from.sequence(BUNDLES_MAX, BUNDLE_BYTES_MIN, PolicyBundle::read)?,
        })
    }
}

impl Message for PolicyBundle {
    const TYPE: &'static str = "tandem_msgs/msg/PolicyBundle";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.string(&self.name, NAME_BYTES_MAX);
        out.bool(self.active);
        out.string(&self.engine, NAME_BYTES_MAX);
        out.string(&self.fault, TEXT_BYTES_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: from.string(NAME_BYTES_MAX)?,
            active: from.bool()?,
            engine: from.string(NAME_BYTES_MAX)?,
            fault: from.string(TEXT_BYTES_MAX)?,
        })
    }
}
