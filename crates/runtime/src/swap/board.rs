//! What everybody may know about swaps: who is in charge, and how far the newest swap has come.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tandem_wire::{Distribution, PolicyReply, SWAP_STEPS_MAX};

use crate::policies::Active;

/// Written by the swapping thread; read by desks and telemetry. No real-time thread looks at it.
#[derive(Debug)]
pub(crate) struct Board(Mutex<State>);

#[derive(Debug)]
struct State {
    active: Active,
    number: u64,
    under_way: bool,
    ok: bool,
    // Bounded by SWAP_STEPS_MAX.
    steps: Vec<String>,
    shadow: Vec<Distribution>,
    ends: [u64; 3],
}

/// How a swap can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The new policy is in charge.
    Done,
    /// The old one never ceased to be.
    Kept,
    /// The old one is back.
    Reverted,
}

impl Board {
    pub(crate) const fn new(active: Active) -> Self {
        Self(Mutex::new(State {
            active,
            number: 0,
            under_way: false,
            ok: true,
            steps: Vec::new(),
            shadow: Vec::new(),
            ends: [0; 3],
        }))
    }

    /// Begins a swap and returns its number, unless one is under way: then what that one is at.
    pub(crate) fn begin(&self) -> Result<u64, String> {
        let mut state = self.state();
        if state.under_way {
            return Err(state.line());
        }
        state.number += 1;
        (state.under_way, state.ok) = (true, true);
        state.steps.clear();
        state.shadow.clear();
        Ok(state.number)
    }

    /// Says aloud what the swap does now.
    pub(crate) fn step(&self, text: String) {
        let mut state = self.state();
        tracing::info!("swap {}: {text}", state.number);
        state.note(text);
    }

    /// Ends the swap.
    pub(crate) fn end(&self, end: End, text: String) {
        let mut state = self.state();
        match end {
            End::Done => tracing::info!("swap {}: {text}", state.number),
            End::Kept | End::Reverted => tracing::warn!("swap {}: {text}", state.number),
        }
        state.note(text);
        state.under_way = false;
        state.ok = end == End::Done;
        if let Some(count) = state.ends.get_mut(end as usize) {
            *count += 1;
        }
    }

    /// Whether a swap has begun and not come to its end.
    pub(crate) fn is_under_way(&self) -> bool {
        self.state().under_way
    }

    /// Puts another policy in charge; returns the one before.
    pub(crate) fn replace(&self, active: Active) -> Active {
        core::mem::replace(&mut self.state().active, active)
    }

    /// Keeps what a shadow measured.
    pub(crate) fn measured(&self, shadow: Vec<Distribution>) {
        self.state().shadow = shadow;
    }

    /// Who is in charge.
    pub(crate) fn active(&self) -> Active {
        self.state().active.clone()
    }

    /// The newest swap in a line; empty before the first.
    pub(crate) fn line(&self) -> String {
        self.state().line()
    }

    /// How often swaps ended in each way.
    pub(crate) fn ends(&self) -> [(&'static str, u64); 3] {
        let [done, kept, reverted] = self.state().ends;
        [("swaps.done", done), ("swaps.kept", kept), ("swaps.reverted", reverted)]
    }

    /// Everything about the newest swap.
    pub(crate) fn progress(&self) -> PolicyReply {
        let state = self.state();
        let message = if state.number == 0 { "no swap yet".to_owned() } else { state.line() };
        PolicyReply {
            ok: state.ok,
            message,
            swap: state.number,
            under_way: state.under_way,
            steps: state.steps.clone(),
            shadow: state.shadow.clone(),
            bundles: Vec::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn note(&mut self, text: String) {
        if self.steps.len() < SWAP_STEPS_MAX {
            self.steps.push(text);
        }
    }

    fn line(&self) -> String {
        self.steps.last().map_or_else(String::new, |step| format!("swap {}: {step}", self.number))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tandem_bundle::Latent;
    use tandem_inference::EngineKind;
    use tandem_types::ModelId;

    use super::*;

    fn active(name: &str) -> Active {
        let [age_min, age_max] = [0, 300].map(Duration::from_millis);
        let latent = Latent { dim: 32, model: ModelId(1), age_min, age_max, norm: None };
        Active { name: name.to_owned(), dir: name.into(), engine: EngineKind::Candle, latent }
    }

    #[test]
    fn one_swap_at_a_time_and_each_step_shows() {
        let board = Board::new(active("old"));
        assert_eq!((board.line(), board.progress().swap), (String::new(), 0));
        assert_eq!(board.begin(), Ok(1));
        board.step("loading".to_owned());
        assert_eq!(board.begin(), Err("swap 1: loading".to_owned()));
        assert!(board.progress().ok && board.progress().under_way);
        board.end(End::Kept, "kept".to_owned());
        let said = board.progress();
        assert_eq!((said.ok, said.under_way, said.steps.len()), (false, false, 2));

        assert_eq!(board.begin(), Ok(2));
        assert!(board.progress().ok, "a new swap has not failed");
        assert_eq!(board.replace(active("new")).name, "old");
        board.end(End::Done, "done".to_owned());
        assert_eq!((board.line(), board.active().name), ("swap 2: done".into(), "new".into()));
        assert_eq!(board.ends().map(|(_, count)| count), [1, 1, 0]);
    }
}
