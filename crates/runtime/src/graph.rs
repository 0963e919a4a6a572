//! The thread graph: who runs, and which channel leads from whom to whom.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rtrb::{Producer, RingBuffer};
use tandem_bundle::CameraInput;
use tandem_bus::{Bus, CommandPort, Garbage, Keys, Subscription};
use tandem_config::Config;
use tandem_control::Controller;
use tandem_latest::{Reader, channel};
use tandem_realtime::{Granted, PeriodicTimer};
use tandem_types::{ActionChunk, Epoch, Frame, JointVec, LatentGoal, Posture, Stamp, State};

use crate::desk::Waiting;
use crate::error::StartError;
use crate::floor::Floor;
use crate::policies::Policies;
use crate::record::RING_RECORDS;
use crate::sender::Sender;
use crate::senses::{self, Viewers};
use crate::shared::Shared;
use crate::system1::{EyeThread, PolicyThread};
use crate::system2::ThoughtThread;
use crate::tally::Tally;
use crate::telemetry::{Identity, Rings, Telemetry};
use crate::threads::{ordinary, realtime, spawn};
use crate::tick::{Tick, Ticket};

/// Requests that wait for the tick, which takes one each period.
const TICKETS_MAX: usize = 16;

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
}

/// The pictures of both systems, each in its bundle's camera order.
struct Sight {
    subscriptions: Vec<Subscription>,
    eye: Vec<Reader<Frame>>,
    model: Vec<Reader<Frame>>,
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
        let Policies { eye, policy, model, system1, system2 } = policies;
        let (config, epoch) = (self.config, self.epoch);
        let sight = self.sight(&system1.manifest().cameras, &system2.manifest().cameras)?;

        // Samples: the newest wins, the reader never waits.
        let (state_writer, states) = channel(epoch, State::default);
        let (receipt_writer, receipts) = channel(epoch, Stamp::default);
        let (command_writer, commands) = channel(epoch, || None);
        let at_rest = ActionChunk::at_rest(JointVec::zeros(config.dof()), Stamp::ORIGIN);
        let (chunk_writer, chunks) = channel(epoch, || at_rest);
        let (features_writer, features) = channel(epoch, || eye.blank());
        let (goal_writer, goals) = channel(epoch, || LatentGoal::NONE);
        let [to_policy, to_model, to_status] = [(); 3].map(|()| channel(epoch, Posture::default));

        // Records and requests: bounded, counted when full.
        let (tick_records, ticks) = RingBuffer::new(RING_RECORDS);
        let (tickets, tickets_taken) = RingBuffer::new(TICKETS_MAX);
        let [of_policy, of_eye, of_model] = [(); 3].map(|()| RingBuffer::new(RING_RECORDS));
        let work = vec![of_policy.1, of_eye.1, of_model.1];

        let joints = config.joint_names().to_vec();
        let mut subscriptions = sight.subscriptions;
        subscriptions.push(senses::feel(self.bus, self.keys, self.garbage, joints, state_writer)?);
        let receipt =
            senses::acknowledge(self.bus, self.keys, self.garbage, epoch, receipt_writer)?;
        subscriptions.push(receipt);

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

        let scratch = eye.blank();
        let mut eye = EyeThread {
            eye,
            frames: sight.eye,
            bell: sight.bell,
            features: features_writer,
            scratch,
            records: of_eye.0,
        };
        let below = |priority: Option<u32>, by| priority.map(|p| p.saturating_sub(by).max(1));
        let schedule = realtime(below(fast.priority, 5), fast.cpu);
        threads.start("eye", schedule, move |shared| eye.run(shared))?;

        let mut policy = PolicyThread {
            policy,
            // Half a tick after the tick whose posture it reads.
            timer: PeriodicTimer::new(fast.period, control.period / 2),
            postures: to_policy.1,
            features,
            goals,
            chunks: chunk_writer,
            chunk: at_rest,
            records: of_policy.0,
        };
        let schedule = realtime(fast.priority, fast.cpu);
        threads.start("system1", schedule, move |shared| policy.run(shared))?;

        let mut sender = Sender {
            port: CommandPort::new(self.bus, self.keys)?,
            // A quarter of a tick after the tick, which is long done by then.
            timer: PeriodicTimer::new(control.period, control.period / 4),
            commands,
        };
        let schedule = realtime(below(control.priority, 5), None);
        threads.start("sender", schedule, move |shared| sender.run(shared))?;

        let schedule = realtime(control.priority, control.cpu);
        let floor = if control.measure_floor {
            let (wakes, drained) = RingBuffer::new(RING_RECORDS);
            // Between two ticks, so that neither wakes the other's CPU.
            let timer = PeriodicTimer::new(control.period, control.period / 2);
            let mut floor = Floor { timer, wakes };
            threads.start("floor", schedule, move |shared| floor.run(shared))?;
            Some(drained)
        } else {
            None
        };

        let mut tick = Tick {
            controller,
            timer: PeriodicTimer::new(control.period, Duration::ZERO),
            states,
            chunks,
            receipts,
            garbage: self.garbage.clone(),
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
            postures: to_status.1,
            status: self.bus.publisher(&self.keys.status())?,
            said: None,
        };
        threads.start("telemetry", ordinary(0), move |shared| telemetry.run(shared))?;

        let threads = threads.running;
        Ok(Built { subscriptions, threads, tickets, waiting, tally, identity: identity.clone() })
    }

    /// Listens to every camera of the config that one of the two systems looks through.
    fn sight(&self, eye: &[CameraInput], model: &[CameraInput]) -> Result<Sight, StartError> {
        let (bell_rope, bell) = sync_channel(1);
        let mut sight = Sight { subscriptions: Vec::new(), eye: vec![], model: vec![], bell };
        let mut ends: [Vec<Option<Reader<Frame>>>; 2] =
            [eye, model].map(|inputs| inputs.iter().map(|_| None).collect());
        for camera in &self.config.cameras {
            let mut frames = Vec::new();
            for (inputs, ends) in [eye, model].into_iter().zip(&mut ends) {
                let place = inputs.iter().position(|input| input.name == camera.name);
                if let Some(end) = place.and_then(|place| ends.get_mut(place)) {
                    let black = || Frame::black(camera.width_px, camera.height_px);
                    let (writer, reader) = channel(self.epoch, black);
                    frames.push(writer);
                    *end = Some(reader);
                }
            }
            if !frames.is_empty() {
                let bell = bell_rope.clone();
                let (width_px, height_px) = (camera.width_px, camera.height_px);
                let viewers = Viewers { frames, bell, width_px, height_px };
                let name = &camera.name;
                let seen = senses::see(self.bus, self.keys, self.garbage, name, viewers)?;
                sight.subscriptions.push(seen);
            }
        }
        // The bundles were checked against the config: every camera they name is there.
        let [eye, model] = ends;
        sight.eye = eye.into_iter().flatten().collect();
        sight.model = model.into_iter().flatten().collect();
        Ok(sight)
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
