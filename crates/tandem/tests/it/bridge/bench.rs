//! A bridge before an emulated arm that the test itself holds, and a commander in the daemon's place.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tandem_bus::{Bus, BusConfig, Garbage, Keys, Subscription};
use tandem_config::Config;
use tandem_firmware_bridge::emulator::{Emulated, EmulatedMotors};
use tandem_firmware_bridge::{Calibration, Motors};
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer, sleep_until};
use tandem_types::{Command, Epoch, JointVec, Sequence};
use tandem_wire::{ControlKind, ControlRequest, JointCommand, JointState, Message as _, Receipt};

use crate::harness::{Process, Scenario, wait_for, wait_until};

/// How fast the commands move the first joint, rad/s.
const SPEED_RAD_S: f64 = 0.1;

/// A scenario of an emulated arm with motors of some kind, its port here, and patience for a busy
/// machine.
pub(super) fn scenario(kind: &str) -> Scenario {
    let scenario = Scenario::of("so101-emulated.toml").patiently().with_motors(kind);
    let port = scenario.dir().join("tty");
    scenario.set("port = ", &format!("port = \"{}\"", port.display()));
    scenario.set("listen = ", &format!("listen = \"{}\"", scenario.bridge));
    scenario.set("stop_within_ms = ", "stop_within_ms = 100");
    scenario
}

/// Everything but the daemon, in whose place the test commands.
pub(super) struct Bench {
    // Field order is drop order.
    pub(super) bridge: Process,
    pub(super) arm: Emulated<Box<dyn EmulatedMotors>>,
    pub(super) commander: Commander,
    pub(super) receipts: Arc<Mutex<Receipt>>,
    motors: Motors,
    keys: Keys,
    bus: Bus,
    pub(super) scenario: Scenario,
    _heard: [Subscription; 2],
}

impl Bench {
    pub(super) fn up(scenario: Scenario) -> Self {
        let config = Config::load(scenario.config()).unwrap();
        let section = config.bridge.clone().unwrap();
        let calibration = Calibration::load(&section.calibration, &config.robot.joints).unwrap();
        let motors = Motors::of(&section.motors).unwrap();
        let device = motors.emulate(&calibration, &config.robot.home_rad);
        let arm = Emulated::plug(device, Path::new(&section.port)).unwrap();

        let listen = vec![scenario.daemon.clone()];
        let bus = Bus::open(&BusConfig { listen, connect: vec![section.listen] }).unwrap();
        let keys = Keys::new(&config.robot.name).unwrap();
        let state = Arc::new(Mutex::new(None));
        let receipts = Arc::new(Mutex::new(Receipt::default()));
        let (heard_state, heard_receipt) = (state.clone(), receipts.clone());
        let heard = [
            bus.subscribe(&keys.state(), &Garbage::default(), move |message: JointState| {
                *lock(&heard_state) = Some(message);
            })
            .unwrap(),
            bus.subscribe(&keys.receipt(), &Garbage::default(), move |message: Receipt| {
                *lock(&heard_receipt) = message;
            })
            .unwrap(),
        ];
        let bridge = scenario.bridge_process();
        let first = wait_for("the bridge says where the arm is", || lock(&state).clone());
        silence();
        let home = JointVec::from_slice(&first.positions).unwrap();
        let commander = Commander::new(bus.clone(), keys.clone(), home);
        let bench =
            Self { bridge, arm, commander, receipts, motors, keys, bus, scenario, _heard: heard };
        assert_eq!(bench.torques(), [false; 6], "nothing stiffens on start");
        bench
    }

    pub(super) fn torques(&self) -> Vec<bool> {
        self.arm.device().torques()
    }

    pub(super) fn ask(&self, kind: ControlKind) -> (bool, String) {
        let request = ControlRequest { kind, text: String::new() };
        let within = Duration::from_secs(5);
        let reply = self.bus.ask(&self.keys.bridge(), &request, within);
        reply.map_or_else(|error| (false, error.to_string()), |reply| (reply.ok, reply.message))
    }

    pub(super) fn status(&self, begins: &str) -> String {
        wait_for(&format!("the bridge is {begins}"), || {
            Some(self.ask(ControlKind::Status).1).filter(|said| said.starts_with(begins))
        })
    }

    pub(super) fn move_arm(&mut self) {
        let before = lock(&self.receipts).applied;
        self.commander.speak();
        wait_until("commands are obeyed", || lock(&self.receipts).applied > before + 10);
        wait_until("the shaft turns", || self.speed() > 0.0);
        assert_eq!(self.torques(), [true; 6]);
    }

    /// Of the first joint, rad/s.
    fn speed(&self) -> f64 {
        let mut device = self.arm.device();
        let newest = device.transcript().samples().next_back().cloned();
        newest.map_or(0.0, |sample| sample.speeds[0].abs() * self.motors.shaft_unit_rad())
    }

    /// A servo's loop creeps up to its goal: less than a step a second is rest.
    pub(super) fn rests(&self) -> bool {
        self.speed() < 0.0015
    }
}

/// Sends commands that move the first joint, as a daemon would.
pub(super) struct Commander {
    bus: Bus,
    keys: Keys,
    pub(super) q: JointVec,
    speaks: Option<(Arc<AtomicBool>, JoinHandle<JointVec>)>,
}

impl Commander {
    fn new(bus: Bus, keys: Keys, q: JointVec) -> Self {
        Self { bus, keys, q, speaks: None }
    }

    pub(super) fn speak(&mut self) {
        let stop = Arc::new(AtomicBool::new(false));
        let (told, bus, topic) = (stop.clone(), self.bus.clone(), self.keys.command());
        // Armed now.
        let (mut q, epoch) = (self.q, Epoch::at(MonotonicClock.now()));
        let thread = std::thread::spawn(move || {
            let period = Duration::from_millis(5);
            let mut timer = PeriodicTimer::new(period, Duration::ZERO);
            let (mut sequence, mut payload) = (0, Vec::new());
            while !told.load(Ordering::Relaxed) {
                timer.wait();
                sequence += 1;
                q[0] += SPEED_RAD_S * period.as_secs_f64();
                let mut dq = JointVec::zeros(q.len());
                dq[0] = SPEED_RAD_S;
                let message = JointCommand {
                    stamp: MonotonicClock.now(),
                    epoch,
                    sequence: Sequence(sequence),
                    valid_for: Duration::from_millis(100),
                    command: Command { q, dq },
                };
                payload.clear();
                message.encode(&mut payload);
                bus.publish_raw(topic.key(), &payload).unwrap();
            }
            q
        });
        self.speaks = Some((stop, thread));
    }

    /// Falls silent in the middle of a motion.
    pub(super) fn hush(&mut self) {
        let Some((stop, thread)) = self.speaks.take() else { return };
        stop.store(true, Ordering::Relaxed);
        self.q = thread.join().unwrap();
        silence();
    }
}

impl Drop for Commander {
    fn drop(&mut self) {
        if let Some((stop, _)) = &self.speaks {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

/// A stream that begins after this has not begun before: no command is valid for longer.
fn silence() {
    sleep_until(MonotonicClock.now().after(Duration::from_millis(300)));
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
