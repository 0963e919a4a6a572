//! A robot's joints, limits, shapes and kinematics, read from its URDF.
//!
//! A [`Robot`] is a tree of [`Link`]s in which some joints move (the ones the config lists, in the
//! config's order) and the others are fixed. It answers where every link is for given joint
//! positions, how the tip moves when a joint moves ([`Jacobian`]), which joint positions reach a
//! point ([`Robot::solve_ik`]), and which joint velocities move the tip ([`Robot::joint_rates`]).
//!
//! ```
//! use tandem_robot::Robot;
//! use tandem_types::JointVec;
//!
//! let urdf = r#"<robot name="pendulum">
//!     <link name="base"/> <link name="rod"/> <link name="bob"/>
//!     <joint name="swing" type="revolute">
//!         <parent link="base"/> <child link="rod"/> <axis xyz="0 1 0"/>
//!         <limit lower="-3" upper="3" effort="2" velocity="5"/>
//!     </joint>
//!     <joint name="end" type="fixed">
//!         <parent link="rod"/> <child link="bob"/> <origin xyz="0 0 -0.5"/>
//!     </joint>
//! </robot>"#;
//! let robot = Robot::from_urdf(urdf, &["swing".to_owned()], "bob")?;
//! let tip = robot.tip(&JointVec::splat(1, core::f64::consts::FRAC_PI_2));
//! assert!((tip.translation.x + 0.5).abs() < 1e-12);
//! # Ok::<(), tandem_robot::RobotError>(())
//! ```
//!
//! What this crate does not do: dynamics (the simulator has them), collision checking, meshes
//! (they are skipped and counted, see [`Link::meshes_skipped`]), closed loops, mimic joints.
//!
//! Real-time: everything but [`Robot::from_urdf`] is free of allocation, bounded by the number of
//! links and total: no input panics. ([`Robot::link_poses`] fills the caller's vector.)
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::as_conversions
    )
)]

mod error;
mod ik;
mod kinematics;
mod model;
mod rate;
mod urdf;

pub use error::RobotError;
pub use ik::{IkGoal, IkSettings, IkSolution, Pointing};
pub use kinematics::Jacobian;
pub use model::{Attachment, Geometry, Joint, JointLimits, Link, Motion, Robot, Shape};
pub use rate::{RatePreference, TipRate};
pub use urdf::{LINKS_MAX, URDF_BYTES_MAX};
