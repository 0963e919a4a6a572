//! What only a System 1 manifest has.

use tandem_types::CHUNK_VALUES_MAX;

use super::Check;
use crate::manifest::raw::{RawAction, RawManifest, RawMoments, RawNormalisation};
use crate::manifest::{Action, Moments, Normalisation, Representation, System1Spec};

impl Check<'_> {
    pub(super) fn system1(&mut self, raw: &RawManifest) -> Option<System1Spec> {
        let representation = raw.representation.as_ref()?;
        if representation != &Representation::Regression.to_string() {
            let problem = format!("is `{representation}`, which this version does not know");
            self.wrong("representation", problem, "write `regression`");
        }
        let action = self.action(raw.action.as_ref()?, raw.joints.len());
        let normalisation = self.normalisation(raw.normalisation.as_ref()?, raw.joints.len());
        Some(System1Spec { representation: Representation::Regression, action, normalisation })
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
        Action { horizon: raw.horizon, step_period, scale_rad: raw.scale_rad.clone() }
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
