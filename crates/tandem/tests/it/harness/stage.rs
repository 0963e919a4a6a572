//! A simulated arm, a daemon, and a seat on their bus.

use super::{Link, Process, Scenario};

pub(crate) struct Stage {
    // Field order is drop order: whoever listens leaves before the processes, and the scenario's
    // folder goes last.
    pub(crate) link: Link,
    pub(crate) daemon: Process,
    pub(crate) sim: Process,
    pub(crate) scenario: Scenario,
}

impl Stage {
    /// Everything up and disarmed, and the arm at rest.
    pub(crate) fn up(scenario: Scenario) -> Self {
        let sim = scenario.sim();
        let daemon = scenario.daemon();
        Self::of(scenario, sim, daemon)
    }

    /// The same with processes that are started already.
    pub(crate) fn of(scenario: Scenario, sim: Process, daemon: Process) -> Self {
        let link = Link::open(&scenario);
        link.wait_ready();
        Self { link, daemon, sim, scenario }
    }
}
