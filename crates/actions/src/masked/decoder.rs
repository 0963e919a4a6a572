//! Rounds of guessing all masked tokens and keeping the surest.

use core::ops::ControlFlow;

use rand::Rng;

use super::{Remask, RevealSchedule, Score};
use crate::choice::{Choice, probability};

/// How tokens are decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskedSettings {
    /// Tokens of a chunk; 56 in the paper: 8 steps of 7 dimensions.
    pub length: usize,
    /// Ids of a token; 256 in the paper. The id after the last is the mask.
    pub vocabulary: u32,
    /// Rounds; 12 in the paper, and each is one evaluation of the network.
    pub rounds: usize,
    /// How many stay masked after each.
    pub schedule: RevealSchedule,
    /// How a token is chosen.
    pub choice: Choice,
    /// How sure a choice is.
    pub score: Score,
    /// When a kept token is masked again; none: never, as released.
    pub remask: Option<Remask>,
}

/// Decodes chunks of masked tokens. Allocates when made, and never after.
#[derive(Clone, Debug)]
pub struct MaskedDecoder {
    settings: MaskedSettings,
    logits: Vec<f32>,
    /// The newest guess at every position that is masked.
    guesses: Vec<u32>,
    /// Masked positions with how sure their guesses are.
    scores: Vec<(usize, f64)>,
}

/// What decoding took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Evaluations of the network.
    pub rounds: usize,
    /// Tokens that were taken back.
    pub remasked: usize,
}

/// Why no tokens were decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskedError {
    /// Nothing to decode.
    #[error(
        "masked decoding of {length} tokens of {vocabulary} ids in {rounds} rounds: all must be at least 1, tokens times ids at most 2^24"
    )]
    Settings {
        /// Tokens.
        length: usize,
        /// Ids.
        vocabulary: u32,
        /// Rounds.
        rounds: usize,
    },
    /// The room for tokens is another.
    #[error("room for {found} tokens where {expected} are decoded")]
    Room {
        /// Tokens decoded.
        expected: usize,
        /// Room there was.
        found: usize,
    },
    /// The network's answer is none.
    #[error("the logits of token {place} in round {round} are no distribution")]
    Logits {
        /// The token.
        place: usize,
        /// The round, from 0.
        round: usize,
    },
    /// Time was up before the first round.
    #[error("no round was allowed, so nothing is known of the tokens")]
    NoRound,
}

impl MaskedSettings {
    /// The released decoder for a chunk of `length` tokens.
    #[must_use]
    pub const fn released(length: usize) -> Self {
        Self {
            length,
            vocabulary: 256,
            rounds: 12,
            schedule: RevealSchedule::Cosine,
            choice: Choice::Drawn,
            score: Score::NoisyLog { temperature: 1.0 },
            remask: None,
        }
    }
}

impl MaskedDecoder {
    /// # Errors
    /// If there is nothing to decode, or far too much.
    pub fn new(settings: MaskedSettings) -> Result<Self, MaskedError> {
        let MaskedSettings { length, vocabulary, rounds, .. } = settings;
        match length.checked_mul(vocabulary as usize) {
            Some(logits @ 1..=0x100_0000) if rounds > 0 => Ok(Self {
                settings,
                logits: vec![0.0; logits],
                guesses: vec![0; length],
                scores: Vec::with_capacity(length),
            }),
            _ => Err(MaskedError::Settings { length, vocabulary, rounds }),
        }
    }

    /// The id that stands for a token not yet known.
    #[must_use]
    pub const fn mask(&self) -> u32 {
        self.settings.vocabulary
    }

    /// Decodes a chunk's tokens, each below the vocabulary.
    ///
    /// `predict(tokens, logits)` is the network: from tokens with masks among them it writes the
    /// logits of all tokens (`[length][vocabulary]`), or breaks off because time is up. Then the
    /// kept tokens and the newest guesses at the others are the answer.
    ///
    /// # Errors
    /// If the room is wrong, the logits are no distributions, or not even one round was allowed.
    pub fn decode(
        &mut self,
        rng: &mut impl Rng,
        tokens: &mut [u32],
        mut predict: impl FnMut(&[u32], &mut [f32]) -> ControlFlow<()>,
    ) -> Result<Rounds, MaskedError> {
        let (expected, found) = (self.settings.length, tokens.len());
        if found != expected {
            return Err(MaskedError::Room { expected, found });
        }
        tokens.fill(self.mask());
        let mut done = Rounds { rounds: 0, remasked: 0 };
        while done.rounds < self.settings.rounds {
            if predict(tokens, &mut self.logits).is_break() {
                break;
            }
            done.remasked += self.round(rng, done.rounds, tokens)?;
            done.rounds += 1;
        }
        if done.rounds == 0 {
            return Err(MaskedError::NoRound);
        }
        let mask = self.mask();
        for (token, guess) in tokens.iter_mut().zip(&self.guesses) {
            if *token == mask {
                *token = *guess;
            }
        }
        Ok(done)
    }

    /// One round: take back what has become unlikely, guess what is masked, keep the surest.
    fn round(
        &mut self,
        rng: &mut impl Rng,
        round: usize,
        tokens: &mut [u32],
    ) -> Result<usize, MaskedError> {
        let MaskedSettings { length, vocabulary, rounds, schedule, choice, score, remask } =
            self.settings;
        let ratio = (round + 1) as f64 / rounds as f64;
        let is_last = round + 1 == rounds;
        let mut remasked = 0;
        self.scores.clear();
        let rows = self.logits.chunks_exact_mut(vocabulary as usize);
        for (place, (token, logits)) in tokens.iter_mut().zip(rows).enumerate() {
            let broken = MaskedError::Logits { place, round };
            if *token < vocabulary {
                // In the last round a token taken back could only be guessed once more, alone.
                let Some(remask) = remask.filter(|_| !is_last) else { continue };
                let likely = probability(logits, *token).ok_or(broken)?;
                if likely < remask.threshold(ratio) {
                    // Its guess stays what it was, in case no round comes after this one.
                    *token = vocabulary;
                    remasked += 1;
                }
                continue;
            }
            let chosen = choice.choose(rng, logits).ok_or(broken)?;
            self.guesses[place] = chosen.token;
            self.scores.push((place, score.of(rng, &chosen, logits, ratio)));
        }
        let masked = schedule.masked_after(length, round, rounds).saturating_sub(remasked);
        // The least sure first; of equals the first in the chunk, so that nothing is left to chance.
        self.scores.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        for (place, _) in self.scores.iter().skip(masked) {
            tokens[*place] = self.guesses[*place];
        }
        Ok(remasked)
    }
}
