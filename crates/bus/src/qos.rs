//! How urgent a message is, and what happens to it when the link is full.

use zenoh::qos::{CongestionControl, Priority};

/// The classes of traffic. Zenoh queues each priority by itself, so a class waits only for itself.
///
/// Nothing blocks: a message that finds its queue full is dropped, because a newer one follows. One
/// blocking message could stall its whole priority for seconds (eclipse-zenoh/zenoh#2584).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qos {
    /// Commands, alone at the highest priority and never batched.
    Command,
    /// Joint states, receipts and heartbeats: close behind the commands, never batched.
    State,
    /// Questions and their answers.
    Service,
    /// Everything small that nothing waits for.
    Data,
    /// Camera pictures: large, so behind all the rest.
    Image,
}

impl Qos {
    pub(crate) const fn priority(self) -> Priority {
        match self {
            Self::Command => Priority::RealTime,
            Self::State => Priority::InteractiveHigh,
            Self::Service => Priority::InteractiveLow,
            Self::Data => Priority::Data,
            Self::Image => Priority::DataLow,
        }
    }

    pub(crate) const fn congestion_control(self) -> CongestionControl {
        CongestionControl::Drop
    }

    /// Whether a message goes out at once; Zenoh may otherwise hold it for 1 ms to fill a batch.
    pub(crate) const fn express(self) -> bool {
        match self {
            Self::Command | Self::State | Self::Service => true,
            Self::Data | Self::Image => false,
        }
    }
}

impl core::fmt::Display for Qos {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let express = if self.express() { ", express" } else { "" };
        write!(f, "{:?}, {:?}{express}", self.priority(), self.congestion_control())
    }
}
