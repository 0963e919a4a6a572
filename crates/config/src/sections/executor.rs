//! `[control] executor` and the table of each executor's parameters.

use tandem_control::ExecutorConfig;

use super::Check;
use crate::raw::RawControl;

/// More steps than any chunk has.
const STEPS_MAX: u32 = 1000;

impl Check<'_> {
    /// Checks every executor's table that is there, and takes the one named.
    pub(super) fn executor(&mut self, raw: &RawControl) -> ExecutorConfig {
        let receding = raw.receding.as_ref().map(|table| {
            self.within("control.receding.steps", table.steps, 1..=STEPS_MAX);
            ExecutorConfig::Receding { steps: table.steps }
        });
        let ensemble = raw.temporal_ensemble.as_ref().map(|table| {
            self.within("control.temporal_ensemble.decay", table.decay, -1.0..=1.0);
            ExecutorConfig::TemporalEnsemble { decay: table.decay }
        });
        let chunking = raw.real_time_chunking.as_ref().map(|table| {
            let (steps, blend_steps) = (table.steps, table.blend_steps);
            self.within("control.real_time_chunking.steps", steps, 1..=STEPS_MAX);
            let most = steps.clamp(1, STEPS_MAX);
            self.within("control.real_time_chunking.blend_steps", blend_steps, 1..=most);
            ExecutorConfig::RealTimeChunking { steps, blend_steps }
        });
        let named = match raw.executor.as_str() {
            "immediate" => Some(ExecutorConfig::Immediate),
            "receding" => receding,
            "temporal_ensemble" => ensemble,
            "real_time_chunking" => chunking,
            other => {
                let mend =
                    "write `immediate`, `receding`, `temporal_ensemble` or `real_time_chunking`";
                self.wrong("control.executor", format!("is `{other}`"), mend);
                return ExecutorConfig::Immediate;
            }
        };
        named.unwrap_or_else(|| {
            let problem = format!("is `{0}`, and there is no [control.{0}]", raw.executor);
            let mend = "add that table; configs/reference.toml explains its keys";
            self.wrong("control.executor", problem, mend);
            ExecutorConfig::Immediate
        })
    }
}
