//! The study as a whole, on a grid small enough for a test, and the pages that were committed.

mod pages;
mod study;
