//! A truncated message authentication code, for lines that leave the robot.
//!
//! A CRC finds accidents and no attacker. A sealed frame carries the first 64 bits of SipHash-2-4
//! (the 128-bit variant; Aumasson and Bernstein, 2012: made for short messages, and small enough
//! for any microcontroller) over the frame and the receiver's *challenge*. The frame's epoch and
//! sequence are the counter: a recorded frame is old in this life of the device, and wrongly sealed
//! in the next, whose challenge is another. One guess in 2^64 passes.

use core::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher24};

/// Bytes of a tag on the line.
pub(crate) const TAG_BYTES: usize = 8;

/// What seals and opens the frames of one direction.
///
/// Frames to a device are sealed with its nonce as the challenge, which each report names; reports
/// are sealed with the challenge zero, and their own clock shows replays. Its `Debug` hides the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// The secret that host and device share.
    pub key: [u8; 16],
    /// What makes this life of the receiver unlike any other.
    pub challenge: u64,
}

impl Seal {
    pub(crate) fn tag(&self, bytes: &[u8]) -> [u8; TAG_BYTES] {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write(&self.challenge.to_le_bytes());
        hasher.write(bytes);
        hasher.finish128().h1.to_le_bytes()
    }

    /// Whether a tag is right, in a time that does not tell where it is wrong.
    pub(crate) fn opens(&self, bytes: &[u8], tag: &[u8; TAG_BYTES]) -> bool {
        let difference = u64::from_le_bytes(self.tag(bytes)) ^ u64::from_le_bytes(*tag);
        difference == 0
    }
}

impl core::fmt::Debug for Seal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Seal").field("challenge", &self.challenge).finish_non_exhaustive()
    }
}
