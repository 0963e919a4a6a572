//! The check sequence: CRC-32C over the bytes as they travel.
//!
//! The polynomial is Castagnoli's 0x1EDC6F41 (reflected, as in iSCSI). Koopman's tables give it a
//! Hamming distance of 6 up to 5243 bits of data: any five wrong bits in a frame are found, and so
//! is any burst of up to 32 bits. The longest frame here has 2432 bits. (The CRC-32 of Ethernet
//! keeps that distance for 268 bits only.) Source: P. Koopman, "32-Bit Cyclic Redundancy Codes for
//! Internet Applications", DSN 2002, and his tables at users.ece.cmu.edu/~koopman/crc.
//!
//! It is computed over the *stuffed* bytes, and not, as is common, over the plain ones: undoing the
//! stuffing turns one wrong bit in a length into many wrong bytes, and the distance above would be
//! lost. To stay free of zeros the CRC travels as five bytes of seven bits, each with its top bit
//! set; a top bit that is not set is an error of its own.

use crc::{CRC_32_ISCSI, Crc, Table};

/// Bytes of a check sequence on the line.
pub(crate) const CHECK_BYTES: usize = 5;

static CASTAGNOLI: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISCSI);

/// The CRC of some bytes.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    CASTAGNOLI.checksum(bytes)
}

/// The check sequence of stuffed bytes.
pub(crate) fn sequence(stuffed: &[u8]) -> [u8; CHECK_BYTES] {
    let crc = u64::from(crc32c(stuffed));
    [0, 7, 14, 21, 28].map(|shift| {
        let [low, ..] = ((crc >> shift) & 0x7f).to_le_bytes();
        low | 0x80
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of the catalogue of parametrised CRC algorithms, and RFC 3720, B.4.
    #[test]
    fn known_values() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    }

    #[test]
    fn a_sequence_is_seven_bits_a_byte_and_never_zero() {
        // 0xe3069283 in groups of seven bits, the lowest first: 03 25 1a 18 0e.
        assert_eq!(sequence(b"123456789"), [0x83, 0xa5, 0x9a, 0x98, 0x8e]);
        assert_eq!(sequence(&[0xff; 32]), [0xc3, 0xd6, 0xa2, 0x95, 0x86]);
    }
}
