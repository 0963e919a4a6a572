//! The protocol from outside: bytes, errors on the line, and the state machine.

mod bits;
mod codec;
mod fixture;
mod judge;
mod line;
mod machine;
mod properties;
