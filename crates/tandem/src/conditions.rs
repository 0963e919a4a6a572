//! The conditions of a measurement, as every report of tandem carries them.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_realtime::{Conditions, Usage, steal_time, unix_time_s};

/// Reads the machine now; [`finish`](Self::finish) adds what happened to it meanwhile.
pub(crate) struct Watch {
    steal: Option<Duration>,
    usage: Usage,
}

impl Watch {
    pub(crate) fn start() -> Self {
        Self { steal: steal_time(), usage: Usage::read() }
    }

    /// The machine, its limits, and what its host and its kernel did to the run since the start.
    pub(crate) fn finish(&self, seed: Option<u64>) -> Value {
        let machine = Conditions::read();
        let stolen = match (self.steal, steal_time()) {
            (Some(before), Some(after)) => Some(after.saturating_sub(before).as_secs_f64()),
            _ => None,
        };
        let suffered = Usage::read().since(&self.usage);
        json!({
            "tandem_version": env!("CARGO_PKG_VERSION"),
            "build_profile": if cfg!(debug_assertions) { "debug" } else { "release" },
            "unix_time_s": unix_time_s(),
            "seed": seed,
            "machine": machine.machine,
            "architecture": machine.architecture,
            "cpu_model": machine.cpu_model,
            "cpus": machine.cpus,
            "cpus_isolated": machine.cpus_isolated,
            "virtual_machine": machine.virtual_machine,
            "kernel_release": machine.kernel_release,
            "kernel_realtime": machine.kernel_realtime,
            "governor": machine.governor,
            "load": machine.load,
            "realtime_priority_max": machine.realtime_priority_max,
            "realtime_runtime_us": machine.realtime_runtime_us,
            "locked_bytes_max": machine.locked_bytes_max,
            "stolen_by_host_s": stolen,
            "page_faults_minor": suffered.page_faults_minor,
            "page_faults_major": suffered.page_faults_major,
            "switches_involuntary": suffered.switches_involuntary,
        })
    }
}
