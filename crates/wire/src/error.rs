//! Why bytes were refused.

/// The bytes are not a message of the type asked for.
///
/// Offsets count from the first byte of the payload, the encapsulation header included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first bytes do not announce little-endian CDR.
    #[error(
        "encapsulation header {found:02x?} is not plain little-endian CDR (00 01): \
         set the sender to little-endian XCDR1"
    )]
    Encapsulation {
        /// The representation identifier found.
        found: [u8; 2],
    },
    /// The payload ends inside a value.
    #[error(
        "payload ends too soon: {needed} bytes needed at offset {offset}, {available} are there"
    )]
    Short {
        /// Where the value starts.
        offset: usize,
        /// The least number of bytes it takes.
        needed: usize,
        /// How many are left.
        available: usize,
    },
    /// A string or a sequence announces more than its bound.
    #[error("length {length} at offset {offset} is over the limit of {limit}")]
    TooLong {
        /// Where the length stands.
        offset: usize,
        /// The length announced.
        length: usize,
        /// The bound in the `.msg`.
        limit: usize,
    },
    /// A string does not end with a NUL.
    #[error("string at offset {offset} does not end with a NUL")]
    Unterminated {
        /// Where its first byte stands.
        offset: usize,
    },
    /// A string is not UTF-8.
    #[error("string at offset {offset} is not UTF-8")]
    NotUtf8 {
        /// Where its first byte stands.
        offset: usize,
    },
    /// A byte stands for none of the values its field can have.
    #[error("value {value} at offset {offset} is no {what}")]
    Value {
        /// Where it stands.
        offset: usize,
        /// What was found.
        value: u8,
        /// What was expected.
        what: &'static str,
    },
    /// A stamp lies before the clock's origin, or its nanoseconds are a second or more.
    #[error("stamp of {sec} s and {nanosec} ns at offset {offset} is no time since boot")]
    Stamp {
        /// Where it stands.
        offset: usize,
        /// Its seconds.
        sec: i32,
        /// Its nanoseconds.
        nanosec: u32,
    },
    /// More bytes follow than padding can explain.
    #[error("{bytes} bytes follow the message, which ends at offset {offset}")]
    Trailing {
        /// Where the message ends.
        offset: usize,
        /// How many bytes follow.
        bytes: usize,
    },
}
