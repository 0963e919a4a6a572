//! Small identities that travel with every sample.

use crate::Stamp;

/// One life of a producer. A restarted producer has a new epoch, so its restart is visible and
/// nothing from its former life can be taken for fresh (after Hubris' task generations).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The life that begins at `began`: later ones are larger, whoever lives them, for all processes
    /// of one host share its clock.
    #[must_use]
    pub const fn at(began: Stamp) -> Self {
        Self(began.as_nanos())
    }

    /// When a life made by [`at`](Self::at) began.
    #[must_use]
    pub const fn began(self) -> Stamp {
        Stamp::from_nanos(self.0)
    }

    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The place of a sample in its producer's life, counted from one; zero means "none yet".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Which model computed a thing: the first eight bytes of the SHA-256 of its weights, big-endian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(pub u64);

/// Which instruction a latent goal answers; a new text gets a new, larger id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstructionId(pub u64);
