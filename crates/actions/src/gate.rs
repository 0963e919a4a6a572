//! HybridVLA's gate (arXiv 2503.10631): when to trust the autoregressive branch beside diffusion.

/// How sure the autoregressive branch must be for its action to count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfidenceGate {
    /// What is compared with the threshold.
    pub confidence: Confidence,
    /// The confidence must be *greater*; at the threshold diffusion decides alone.
    pub threshold: f64,
    /// Where to cut the averaged gripper, the last dimension, into open and closed; none leaves the
    /// average.
    pub gripper_threshold: Option<f64>,
}

/// How token probabilities become one confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// The mean of the first so many.
    Mean(usize),
    /// The sum of the first so many.
    Sum(usize),
}

impl Confidence {
    /// Of the probability of each token chosen. NaN if there are fewer than are asked for, which
    /// no gate lets through.
    #[must_use]
    pub fn of(self, probabilities: &[f64]) -> f64 {
        let (Self::Mean(first) | Self::Sum(first)) = self;
        let Some(probabilities) = probabilities.get(..first) else { return f64::NAN };
        let sum: f64 = probabilities.iter().sum();
        match self {
            // No tokens: zero by zero, again no confidence at all.
            Self::Mean(first) => sum / first as f64,
            Self::Sum(_) => sum,
        }
    }
}

impl ConfidenceGate {
    /// The rule of the paper for actions of so many tokens: a mean above 0.96.
    #[must_use]
    pub const fn paper(tokens: usize) -> Self {
        let confidence = Confidence::Mean(tokens);
        Self { confidence, threshold: 0.96, gripper_threshold: None }
    }

    /// The rule of the released code: the sum of the first six above 5.8 (a mean of 0.9667 without
    /// the gripper), and the gripper cut at 0.5.
    pub const RELEASED: Self =
        Self { confidence: Confidence::Sum(6), threshold: 5.8, gripper_threshold: Some(0.5) };

    /// Whether a confidence lets the average through; NaN does not.
    #[must_use]
    pub fn admits(&self, confidence: f64) -> bool {
        confidence > self.threshold
    }

    /// Turns the diffusion branch's action, in `action`, into the ensemble's: the average of both
    /// branches where the autoregressive one is sure enough. Says whether it was.
    pub fn combine(
        &self,
        probabilities: &[f64],
        autoregressive: &[f64],
        action: &mut [f64],
    ) -> bool {
        let admitted = self.admits(self.confidence.of(probabilities));
        if admitted {
            for (action, other) in action.iter_mut().zip(autoregressive) {
                *action = (*action + other) / 2.0;
            }
            if let (Some(threshold), Some(gripper)) = (self.gripper_threshold, action.last_mut()) {
                *gripper = if *gripper > threshold { 1.0 } else { 0.0 };
            }
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_itself_does_not_open() {
        let gate = ConfidenceGate::paper(2);
        for (confidence, open) in
            [(0.96, false), (0.96_f64.next_up(), true), (1.0, true), (f64::NAN, false)]
        {
            assert_eq!(gate.admits(confidence), open, "{confidence}");
        }
    }

    #[test]
    fn an_open_gate_averages_and_cuts_the_gripper() {
        let mut action = [0.2, 0.9];
        assert!(ConfidenceGate::RELEASED.combine(&[0.98; 7], &[0.4, 0.3], &mut action));
        assert!((action[0] - 0.3).abs() < 1e-12);
        assert_eq!(action[1], 1.0);
    }

    #[test]
    fn a_closed_gate_leaves_diffusion_alone() {
        for probabilities in [&[0.5; 7][..], &[f64::NAN; 7], &[1.0; 5], &[]] {
            let mut action = [0.2, 0.9];
            assert!(!ConfidenceGate::RELEASED.combine(probabilities, &[0.4, 0.3], &mut action));
            assert_eq!(action, [0.2, 0.9]);
        }
        assert!(Confidence::Mean(0).of(&[]).is_nan());
    }
}
