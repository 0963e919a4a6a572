//! Simulated time follows real time.

use core::time::Duration;

use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer};
use tandem_types::Stamp;

use crate::World;
use crate::settings::STEP;

/// The most steps made up for at once. A robot's time goes on while its simulation is not running,
/// so short gaps are caught up with; after a longer one (a suspended process) the world's clock
/// jumps, and every command and state of the time before is stale, as it should be.
const CATCH_UP_MAX: u64 = 50;

/// Wakes once per step and says how many steps are due.
pub(super) struct StepClock {
    timer: PeriodicTimer,
}

impl StepClock {
    /// Sets the world's clock to now.
    pub(super) fn start(world: &mut World) -> Self {
        world.set_clock(whole_steps(MonotonicClock.now()));
        world.restart_judge();
        Self { timer: PeriodicTimer::new(STEP, Duration::ZERO) }
    }

    /// Sleeps until the next step is due. The world's clock then stands so that the steps due end
    /// at the present one.
    pub(super) fn wait(&mut self, world: &mut World) -> u64 {
        let wake = self.timer.wait();
        let present = whole_steps(wake.woke);
        let behind = world.now().age_at(present).as_nanos() / STEP.as_nanos();
        let steps = u64::try_from(behind).unwrap_or(u64::MAX);
        if steps <= CATCH_UP_MAX {
            return steps;
        }
        tracing::warn!(steps, "the simulation was not running; its clock jumps to the present");
        world.set_clock(present.before(STEP));
        1
    }
}

/// The last multiple of a step.
fn whole_steps(stamp: Stamp) -> Stamp {
    let step_ns = u64::try_from(STEP.as_nanos()).unwrap_or(1);
    Stamp::from_nanos(stamp.as_nanos() / step_ns * step_ns)
}
