//! The bridge as a process before an emulated arm that the test itself holds, and what becomes of
//! the motors when parts of the chain die.
//!
//! Nothing here asserts how soon: `tandem bench stop` measures that.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tandem_bus::{Bus, BusConfig, Garbage, Keys, Subscription};
use tandem_config::Config;
use tandem_firmware_bridge::Calibration;
use tandem_firmware_bridge::emulator::{Emulated, FeetechBus, FreeShafts};
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer, sleep_until};
use tandem_types::{Command, Epoch, JointVec, Sequence};
use tandem_wire::{ControlKind, ControlRequest, JointCommand, JointState, Message as _, Receipt};

use crate::harness::{Process, Scenario, wait_for, wait_until};

/// How fast the commands move the first joint, rad/s.
const SPEED_RAD_S: f64 = 0.1;

/// A scenario of an arm of one's own, its port here, and patience for a busy machine.
fn scenario() -> (Scenario, PathBuf) {
    let scenario = Scenario::of("so101-emulated.toml").patiently();
    let port = scenario.dir().join("tty");
    scenario.set("port = ", &format!("port = \"{}\"", port.display()));
    scenario.set("listen = ", &format!("listen = \"{}\"", scenario.bridge));
    scenario.set("stop_within_ms = ", "stop_within_ms = 100");
    (scenario, port)
}

/// Everything but the daemon, in whose place the test commands.
struct Bench {
    // Field order is drop order.
    bridge: Process,
    arm: Emulated<FeetechBus>,
    commander: Commander,
    receipts: Arc<Mutex<Receipt>>,
    keys: Keys,
    bus: Bus,
    scenario: Scenario,
    _heard: [Subscription; 2],
}

impl Bench {
    fn up() -> Self {
        let (scenario, port) = scenario();
        let config = Config::load(scenario.config()).unwrap();
        let section = config.bridge.clone().unwrap();
        let calibration = Calibration::load(&section.calibration, &config.robot.joints).unwrap();
        let place = |(motor, q): (&tandem_firmware_bridge::MotorCalibration, &f64)| {
            (motor.id, f64::from(motor.steps((q * 1e6) as i32)))
        };
        let servos: Vec<_> =
            calibration.motor.iter().zip(config.robot.home_rad.iter()).map(place).collect();
        let device = FeetechBus::new(&servos, section.baud, Box::new(FreeShafts::default()), 1);
        let arm = Emulated::plug(device, &port).unwrap();

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
        let bench = Self { bridge, arm, commander, receipts, keys, bus, scenario, _heard: heard };
        assert_eq!(bench.torques(), [false; 6], "nothing stiffens on start");
        bench
    }

    fn torques(&self) -> Vec<bool> {
        self.arm.device().torques()
    }

    fn ask(&self, kind: ControlKind) -> (bool, String) {
        let request = ControlRequest { kind, text: String::new() };
        let within = Duration::from_secs(5);
        let reply = self.bus.ask(&self.keys.bridge(), &request, within);
        reply.map_or_else(|error| (false, error.to_string()), |reply| (reply.ok, reply.message))
    }

    fn status(&self, begins: &str) -> String {
        wait_for(&format!("the bridge is {begins}"), || {
            Some(self.ask(ControlKind::Status).1).filter(|said| said.starts_with(begins))
        })
    }

    fn move_arm(&mut self) {
        let before = lock(&self.receipts).applied;
        self.commander.speak();
        wait_until("commands are obeyed", || lock(&self.receipts).applied > before + 10);
        wait_until("the shaft turns", || self.speed() > 0.0);
        assert_eq!(self.torques(), [true; 6]);
    }

    fn speed(&self) -> f64 {
        let mut device = self.arm.device();
        let newest = device.transcript().samples().next_back().cloned();
        newest.map_or(0.0, |sample| sample.speeds[0].abs())
    }

    /// A servo's loop creeps up to its goal: less than a step a second is rest.
    fn rests(&self) -> bool {
        self.speed() < 1.0
    }
}

/// Sends commands that move the first joint, as a daemon would.
struct Commander {
    bus: Bus,
    keys: Keys,
    q: JointVec,
    epoch: Epoch,
    speaks: Option<(Arc<AtomicBool>, JoinHandle<JointVec>)>,
}

impl Commander {
    fn new(bus: Bus, keys: Keys, q: JointVec) -> Self {
        Self { bus, keys, q, epoch: Epoch(1), speaks: None }
    }

    fn speak(&mut self) {
        let stop = Arc::new(AtomicBool::new(false));
        let (told, bus, topic) = (stop.clone(), self.bus.clone(), self.keys.command());
        let (mut q, epoch) = (self.q, self.epoch);
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
    fn hush(&mut self) {
        let Some((stop, thread)) = self.speaks.take() else { return };
        stop.store(true, Ordering::Relaxed);
        self.q = thread.join().unwrap();
        self.epoch.0 += 1;
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn silence_is_latched_until_somebody_acknowledges_and_begins_anew() {
    let mut bench = Bench::up();
    bench.move_arm();
    bench.commander.hush();
    let said = bench.status("latched");
    assert!(said.contains("no valid command came in time"), "{said}");
    assert_eq!(bench.torques(), [true; 6], "it holds, as its config says");
    // The same controller speaks again, and is refused: nobody has looked at the arm.
    let applied = lock(&bench.receipts).applied;
    bench.commander.speak();
    wait_until("commands are refused", || lock(&bench.receipts).refused > 10);
    assert_eq!(lock(&bench.receipts).applied, applied);
    // An acknowledgement alone moves nothing while that stream goes on.
    assert!(bench.ask(ControlKind::Acknowledge).0);
    let refused = lock(&bench.receipts).refused;
    wait_until("they still are", || lock(&bench.receipts).refused > refused + 10);
    assert_eq!(lock(&bench.receipts).applied, applied);
    bench.commander.hush();
    bench.status("disarmed");
    let there = bench.arm.device().transcript().samples().next_back().unwrap().positions[0];
    let config = Config::load(bench.scenario.config()).unwrap();
    let arm = Calibration::load(&config.bridge.unwrap().calibration, &config.robot.joints).unwrap();
    bench.commander.q[0] = f64::from(arm.motor[0].urad(there.round() as i32)) / 1e6;
    bench.commander.speak();
    wait_until("a new stream after silence is obeyed", || lock(&bench.receipts).applied > applied);
}

#[test]
fn a_bridge_that_is_killed_leaves_every_motor_off() {
    let mut bench = Bench::up();
    bench.move_arm();
    bench.bridge.kill();
    wait_until("the guardian lets every motor go", || bench.torques() == [false; 6]);
    // The commands go on; a new bridge obeys none of them.
    bench.bridge = bench.scenario.bridge_process();
    bench.status("disarmed");
    wait_until("commands are refused", || lock(&bench.receipts).refused > 10);
    assert_eq!(lock(&bench.receipts).applied, 0);
    assert_eq!(bench.torques(), [false; 6]);
}

#[test]
fn a_bridge_that_was_held_up_is_latched_when_it_goes_on() {
    let mut bench = Bench::up();
    bench.move_arm();
    bench.bridge.signal("STOP", false);
    wait_until("the servos come to rest by themselves", || bench.rests());
    bench.bridge.signal("CONT", false);
    bench.status("latched");
}

#[test]
fn a_mute_servo_is_named_and_the_others_let_go_at_the_end() {
    let mut bench = Bench::up();
    bench.move_arm();
    bench.arm.device().faults.plan.mute = vec![3];
    let said = bench.status("latched");
    assert!(said.contains("elbow_flex (servo 3)"), "{said}");
    let refused = bench.ask(ControlKind::Acknowledge);
    assert!(!refused.0 && refused.1.contains("cause"), "{refused:?}");
    let config = bench.scenario.config();
    let shown = bench.scenario.run(&["bridge", "status", config.to_str().unwrap()]);
    assert!(shown.stdout.contains("elbow_flex (servo 3)"), "{shown:?}");
    bench.bridge.signal("TERM", false);
    let ended = bench.bridge.end();
    assert!(ended.stderr.contains("did not confirm"), "{ended:?}");
    assert_eq!(bench.torques(), [false, false, true, false, false, false]);
}

#[test]
fn a_pulled_cable_ends_the_bridge_and_a_new_one_finds_the_arm_again() {
    let mut bench = Bench::up();
    bench.move_arm();
    bench.arm.unplug().unwrap();
    let ended = bench.bridge.end();
    assert!(ended.code == Some(1) && ended.stderr.contains("the line is gone"), "{ended:?}");
    wait_until("the servos come to rest by themselves", || bench.rests());
    bench.bridge = bench.scenario.bridge_process();
    bench.arm.replug().unwrap();
    bench.status("disarmed");
    assert_eq!(bench.torques(), [false; 6]);
}
