//! What was said on the line, and what the shafts did.

use std::collections::VecDeque;

use tandem_types::Stamp;

/// The most entries and samples kept; older ones are forgotten. At 1 kHz, half a minute of samples.
const ENTRIES_MAX: usize = 20_000;
const SAMPLES_MAX: usize = 30_000;

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The host.
    Host,
    /// A device.
    Device,
}

/// Some bytes, and when the last of them had arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub stamp: Stamp,
    /// Who said it.
    pub said: Said,
    /// What.
    pub bytes: Vec<u8>,
}

/// Where the motors were.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub stamp: Stamp,
    /// Whether each drives.
    pub on: Vec<bool>,
    /// Where each is, in the device's own unit: steps, or urad.
    pub positions: Vec<f64>,
    /// How fast each moves, the same unit a second.
    pub speeds: Vec<f64>,
    /// How fast each is driven: the speed of the goal that its position loop follows.
    pub driven: Vec<f64>,
}

/// The newest of both.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    entries: VecDeque<Entry>,
    samples: VecDeque<Sample>,
}

impl Transcript {
    /// What was said, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Where the motors were, oldest first.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = &Sample> {
        self.samples.iter()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.samples.clear();
    }

    pub(super) fn say(&mut self, stamp: Stamp, said: Said, bytes: &[u8]) {
        if self.entries.len() == ENTRIES_MAX {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { stamp, said, bytes: bytes.to_vec() });
    }

    pub(super) fn sample(&mut self, sample: Sample) {
        if self.samples.len() == SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }
}

impl core::fmt::Display for Entry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let who = match self.said {
            Said::Host => "host  ",
            Said::Device => "device",
        };
        write!(f, "{:>14.6} {who}", self.stamp.as_nanos() as f64 / 1e9)?;
        self.bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}
