//! E0 (arXiv 2511.21542): denoising quantised actions in the space of one-hot vectors.
//!
//! Actions are [`crate::UniformBins::E0`] ids. The network sees each token as a noisy one-hot
//! vector; the posterior mean of the clean one is its softmax, so the best denoiser answers with
//! probabilities of ids. In each step ids are chosen by those and drowned in noise again.

use core::ops::ControlFlow;

use rand::Rng;

use crate::choice::Choice;
use crate::noise::normal;

/// How tokens are denoised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct E0Settings {
    /// Tokens of a chunk.
    pub length: usize,
    /// Ids of a token; 2048 as released.
    pub vocabulary: u32,
    /// Steps, each one evaluation of the network; 10 as released.
    pub steps: usize,
    /// How much of the one-hot vectors shows through the noise.
    pub signal: E0Signal,
    /// How a token is chosen in each step; the likeliest as released.
    pub choice: Choice,
    /// The released code draws every step's noise from the same key, so that it is the same.
    pub same_noise: bool,
}

/// How strong the ids of the step before are in what the network sees next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum E0Signal {
    /// `decay * onehot + noise`: the release, with 0.1.
    Constant {
        /// The one-hot vectors' share.
        decay: f64,
    },
    /// `(1 - s) * decay * onehot + s * noise` with `s = sqrt(t)`: the noise fades with time.
    Fading {
        /// The one-hot vectors' share at the end.
        decay: f64,
    },
}

/// Denoises chunks. Allocates when made, and never after.
#[derive(Clone, Debug)]
pub struct E0Denoiser {
    settings: E0Settings,
    seen: Vec<f32>,
    noise: Vec<f32>,
    logits: Vec<f32>,
}

/// Why no tokens were denoised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum E0Error {
    /// Nothing to denoise.
    #[error(
        "denoising {length} tokens of {vocabulary} ids in {steps} steps: all must be at least 1, tokens times ids at most 2^24"
    )]
    Settings {
        /// Tokens.
        length: usize,
        /// Ids.
        vocabulary: u32,
        /// Steps.
        steps: usize,
    },
    /// The room for tokens is another.
    #[error("room for {found} tokens where {expected} are denoised")]
    Room {
        /// Tokens denoised.
        expected: usize,
        /// Room there was.
        found: usize,
    },
    /// The network's answer is none.
    #[error("the logits of token {place} in step {step} are no distribution")]
    Logits {
        /// The token.
        place: usize,
        /// The step, from 0.
        step: usize,
    },
    /// Time was up before the first step.
    #[error("no step was allowed, so nothing is known of the tokens")]
    NoStep,
}

impl E0Settings {
    /// The release's settings for a chunk of `length` tokens, but for fresh noise in every step.
    #[must_use]
    pub const fn paper(length: usize) -> Self {
        let signal = E0Signal::Constant { decay: 0.1 };
        let choice = Choice::Best;
        Self { length, vocabulary: 2048, steps: 10, signal, choice, same_noise: false }
    }
}

impl E0Denoiser {
    /// # Errors
    /// If there is nothing to denoise, or far too much.
    pub fn new(settings: E0Settings) -> Result<Self, E0Error> {
        let E0Settings { length, vocabulary, steps, .. } = settings;
        match length.checked_mul(vocabulary as usize) {
            Some(size @ 1..=0x100_0000) if steps > 0 => {
                let [seen, noise, logits] = [(); 3].map(|()| vec![0.0; size]);
                Ok(Self { settings, seen, noise, logits })
            }
            _ => Err(E0Error::Settings { length, vocabulary, steps }),
        }
    }

    /// Denoises a chunk's tokens, each below the vocabulary.
    ///
    /// `predict(x, t, logits)` is the network: from noisy one-hot vectors (`[length][vocabulary]`)
    /// at time `t`, from 1 (noise) towards 0, it writes logits of the same shape; or it breaks off
    /// because time is up. Then the ids of the step before are the answer. Returns the steps taken.
    ///
    /// # Errors
    /// If the room is wrong, the logits are no distributions, or not even one step was allowed.
    pub fn decode(
        &mut self,
        rng: &mut impl Rng,
        tokens: &mut [u32],
        mut predict: impl FnMut(&[f32], f64, &mut [f32]) -> ControlFlow<()>,
    ) -> Result<usize, E0Error> {
        let E0Settings { length, steps, same_noise, .. } = self.settings;
        if tokens.len() != length {
            return Err(E0Error::Room { expected: length, found: tokens.len() });
        }
        self.draw(rng);
        self.seen.copy_from_slice(&self.noise);
        for step in 0..steps {
            let time = |step: usize| 1.0 - step as f64 / steps as f64;
            if predict(&self.seen, time(step), &mut self.logits).is_break() {
                return if step == 0 { Err(E0Error::NoStep) } else { Ok(step) };
            }
            self.choose(rng, step, tokens)?;
            if step + 1 < steps {
                if !same_noise {
                    self.draw(rng);
                }
                self.drown(time(step + 1), tokens);
            }
        }
        Ok(steps)
    }

    fn draw(&mut self, rng: &mut impl Rng) {
        self.noise.iter_mut().for_each(|noise| *noise = normal(rng) as f32);
    }

    fn choose(
        &mut self,
        rng: &mut impl Rng,
        step: usize,
        tokens: &mut [u32],
    ) -> Result<(), E0Error> {
        let rows = self.logits.chunks_exact_mut(self.settings.vocabulary as usize);
        for (place, (token, row)) in tokens.iter_mut().zip(rows).enumerate() {
            let chosen = self.settings.choice.token(rng, row);
            *token = chosen.ok_or(E0Error::Logits { place, step })?;
        }
        Ok(())
    }

    /// What the network sees next: the ids as one-hot vectors, nearly lost in noise.
    fn drown(&mut self, t: f64, tokens: &[u32]) {
        let (signal, share) = match self.settings.signal {
            E0Signal::Constant { decay } => (decay, 1.0),
            E0Signal::Fading { decay } => {
                let share = t.clamp(0.0, 1.0).sqrt();
                ((1.0 - share) * decay, share)
            }
        };
        for (seen, noise) in self.seen.iter_mut().zip(&self.noise) {
            *seen = share as f32 * noise;
        }
        let rows = self.seen.chunks_exact_mut(self.settings.vocabulary as usize);
        for (row, token) in rows.zip(tokens) {
            row[*token as usize] += signal as f32;
        }
    }
}

/// A training example: `t * noise + (1 - t) * onehot(token)` for one token, in place of the noise.
pub fn e0_noisy_one_hot(t: f64, token: u32, noise: &mut [f32]) {
    for (id, value) in noise.iter_mut().enumerate() {
        let one_hot = if id == token as usize { 1.0 } else { 0.0 };
        *value = (t * f64::from(*value) + (1.0 - t) * one_hot) as f32;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    const IDS: u32 = 16;

    fn settings(length: usize) -> E0Settings {
        E0Settings { vocabulary: IDS, ..E0Settings::paper(length) }
    }

    /// What the network saw in every step, of one token whose id it always says is 5.
    fn seen(change: impl Fn(&mut E0Settings)) -> Vec<Vec<f32>> {
        let mut settings = settings(1);
        change(&mut settings);
        let mut seen = Vec::new();
        let mut rng = Pcg64Mcg::seed_from_u64(4);
        let done = E0Denoiser::new(settings).unwrap().decode(&mut rng, &mut [0], |x, _, logits| {
            seen.push(x.to_vec());
            logits.fill(0.0);
            logits[5] = 1.0;
            ControlFlow::Continue(())
        });
        assert_eq!(done, Ok(10));
        seen
    }

    #[test]
    fn noise_is_fresh_unless_asked_to_be_the_same() {
        let fresh = seen(|_| ());
        assert_ne!(fresh[1][0], fresh[2][0]);
        let same = seen(|settings| settings.same_noise = true);
        assert_eq!(same[1], same[2]);
        assert!((same[1][5] - same[0][5] - 0.1).abs() < 1e-6, "a tenth of the one-hot shows");
    }

    #[test]
    fn fading_noise_fades() {
        let fading = seen(|settings| {
            settings.signal = E0Signal::Fading { decay: 0.1 };
            settings.same_noise = true;
        });
        // The last step is at t = 0.1.
        let share = 0.1_f32.sqrt();
        assert!((fading[9][0] - share * fading[0][0]).abs() < 1e-6);
        assert!((fading[9][5] - share * fading[0][5] - 0.1 * (1.0 - share)).abs() < 1e-6);
    }

    #[test]
    fn an_example_is_between_noise_and_truth() {
        let mut row = [1.0, 1.0];
        e0_noisy_one_hot(0.25, 1, &mut row);
        assert_eq!(row, [0.25, 1.0]);
    }

    proptest! {
        #[test]
        fn the_truth_comes_out(
            truth in prop::collection::vec(0..IDS, 1..20), allowed in 1..12_usize, seed: u64,
        ) {
            let mut tokens = vec![0; truth.len()];
            let mut left = allowed;
            let done = E0Denoiser::new(settings(truth.len())).unwrap().decode(
                &mut Pcg64Mcg::seed_from_u64(seed),
                &mut tokens,
                |_, _, logits| {
                    if left == 0 {
                        return ControlFlow::Break(());
                    }
                    left -= 1;
                    logits.fill(0.0);
                    for (row, token) in logits.chunks_exact_mut(IDS as usize).zip(&truth) {
                        row[*token as usize] = 1.0;
                    }
                    ControlFlow::Continue(())
                },
            );
            prop_assert_eq!(done, Ok(allowed.min(10)));
            prop_assert_eq!(tokens, truth);
        }

        #[test]
        fn decoding_is_total(noise in prop::collection::vec(any::<f32>(), 3 * IDS as usize)) {
            let mut tokens = [u32::MAX; 3];
            let done = E0Denoiser::new(settings(3)).unwrap().decode(
                &mut Pcg64Mcg::seed_from_u64(1),
                &mut tokens,
                |_, _, logits| {
                    logits.copy_from_slice(&noise);
                    ControlFlow::Continue(())
                },
            );
            match done {
                Ok(_) => prop_assert!(tokens.iter().all(|token| *token < IDS)),
                Err(error) => {
                    let first = matches!(error, E0Error::Logits { step: 0, .. });
                    prop_assert!(first, "{error}");
                },
            }
        }
    }
}
