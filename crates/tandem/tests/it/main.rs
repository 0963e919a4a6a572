//! The whole of tandem as a user runs it: real processes, real sockets, simulated joints.
//!
//! Every test has ports and a copy of the shipped scenario of its own, and takes its turn: one
//! daemon and one simulated arm are what two cores carry at their rates. Nothing here asserts how
//! long a thing takes; what must happen is waited for, with a bound only so that a failure ends.
//! Except for the test that says so, none depends on how good the policies are.

mod arm_page;
mod bodies;
mod bridge;
mod check;
mod deaths;
mod demo;
mod engines;
mod harness;
mod operator;
mod senses;
mod start;
mod strangers;
mod swap;
mod unprivileged;
