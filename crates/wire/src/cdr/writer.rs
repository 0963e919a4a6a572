//! Values to bytes.

use alloc::vec::Vec;

use tandem_types::Stamp;

use super::HEADER;

/// Appends values to a payload, each at its alignment.
#[derive(Debug)]
pub struct CdrWriter<'a> {
    // Invariant: starts with HEADER.
    out: &'a mut Vec<u8>,
}

impl<'a> CdrWriter<'a> {
    /// Starts a payload in `out`, whose former content is dropped.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        out.clear();
        out.extend_from_slice(&HEADER);
        Self { out }
    }

    /// A `uint8`.
    pub fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    /// A `bool`: one byte, zero or one.
    pub fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    /// A `uint32`.
    pub fn u32(&mut self, value: u32) {
        self.aligned(value.to_le_bytes());
    }

    /// An `int32`.
    pub fn i32(&mut self, value: i32) {
        self.aligned(value.to_le_bytes());
    }

    /// A `uint64`.
    pub fn u64(&mut self, value: u64) {
        self.aligned(value.to_le_bytes());
    }

    /// A `float32`.
    pub fn f32(&mut self, value: f32) {
        self.aligned(value.to_le_bytes());
    }

    /// A `float64`.
    pub fn f64(&mut self, value: f64) {
        self.aligned(value.to_le_bytes());
    }

    /// A `builtin_interfaces/Time`. Its seconds are an `int32`: 68 years after boot they saturate.
    pub fn stamp(&mut self, stamp: Stamp) {
        let nanos = stamp.as_nanos();
        self.i32(i32::try_from(nanos / NANOS_PER_SECOND).unwrap_or(i32::MAX));
        self.u32(u32::try_from(nanos % NANOS_PER_SECOND).unwrap_or(0));
    }

    /// A `string<=bytes_max`; a longer text is cut between two characters.
    pub fn string(&mut self, text: &str, bytes_max: usize) {
        let text = text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text);
        self.length(text.len().saturating_add(1));
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(0);
    }

    /// A `uint8[<=bytes_max]`; what is longer is cut.
    pub fn bytes(&mut self, bytes: &[u8], bytes_max: usize) {
        let bytes = bytes.get(..bytes_max).unwrap_or(bytes);
        self.length(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    /// A `float64[<=count_max]`; what is longer is cut.
    pub fn f64s(&mut self, values: &[f64], count_max: usize) {
        self.sequence(values, count_max, |out, value| out.f64(*value));
    }

    /// A `string<=bytes_max[<=count_max]`; what is longer is cut.
    pub fn strings(&mut self, texts: &[impl AsRef<str>], bytes_max: usize, count_max: usize) {
        self.sequence(texts, count_max, |out, text| out.string(text.as_ref(), bytes_max));
    }

    /// A bounded sequence of anything; what is longer is cut.
    pub fn sequence<T>(
        &mut self,
        items: &[T],
        count_max: usize,
        mut write: impl FnMut(&mut Self, &T),
    ) {
        let items = items.get(..count_max).unwrap_or(items);
        self.length(items.len());
        for item in items {
            write(self, item);
        }
    }

    fn length(&mut self, length: usize) {
        // Every caller has cut to a bound far below this.
        self.u32(u32::try_from(length).unwrap_or(u32::MAX));
    }

    fn aligned<const N: usize>(&mut self, bytes: [u8; N]) {
        let body = self.out.len().saturating_sub(HEADER.len());
        self.out.resize(body.next_multiple_of(N).saturating_add(HEADER.len()), 0);
        self.out.extend_from_slice(&bytes);
    }
}

const NANOS_PER_SECOND: u64 = 1_000_000_000;
