//! Both systems as the pilot of a lockstep run.

use core::time::Duration;

use tandem_sim::{Pilot, Senses};
use tandem_system1::{Budget, Eye, Features, LookError, Policy, Shelf, StepError, no_deadline};
use tandem_system2::{Instruction, Model, Scene, ThinkError};
use tandem_types::{ActionChunk, Frame, InstructionId, JointVec, LatentGoal, Posture, Stamp};

/// The delays that threads would have.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    /// From one thought of System 2 to the next.
    pub thought_period: Duration,
    /// From the look of a thought to its latent goal.
    pub thought_latency: Duration,
    /// Latent goals younger than this are held back.
    pub latent_age_min: Duration,
    /// From one step of System 1 to the next, at least: a bundle may be slower than the pilot.
    pub step_period: Duration,
    /// The most steps that a head may take for a chunk; as many as its bundle says, without.
    pub steps_max: Option<usize>,
}

/// System 1 and System 2, thinking and acting in virtual time.
pub struct Pair {
    eye: Eye,
    policy: Policy,
    model: Model,
    cameras: Cameras,
    pacing: Pacing,
    features: Features,
    frames: Vec<Frame>,
    instruction: Option<Instruction>,
    next_thought: Stamp,
    next_step: Stamp,
    /// A thought on its way, and when it arrives.
    thinking: Option<(Stamp, LatentGoal)>,
    shelf: Shelf,
    /// What the last step was to do.
    goal: Option<LatentGoal>,
    failure: Option<PairError>,
}

/// Which of the world's cameras each system looks through, in its bundle's order.
#[derive(Clone, Debug)]
pub struct Cameras {
    /// System 1's.
    pub eye: Vec<usize>,
    /// System 2's.
    pub model: Vec<usize>,
}

/// Why a pair stopped acting.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// System 1 cannot see.
    #[error(transparent)]
    Look(#[from] LookError),
    /// System 1 cannot act.
    #[error(transparent)]
    Step(#[from] StepError),
    /// System 2 cannot answer.
    #[error(transparent)]
    Think(#[from] ThinkError),
}

impl Pair {
    /// Puts both systems together.
    #[must_use]
    pub fn new(eye: Eye, policy: Policy, model: Model, cameras: Cameras, pacing: Pacing) -> Self {
        let features = eye.blank();
        Self {
            eye,
            policy,
            model,
            cameras,
            pacing,
            features,
            frames: Vec::new(),
            instruction: None,
            next_thought: Stamp::ORIGIN,
            next_step: Stamp::ORIGIN,
            thinking: None,
            shelf: Shelf::new(pacing.latent_age_min),
            goal: None,
            failure: None,
        }
    }

    /// A new episode: forgets what was seen and thought, and takes a new instruction.
    pub fn instruct(&mut self, text: &str) {
        let id = InstructionId(self.instruction.as_ref().map_or(1, |old| old.id.0 + 1));
        self.instruction = Some(Instruction::new(id, text, self.model.tokenizer()));
        self.features.observed = Stamp::ORIGIN;
        self.next_thought = Stamp::ORIGIN;
        self.next_step = Stamp::ORIGIN;
        (self.thinking, self.goal) = (None, None);
        self.shelf.clear();
        // An episode is a function of its seed, whatever was played before it.
        self.policy.reset();
    }

    /// What System 1 saw last.
    #[must_use]
    pub const fn features(&self) -> &Features {
        &self.features
    }

    /// The latent goal of System 1's last step in this episode.
    #[must_use]
    pub const fn goal(&self) -> Option<&LatentGoal> {
        self.goal.as_ref()
    }

    /// System 1's head.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Why the pair stopped acting, if it did.
    pub fn take_failure(&mut self) -> Option<PairError> {
        self.failure.take()
    }

    fn try_act(
        &mut self,
        posture: &Posture,
        senses: &mut Senses<'_>,
    ) -> Result<Option<ActionChunk>, PairError> {
        let Some(seen) = senses.frame_stamp() else { return Ok(None) };
        if seen > self.features.observed {
            copy(&self.cameras.eye, senses, &mut self.frames);
            let frames: Vec<&Frame> = self.frames.iter().collect();
            self.eye.look(&frames, &mut self.features)?;
        }
        self.think(posture, senses)?;
        let Some(goal) = self.shelf.take(posture.stamp) else { return Ok(None) };
        if posture.stamp < self.next_step {
            return Ok(None);
        }
        self.next_step = posture.stamp.after(self.pacing.step_period);
        self.goal = Some(*goal);
        let mut never = no_deadline();
        let mut budget = Budget::new(self.pacing.steps_max, &mut never);
        let mut chunk = ActionChunk::at_rest(JointVec::EMPTY, posture.stamp);
        match self.policy.step(posture, &self.features, goal, &mut budget, &mut chunk) {
            Ok(()) => {
                chunk.renewed_after = self.pacing.step_period;
                Ok(Some(chunk))
            }
            Err(error) if error.is_no_chunk() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a thought that has arrived, and begins the next one when it is due.
    fn think(&mut self, posture: &Posture, senses: &mut Senses<'_>) -> Result<(), PairError> {
        let now = posture.stamp;
        if let Some((_, goal)) = self.thinking.take_if(|(due, _)| *due <= now) {
            self.shelf.put(&goal);
        }
        let Some(instruction) = &self.instruction else { return Ok(()) };
        if now < self.next_thought {
            return Ok(());
        }
        self.next_thought = now.after(self.pacing.thought_period);
        copy(&self.cameras.model, senses, &mut self.frames);
        let frames: Vec<&Frame> = self.frames.iter().collect();
        let mut goal = LatentGoal::NONE;
        let scene = Scene { frames: &frames, q: &posture.state.q };
        self.model.think(scene, instruction, &mut goal)?;
        self.thinking = Some((now.after(self.pacing.thought_latency), goal));
        Ok(())
    }
}

impl Pilot for Pair {
    fn act(&mut self, posture: &Posture, senses: &mut Senses<'_>) -> Option<ActionChunk> {
        match self.try_act(posture, senses) {
            Ok(chunk) => chunk,
            Err(failure) => {
                self.failure.get_or_insert(failure);
                None
            }
        }
    }
}

/// Copies the newest pictures of some cameras.
fn copy(cameras: &[usize], senses: &mut Senses<'_>, frames: &mut Vec<Frame>) {
    frames.resize_with(cameras.len(), Frame::default);
    for (&camera, copy) in cameras.iter().zip(frames) {
        if let Some(frame) = senses.frame(camera) {
            copy.copy_from(frame);
        }
    }
}
