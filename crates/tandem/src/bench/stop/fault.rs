//! What breaks, and how it is mended.

use crate::bench::stop::chain::Chain;
use crate::failure::Failure;

/// The servo that falls silent: the elbow's.
const MUTE: u8 = 3;

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The daemon is killed.
    DaemonKilled,
    /// The daemon is held up.
    DaemonStopped,
    /// The bridge is killed.
    BridgeKilled,
    /// The bridge is held up.
    BridgeStopped,
    /// Nothing passes between daemon and bridge, and neither is told.
    LinkCut,
    /// The serial cable is pulled.
    PortClosed,
    /// One servo hears and says nothing any more.
    ServoMute,
}

impl Fault {
    const ALL: [Self; 7] = [
        Self::DaemonKilled,
        Self::DaemonStopped,
        Self::BridgeKilled,
        Self::BridgeStopped,
        Self::LinkCut,
        Self::PortClosed,
        Self::ServoMute,
    ];

    /// Those with these names, or all.
    pub(super) fn named(names: &[String]) -> Result<Vec<Self>, Failure> {
        if names.is_empty() {
            return Ok(Self::ALL.to_vec());
        }
        let find = |name: &String| {
            let found = Self::ALL.into_iter().find(|fault| fault.name() == name);
            let all = || Self::ALL.map(Self::name).join(", ");
            found.ok_or_else(|| Failure::usage(format!("no fault `{name}`; there are {}", all())))
        };
        names.iter().map(find).collect()
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::DaemonKilled => "daemon_killed",
            Self::DaemonStopped => "daemon_stopped",
            Self::BridgeKilled => "bridge_killed",
            Self::BridgeStopped => "bridge_stopped",
            Self::LinkCut => "link_cut",
            Self::PortClosed => "port_closed",
            Self::ServoMute => "servo_mute",
        }
    }

    /// Whether the daemon sends nothing more: then its last command is the last valid one. Of the
    /// other faults, that is the newest one when they came.
    pub(super) const fn silences_the_daemon(self) -> bool {
        matches!(self, Self::DaemonKilled | Self::DaemonStopped)
    }

    /// How bridge and daemon are when all is mended: who survived has latched, who is new was never
    /// armed.
    pub(super) const fn leaves(self) -> (&'static str, &'static str) {
        let bridge = match self {
            Self::BridgeKilled | Self::PortClosed => "disarmed",
            _ => "latched",
        };
        let daemon = if matches!(self, Self::DaemonKilled) { "disarmed" } else { "stopped" };
        (bridge, daemon)
    }

    /// A servo that stops by itself, which says nothing about the others.
    pub(super) const fn mute_servo(self) -> Option<u8> {
        if matches!(self, Self::ServoMute) { Some(MUTE) } else { None }
    }

    pub(super) fn make(self, chain: &mut Chain) -> Result<(), Failure> {
        match self {
            Self::DaemonKilled => chain.daemon.kill()?,
            Self::DaemonStopped => chain.daemon.suspend()?,
            Self::BridgeKilled => chain.bridge.kill()?,
            Self::BridgeStopped => chain.bridge.suspend()?,
            Self::LinkCut => chain.relay.cut(true),
            Self::PortClosed => chain.arm().unplug()?,
            Self::ServoMute => chain.arm().device().faults().plan.mute = vec![MUTE],
        }
        Ok(())
    }

    /// Makes it whole again, but acknowledges and arms nothing.
    pub(super) fn mend(self, chain: &mut Chain) -> Result<(), Failure> {
        match self {
            Self::DaemonKilled => chain.daemon.restart()?,
            Self::DaemonStopped => chain.daemon.resume()?,
            Self::BridgeKilled => chain.bridge.restart()?,
            Self::BridgeStopped => chain.bridge.resume()?,
            Self::LinkCut => chain.relay.cut(false),
            Self::PortClosed => {
                chain.arm().replug()?;
                // It has ended by itself, having lost its line.
                chain.bridge.restart()?;
            }
            Self::ServoMute => chain.arm().device().faults().plan.mute.clear(),
        }
        Ok(())
    }
}
