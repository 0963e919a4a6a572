//! What the guard promises, tested from outside.

mod arming;
mod causes;
mod config;
mod fixture;
mod limits;
mod space;
mod supervision;
mod way_back;
