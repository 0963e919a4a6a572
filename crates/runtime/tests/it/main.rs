//! The daemon as a part of another program: it comes up whole or not at all, and goes without trace.

mod life;
