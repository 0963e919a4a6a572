//! The simulated robot and its table, one millisecond at a time.

mod picture;
mod stage;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use rapier3d::prelude::PhysicsWorld;
use tandem_types::{Command, Frame, JointVec, Stamp, State};
use tandem_wire::{
    EpisodeReply, EpisodeRequest, JointCommand, JointState, Receipt, Refusal, Truth,
};

use crate::arm::Arm;
use crate::camera::Renderer;
use crate::inbox::Inbox;
use crate::settings::STEP;
use crate::{Judge, ObjectCount, Scene, SimConfig, SimError, Target, Task, Templates, Verdict};
use stage::Stage;

#[cfg(test)]
pub(crate) use stage::{empty_world, lay_table};

pub use picture::Snapshot;

/// Virtual time starts here, so that no stamp is mistaken for "never".
const START: Stamp = Stamp::from_nanos(1_000_000_000);

/// The world: physics, what lies on the table, what is asked, and the robot's side of the bus.
///
/// The same config and the same calls give the same bytes. Time is the world's own: it starts at
/// one second and [`step`](Self::step) adds a millisecond; a process in real time sets the clock
/// with [`set_clock`](Self::set_clock).
pub struct World {
    config: SimConfig,
    now: Stamp,
    episode: u64,
    seed: u64,
    templates: Templates,
    physics: PhysicsWorld,
    arm: Arm,
    stage: Stage,
    scene: Scene,
    task: Task,
    judged: usize,
    judge: Judge,
    inbox: Inbox,
    noise: Pcg64Mcg,
    measured: State,
    distances_m: Vec<f64>,
    renderer: Renderer,
    snapshot: Snapshot,
}

/// How to lay the table anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episode {
    /// Everything random about the scene follows from it.
    pub seed: u64,
    /// How many objects; `None` for the config's.
    pub objects: Option<ObjectCount>,
    /// Which sentences to draw from.
    pub templates: Templates,
    /// Whether the target judged is the one that the alternative instruction names.
    pub judge_alternative: bool,
    /// Whether the arm is put at its start pose; otherwise it stays where it is.
    pub settle: bool,
}

impl Episode {
    /// An ordinary episode.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let templates = Templates::Trained;
        Self { seed, objects: None, templates, judge_alternative: false, settle: true }
    }
}

impl World {
    /// A world with its first episode laid.
    ///
    /// # Errors
    /// If the settings contradict themselves or the robot cannot be simulated.
    pub fn new(config: SimConfig, seed: u64) -> Result<Self, SimError> {
        config.check()?;
        let episode = Episode::new(seed);
        let laid = Laid::new(&config, &episode, None)?;
        let inbox =
            Inbox::new(&config.robot, config.epoch, config.servo.latency, &laid.scene.start);
        let snapshot = Snapshot::new(&config)?;
        let mut world = Self {
            now: START,
            episode: 1,
            seed,
            templates: episode.templates,
            judged: laid.task.target,
            judge: Judge::new(config.success, START),
            inbox,
            noise: Pcg64Mcg::seed_from_u64(seed),
            measured: State::default(),
            distances_m: Vec::with_capacity(SimConfig::OBJECTS_MAX),
            renderer: Renderer::new(),
            snapshot,
            physics: laid.physics,
            arm: laid.arm,
            stage: laid.stage,
            scene: laid.scene,
            task: laid.task,
            config,
        };
        world.observe();
        Ok(world)
    }

    /// Lays the table for an ordinary episode; see [`lay`](Self::lay).
    ///
    /// # Errors
    /// As [`World::new`].
    pub fn reset(&mut self, seed: u64) -> Result<(), SimError> {
        self.lay(&Episode::new(seed))
    }

    /// Lays the table anew. Time goes on, and so does the link: the controller obeyed stays the
    /// same, but what it had commanded is forgotten.
    ///
    /// # Errors
    /// As [`World::new`].
    pub fn lay(&mut self, episode: &Episode) -> Result<(), SimError> {
        let here = if episode.settle { None } else { Some(self.arm.q(&self.physics)) };
        let laid = Laid::new(&self.config, episode, here)?;
        self.inbox.hold_at(&laid.arm.q(&laid.physics));
        (self.physics, self.arm, self.stage) = (laid.physics, laid.arm, laid.stage);
        (self.scene, self.task) = (laid.scene, laid.task);
        self.episode += 1;
        (self.seed, self.templates) = (episode.seed, episode.templates);
        self.judged =
            if episode.judge_alternative { self.task.alternative } else { self.task.target };
        self.noise = Pcg64Mcg::seed_from_u64(episode.seed);
        self.restart_judge();
        self.observe();
        Ok(())
    }

    /// Serves an episode request from the bus.
    pub fn serve(&mut self, request: &EpisodeRequest) -> EpisodeReply {
        let default = self.config.objects;
        let or = |asked: u8, default: usize| if asked == 0 { default } else { usize::from(asked) };
        let objects = ObjectCount {
            min: or(request.objects_min, default.min).clamp(2, SimConfig::OBJECTS_MAX),
            max: or(request.objects_max, default.max).clamp(2, SimConfig::OBJECTS_MAX),
        };
        let objects = ObjectCount { max: objects.max.max(objects.min), ..objects };
        let laid = self.lay(&Episode {
            objects: Some(objects),
            judge_alternative: request.instruct_other,
            settle: request.settle,
            ..Episode::new(request.seed)
        });
        match laid {
            Ok(()) => self.describe(),
            Err(error) => EpisodeReply { message: error.to_string(), ..EpisodeReply::default() },
        }
    }

    /// The present episode in words.
    #[must_use]
    pub fn describe(&self) -> EpisodeReply {
        EpisodeReply {
            ok: true,
            message: String::new(),
            episode: self.episode,
            instruction: self.task.instruction.clone(),
            alternative_instruction: self.task.alternative_instruction.clone(),
            target: byte(self.task.target),
            alternative: byte(self.task.alternative),
            objects: self.scene.objects.iter().map(|object| object.kind.describe()).collect(),
        }
    }

    /// One millisecond of physics, towards what the bus commands.
    pub fn step(&mut self) {
        let target = self.inbox.target(self.now.after(STEP));
        self.step_toward(&target);
    }

    /// One millisecond of physics, towards what somebody else tells the servos.
    pub fn step_toward(&mut self, target: &Command) {
        self.now = self.now.after(STEP);
        self.arm.drive(&mut self.physics, target);
        self.physics.step();
        self.observe();
        self.judge.feed(self.now, &self.distances_m, self.judged);
    }

    /// Sets the clock, for a world that follows real time. The judge's time goes on from there.
    pub const fn set_clock(&mut self, now: Stamp) {
        self.now = now;
    }

    /// Starts the judge's time now: the moment the instruction is given.
    pub const fn restart_judge(&mut self) {
        self.judge = Judge::new(self.config.success, self.now);
    }

    /// Hands the robot a command.
    ///
    /// # Errors
    /// If the robot refuses it, and why; a receipt will say so too.
    pub fn receive(&mut self, command: &JointCommand) -> Result<(), Refusal> {
        self.inbox.receive(self.now, &self.measured.q, command)
    }

    /// The measured joints as a message.
    #[must_use]
    pub fn joint_state(&self) -> JointState {
        let names: Vec<String> =
            self.config.robot.joints().iter().map(|joint| joint.name.clone()).collect();
        let mut message = JointState::new(&names);
        message.set_state(&self.measured);
        message
    }

    /// The measured joints.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.measured
    }

    /// The robot's word on the commands it got.
    #[must_use]
    pub const fn receipt(&self) -> Receipt {
        self.inbox.receipt(self.now)
    }

    /// What no policy may see.
    #[must_use]
    pub fn truth(&self) -> Truth {
        Truth {
            stamp: self.now,
            episode: self.episode,
            tip_m: self.tip_m(),
            distances_m: self.distances_m.clone(),
            target: byte(self.judged),
            held_s: self.judge.held().as_secs_f64(),
            succeeded: matches!(self.judge.verdict(), Verdict::Succeeded(_)),
        }
    }

    /// The fingertip, m.
    #[must_use]
    pub fn tip_m(&self) -> [f64; 3] {
        let tip = self.arm.link_pose(&self.physics, self.config.robot.tip_link());
        tip.translation.vector.map(f64::from).into()
    }

    /// The fingertip's distances to the objects' surfaces, m.
    #[must_use]
    pub fn distances_m(&self) -> &[f64] {
        &self.distances_m
    }

    /// What the expert should touch: the object judged, where it is now.
    #[must_use]
    pub fn target(&self) -> Target {
        self.object_target(self.judged)
    }

    /// Where an object is now, for the expert.
    #[must_use]
    pub fn object_target(&self, object: usize) -> Target {
        Target { top_m: self.stage.top_m(&self.physics, object) }
    }

    /// Takes a picture of everything the cameras see now; rendering can wait, and happen elsewhere.
    pub fn snapshot_into(&self, snapshot: &mut Snapshot) {
        snapshot.take(self.now, self.seed, &self.config, &self.scene, |link| {
            self.arm.link_pose(&self.physics, link)
        });
        self.stage.add_to(&self.physics, &self.scene, snapshot);
    }

    /// An empty snapshot for this world's cameras.
    ///
    /// # Errors
    /// If a camera is mounted on a link that does not exist.
    pub fn new_snapshot(&self) -> Result<Snapshot, SimError> {
        Snapshot::new(&self.config)
    }

    /// Draws what a camera sees now. A camera that does not exist draws nothing.
    pub fn render(&mut self, camera: usize, out: &mut Frame) {
        let mut snapshot = core::mem::take(&mut self.snapshot);
        self.snapshot_into(&mut snapshot);
        snapshot.render(&mut self.renderer, camera, out);
        self.snapshot = snapshot;
    }

    /// Now.
    #[must_use]
    pub const fn now(&self) -> Stamp {
        self.now
    }

    /// What lies on the table.
    #[must_use]
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// What is asked.
    #[must_use]
    pub const fn task(&self) -> &Task {
        &self.task
    }

    /// The verdict on the present episode.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.judge.verdict()
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &SimConfig {
        &self.config
    }

    /// Reads the encoders and measures the distances.
    fn observe(&mut self) {
        let amplitude = self.config.encoder_noise_rad;
        let mut q = self.arm.q(&self.physics);
        for position in q.iter_mut() {
            *position += amplitude * self.noise.random_range(-1.0..=1.0);
        }
        self.measured =
            State { stamp: self.now, q, dq: self.arm.dq(&self.physics), tau: *self.arm.tau() };
        let tip = self.tip_m();
        self.stage.distances_into(&self.physics, tip, &mut self.distances_m);
    }
}

/// What is made new for an episode.
struct Laid {
    physics: PhysicsWorld,
    arm: Arm,
    stage: Stage,
    scene: Scene,
    task: Task,
}

impl Laid {
    fn new(
        config: &SimConfig,
        episode: &Episode,
        here: Option<JointVec>,
    ) -> Result<Self, SimError> {
        let mut rng = Pcg64Mcg::seed_from_u64(episode.seed);
        let count = episode.objects.unwrap_or(config.objects);
        let scene = Scene::generate(config, count, &mut rng);
        let task = Task::generate(&scene, episode.templates, &mut rng);
        let mut physics = stage::empty_world();
        let start = here.unwrap_or(scene.start);
        let arm = Arm::install(&mut physics, &config.robot, config.servo, &start)?;
        let stage = Stage::install(&mut physics, &scene);
        Ok(Self { physics, arm, stage, scene, task })
    }
}

/// Places on the table are below six, so they fit.
fn byte(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
