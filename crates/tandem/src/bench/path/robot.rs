//! The robot's side of the path: it speaks at the control rate and times what it hears.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tandem_bus::{Bus, BusError, Garbage, Keys, Publisher, Subscription};
use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer, Policy, Schedule};
use tandem_types::{Command, Epoch, Frame, JointVec, Stamp, State};
use tandem_wire::{Image, JointCommand, JointState, Receipt};

use crate::bench::path::echo;
use crate::bench::path::ping::Ping;
use crate::failure::Failure;

/// A receipt follows every tenth state, as from the simulated arm.
const STATES_PER_RECEIPT: u64 = 10;

/// Below the daemon's real-time threads: the robot is another machine, and must not disturb.
const SPEAKER: Policy = Policy::Fifo { priority: 60 };

/// A robot that is where it was last told to be, and sees nothing but black. Ends when dropped.
pub(super) struct Robot {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    _subscriptions: Vec<Subscription>,
}

/// The newest command, and the life of the daemon behind it.
type Told = Arc<Mutex<(Command, Epoch)>>;

impl Robot {
    /// Starts to speak on `bus`: of every state, and of what is echoed between two states, `path`
    /// and `echo` hear.
    pub(super) fn start(
        config: &Config,
        bus: &Bus,
        path: &Ping,
        echo: &Ping,
    ) -> Result<Self, Failure> {
        let (keys, echo_keys) = (Keys::new(&config.robot.name)?, echo::keys(config)?);
        let home = config.robot.home_rad;
        let rest = Command { q: home, dq: JointVec::zeros(home.len()) };
        let told: Told = Arc::new(Mutex::new((rest, Epoch(0))));
        let garbage = Garbage::default();
        let (timed, heard) = (path.clone(), told.clone());
        let commands = bus.subscribe(&keys.command(), &garbage, move |message: JointCommand| {
            timed.receive(message.stamp, MonotonicClock.now());
            *heard.lock().unwrap_or_else(PoisonError::into_inner) =
                (message.command, message.epoch);
        })?;
        let timed = echo.clone();
        let answers =
            bus.subscribe(&echo_keys.command(), &garbage, move |message: JointCommand| {
                timed.receive(message.stamp, MonotonicClock.now());
            })?;
        let mut mouth = Mouth {
            // Twice a period: a state, an echo, a state.
            timer: PeriodicTimer::new(drifting(config.control.period) / 2, Duration::ZERO),
            told,
            state: JointState::new(config.joint_names()),
            states: bus.publisher(&keys.state())?,
            echoes: bus.publisher(&echo_keys.state())?,
            receipts: bus.publisher(&keys.receipt())?,
            path: path.clone(),
            echo: echo.clone(),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let mut cameras = cameras(config, bus, &keys)?;
        let [speaking, showing] = [stop.clone(), stop.clone()];
        let threads = vec![
            std::thread::spawn(move || {
                // A robot keeps its rate, whatever else this machine does. Where this is refused,
                // the pings are less regular, for path and echo alike.
                drop(Schedule { policy: SPEAKER, cpu: None }.apply());
                mouth.run(&speaking);
            }),
            std::thread::spawn(move || show(&mut cameras, &showing)),
        ];
        Ok(Self { stop, threads, _subscriptions: vec![commands, answers] })
    }
}

impl Drop for Robot {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

/// The robot's own period. Its clock is not this machine's: it is a thousandth slow, so that path and
/// echo both drift through all phases of the timers here, once a second at 1 kHz. In step with them,
/// one of the two would always meet the policy's thread, and the other never.
fn drifting(period: Duration) -> Duration {
    period + period / 1000
}

/// What the robot says at the control rate.
struct Mouth {
    timer: PeriodicTimer,
    told: Told,
    state: JointState,
    states: Publisher<JointState>,
    echoes: Publisher<JointState>,
    receipts: Publisher<Receipt>,
    path: Ping,
    echo: Ping,
}

impl Mouth {
    fn run(&mut self, stop: &AtomicBool) {
        let mut count = 0_u64;
        while !stop.load(Ordering::Relaxed) {
            self.timer.wait();
            self.pose();
            say(&mut self.state, &mut self.states, &self.path);
            self.timer.wait();
            say(&mut self.state, &mut self.echoes, &self.echo);
            count += 1;
            if count.is_multiple_of(STATES_PER_RECEIPT) {
                let (_, command_epoch) = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
                let stamp = MonotonicClock.now();
                let receipt = Receipt { stamp, command_epoch, ..Receipt::default() };
                complain(self.receipts.send(&receipt));
            }
        }
    }

    /// Moves to where the newest command says.
    fn pose(&mut self) {
        let (Command { q, dq }, _) = *self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let tau = JointVec::zeros(q.len());
        self.state.set_state(&State { stamp: Stamp::ORIGIN, q, dq, tau });
    }
}

/// Sends the message as of now.
fn say(state: &mut JointState, publisher: &mut Publisher<JointState>, ping: &Ping) {
    let now = MonotonicClock.now();
    state.stamp = now;
    ping.send(now);
    complain(publisher.send(state));
}

/// One publisher for each camera, with its picture.
fn cameras(
    config: &Config,
    bus: &Bus,
    keys: &Keys,
) -> Result<Vec<(Image, Publisher<Image>)>, Failure> {
    let mut cameras = Vec::new();
    for camera in &config.cameras {
        let mut image = Image::default();
        image.set_frame(&Frame::black(camera.width_px, camera.height_px))?;
        cameras.push((image, bus.publisher(&keys.camera(&camera.name)?)?));
    }
    Ok(cameras)
}

fn show(cameras: &mut [(Image, Publisher<Image>)], stop: &AtomicBool) {
    // 30 pictures a second, as from the simulated cameras.
    let mut timer = PeriodicTimer::new(Duration::from_micros(33_333), Duration::ZERO);
    while !stop.load(Ordering::Relaxed) {
        let now = timer.wait().woke;
        for (image, publisher) in &mut *cameras {
            image.stamp = now;
            complain(publisher.send(image));
        }
    }
}

fn complain(sent: Result<(), BusError>) {
    if let Err(error) = sent {
        tracing::warn!(%error, "the robot of this bench cannot speak");
    }
}
