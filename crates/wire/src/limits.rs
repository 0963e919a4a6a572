//! How large each part of a message may be; the same numbers stand in the `.msg` files.
//!
//! The number of joints is bounded by [`tandem_types::JOINTS_MAX`].

/// The most bytes of an instruction: a long English sentence.
pub const INSTRUCTION_BYTES_MAX: usize = 256;

/// The most bytes of a name: of a joint, a coordinate frame, a bundle, an engine or a quantity.
pub const NAME_BYTES_MAX: usize = 128;

/// The most bytes of the sentence that says why the guard reacted.
pub const CAUSE_BYTES_MAX: usize = 256;

/// The most bytes of a text meant for people (an answer, a version, a condition), and of a list of
/// instructions.
pub const TEXT_BYTES_MAX: usize = 4096;

/// The most bytes of a picture: 1 MiB, that is 591 x 591 pixels of rgb8. A larger picture would
/// hold up the bus for longer than one control tick, even on loopback.
pub const IMAGE_BYTES_MAX: usize = 1 << 20;

/// The most objects on the table.
pub const OBJECTS_MAX: usize = 16;

/// The most bundles that are listed.
pub const BUNDLES_MAX: usize = 64;

/// The most steps of a swap that are told.
pub const SWAP_STEPS_MAX: usize = 32;

/// The most entries of each list of a report.
pub const REPORT_ENTRIES_MAX: usize = 256;

/// The most kinds of interventions in a status; the guard has fewer.
pub const INTERVENTIONS_MAX: usize = 64;
