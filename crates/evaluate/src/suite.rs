//! A suite of episodes in lockstep.

use core::ops::ControlFlow;

use tandem_sim::{Episode, Lockstep, LockstepError, Outcome, Pilot, Verdict};

use crate::Proportion;

/// One episode that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// Its seed.
    pub seed: u64,
    /// What was asked for.
    pub instruction: String,
    /// How it went.
    pub outcome: Outcome,
    /// The object named, by its place among the scene's.
    pub target: usize,
    /// From the fingertip to each object's surface at the end, m.
    pub distances_m: Vec<f64>,
}

impl Played {
    /// Whether the arm reached the object named.
    #[must_use]
    pub const fn succeeded(&self) -> bool {
        matches!(self.outcome.verdict, Verdict::Succeeded(_))
    }
}

/// Plays episodes. `brief` prepares the pilot for an episode once it is laid, with
/// what is asked; `watch` hears of each one that is over, and may break off.
///
/// # Errors
/// If the world cannot be laid.
pub fn play<P: Pilot>(
    lockstep: &mut Lockstep,
    pilot: &mut P,
    episodes: impl IntoIterator<Item = Episode>,
    mut brief: impl FnMut(&mut P, &str),
    mut watch: impl FnMut(&Played) -> ControlFlow<()>,
) -> Result<Proportion, LockstepError> {
    let mut reached = Proportion::default();
    for episode in episodes {
        let mut briefed = Briefed { pilot, brief: &mut brief, said: None, episode };
        let outcome = lockstep.play(&episode, &mut briefed)?;
        let instruction = briefed.said.unwrap_or_default();
        let world = lockstep.world();
        let task = world.task();
        let target = if episode.judge_alternative { task.alternative } else { task.target };
        let distances_m = world.distances_m().to_vec();
        let played = Played { seed: episode.seed, instruction, outcome, target, distances_m };
        reached.count(played.succeeded());
        if watch(&played).is_break() {
            break;
        }
    }
    Ok(reached)
}

/// Briefs a pilot at its first chance to act in an episode.
struct Briefed<'a, P, F> {
    pilot: &'a mut P,
    brief: &'a mut F,
    episode: Episode,
    said: Option<String>,
}

impl<P: Pilot, F: FnMut(&mut P, &str)> Pilot for Briefed<'_, P, F> {
    fn act(
        &mut self,
        posture: &tandem_types::Posture,
        senses: &mut tandem_sim::Senses<'_>,
    ) -> Option<tandem_types::ActionChunk> {
        if self.said.is_none() {
            let task = senses.privileged().task();
            let other = self.episode.judge_alternative;
            let said = if other { &task.alternative_instruction } else { &task.instruction };
            (self.brief)(self.pilot, said);
            self.said = Some(said.clone());
        }
        self.pilot.act(posture, senses)
    }
}
