//! The walls of the workspace, each a test that fails when the wall is broken.
//!
//! ARCHITECTURE.md states the walls; `tests/walls/` checks them: which room may depend on which,
//! which room may name which library, where `unsafe` and clock reads may stand, and that every room
//! introduces itself.
//!
//! What this crate does not do: it builds nothing and ships nothing.
