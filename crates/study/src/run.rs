//! Measures the cells that are missing, a few at a time.

use core::ops::ControlFlow;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest as _, Sha256};

use crate::StudyError;
use crate::cell::{Cell, Recipe, key};
use crate::data::Looks;
use crate::flight::{Arena, Flown, OneLook};
use crate::measure::{Ground, ONCE, measure};
use crate::plan::{Part, Plan};
use crate::reach::{Reach, Timing};
use crate::store::Store;

/// What to measure, and where it is kept.
#[derive(Clone, Copy)]
pub struct StudyJob<'a> {
    /// The task.
    pub reach: &'a Reach,
    /// The cells.
    pub plan: &'a Plan,
    /// Which parts of it.
    pub parts: &'a [Part],
    /// Where cells are kept.
    pub store: &'a Store,
    /// Threads; the numbers do not depend on how many.
    pub workers: usize,
}

/// How far a study is.
#[derive(Clone, Debug)]
pub struct StudyProgress<'a> {
    /// Cells there are.
    pub done: usize,
    /// Cells there will be.
    pub wanted: usize,
    /// The cell that was just measured.
    pub cell: Option<&'a Cell>,
}

/// Measures what is missing. `progress` hears of every cell, and now and then in between; breaking
/// from it stops the study, and cells that are not finished are lost. Returns whether all are there.
///
/// # Errors
/// If a cell cannot be kept, at once; if one cannot be measured, when all others are there.
pub fn run(
    job: &StudyJob<'_>,
    progress: &mut dyn FnMut(&StudyProgress<'_>) -> ControlFlow<()>,
    is_interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<bool, StudyError> {
    let recipes = job.plan.recipes(job.parts);
    let world = fingerprint(job.reach);
    let mut missing = VecDeque::new();
    for recipe in &recipes {
        let key = key(&world, recipe, job.plan.effort(recipe.looks))?;
        if job.store.get::<Cell>(&key)?.is_none() {
            missing.push_back((key, recipe.clone()));
        }
    }
    let wanted = recipes.len();
    let mut done = wanted - missing.len();
    let stopped = progress(&StudyProgress { done, wanted, cell: None }).is_break();
    if missing.is_empty() || stopped {
        return Ok(missing.is_empty());
    }
    let looks = [Looks::Once, Looks::Always];
    let needed = looks.map(|looks| missing.iter().any(|(_, recipe)| recipe.looks == looks));
    let grounds: Vec<Ground> = looks
        .into_iter()
        .zip(needed)
        .filter(|(_, needed)| *needed)
        .map(|(looks, _)| Ground::prepare(job.reach, looks, job.plan.effort(looks)))
        .collect();
    let queue = Mutex::new(missing);
    thread::scope(|scope| {
        let (sender, cells) = channel();
        for _ in 0..job.workers.max(1) {
            let (sender, queue, grounds) = (sender.clone(), &queue, &grounds);
            scope.spawn(move || work(job, queue, grounds, &sender, is_interrupted));
        }
        drop(sender);
        receive(job, cells, &mut done, wanted, progress, &queue)
    })?;
    Ok(done == wanted)
}

type Missing = VecDeque<(String, Recipe)>;
type Handover = Result<(String, Cell), StudyError>;

fn receive(
    job: &StudyJob<'_>,
    cells: Receiver<Handover>,
    done: &mut usize,
    wanted: usize,
    progress: &mut dyn FnMut(&StudyProgress<'_>) -> ControlFlow<()>,
    queue: &Mutex<Missing>,
) -> Result<(), StudyError> {
    let clear = || queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let mut failure = None;
    for handover in cells {
        // One representation that cannot be measured shall not cost the others their night.
        let (key, cell) = match handover {
            Ok(measured) => measured,
            Err(error) => {
                failure.get_or_insert(error);
                continue;
            }
        };
        job.store.put(&key, &cell).inspect_err(|_| clear())?;
        *done += 1;
        if progress(&StudyProgress { done: *done, wanted, cell: Some(&cell) }).is_break() {
            clear();
        }
    }
    failure.map_or(Ok(()), Err)
}

/// A worker: takes cells from the queue until there are none.
fn work(
    job: &StudyJob<'_>,
    queue: &Mutex<Missing>,
    grounds: &[Ground],
    sender: &Sender<Handover>,
    is_interrupted: &(dyn Fn() -> bool + Sync),
) {
    let go_on = || {
        if is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    while let Some((key, recipe)) = next() {
        let Some(ground) = grounds.iter().find(|ground| ground.looks() == recipe.looks) else {
            continue;
        };
        let effort = job.plan.effort(recipe.looks);
        let said = match measure(ground, &recipe, effort, &go_on) {
            Ok(Some(cell)) => sender.send(Ok((key, cell))),
            Ok(None) => return,
            Err(error) => sender.send(Err(StudyError::Recipe {
                recipe: format!("{:?} {}", recipe.looks, recipe.code.label()),
                error: Box::new(error),
            })),
        };
        if said.is_err() {
            return;
        }
    }
}

/// The expert's own plans, flown in the scenes that every policy is judged on: what a perfect
/// policy that looks once would do.
///
/// # Errors
/// If the world cannot be laid.
pub fn fly_expert(reach: &Reach, plan: &Plan) -> Result<Vec<Flown>, StudyError> {
    let mut reach = reach.clone();
    let rest = reach.sim().rest_pose;
    let starts = reach.starts(plan.once.first_scene, plan.once.episodes);
    let fly = |start: &crate::reach::Start| {
        let offsets = reach.answer(start.place, &rest, Timing::WHOLE);
        Arena::new(&reach)?.fly(&reach, start, &mut OneLook::new(&reach, &offsets), ONCE)
    };
    starts.iter().map(fly).collect()
}

/// Names the world by all its settings.
#[must_use]
pub fn fingerprint(reach: &Reach) -> String {
    let world = format!("{:?} {:?}", reach.sim(), reach.lockstep());
    let digest = Sha256::digest(world);
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
