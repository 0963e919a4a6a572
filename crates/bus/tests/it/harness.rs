//! What all tests share: free ports, and waiting for something to come true.

use std::net::TcpListener;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use tandem_bus::{Bus, BusConfig, Keys};

/// The bound of every wait: tries of a tenth of a second.
const TRIES_MAX: usize = 300;
const TRY: Duration = Duration::from_millis(100);

/// A loopback endpoint nobody listens on now.
pub(crate) fn free_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("tcp/{}", listener.local_addr().unwrap())
}

pub(crate) fn listening(endpoint: &str) -> Bus {
    Bus::open(&BusConfig { listen: vec![endpoint.to_owned()], connect: vec![] }).unwrap()
}

pub(crate) fn connecting(endpoint: &str) -> Bus {
    Bus::open(&BusConfig { listen: vec![], connect: vec![endpoint.to_owned()] }).unwrap()
}

/// A listening and a connected bus, and the keys of a robot.
pub(crate) fn pair() -> (Bus, Bus, Keys) {
    let endpoint = free_endpoint();
    let listening = listening(&endpoint);
    let connected = connecting(&endpoint);
    wait_until("the two are linked", || connected.peers() == 1 && listening.peers() == 1);
    (listening, connected, Keys::new("arm").unwrap())
}

/// Waits until `done`, looking now and then.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    // A channel nobody sends on is a pause that needs no clock.
    let (_quiet, pause) = channel::<()>();
    for _ in 0..TRIES_MAX {
        if done() {
            return;
        }
        assert_eq!(pause.recv_timeout(TRY), Err(RecvTimeoutError::Timeout));
    }
    panic!("gave up waiting until {what}");
}

/// The next thing received, calling `prompt` again and again until it is there.
pub(crate) fn receive<T>(received: &Receiver<T>, mut prompt: impl FnMut()) -> T {
    for _ in 0..TRIES_MAX {
        prompt();
        if let Ok(value) = received.recv_timeout(TRY) {
            return value;
        }
    }
    panic!("gave up waiting for a message");
}
