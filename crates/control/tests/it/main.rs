//! What the control tick promises, tested from outside.

mod config;
mod fixture;
mod flow;
mod properties;
mod recording;
mod replay;
mod tracking;
