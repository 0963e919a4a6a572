//! The channel on real threads; also run under Miri. Every interleaving is checked in `loom.rs`.
#![cfg(not(loom))]

mod allocation;
mod death;
mod order;

use tandem_latest::{Reader, Writer};
use tandem_types::{Sequence, Stamp};

/// Miri interprets every instruction; a few rounds already show what it can find.
const ROUNDS: u64 = if cfg!(miri) { 200 } else { 200_000 };

/// Writes `value` with stamps that can be told apart.
fn write(writer: &mut Writer<u64>, value: u64) -> Sequence {
    let observed = Stamp::from_nanos(value);
    writer.write(observed, Stamp::from_nanos(value + 1), |slot| *slot = value)
}

/// The newest value, if any.
fn read(reader: &mut Reader<u64>) -> Option<u64> {
    reader.latest().map(|sample| sample.value)
}
