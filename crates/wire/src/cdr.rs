//! The encoding: plain little-endian CDR (XCDR1), as ROS 2 writes it by default.
//!
//! A payload is a header of four bytes and a body. In the body every number is aligned to its own
//! size, counted from the body's start; a string is its length with the NUL (`uint32`), its bytes
//! and the NUL; a sequence is its length (`uint32`) and its elements; a fixed array is its elements.

mod reader;
mod writer;

pub use reader::CdrReader;
pub use writer::CdrWriter;

/// The encapsulation header: representation identifier `PLAIN_CDR` little-endian, options zero
/// (OMG RTPS 2.5, table 10.4).
pub const HEADER: [u8; 4] = [0x00, 0x01, 0x00, 0x00];
