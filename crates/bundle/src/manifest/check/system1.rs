//! What only a System 1 manifest has.

use tandem_types::CHUNK_VALUES_MAX;

use super::Check;
use crate::manifest::raw::{RawAction, RawManifest, RawMoments, RawNormalisation, RawRange};
use crate::manifest::{Action, ChunkRange, Moments, Normalisation, Representation, System1Spec};

impl Check<'_> {
    pub(super) fn system1(&mut self, raw: &RawManifest) -> Option<System1Spec> {
        let representation = self.representation(raw);
        let action = self.action(raw.action.as_ref()?, raw.joints.len());
        let normalisation = self.normalisation(raw.normalisation.as_ref()?, raw.joints.len());
        let representation = representation?;
        if action.range.is_none() && representation != Representation::Regression {
            let problem = format!("has no range, which `{representation}` needs");
            self.wrong("action", problem, "add [action.range], or train the bundle anew");
        }
        Some(System1Spec { representation, action, normalisation })
    }

    fn action(&mut self, raw: &RawAction, dof: usize) -> Action {
        let values = raw.horizon.saturating_mul(dof);
        if values == 0 || values > CHUNK_VALUES_MAX {
            let problem = format!("is {}, {values} values for {dof} joints", raw.horizon);
            let most = CHUNK_VALUES_MAX / dof.max(1);
            self.wrong("action.horizon", problem, &format!("a chunk holds 1 to {most} steps"));
        }
        self.per_joint("action.scale_rad", &raw.scale_rad, dof);
        self.positive("action.scale_rad", &raw.scale_rad);
        let step_period = self.milliseconds("action.step_period_ms", raw.step_period_ms);
        if step_period.is_zero() {
            self.wrong("action.step_period_ms", "is zero", "write the time between two steps");
        }
        let range = raw.range.as_ref().map(|range| self.range(range, values));
        Action { horizon: raw.horizon, step_period, scale_rad: raw.scale_rad.clone(), range }
    }

    fn range(&mut self, raw: &RawRange, values: usize) -> ChunkRange {
        let RawRange { low_rad, high_rad } = raw;
        for (key, list) in [("low_rad", low_rad), ("high_rad", high_rad)] {
            if list.len() != values {
                let problem = format!("has {} numbers for a chunk of {values}", list.len());
                let mend = "write one for each joint of each step, row by row";
                self.wrong(&format!("action.range.{key}"), problem, mend);
            }
        }
        let pairs = low_rad.iter().zip(high_rad).enumerate();
        for (index, (low, high)) in pairs.filter(|(_, (low, high))| low >= high) {
            let problem = format!("is {high}, not above low_rad's {low}");
            let key = format!("action.range.high_rad[{index}]");
            self.wrong(&key, problem, "train the bundle anew");
        }
        ChunkRange { low_rad: low_rad.clone(), high_rad: high_rad.clone() }
    }

    fn normalisation(&mut self, raw: &RawNormalisation, dof: usize) -> Normalisation {
        let mut moments = |name: &str, raw: &RawMoments| {
            let (mean, std) =
                (format!("normalisation.{name}.mean"), format!("normalisation.{name}.std"));
            self.per_joint(&mean, &raw.mean, dof);
            self.per_joint(&std, &raw.std, dof);
            self.positive(&std, &raw.std);
            Moments { mean: raw.mean.clone(), std: raw.std.clone() }
        };
        Normalisation {
            q: moments("q", &raw.q),
            dq: moments("dq", &raw.dq),
            lead: moments("lead", &raw.lead),
        }
    }
}
