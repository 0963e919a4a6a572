//! A robot made of messages: it is where it is told to be, and its cameras can be covered.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tandem_bus::{Bus, BusConfig, Garbage, Keys, Publisher, Subscription};
use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer};
use tandem_types::{Command, Epoch, Frame, JointVec, Stamp, State};
use tandem_wire::{Image, JointCommand, JointState, Receipt};

use super::Scenario;

/// From one joint state to the next, and how many of them make one picture.
const PERIOD: Duration = Duration::from_millis(2);
const STATES_PER_PICTURE: u64 = 16;

/// Runs until it is dropped.
pub(crate) struct FakeRobot {
    switches: Arc<Switches>,
    thread: Option<JoinHandle<()>>,
    _commands: Subscription,
    _bus: Bus,
}

#[derive(Default)]
struct Switches {
    stop: AtomicBool,
    sees: AtomicBool,
    limits_hash: AtomicU64,
}

/// The newest command and the life of the daemon behind it.
type Told = Arc<Mutex<(Command, Epoch)>>;

impl FakeRobot {
    /// A robot in place of the simulated one, at its rest pose and blind at first.
    pub(crate) fn start(scenario: &Scenario) -> Self {
        let config = Config::load(scenario.config()).unwrap();
        let listen = vec![scenario.robot.clone()];
        let bus = Bus::open(&BusConfig { listen, connect: vec![] }).unwrap();
        let keys = Keys::new(&config.robot.name).unwrap();
        let home = config.robot.home_rad;
        let rest = Command { q: home, dq: JointVec::zeros(home.len()) };
        let told: Told = Arc::new(Mutex::new((rest, Epoch(0))));
        let heard = told.clone();
        let listen = move |message: JointCommand| {
            *heard.lock().unwrap() = (message.command, message.epoch);
        };
        let commands = bus.subscribe(&keys.command(), &Garbage::default(), listen).unwrap();
        let cameras = config.cameras.iter().map(|camera| {
            let mut image = Image::default();
            image.set_frame(&Frame::black(camera.width_px, camera.height_px)).unwrap();
            (image, bus.publisher(&keys.camera(&camera.name).unwrap()).unwrap())
        });
        let mouth = Mouth {
            state: JointState::new(config.joint_names()),
            states: bus.publisher(&keys.state()).unwrap(),
            receipts: bus.publisher(&keys.receipt()).unwrap(),
            cameras: cameras.collect(),
        };
        let switches = Arc::new(Switches::default());
        let watched = switches.clone();
        let thread = std::thread::spawn(move || mouth.run(&told, &watched));
        Self { switches, thread: Some(thread), _commands: commands, _bus: bus }
    }

    /// Covers or uncovers the cameras.
    pub(crate) fn see(&self, sees: bool) {
        self.switches.sees.store(sees, Ordering::Relaxed);
    }

    /// Says from now on that it keeps limits of this hash.
    pub(crate) fn keep_limits(&self, hash: u64) {
        self.switches.limits_hash.store(hash, Ordering::Relaxed);
    }
}

impl Drop for FakeRobot {
    fn drop(&mut self) {
        self.switches.stop.store(true, Ordering::Relaxed);
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            assert!(std::thread::panicking(), "the fake robot failed; its message stands above");
        }
    }
}

/// Everything the robot says.
struct Mouth {
    state: JointState,
    states: Publisher<JointState>,
    receipts: Publisher<Receipt>,
    cameras: Vec<(Image, Publisher<Image>)>,
}

impl Mouth {
    fn run(mut self, told: &Told, switches: &Switches) {
        let mut timer = PeriodicTimer::new(PERIOD, Duration::ZERO);
        let mut count = 0_u64;
        while !switches.stop.load(Ordering::Relaxed) {
            timer.wait();
            let now = MonotonicClock.now();
            let (command, epoch) = *told.lock().unwrap();
            self.speak(now, &command, epoch, switches.limits_hash.load(Ordering::Relaxed));
            count += 1;
            let sees = switches.sees.load(Ordering::Relaxed);
            if sees && count.is_multiple_of(STATES_PER_PICTURE) {
                for (image, publisher) in &mut self.cameras {
                    image.stamp = now;
                    publisher.send(image).unwrap();
                }
            }
        }
    }

    fn speak(&mut self, now: Stamp, command: &Command, command_epoch: Epoch, limits_hash: u64) {
        let tau = JointVec::zeros(command.q.len());
        self.state.set_state(&State { stamp: now, q: command.q, dq: command.dq, tau });
        self.states.send(&self.state).unwrap();
        let receipt = Receipt { stamp: now, command_epoch, limits_hash, ..Receipt::default() };
        self.receipts.send(&receipt).unwrap();
    }
}
