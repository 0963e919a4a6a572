//! Latent goals, held back until they are as old as those of training.
//!
//! A policy learns from latent goals of a certain age, because System 2 takes its time. One that is
//! younger than any it was trained on shows a scene that the policy, at that moment, never saw: the
//! newest goal is not always the best one.

use core::time::Duration;
use std::collections::VecDeque;

use tandem_types::{LatentGoal, Stamp};

/// The most goals that wait: two seconds of an 8 Hz model.
const GOALS_MAX: usize = 16;

/// The goals that are still too young, behind the newest one that is not.
///
/// Real-time: allocates when it is made, and never again.
#[derive(Debug)]
pub struct Shelf {
    age_min: Duration,
    // By age, the oldest first. Invariant: at most GOALS_MAX, for which there is room.
    goals: VecDeque<LatentGoal>,
}

impl Shelf {
    /// An empty shelf; with an `age_min` of zero it holds nothing back.
    #[must_use]
    pub fn new(age_min: Duration) -> Self {
        Self { age_min, goals: VecDeque::with_capacity(GOALS_MAX) }
    }

    /// Puts a goal on the shelf, unless it is already there or an older one than that. On a full
    /// shelf, where every goal waits, the newest waits longer: it is offered again.
    pub fn put(&mut self, goal: &LatentGoal) {
        let is_new = self.goals.back().is_none_or(|newest| {
            goal.observed > newest.observed || goal.instruction != newest.instruction
        });
        if is_new && self.goals.len() < GOALS_MAX {
            self.goals.push_back(*goal);
        }
    }

    /// The newest goal that is old enough.
    pub fn take(&mut self, now: Stamp) -> Option<&LatentGoal> {
        let age_min = self.age_min;
        let is_ripe = |goal: &LatentGoal| goal.observed.age_at(now) >= age_min;
        while self.goals.get(1).is_some_and(is_ripe) {
            self.goals.pop_front();
        }
        self.goals.front().filter(|goal| is_ripe(goal))
    }

    /// Forgets every goal.
    pub fn clear(&mut self) {
        self.goals.clear();
    }
}

#[cfg(test)]
mod tests {
    use tandem_types::InstructionId;

    use super::*;

    const fn at(milliseconds: u64) -> Stamp {
        Stamp::from_nanos(1_000_000_000 + milliseconds * 1_000_000)
    }

    fn goal(observed_ms: u64) -> LatentGoal {
        let mut goal = LatentGoal::NONE;
        goal.observed = at(observed_ms);
        goal
    }

    fn observed(shelf: &mut Shelf, now_ms: u64) -> Option<Stamp> {
        shelf.take(at(now_ms)).map(|goal| goal.observed)
    }

    #[test]
    fn a_goal_waits_until_it_is_old_enough() {
        let mut shelf = Shelf::new(Duration::from_millis(100));
        assert_eq!(observed(&mut shelf, 0), None);
        shelf.put(&goal(0));
        assert_eq!(observed(&mut shelf, 99), None);
        assert_eq!(observed(&mut shelf, 100), Some(at(0)));
        shelf.put(&goal(60));
        shelf.put(&goal(90));
        assert_eq!(observed(&mut shelf, 159), Some(at(0)));
        // Of two that are, the newest.
        assert_eq!(observed(&mut shelf, 190), Some(at(90)));
    }

    #[test]
    fn without_a_least_age_the_newest_goal_comes_at_once() {
        let mut shelf = Shelf::new(Duration::ZERO);
        for observed_ms in 0..100 {
            shelf.put(&goal(observed_ms));
            assert_eq!(observed(&mut shelf, observed_ms), Some(at(observed_ms)));
        }
    }

    #[test]
    fn the_same_goal_offered_at_every_step_takes_one_place() {
        let mut shelf = Shelf::new(Duration::from_millis(100));
        for _ in 0..1_000 {
            shelf.put(&goal(0));
        }
        shelf.put(&goal(1));
        assert_eq!(observed(&mut shelf, 101), Some(at(1)));
    }

    #[test]
    fn a_full_shelf_takes_nothing_and_loses_nothing() {
        let mut shelf = Shelf::new(Duration::from_secs(1));
        for observed_ms in 0..100 {
            shelf.put(&goal(observed_ms));
        }
        assert_eq!(observed(&mut shelf, 1_000), Some(at(0)));
        shelf.clear();
        assert_eq!(observed(&mut shelf, 2_000), None);
    }

    #[test]
    fn another_instruction_is_another_goal() {
        let mut shelf = Shelf::new(Duration::ZERO);
        shelf.put(&goal(5));
        let mut other = goal(5);
        other.instruction = InstructionId(9);
        shelf.put(&other);
        assert_eq!(shelf.take(at(5)).unwrap().instruction, InstructionId(9));
    }
}
