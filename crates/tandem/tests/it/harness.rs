//! What all tests share.

mod ear;
mod fake_robot;
mod link;
mod process;
mod scenario;
mod stage;
mod wait;

pub(crate) use fake_robot::FakeRobot;
pub(crate) use link::{INSTRUCTION, Link, STILL_RAD, spread};
pub(crate) use process::{Process, Said};
pub(crate) use scenario::{Scenario, shipped};
pub(crate) use stage::Stage;
pub(crate) use wait::{wait_for, wait_until};
