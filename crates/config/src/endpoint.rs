//! Where the bus may listen and connect: on this machine, and nowhere else.

use core::net::{IpAddr, SocketAddr};

use thiserror::Error;

/// What to write instead.
pub(crate) const MEND: &str = "write `tcp/127.0.0.1:PORT`, with a port of 1 to 65535";

/// Why an endpoint was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EndpointFault {
    /// It is not spelled as an endpoint.
    #[error("is no endpoint")]
    Spelling,
    /// It leads off this machine, where commands to a robot must not go unprotected.
    #[error("is not on this machine but at {0}")]
    NotLoopback(IpAddr),
}

/// Checks that `endpoint` is TCP over loopback with a fixed port.
///
/// Names such as `localhost` are refused: what they mean is another file's business.
pub(crate) fn check(endpoint: &str) -> Result<(), EndpointFault> {
    let address = endpoint.strip_prefix("tcp/").ok_or(EndpointFault::Spelling)?;
    let address: SocketAddr = address.parse().map_err(|_not_one| EndpointFault::Spelling)?;
    if !address.ip().is_loopback() {
        Err(EndpointFault::NotLoopback(address.ip()))
    } else if address.port() == 0 {
        Err(EndpointFault::Spelling)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_with_a_port_passes() {
        for good in ["tcp/127.0.0.1:7447", "tcp/127.3.2.1:1", "tcp/[::1]:65535"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "tcp",
            "tcp/",
            "127.0.0.1:7447",
            "udp/127.0.0.1:1",
            "tcp/127.0.0.1:0",
            "tcp/localhost:7447",
            "tcp/127.0.0.1:70000",
            "tcp/127.0.0.1:7447#iface=eth0",
        ] {
            assert_eq!(check(bad), Err(EndpointFault::Spelling), "{bad}");
        }
        for far in ["tcp/0.0.0.0:7447", "tcp/192.168.1.5:7447", "tcp/[::]:7447", "tcp/[fe80::1]:1"]
        {
            assert!(matches!(check(far), Err(EndpointFault::NotLoopback(_))), "{far}");
        }
    }
}
