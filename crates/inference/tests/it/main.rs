//! Both engines through one suite.

mod conformance;
mod engines;
mod setup;
