//! The simulated robot as others meet it: every shipped body, and over real sockets.

mod bodies;
mod node;
