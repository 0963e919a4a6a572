//! The messages against their definitions, another implementation's bytes, and any bytes at all.

mod by_hand;
mod conversions;
mod definitions;
mod golden;
mod round_trip;
mod samples;
mod total;
