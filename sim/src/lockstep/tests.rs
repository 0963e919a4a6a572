//! The expert solves the task through controller, guard and messages; every run is the same run.

use core::time::Duration;

use super::*;
use crate::{Expert, SimConfig};

fn lockstep(seed: u64) -> Lockstep {
    let world = World::new(SimConfig::so101().unwrap(), seed).unwrap();
    let config = LockstepConfig::tabletop(&world.config().robot).unwrap();
    Lockstep::new(world, config).unwrap()
}

fn expert(lockstep: &Lockstep) -> ExpertPilot {
    ExpertPilot {
        expert: Expert::new(lockstep.world().config()).unwrap(),
        step_period: Duration::from_millis(10),
        steps: 10,
    }
}

#[test]
fn the_expert_solves_the_task() {
    const EPISODES: u64 = 40;
    let mut lockstep = lockstep(0);
    let mut pilot = expert(&lockstep);
    let (mut failures, mut slowest) = (Vec::new(), Duration::ZERO);
    for seed in 0..EPISODES {
        let outcome = lockstep.play(&Episode::new(1000 + seed), &mut pilot).unwrap();
        match outcome.verdict {
            Verdict::Succeeded(after) => slowest = slowest.max(after),
            _ => failures.push((seed, lockstep.world().task().clone(), outcome)),
        }
    }
    assert!(failures.len() <= 1, "{failures:#?}");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}

#[test]
fn the_expert_goes_to_what_is_judged() {
    let mut lockstep = lockstep(0);
    let mut pilot = expert(&lockstep);
    let episode = Episode { judge_alternative: true, ..Episode::new(3) };
    let outcome = lockstep.play(&episode, &mut pilot).unwrap();
    assert!(matches!(outcome.verdict, Verdict::Succeeded(_)), "{outcome:?}");
    assert_eq!(usize::from(lockstep.world().truth().target), lockstep.world().task().alternative);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || {
        let mut lockstep = lockstep(7);
        let mut pilot = expert(&lockstep);
        let outcome = lockstep.play(&Episode::new(21), &mut pilot).unwrap();
        (outcome, *lockstep.world().state(), lockstep.world().receipt())
    };
    assert_eq!(run(), run());
}

#[test]
fn without_a_pilot_the_arm_stays() {
    let mut lockstep = lockstep(1);
    let outcome = lockstep.play(&Episode::new(1), &mut pilot::Nobody).unwrap();
    assert_eq!(outcome.verdict, Verdict::TimedOut);
    let world = lockstep.world();
    let moved = world.state().q.zip_with(&world.scene().start, |a, b| a - b);
    assert!(moved.max_abs() < 0.05, "{moved:?}");
}

/// Counts pictures and checks that they are what a camera of the config's rate would give.
struct Photographer {
    stamps: Vec<Stamp>,
}

impl Pilot for Photographer {
    fn act(&mut self, posture: &Posture, senses: &mut Senses<'_>) -> Option<ActionChunk> {
        let stamp = senses.frame_stamp()?;
        assert!(stamp < posture.stamp);
        if self.stamps.last() != Some(&stamp) {
            self.stamps.push(stamp);
            assert_eq!(senses.frame(1).unwrap().stamp, stamp);
            assert!(senses.frame(9).is_none());
        }
        None
    }
}

#[test]
fn pictures_come_at_the_cameras_rate() {
    let mut lockstep = lockstep(1);
    lockstep.begin(&Episode::new(1)).unwrap();
    let mut photographer = Photographer { stamps: Vec::new() };
    for _ in 0..1010 {
        lockstep.advance(&mut photographer).unwrap();
    }
    assert!((30..=31).contains(&photographer.stamps.len()), "{}", photographer.stamps.len());
}

#[test]
fn odd_periods_are_refused() {
    let world = World::new(SimConfig::so101().unwrap(), 1).unwrap();
    let mut config = LockstepConfig::tabletop(&world.config().robot).unwrap();
    config.pilot_period = Duration::from_micros(1500);
    let error = Lockstep::new(world, config).err().unwrap().to_string();
    assert!(error.contains("pilot period is 1.5ms"), "{error}");
}
