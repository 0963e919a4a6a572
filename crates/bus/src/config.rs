//! Where the bus listens and connects, and how Zenoh is set up for a robot.

use std::net::SocketAddr;

use crate::error::OpenError;

/// The endpoints of one process. All must be on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BusConfig {
    /// Where others can connect, for example `tcp/127.0.0.1:7447`.
    pub listen: Vec<String>,
    /// Whom to connect to; those who are not there yet are tried again until they are.
    pub connect: Vec<String>,
}

/// The most endpoints of each kind.
pub const ENDPOINTS_MAX: usize = 8;

/// Zenoh's settings that do not depend on the process. Its defaults suit a fleet in a network.
const SETTINGS: [(&str, &str); 21] = [
    ("mode", r#""peer""#),
    // Nothing off this machine: nobody is searched for, and nobody is told about others.
    ("scouting/multicast/enabled", "false"),
    ("scouting/gossip/enabled", "false"),
    ("adminspace/enabled", "false"),
    // Processes start in any order and may be restarted: try for ever, at first every 100 ms. (The
    // default begins at 1 s, which alone would be a third of the time to the first armed tick.)
    ("connect/timeout_ms", "-1"),
    ("connect/exit_on_failure", "false"),
    ("connect/retry", "{ period_init_ms: 100, period_max_ms: 500, period_increase_factor: 2 }"),
    // A taken port is an error at once, not something to wait for.
    ("listen/timeout_ms", "0"),
    ("listen/exit_on_failure", "true"),
    // How long opening waits for the peers to connect to before going on without them, ms.
    ("scouting/delay", "200"),
    // Messages carry our own stamps.
    ("timestamping/enabled", "false"),
    // As many peers as a robot has processes, with room for a few tools.
    ("transport/unicast/max_sessions", "32"),
    ("transport/unicast/accept_pending", "16"),
    // A silent peer is given up after this many ms (10 s by default). Commands do not wait for it:
    // the robot's own watchdog is much shorter.
    ("transport/link/tx/lease", "2000"),
    // A full queue drops a message after 0.2 ms, not 1 ms, so that a send cannot cost a tick.
    ("transport/link/tx/queue/congestion_control/drop/wait_before_drop", "200"),
    // An express message takes a batch of its own, and two (the default) are too few: when the
    // sending thread was preempted for 2 ms, 1 in 1000 commands at 1 kHz was dropped.
    ("transport/link/tx/queue/size/real_time", "8"),
    ("transport/link/tx/queue/size/interactive_high", "8"),
    // An answer is two messages, itself and its end: the next answer found both batches taken, and
    // 3 in 1000 questions on a busy machine were never answered.
    ("transport/link/tx/queue/size/interactive_low", "8"),
    // A picture in many fragments may wait longer for its own, but less than a frame at 30 Hz, us.
    ("transport/link/tx/queue/congestion_control/drop/max_wait_before_drop_fragments", "20000"),
    // Twice the largest message we know, in bytes; 1 GiB by default.
    ("transport/link/rx/max_message_size", "4194304"),
    ("queries_default_timeout", "2000"),
];

impl BusConfig {
    /// Whether every endpoint can be used.
    ///
    /// # Errors
    /// If one is malformed or leaves this machine, or there are too many.
    pub fn check(&self) -> Result<(), OpenError> {
        for endpoints in [&self.listen, &self.connect] {
            loopback_all(endpoints)?;
        }
        Ok(())
    }

    pub(crate) fn to_zenoh(&self) -> Result<zenoh::Config, OpenError> {
        let listen = json_list(&loopback_all(&self.listen)?);
        let connect = json_list(&loopback_all(&self.connect)?);
        let mut config = zenoh::Config::default();
        // Without an explicit list of endpoints a peer listens on every interface.
        let endpoints = [("listen/endpoints", &*listen), ("connect/endpoints", &*connect)];
        for (setting, value) in SETTINGS.into_iter().chain(endpoints) {
            config
                .insert_json5(setting, value)
                .map_err(|error| OpenError::Setting { setting, reason: error.to_string() })?;
        }
        Ok(config)
    }
}

fn loopback_all(endpoints: &[String]) -> Result<Vec<SocketAddr>, OpenError> {
    if endpoints.len() > ENDPOINTS_MAX {
        return Err(OpenError::TooManyEndpoints { endpoints: endpoints.len() });
    }
    endpoints.iter().map(|endpoint| loopback(endpoint)).collect()
}

/// The address of a loopback endpoint. Names but `localhost` are not looked up: a resolver could
/// answer with any address. Zenoh's `?` and `#` parameters are refused with the rest.
fn loopback(endpoint: &str) -> Result<SocketAddr, OpenError> {
    let malformed = OpenError::Endpoint { endpoint: endpoint.to_owned() };
    let Some(address) = endpoint.strip_prefix("tcp/") else {
        return Err(malformed);
    };
    let address = match address.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}").parse::<SocketAddr>(),
        None => address.parse(),
    };
    match address {
        Ok(address) if address.port() == 0 => Err(malformed),
        Ok(address) if address.ip().is_loopback() => Ok(address),
        Ok(_beyond) => Err(OpenError::NotLoopback { endpoint: endpoint.to_owned() }),
        Err(_no_address) => Err(malformed),
    }
}

/// A JSON list of Zenoh endpoints. Socket addresses hold nothing that JSON would escape.
fn json_list(addresses: &[SocketAddr]) -> String {
    let endpoints: Vec<_> = addresses.iter().map(|address| format!("\"tcp/{address}\"")).collect();
    format!("[{}]", endpoints.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(endpoint: &str) -> Result<(), OpenError> {
        BusConfig { listen: vec![endpoint.to_owned()], connect: vec![] }.check()
    }

    #[test]
    fn only_loopback_endpoints_pass() {
        for endpoint in
            ["tcp/127.0.0.1:7447", "tcp/127.5.5.5:1", "tcp/localhost:7447", "tcp/[::1]:65535"]
        {
            assert_eq!(check(endpoint), Ok(()), "{endpoint}");
        }
        for endpoint in
            ["tcp/0.0.0.0:7447", "tcp/[::]:7447", "tcp/192.168.1.5:7447", "tcp/8.8.8.8:53"]
        {
            let refused = OpenError::NotLoopback { endpoint: endpoint.to_owned() };
            assert_eq!(check(endpoint), Err(refused), "{endpoint}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for endpoint in [
            "",
            "tcp/",
            "127.0.0.1:7447",
            "udp/127.0.0.1:7447",
            "tls/127.0.0.1:7447",
            "tcp/127.0.0.1",
            "tcp/127.0.0.1:0",
            "tcp/127.0.0.1:70000",
            "tcp/robot.local:7447",
            "tcp/localhost.evil.example:7447",
            "tcp/127.0.0.1:7447#iface=eth0",
            "tcp/127.0.0.1:7447?prio=1-1",
            "tcp/127.0.0.1:7447\",\"tcp/0.0.0.0:7447",
        ] {
            let malformed = OpenError::Endpoint { endpoint: endpoint.to_owned() };
            assert_eq!(check(endpoint), Err(malformed), "{endpoint}");
        }
    }

    #[test]
    fn the_number_of_endpoints_is_bounded() {
        let connect = vec!["tcp/127.0.0.1:7447".to_owned(); ENDPOINTS_MAX + 1];
        let refused = OpenError::TooManyEndpoints { endpoints: ENDPOINTS_MAX + 1 };
        assert_eq!(BusConfig { listen: vec![], connect }.check(), Err(refused));
    }

    #[test]
    fn zenoh_takes_every_setting_and_listens_nowhere_by_itself() {
        let config = BusConfig::default().to_zenoh().unwrap();
        for (setting, expected) in [
            ("listen/endpoints", "[]"),
            ("connect/endpoints", "[]"),
            ("scouting/multicast/enabled", "false"),
            ("scouting/gossip/enabled", "false"),
            ("adminspace/enabled", "false"),
        ] {
            assert_eq!(config.get_json(setting).unwrap(), expected, "{setting}");
        }
    }
}
