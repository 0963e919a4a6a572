//! Two or three buses in one process, talking over real sockets on the loopback interface.
//!
//! Nothing here asserts how long a thing takes: what must happen is waited for, with a bound only
//! so that a failure ends.

mod harness;
mod limits;
mod port;
mod reconnect;
mod serve;
mod topics;
