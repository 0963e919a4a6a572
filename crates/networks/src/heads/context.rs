//! What a step-by-step head computes once.

use serde::{Deserialize, Serialize};

use super::{ConditionSizes, hidden};
use crate::ops::Ops;
use crate::signature::{Signature, TensorSpec};

/// The condition, digested: all that a step-by-step head needs of it in each of its steps.
///
/// Inputs: `features`, `posture`, `latent`. Output: `context`, as wide as the last hidden layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// What it starts from.
    pub condition: ConditionSizes,
    /// Widths of the layers, each with ReLU; the last one's is the context's.
    pub hidden: Vec<usize>,
}

impl Context {
    /// Width of the context.
    #[must_use]
    pub fn width(&self) -> usize {
        self.hidden.last().copied().unwrap_or_default()
    }

    pub(crate) fn signature(&self) -> Signature {
        let outputs = vec![TensorSpec::new("context", &[self.width()])];
        Signature { inputs: self.condition.inputs(), outputs }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        Ok(vec![hidden(ops, inputs, &self.hidden)?])
    }
}
