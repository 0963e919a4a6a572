//! The daemon as a part of another program: it comes up whole or not at all,
//! goes without trace, and changes its policy a thousand times without anybody noticing.

mod bundles;
mod life;
mod robot;
mod swaps;
