//! One operation of a plan.

use tandem_networks::Activation;

use crate::kernels::linear::{self, LinearShape};
use crate::ops::OpsError;

/// An operation with its weights; the numbers are places among the plan's values.
#[derive(Clone)]
pub(super) enum Step {
    Linear {
        x: usize,
        shape: LinearShape,
        activation: Activation,
        weight: Vec<f32>,
        bias: Vec<f32>,
    },
    Embedding {
        ids: usize,
        words: usize,
        width: usize,
        weight: Vec<f32>,
    },
    AddLearned {
        x: usize,
        weight: Vec<f32>,
    },
    Add {
        a: usize,
        b: usize,
    },
    Join {
        parts: Vec<usize>,
    },
    Token {
        x: usize,
        index: usize,
    },
    MeanTokens {
        x: usize,
    },
}

impl Step {
    /// Computes `out` from the values before it. All sizes were followed when the plan was made.
    pub(super) fn run(&self, before: &[Vec<f32>], out: &mut [f32]) -> Result<(), OpsError> {
        match self {
            Self::Linear { x, shape, activation, weight, bias } => {
                linear::forward_into(shape, *activation, &before[*x], weight, bias, out);
            }
            Self::Embedding { ids, words, width, weight } => {
                for (&id, row) in before[*ids].iter().zip(out.chunks_exact_mut(*width)) {
                    // Also refuses NaN. Whole numbers of a vocabulary are exact in f32.
                    if !(id >= 0.0 && id < *words as f32 && id.fract() == 0.0) {
                        return Err(OpsError::Word { id, words: *words });
                    }
                    let first = id as usize * width;
                    row.copy_from_slice(&weight[first..first + width]);
                }
            }
            Self::AddLearned { x, weight } => sum(&before[*x], weight, out),
            Self::Add { a, b } => sum(&before[*a], &before[*b], out),
            Self::Join { parts } => {
                let mut rest = out;
                for part in parts {
                    let (head, tail) = rest.split_at_mut(before[*part].len());
                    head.copy_from_slice(&before[*part]);
                    rest = tail;
                }
            }
            Self::Token { x, index } => {
                let first = index * out.len();
                out.copy_from_slice(&before[*x][first..first + out.len()]);
            }
            Self::MeanTokens { x } => {
                let tokens = before[*x].chunks_exact(out.len());
                let share = 1.0 / tokens.len() as f32;
                out.fill(0.0);
                for token in tokens {
                    out.iter_mut().zip(token).for_each(|(mean, value)| *mean += value);
                }
                out.iter_mut().for_each(|mean| *mean *= share);
            }
        }
        Ok(())
    }
}

fn sum(a: &[f32], b: &[f32], out: &mut [f32]) {
    out.iter_mut().zip(a).zip(b).for_each(|((out, a), b)| *out = a + b);
}
