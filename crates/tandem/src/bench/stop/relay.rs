//! A wire between two processes that can be cut without either being told.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use crate::demo::link::pause;

/// Passes bytes on, both ways. What comes while it is cut waits, and comes late.
pub(super) struct Relay {
    endpoint: String,
    cut: Arc<AtomicBool>,
}

impl Relay {
    /// A wire to an endpoint such as `tcp/127.0.0.1:7447`. Its threads live as long as the process.
    pub(super) fn to(endpoint: &str) -> anyhow::Result<Self> {
        let address = endpoint.strip_prefix("tcp/").and_then(|address| address.parse().ok());
        let address: SocketAddr = address.with_context(|| format!("no address: {endpoint}"))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free loopback port")?;
        let endpoint = format!("tcp/{}", listener.local_addr()?);
        let cut = Arc::new(AtomicBool::new(false));
        let switch = cut.clone();
        thread::Builder::new().name("relay".to_owned()).spawn(move || {
            for came in listener.incoming().flatten() {
                // Whoever calls tries again if the other end is not there yet.
                if let Ok(other) = TcpStream::connect(address) {
                    join(came, other, &switch).ok();
                }
            }
        })?;
        Ok(Self { endpoint, cut })
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(super) fn cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::Relaxed);
    }
}

fn join(a: TcpStream, b: TcpStream, cut: &Arc<AtomicBool>) -> std::io::Result<()> {
    for stream in [&a, &b] {
        stream.set_nodelay(true)?;
    }
    for (from, to) in [(a.try_clone()?, b.try_clone()?), (b, a)] {
        let cut = cut.clone();
        thread::Builder::new().name("relay".to_owned()).spawn(move || pass(from, to, &cut))?;
    }
    Ok(())
}

fn pass(mut from: TcpStream, mut to: TcpStream, cut: &AtomicBool) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        while cut.load(Ordering::Relaxed) {
            pause(Duration::from_millis(1));
        }
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    // One direction has ended; so has the other.
    to.shutdown(std::net::Shutdown::Both).ok();
    from.shutdown(std::net::Shutdown::Both).ok();
}
