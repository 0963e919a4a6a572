//! `tandem_msgs/Report`: what the daemon measured.

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits::{NAME_BYTES_MAX, REPORT_ENTRIES_MAX, TEXT_BYTES_MAX};
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// All measurements of one life of the daemon, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Latencies, ages and the like.
    pub distributions: Vec<Distribution>,
    /// Counts and rates.
    pub counters: Vec<Counter>,
    /// Names and conditions.
    pub texts: Vec<Text>,
}

/// The summary of many measurements of one quantity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    /// What was measured, for example `control.lateness`.
    pub name: String,
    /// In which unit, for example `us`.
    pub unit: String,
    /// How many times.
    pub n: u64,
    /// Half of the measurements are no larger. NaN where `n` does not support it, as for all.
    pub p50: f64,
    /// 99 % are no larger.
    pub p99: f64,
    /// 99.9 % are no larger.
    pub p99_9: f64,
    /// The largest.
    pub max: f64,
}

/// One number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counter {
    /// What was counted, with its unit last unless it is a count.
    pub name: String,
    /// The number.
    pub value: f64,
}

/// One fact in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Which fact, for example `system1.engine`.
    pub name: String,
    /// The words.
    pub value: String,
}

/// The fewest bytes of a distribution: two empty strings, a count and four numbers.
pub(super) const DISTRIBUTION_BYTES_MIN: usize = 4 + 4 + 8 + 4 * 8;
/// The fewest bytes of a counter: an empty string and a number.
const COUNTER_BYTES_MIN: usize = 4 + 8;
/// The fewest bytes of a text: two empty strings.
const TEXT_BYTES_MIN: usize = 4 + 4;

impl Message for Report {
    const TYPE: &'static str = "tandem_msgs/msg/Report";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.sequence(&self.distributions, REPORT_ENTRIES_MAX, |out, item| item.write(out));
        out.sequence(&self.counters, REPORT_ENTRIES_MAX, |out, item| item.write(out));
        out.sequence(&self.texts, REPORT_ENTRIES_MAX, |out, item| item.write(out));
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            distributions: from.sequence(
                REPORT_ENTRIES_MAX,
                DISTRIBUTION_BYTES_MIN,
                Distribution::read,
            )?,
            counters: from.sequence(REPORT_ENTRIES_MAX, COUNTER_BYTES_MIN, Counter::read)?,
            texts: from.sequence(REPORT_ENTRIES_MAX, TEXT_BYTES_MIN, Text::read)?,
        })
    }
}

impl Message for Distribution {
    const TYPE: &'static str = "tandem_msgs/msg/Distribution";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.string(&self.name, NAME_BYTES_MAX);
        out.string(&self.unit, NAME_BYTES_MAX);
        out.u64(self.n);
        for value in [self.p50, self.p99, self.p99_9, self.max] {
            out.f64(value);
        }
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: from.string(NAME_BYTES_MAX)?,
            unit: from.string(NAME_BYTES_MAX)?,
            n: from.u64()?,
            p50: from.f64()?,
            p99: from.f64()?,
            p99_9: from.f64()?,
            max: from.f64()?,
        })
    }
}

impl Message for Counter {
    const TYPE: &'static str = "tandem_msgs/msg/Counter";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.string(&self.name, NAME_BYTES_MAX);
        out.f64(self.value);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { name: from.string(NAME_BYTES_MAX)?, value: from.f64()? })
    }
}

impl Message for Text {
    const TYPE: &'static str = "tandem_msgs/msg/Text";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.string(&self.name, NAME_BYTES_MAX);
        out.string(&self.value, TEXT_BYTES_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { name: from.string(NAME_BYTES_MAX)?, value: from.string(TEXT_BYTES_MAX)? })
    }
}
