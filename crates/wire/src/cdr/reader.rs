//! Bytes to values.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use tandem_types::{JOINTS_MAX, JointVec, Stamp};

use super::HEADER;
use crate::DecodeError;

/// Takes values from a payload, each at its alignment.
///
/// Total: whatever the bytes are, every method returns a value or an error.
#[derive(Clone, Debug)]
pub struct CdrReader<'a> {
    body: &'a [u8],
    // May lie past the end after padding; then nothing is left.
    at: usize,
}

impl<'a> CdrReader<'a> {
    /// Starts to read a payload. The two option bytes of the header are not looked at: DDS vendors
    /// count the padding at the end there.
    ///
    /// # Errors
    /// If the encapsulation header is missing or another one.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let short = DecodeError::Short { offset: 0, needed: HEADER.len(), available: bytes.len() };
        let (&[first, second, _, _], body) = bytes.split_first_chunk().ok_or(short)?;
        if HEADER.starts_with(&[first, second]) {
            Ok(Self { body, at: 0 })
        } else {
            Err(DecodeError::Encapsulation { found: [first, second] })
        }
    }

    /// Where the next value is looked for, counted from the first byte of the payload.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at.saturating_add(HEADER.len())
    }

    /// A `uint8`.
    ///
    /// # Errors
    /// If the payload ends here, as for all that follow.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.aligned().map(u8::from_le_bytes)
    }

    /// A `bool`.
    ///
    /// # Errors
    /// If the byte is neither zero nor one.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        self.coded("bool", |code| match code {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        })
    }

    /// A `uint8` that stands for one of a few values, found by `find`; `what` names them.
    ///
    /// # Errors
    /// If it stands for none of them.
    pub fn coded<T>(
        &mut self,
        what: &'static str,
        find: impl FnOnce(u8) -> Option<T>,
    ) -> Result<T, DecodeError> {
        let offset = self.offset();
        let value = self.u8()?;
        find(value).ok_or(DecodeError::Value { offset, value, what })
    }

    /// A `uint32`.
    ///
    /// # Errors
    /// If the payload ends too soon.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.aligned().map(u32::from_le_bytes)
    }

    /// An `int32`.
    ///
    /// # Errors
    /// If the payload ends too soon.
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        self.aligned().map(i32::from_le_bytes)
    }

    /// A `uint64`.
    ///
    /// # Errors
    /// If the payload ends too soon.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.aligned().map(u64::from_le_bytes)
    }

    /// A `float32`, which may be NaN.
    ///
    /// # Errors
    /// If the payload ends too soon.
    pub fn f32(&mut self) -> Result<f32, DecodeError> {
        self.aligned().map(f32::from_le_bytes)
    }

    /// A `float64`, which may be NaN.
    ///
    /// # Errors
    /// If the payload ends too soon.
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        self.aligned().map(f64::from_le_bytes)
    }

    /// A `builtin_interfaces/Time` as a moment since boot.
    ///
    /// # Errors
    /// If the seconds are negative or the nanoseconds a second or more.
    pub fn stamp(&mut self) -> Result<Stamp, DecodeError> {
        let offset = self.offset();
        let (sec, nanosec) = (self.i32()?, self.u32()?);
        let seconds = u64::try_from(sec).ok().filter(|_| nanosec < NANOS_PER_SECOND);
        seconds
            .and_then(|seconds| seconds.checked_mul(u64::from(NANOS_PER_SECOND)))
            .and_then(|nanos| nanos.checked_add(u64::from(nanosec)))
            .map(Stamp::from_nanos)
            .ok_or(DecodeError::Stamp { offset, sec, nanosec })
    }

    /// A `string<=bytes_max`, borrowed from the payload.
    ///
    /// # Errors
    /// If it is too long, does not end with a NUL, or is not UTF-8.
    pub fn str(&mut self, bytes_max: usize) -> Result<&'a str, DecodeError> {
        let length = self.length(bytes_max.saturating_add(1), 1)?;
        let offset = self.offset();
        if length == 0 {
            // Some writers send an empty string without even its NUL.
            return Ok("");
        }
        let (last, text) =
            self.take(length)?.split_last().ok_or(DecodeError::Unterminated { offset })?;
        if *last != 0 {
            return Err(DecodeError::Unterminated { offset });
        }
        core::str::from_utf8(text).map_err(|_invalid| DecodeError::NotUtf8 { offset })
    }

    /// A `string<=bytes_max`.
    ///
    /// # Errors
    /// As [`str`](Self::str).
    pub fn string(&mut self, bytes_max: usize) -> Result<String, DecodeError> {
        self.str(bytes_max).map(str::to_owned)
    }

    /// A `uint8[<=bytes_max]`, borrowed from the payload.
    ///
    /// # Errors
    /// If it is too long or the payload ends too soon.
    pub fn bytes(&mut self, bytes_max: usize) -> Result<&'a [u8], DecodeError> {
        let length = self.length(bytes_max, 1)?;
        self.take(length)
    }

    /// A `float64[<=count_max]`.
    ///
    /// # Errors
    /// If it is too long or the payload ends too soon.
    pub fn f64s(&mut self, count_max: usize) -> Result<Vec<f64>, DecodeError> {
        let mut values = Vec::new();
        self.f64s_into(&mut values, count_max)?;
        Ok(values)
    }

    /// A `float64[<=count_max]` in place of `values`, whose memory is used again.
    ///
    /// # Errors
    /// If it is too long or the payload ends too soon.
    pub fn f64s_into(
        &mut self,
        values: &mut Vec<f64>,
        count_max: usize,
    ) -> Result<(), DecodeError> {
        let length = self.length(count_max, 8)?;
        values.clear();
        values.reserve_exact(length);
        for _ in 0..length {
            values.push(self.f64()?);
        }
        Ok(())
    }

    /// A `float64[<=72]`: one value per joint.
    ///
    /// # Errors
    /// If it is too long or the payload ends too soon.
    pub fn joints(&mut self) -> Result<JointVec, DecodeError> {
        let mut joints = JointVec::zeros(self.length(JOINTS_MAX, 8)?);
        for value in joints.iter_mut() {
            *value = self.f64()?;
        }
        Ok(joints)
    }

    /// A `string<=bytes_max[<=count_max]`.
    ///
    /// # Errors
    /// If there are too many, or one of them is malformed.
    pub fn strings(
        &mut self,
        bytes_max: usize,
        count_max: usize,
    ) -> Result<Vec<String>, DecodeError> {
        let mut strings = Vec::new();
        self.strings_into(&mut strings, bytes_max, count_max)?;
        Ok(strings)
    }

    /// A `string<=bytes_max[<=count_max]` in place of `strings`, whose memory is used again.
    ///
    /// # Errors
    /// If there are too many, or one of them is malformed.
    pub fn strings_into(
        &mut self,
        strings: &mut Vec<String>,
        bytes_max: usize,
        count_max: usize,
    ) -> Result<(), DecodeError> {
        let length = self.length(count_max, 4)?;
        strings.resize_with(length, String::new);
        for string in strings {
            self.str(bytes_max)?.clone_into(string);
        }
        Ok(())
    }

    /// A bounded sequence of anything. `bytes_min` is the fewest bytes an element takes: it keeps a
    /// false length from reserving memory that the payload cannot fill.
    ///
    /// # Errors
    /// If it is too long, the payload cannot hold it, or an element is malformed.
    pub fn sequence<T>(
        &mut self,
        count_max: usize,
        bytes_min: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let length = self.length(count_max, bytes_min)?;
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// Ends the message. Up to three bytes may follow, because DDS pads payloads to four.
    ///
    /// # Errors
    /// If more bytes follow.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.left().len() {
            0..=3 => Ok(()),
            bytes => Err(DecodeError::Trailing { offset: self.offset(), bytes }),
        }
    }

    /// The length of a sequence whose elements take `bytes_min` bytes each, or more.
    fn length(&mut self, count_max: usize, bytes_min: usize) -> Result<usize, DecodeError> {
        let length = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        let offset = self.offset();
        if length > count_max {
            let offset = offset.saturating_sub(4);
            return Err(DecodeError::TooLong { offset, length, limit: count_max });
        }
        let (needed, available) = (length.saturating_mul(bytes_min), self.left().len());
        if needed > available {
            return Err(DecodeError::Short { offset, needed, available });
        }
        Ok(length)
    }

    fn aligned<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.at = self.at.next_multiple_of(N);
        let offset = self.offset();
        let short = DecodeError::Short { offset, needed: N, available: self.left().len() };
        let (value, _) = self.left().split_first_chunk().ok_or(short)?;
        self.at = self.at.saturating_add(N);
        Ok(*value)
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], DecodeError> {
        let offset = self.offset();
        let left = self.left();
        let short = DecodeError::Short { offset, needed: bytes, available: left.len() };
        let (taken, _) = left.split_at_checked(bytes).ok_or(short)?;
        self.at = self.at.saturating_add(bytes);
        Ok(taken)
    }

    fn left(&self) -> &'a [u8] {
        self.body.get(self.at..).unwrap_or(&[])
    }
}

const NANOS_PER_SECOND: u32 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of a sequence length and `extra` zero bytes.
    fn announce(length: u32, extra: usize) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.resize(bytes.len() + extra, 0);
        bytes
    }

    #[test]
    fn a_length_bomb_is_refused_before_anything_is_reserved() {
        // The length is within its bound, but the payload has room for two elements, not three.
        let bytes = announce(3, 23);
        let mut reader = CdrReader::new(&bytes).unwrap();
        let read =
            |_: &mut CdrReader<'_>| -> Result<(), DecodeError> { panic!("reads an element") };
        let short = DecodeError::Short { offset: 8, needed: 24, available: 23 };
        assert_eq!(reader.sequence(1000, 8, read), Err(short));

        let bytes = announce(u32::MAX, 100);
        let mut reader = CdrReader::new(&bytes).unwrap();
        let long = DecodeError::TooLong { offset: 4, length: u32::MAX as usize, limit: 1000 };
        assert_eq!(reader.f64s(1000), Err(long));
    }

    #[test]
    fn an_empty_sequence_of_doubles_takes_no_padding() {
        let mut bytes = announce(0, 0);
        bytes.push(7);
        let mut reader = CdrReader::new(&bytes).unwrap();
        assert_eq!(reader.f64s(10), Ok(Vec::new()));
        assert_eq!(reader.u8(), Ok(7));
    }

    #[test]
    fn padding_at_the_end_is_no_value() {
        // One byte, then an eight byte value whose padding runs over the end.
        let mut reader = CdrReader::new(&[0, 1, 0, 0, 9]).unwrap();
        assert_eq!(reader.u8(), Ok(9));
        let short = DecodeError::Short { offset: 12, needed: 8, available: 0 };
        assert_eq!(reader.u64(), Err(short));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn big_endian_is_named() {
        let found = [0, 0];
        assert_eq!(
            CdrReader::new(&[0, 0, 0, 0]).unwrap_err(),
            DecodeError::Encapsulation { found }
        );
    }

    #[test]
    fn stamps_before_boot_are_refused() {
        let mut bytes = HEADER.to_vec();
        bytes.extend_from_slice(&(-1_i32).to_le_bytes());
        bytes.extend_from_slice(&0_u32.to_le_bytes());
        let error = DecodeError::Stamp { offset: 4, sec: -1, nanosec: 0 };
        assert_eq!(CdrReader::new(&bytes).unwrap().stamp(), Err(error));
    }
}
