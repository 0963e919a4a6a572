//! A thousand policies, one after the other, while the arm moves.

use std::time::Duration;

use tandem_bundle::BUNDLE_FILE;
use tandem_bus::{Bus, BusConfig, Keys};
use tandem_config::{Config, PoliciesSection};
use tandem_realtime::{Clock as _, MonotonicClock, resident_bytes, sleep_until};
use tandem_runtime::Daemon;
use tandem_wire::{ControlKind, ControlRequest, PolicyKind, PolicyReply, PolicyRequest, Report};
use tempfile::TempDir;

use crate::robot::Robot;
use crate::{bundles, life};

/// Swaps before memory is measured: by then every pool and cache has its size, and Zenoh, which keeps
/// what belongs to a question until its time is up, forgets as many questions as it is asked.
const SWAPS_BEFORE: u32 = 400;
const SWAPS: u32 = 1000;

/// What a thousand swaps may leave behind.
const GROWTH_BYTES_MAX: u64 = 2 << 20;

/// A swap that cost the tick a period would show as a thousand missed ones. Half of that is a busy
/// machine, which does not strike the tick's timer and the floor's evenly: the ticks of all daemons
/// of a machine are due at the same moments, their floors between them.
const MISSED_BEYOND_FLOOR_MAX: f64 = 500.0;

const ANSWER_WITHIN: Duration = Duration::from_secs(3);
const TRIES_MAX: u32 = 6_000;
const TRY: Duration = Duration::from_millis(10);

/// The two policies that take turns: the arm swings from one's target to the other's, rad from home, and
/// no joint of the shipped arm has a limit in between.
const TARGETS_RAD: [(&str, f64); 2] = [("left", 0.1), ("right", -0.1)];

struct Stage {
    bus: Bus,
    keys: Keys,
    _daemon: Daemon,
    robot: Robot,
    dir: TempDir,
}

/// The shipped scenario with policies of our own, and with the patience a busy machine asks for.
fn scenario(dir: &TempDir) -> Config {
    let mut config = life::config();
    config.system2.bundle = dir.path().join("words");
    config.system1.bundle = dir.path().join(TARGETS_RAD[0].0);
    config.policies = Some(PoliciesSection {
        folder: dir.path().to_path_buf(),
        fade: Duration::from_millis(20),
        probation: Duration::from_millis(5),
        missed_steps_max: 10_000,
        refused_chunks_max: 5,
    });
    config.guard.state_age_max = Duration::from_secs(2);
    config.guard.action_age_max = Duration::from_secs(2);
    config.guard.frame_age_max = Duration::from_secs(2);
    config.guard.receipt_age_max = Duration::from_secs(2);
    config.guard.silence_age_stop = Duration::from_secs(20);
    config.guard.latent_age_warn = Duration::from_secs(5);
    config.guard.latent_age_hold = Duration::from_secs(10);
    config.guard.latent_age_stop = Duration::from_secs(20);
    let model = bundles::system2(&config, &config.system2.bundle).model_id();
    for ((name, target_rad), eyes) in TARGETS_RAD.into_iter().zip(1..) {
        bundles::system1(&config, model, target_rad, eyes, &dir.path().join(name));
    }
    config
}

impl Stage {
    /// Everything up, instructed and armed.
    fn up() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = scenario(&dir);
        let robot = Robot::start(&config);
        let daemon = Daemon::start(&config).unwrap();
        let connect = vec![config.bus.daemon.clone()];
        let bus = Bus::open(&BusConfig { listen: vec![], connect }).unwrap();
        let keys = Keys::new(&config.robot.name).unwrap();
        let stage = Self { bus, keys, _daemon: daemon, robot, dir };
        for (kind, text) in [(ControlKind::Instruct, "go"), (ControlKind::Arm, "")] {
            let request = ControlRequest { kind, text: text.to_owned() };
            let granted = || {
                stage.bus.ask(&stage.keys.control(), &request, ANSWER_WITHIN).ok()?.ok.then_some(())
            };
            wait_for(&format!("{kind:?} is granted"), granted);
        }
        stage
    }

    fn policy(&self, request: &PolicyRequest) -> PolicyReply {
        self.bus.ask(&self.keys.policy(), request, ANSWER_WITHIN).unwrap()
    }

    /// Swaps, which must succeed.
    fn swap(&self, name: &str) {
        let end = self.try_swap(name);
        assert!(end.ok, "{:?}", end.steps);
    }

    /// Swaps and waits until the swap has come to its end.
    fn try_swap(&self, name: &str) -> PolicyReply {
        let kind = PolicyKind::Swap;
        let request = PolicyRequest { kind, name: name.to_owned(), ..PolicyRequest::default() };
        let begun = self.policy(&request);
        assert!(begun.ok, "{}", begun.message);
        let progress = PolicyRequest { kind: PolicyKind::Progress, ..PolicyRequest::default() };
        let end = wait_for("a swap ends", || {
            Some(self.policy(&progress)).filter(|reply| !reply.under_way)
        });
        assert_eq!(end.swap, begun.swap);
        end
    }

    fn report(&self) -> Report {
        let request = ControlRequest { kind: ControlKind::Report, text: String::new() };
        self.bus.ask(&self.keys.measurements(), &request, ANSWER_WITHIN).unwrap()
    }
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..TRIES_MAX {
        if let Some(found) = look() {
            return found;
        }
        sleep_until(MonotonicClock.now().after(TRY));
    }
    panic!("gave up waiting until {what}");
}

fn counter(report: &Report, name: &str) -> f64 {
    report.counters.iter().find(|counter| counter.name == name).map_or(0.0, |it| it.value)
}

#[test]
fn a_thousand_swaps_under_motion_cost_no_tick_no_limit_and_no_memory() {
    let _turn = life::turn();
    let stage = Stage::up();
    let mut turns = TARGETS_RAD.iter().cycle().skip(1);
    let mut swap = |count: u32| {
        for (name, _) in turns.by_ref().zip(0..count).map(|(target, _)| target) {
            stage.swap(name);
        }
    };
    swap(SWAPS_BEFORE);
    let (before, bytes) = (stage.report(), resident_bytes().unwrap());
    let travelled_rad = stage.robot.travelled_rad();
    swap(SWAPS);
    let (after, grown) = (stage.report(), resident_bytes().unwrap().saturating_sub(bytes));

    let since = |name: &str| counter(&after, name) - counter(&before, name);
    assert_eq!(since("swaps.done"), f64::from(SWAPS));
    let travelled_rad = stage.robot.travelled_rad() - travelled_rad;
    assert!(travelled_rad > 1.0, "the arm moved by {travelled_rad} rad only");
    assert_eq!((since("guard.clamped"), since("guard.refused")), (0.0, 0.0));
    // One sees through one camera and the other through two: features of one's encoder that reached
    // the other's head would not fit, and the step would fail.
    assert_eq!(since("workers.failed"), 0.0);
    assert_eq!(since("guard.holds"), 0.0, "{:?}", after.counters);
    let (missed, floor) = (since("control.missed"), since("control.floor_missed"));
    assert!(missed <= floor + MISSED_BEYOND_FLOOR_MAX, "{missed} ticks missed, floor {floor}");
    assert!(grown <= GROWTH_BYTES_MAX, "memory grew by {grown} bytes");
}

/// The guard watches for the ages that the policy in charge was trained on, and goes on doing so.
#[test]
fn a_policy_that_was_trained_on_other_latent_ages_is_refused() {
    let _turn = life::turn();
    let stage = Stage::up();
    let manifest = stage.dir.path().join("right").join(BUNDLE_FILE);
    let text = std::fs::read_to_string(&manifest).unwrap();
    let (old, new) = ("age_ms_max = 300.0", "age_ms_max = 200.0");
    assert!(text.contains(old), "{text}");
    std::fs::write(&manifest, text.replace(old, new)).unwrap();
    let end = stage.try_swap("right");
    let said = end.steps.last().cloned().unwrap_or_default();
    assert!(!end.ok && said.contains("latent goals of 0 to 200 ms"), "{:?}", end.steps);
    assert!(said.contains("kept `left`"), "{said}");
}
