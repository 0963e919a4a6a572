//! Suites, episodes and statistics.
