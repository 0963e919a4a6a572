//! The thread graph: who runs, and which channel leads from whom to whom.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rtrb::{Producer, RingBuffer};
use tandem_bundle::CameraInput;
use tandem_bus::{Bus, CommandPort, Garbage, Keys, Subscription};
use tandem_config::{Config, TickClock};
use tandem_control::{Controller, TaskMonitor};
use tandem_guard::FrameWitness;
use tandem_latest::{Reader, Writer, channel};
use tandem_realtime::{Bell, Granted, Metronome, PeriodicTimer};
use tandem_system1::Shelf;
use tandem_types::{
    ActionChunk, Epoch, Frame, InstructionId, JointVec, LatentGoal, Posture, Stamp, State,
};

use crate::beat::Beat;
use crate::desk::Waiting;
use crate::error::StartError;
use crate::floor::Floor;
use crate::pace::Slots;
use crate::policies::Policies;
use crate::record::RING_RECORDS;
use crate::seat::exchange;
use crate::sender::Sender;
use crate::senses::{self, Confirmation, Viewers};
use crate::shared::Shared;
use crate::swap::{Board, Order, SwapThread};
use crate::system1::{Easing, EyeThread, PolicyThread, Rehearsal};
use crate::system2::ThoughtThread;
use crate::tally::Tally;
use crate::telemetry::{Identity, Rings, Task, Telemetry};
use crate::threads::{ordinary, realtime, spawn};
use crate::tick::{Tick, Ticket};
use crate::witnesses::{Stand, Witnesses};

/// Requests that wait for the tick, which takes one each period.
const TICKETS_MAX: usize = 16;

/// How far the swapping thread steps back: nothing waits for it.
const SWAP_NICE: i8 = 10;

/// What the graph is built from.
pub(crate) struct Graph<'a> {
    pub(crate) config: &'a Config,
    pub(crate) keys: &'a Keys,
    pub(crate) bus: &'a Bus,
    pub(crate) epoch: Epoch,
    pub(crate) garbage: &'a Garbage,
}

/// The graph, running, and its ends that lead outside.
pub(crate) struct Built {
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) threads: Vec<JoinHandle<()>>,
    pub(crate) tickets: Producer<Ticket>,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) tally: Arc<Mutex<Tally>>,
    pub(crate) identity: Identity,
    pub(crate) board: Arc<Board>,
    /// Where swaps are ordered, if the config allows any.
    pub(crate) orders: Option<SyncSender<Order>>,
}

/// The pictures of everybody who looks: System 2 in its bundle's camera order, the others, whose
/// bundles change, one for each camera of the config.
struct Sight {
    subscriptions: Vec<Subscription>,
    eye: Vec<Reader<Frame>>,
    shadow: Vec<Reader<Frame>>,
    model: Vec<Reader<Frame>>,
    bell_rope: SyncSender<()>,
    bell: Receiver<()>,
}

impl Graph<'_> {
    /// Makes every channel and every thread.
    pub(crate) fn build(
        &self,
        policies: Policies,
        controller: Controller,
        shared: &Arc<Shared>,
        identity: &Identity,
        granted: &mut Granted,
    ) -> Result<Built, StartError> {
        let Policies { pair, active, model, system2, fitting } = policies;
        let (config, epoch) = (self.config, self.epoch);
        let cameras = config.cameras.len();
        let (witnesses, stand) = Witnesses::new(epoch, self.garbage.clone(), cameras);
        let Stand { frames, latent: bench, limits, heartbeat } = stand;
        let sight = self.sight(&system2.manifest().cameras, frames)?;
        let latent_age_min = config.system1.latent_age_min(&active.latent);
        let board = Arc::new(Board::new(active));

        // Samples: the newest wins, the reader never waits.
        let (state_writer, states) = channel(epoch, State::default);
        let (receipt_writer, receipts) = channel(epoch, Confirmation::default);
        let (command_writer, commands) = channel(epoch, || None);
        let at_rest = ActionChunk::at_rest(JointVec::zeros(config.dof()), Stamp::ORIGIN);
        let (chunk_writer, chunks) = channel(epoch, || at_rest);
        let (goal_writer, goals) = channel(epoch, || LatentGoal::NONE);
        let [to_policy, to_model, to_status] = [(); 3].map(|()| channel(epoch, Posture::default));
        let (rehearsal_writer, rehearsals) = channel(epoch, || Rehearsal {
            posture: Posture::default(),
            goal: LatentGoal::NONE,
            chunk: at_rest,
        });

        // A policy changes hands in two halves, one for each of its threads.
        let (eye_counter, eye_post) = exchange();
        let (policy_counter, policy_post) = exchange();

        // Records and requests: bounded, counted when full.
        let (tick_records, ticks) = RingBuffer::new(RING_RECORDS);
        let (tickets, tickets_taken) = RingBuffer::new(TICKETS_MAX);
        let [of_policy, of_eye, of_model] = [(); 3].map(|()| RingBuffer::new(RING_RECORDS));
        let work = vec![of_policy.1, of_eye.1, of_model.1];

        let joints = config.joint_names().to_vec();
        let mut subscriptions = sight.subscriptions;
        let bell = (config.control.clock == TickClock::State).then(Arc::<Bell>::default);
        let felt = bell.clone();
        let state = senses::feel(self.bus, self.keys, self.garbage, joints, state_writer, felt)?;
        subscriptions.push(state);
        let receipt =
            senses::acknowledge(self.bus, self.keys, self.garbage, receipt_writer, limits)?;
        subscriptions.push(receipt);
        subscriptions.push(senses::attend(self.bus, self.keys, self.garbage, heartbeat)?);

        let mut threads = Threads { shared, granted, running: Vec::new() };
        let (control, fast, slow) = (&config.control, &config.system1, &config.system2);

        let mut thought = ThoughtThread {
            model,
            timer: PeriodicTimer::new(slow.period, Duration::ZERO),
            frames: sight.model,
            postures: to_model.1,
            goals: goal_writer,
            goal: LatentGoal::NONE,
            records: of_model.0,
        };
        let nice = i8::try_from(slow.nice).unwrap_or(i8::MAX);
        threads.start("system2", ordinary(nice), move |shared| thought.run(shared))?;

        let mut eye = EyeThread {
            seat: pair.eye,
            post: eye_post,
            frames: sight.eye,
            bell: sight.bell,
            records: of_eye.0,
        };
        let below = |priority: Option<u32>, by| priority.map(|p| p.saturating_sub(by).max(1));
        let schedule = realtime(below(fast.priority, 5), fast.cpu);
        threads.start("eye", schedule, move |shared| eye.run(shared))?;

        let mut policy = PolicyThread {
            seat: pair.policy,
            post: policy_post,
            // Half a tick after the tick whose posture it reads.
            timer: PeriodicTimer::new(fast.period, control.period / 2),
            slots: Slots::START,
            postures: to_policy.1,
            goals,
            shelf: Shelf::new(latent_age_min),
            chunks: chunk_writer,
            chunk: at_rest,
            rehearsals: rehearsal_writer,
            easing: Easing::Done,
            fade: config.policies.as_ref().map_or(Duration::ZERO, |policies| policies.fade),
            records: of_policy.0,
            bench,
        };
        let schedule = realtime(fast.priority, fast.cpu);
        threads.start("system1", schedule, move |shared| policy.run(shared))?;

        let orders = match config.policies.clone() {
            Some(settings) => {
                let (orders, taken) = sync_channel(1);
                let mut swap = SwapThread {
                    orders: taken,
                    board: board.clone(),
                    fitting,
                    settings,
                    period: fast.period,
                    frames: sight.shadow,
                    rehearsals,
                    eye: eye_counter,
                    policy: policy_counter,
                    bell: sight.bell_rope,
                };
                threads.start("swap", ordinary(SWAP_NICE), move |shared| swap.run(shared))?;
                Some(orders)
            }
            None => None,
        };

        let mut sender = Sender {
            port: CommandPort::new(self.bus, self.keys)?,
            // With the tick, so that whatever wakes the one wakes the other.
            beat: Beat::of(control.period, bell.clone()),
            patience: control.period / 4,
            commands,
            sending: false,
        };
        let schedule = realtime(below(control.priority, 5), None);
        threads.start("sender", schedule, move |shared| sender.run(shared))?;

        let schedule = realtime(control.priority, control.cpu);
        let (wakes, floor) = RingBuffer::new(RING_RECORDS);
        let metronome = bell.clone().map(|bell| Metronome::new(bell, control.period));
        if control.measure_floor || metronome.is_some() {
            // Between two ticks, so that neither wakes the other's CPU.
            let timer = PeriodicTimer::new(control.period, control.period / 2);
            let wakes = control.measure_floor.then_some(wakes);
            let floor = Floor { timer, wakes, metronome };
            threads.start("floor", schedule, move |shared| floor.run(shared))?;
        }

        let mut tick = Tick {
            controller,
            beat: Beat::of(control.period, bell).with_spin(control.spin),
            states,
            chunks,
            receipts,
            witnesses,
            tickets: tickets_taken,
            commands: command_writer,
            postures: [to_policy.0, to_model.0, to_status.0],
            records: tick_records,
        };
        threads.start("tick", schedule, move |shared| tick.run(shared))?;

        let (tally, waiting) = (Arc::new(Mutex::new(Tally::new())), Arc::new(Waiting::default()));
        let mut telemetry = Telemetry {
            identity: identity.clone(),
            rings: Rings { ticks, work, floor },
            tally: tally.clone(),
            waiting: waiting.clone(),
            board: board.clone(),
            postures: to_status.1,
            status: self.bus.publisher(&self.keys.status())?,
            said: None,
            task: Task {
                instruction: InstructionId::default(),
                monitor: TaskMonitor::new(config.task),
            },
        };
        threads.start("telemetry", ordinary(0), move |shared| telemetry.run(shared))?;

        let (threads, identity) = (threads.running, identity.clone());
        Ok(Built { subscriptions, threads, tickets, waiting, tally, identity, board, orders })
    }

    /// Listens to every camera of the config. System 1 gets those it has no use for as well, because
    /// the next bundle may have.
    fn sight(
        &self,
        model: &[CameraInput],
        witnesses: Vec<Writer<FrameWitness>>,
    ) -> Result<Sight, StartError> {
        let (bell_rope, bell) = sync_channel(1);
        let mut subscriptions = Vec::new();
        let (mut eye, mut shadow) = (Vec::new(), Vec::new());
        let mut thought: Vec<Option<Reader<Frame>>> = model.iter().map(|_| None).collect();
        for (camera, witness) in self.config.cameras.iter().zip(witnesses) {
            let (width_px, height_px) = (camera.width_px, camera.height_px);
            let frames = || channel(self.epoch, || Frame::black(width_px, height_px));
            let mut writers = Vec::new();
            let mut view = || {
                let (writer, reader) = frames();
                writers.push(writer);
                reader
            };
            eye.push(view());
            if self.config.policies.is_some() {
                shadow.push(view());
            }
            let place = model.iter().position(|input| input.name == camera.name);
            if let Some(end) = place.and_then(|place| thought.get_mut(place)) {
                *end = Some(view());
            }
            let bell = bell_rope.clone();
            let viewers = Viewers { frames: writers, bell, witness, width_px, height_px };
            let name = &camera.name;
            subscriptions.push(senses::see(self.bus, self.keys, self.garbage, name, viewers)?);
        }
        // The bundle was checked against the config: every camera it names is there.
        let model = thought.into_iter().flatten().collect();
        Ok(Sight { subscriptions, eye, shadow, model, bell_rope, bell })
    }
}

/// The threads started so far.
struct Threads<'a> {
    shared: &'a Arc<Shared>,
    granted: &'a mut Granted,
    running: Vec<JoinHandle<()>>,
}

impl Threads<'_> {
    fn start(
        &mut self,
        name: &'static str,
        schedule: tandem_realtime::Schedule,
        body: impl FnOnce(&Shared) + Send + 'static,
    ) -> Result<(), StartError> {
        let shared = self.shared.clone();
        let thread = spawn(name, schedule, self.granted, move || body(&shared))?;
        self.running.push(thread);
        Ok(())
    }
}
