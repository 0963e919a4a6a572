//! The simulated robot as others meet it: over real sockets.

mod node;
