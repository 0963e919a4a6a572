//! The bus: typed messages over Zenoh, on this machine only.
//!
//! A [`Bus`] is one session with explicit loopback endpoints. [`Keys`] name what flows: a
//! [`Topic`] is a key with its message type, quality of service and size limit; a [`Service`] is a
//! key with its request and its reply. From a topic come a [`Publisher`] and a [`Subscription`],
//! from a service a [`Server`] and [`Bus::ask`]. [`CommandPort`] is the robot port of the bus: it
//! takes only commands that went through the guard. The whole table stands in `KEYS.md`.
//!
//! ```
//! use std::sync::mpsc;
//! use tandem_bus::{Bus, BusConfig, Garbage, Keys};
//! use tandem_wire::Truth;
//!
//! // Without endpoints a bus ends at its own process; two processes share `tcp/127.0.0.1:PORT`.
//! let bus = Bus::open(&BusConfig::default())?;
//! let keys = Keys::new("so101")?;
//!
//! let garbage = Garbage::default();
//! let (sender, received) = mpsc::channel();
//! let _subscription = bus.subscribe(&keys.truth(), &garbage, move |truth: Truth| {
//!     sender.send(truth.episode).ok();
//! })?;
//! bus.publisher(&keys.truth())?.send(&Truth { episode: 3, ..Truth::default() })?;
//! assert_eq!(received.recv()?, 3);
//!
//! // What is no such message changes nothing but a counter.
//! bus.publish_raw(keys.truth().key(), b"garbage")?;
//! assert_eq!(garbage.count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: it opens nothing beyond this machine, forwards nothing between two
//! others (each pair that talks needs an endpoint of its own), stores nothing, and knows nothing of
//! what messages mean. A lost link is not reported here either: the age of what arrives tells.
//!
//! Threads and memory: all calls block, some for milliseconds, and none belongs into the control
//! tick. Zenoh runs six threads of its own (the variable `ZENOH_RUNTIME` tunes them), which inherit
//! scheduling from the thread that opens the bus: open it before raising any priority. Callbacks
//! run on those threads, so they must be short: write a latest-value channel, and return.
#![forbid(unsafe_code)]

mod bus;
mod command_port;
mod config;
mod error;
mod keys;
mod publisher;
mod qos;
mod service;
mod subscription;

pub use bus::Bus;
pub use command_port::CommandPort;
pub use config::{BusConfig, ENDPOINTS_MAX};
pub use error::{AskError, BusError, OpenError};
pub use keys::{KeyError, Keys, NAME_BYTES_MAX, Service, Topic};
pub use publisher::Publisher;
pub use qos::Qos;
pub use service::{QUEUE_MAX, Server};
pub use subscription::{Garbage, Subscription};
