//! The simulated robot: physics, cameras, tasks and a scripted expert.
//!
//! A [`World`] is an arm on a table in a physics engine, stepped a millisecond at a time. It knows
//! the robot's side of the bus: it takes `JointCommand`s and obeys only fresh ones of the right
//! life, and it tells its joint state, receipts and pictures. An episode lays a [`Scene`] and asks
//! a [`Task`] in words; a [`Judge`] decides on success; an [`Expert`] shows how it is done.
//!
//! The same world runs two ways: as a process in real time ([`node`]), and in [`Lockstep`] with a
//! controller in virtual time, through the same messages, as fast as the CPU allows.
//!
//! ```
//! use tandem_sim::{SimConfig, World};
//!
//! let mut world = World::new(SimConfig::so101()?, 7)?;
//! for _ in 0..100 {
//!     world.step();
//! }
//! println!("{}: {:?} m", world.task().instruction, world.distances_m());
//! # Ok::<(), tandem_sim::SimError>(())
//! ```
//!
//! What this crate does not do: it has no controller and no policy of its own, it does not model
//! the servos' backlash or heat, and it draws no windows.
//!
//! Threading: a world is one thread's. Nothing here reads a clock but the node; everything random
//! comes from the episode's seed, and the same calls give the same bytes on the same machine.

mod arm;
pub mod camera;
mod convert;
mod error;
mod expert;
mod inbox;
mod lockstep;
pub mod node;
mod scenario;
mod scene;
mod settings;
mod task;
mod world;

pub use error::SimError;
pub use expert::{Expert, ExpertError, ExpertSettings, Kinematics, PlanarArm, Target};
pub use lockstep::{
    ExpertPilot, LinkError, Lockstep, LockstepConfig, LockstepError, Outcome, Pilot, Senses,
    WorldPort,
};
pub use scene::{
    CENTER_DISTANCE_M_MIN, CameraOffset, Color, Form, Object, ObjectKind, SURFACE_DISTANCE_M_MIN,
    Scene, Size,
};
pub use settings::{
    CameraConfig, Mount, ObjectCount, SO101_JOINTS, STEP, ServoConfig, SimConfig, SpectatorView,
    Workspace,
};
pub use task::{
    Judge, SuccessRule, TEMPLATES_HELD_OUT, TEMPLATES_TRAINED, Task, Templates, Verdict, instruct,
    vocabulary,
};
pub use world::{Episode, Snapshot, World};
