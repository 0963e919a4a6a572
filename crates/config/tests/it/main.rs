//! Sound configs load; broken ones, and broken robots and bundles, are named with their mend.

mod any_bytes;
mod broken;
mod fixture;
mod policies;
mod shipped;
mod sound;
