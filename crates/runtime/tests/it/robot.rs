//! A robot made of messages, in this process: it is where it is told to be.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tandem_bus::{Bus, BusConfig, Garbage, Keys, Publisher, Subscription};
use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer};
use tandem_types::{Command, Epoch, Frame, JointVec, Stamp, State};
use tandem_wire::{Image, JointCommand, JointState, Receipt};

/// From one joint state to the next, and how many of them make one picture.
const PERIOD: Duration = Duration::from_millis(2);
const STATES_PER_PICTURE: u64 = 16;

/// Runs until it is dropped.
pub(crate) struct Robot {
    told: Arc<Mutex<Told>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _commands: Subscription,
    _bus: Bus,
}

/// The newest command, the life of the daemon behind it, and where the first joint has been.
#[derive(Clone, Copy)]
struct Told {
    command: Command,
    epoch: Epoch,
    travelled_rad: f64,
}

impl Robot {
    pub(crate) fn start(config: &Config) -> Self {
        let bus = BusConfig { listen: vec![config.bus.robot.clone()], connect: vec![] };
        let bus = Bus::open(&bus).unwrap();
        let keys = Keys::new(&config.robot.name).unwrap();
        let home = config.robot.home_rad;
        let rest = Command { q: home, dq: JointVec::zeros(home.len()) };
        let told = Told { command: rest, epoch: Epoch(0), travelled_rad: 0.0 };
        let told = Arc::new(Mutex::new(told));
        let heard = told.clone();
        let listen = move |message: JointCommand| {
            let mut told = heard.lock().unwrap_or_else(PoisonError::into_inner);
            let step = message.command.q.zip_with(&told.command.q, |new, old| (new - old).abs());
            let travelled_rad = told.travelled_rad + step[0];
            *told = Told { command: message.command, epoch: message.epoch, travelled_rad };
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
        let stop = Arc::new(AtomicBool::new(false));
        let (watched, listened) = (stop.clone(), told.clone());
        let thread = std::thread::spawn(move || mouth.run(&listened, &watched));
        Self { told, stop, thread: Some(thread), _commands: commands, _bus: bus }
    }

    /// How far the first joint has travelled, there and back, rad.
    pub(crate) fn travelled_rad(&self) -> f64 {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).travelled_rad
    }
}

impl Drop for Robot {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            assert!(std::thread::panicking(), "the robot failed; its message stands above");
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
    fn run(mut self, told: &Mutex<Told>, stop: &AtomicBool) {
        let mut timer = PeriodicTimer::new(PERIOD, Duration::ZERO);
        let mut count = 0_u64;
        while !stop.load(Ordering::Relaxed) {
            timer.wait();
            let now = MonotonicClock.now();
            let told = *told.lock().unwrap_or_else(PoisonError::into_inner);
            self.speak(now, &told);
            count += 1;
            if count.is_multiple_of(STATES_PER_PICTURE) {
                for (image, publisher) in &mut self.cameras {
                    image.stamp = now;
                    publisher.send(image).unwrap();
                }
            }
        }
    }

    fn speak(&mut self, now: Stamp, told: &Told) {
        let Command { q, dq } = told.command;
        self.state.set_state(&State { stamp: now, q, dq, tau: JointVec::zeros(q.len()) });
        self.states.send(&self.state).unwrap();
        let receipt = Receipt { stamp: now, command_epoch: told.epoch, ..Receipt::default() };
        self.receipts.send(&receipt).unwrap();
    }
}
