//! What stands behind the servos' shafts.

use core::time::Duration;

use tandem_types::Stamp;

/// What a servo makes its motor do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drive {
    /// Whether it drives at all.
    pub on: bool,
    /// Where to, steps.
    pub goal: f64,
    /// How fast the goal moves, steps/s: the position loop's derivative acts on the error, and so
    /// on the goal's motion, too.
    pub goal_speed: f64,
    /// The share of its torque it may use.
    pub torque_limit: f64,
    /// How fast its position loop closes, 1/s, where the host says so; else it is the plant's.
    pub gain_per_s: Option<f64>,
}

/// What a servo's sensors feel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shaft {
    /// Steps.
    pub position: f64,
    /// Steps/s.
    pub speed: f64,
    /// The share of its torque it uses, with the sign of the direction.
    pub load: f64,
    /// Degrees Celsius.
    pub temperature_c: f64,
    /// Volts.
    pub voltage_v: f64,
}

impl Shaft {
    /// At rest in a cool room.
    #[must_use]
    pub const fn at(position: f64) -> Self {
        Self { position, speed: 0.0, load: 0.0, temperature_c: ROOM_C, voltage_v: SUPPLY_V }
    }
}

/// What moves, or does not, when servos drive.
pub trait Plant: Send + 'static {
    /// Moves on to `now`.
    fn step(&mut self, now: Stamp, drives: &[Drive], shafts: &mut [Shaft]);
}

const ROOM_C: f64 = 25.0;
pub(super) const SUPPLY_V: f64 = 7.4;
/// What the supply gives away when all of six motors pull with all they have, per motor.
const SAG_V: f64 = 0.15;

/// Shafts with nothing on them but their own inertia: a first-order servo.
///
/// The speed is what the position loop asks for, within the motor's own speed at the torque it may
/// use; the load is how much of that it needs. The winding warms with the load's square and cools
/// towards the room.
#[derive(Clone, Copy, Debug)]
pub struct FreeShafts {
    /// How fast the position loop closes, 1/s.
    pub gain_per_s: f64,
    /// The motor's speed without load, steps/s. 45 turns a minute at 7.4 V are 3070.
    pub speed_max: f64,
    stepped: Option<Stamp>,
}

impl Default for FreeShafts {
    /// An STS3215 at 7.4 V. The loop's 25/s are a lag of 40 ms.
    fn default() -> Self {
        Self::new(25.0, 3070.0)
    }
}

impl FreeShafts {
    /// Shafts of servos that close their loop so fast and turn at most so fast; in any unit.
    #[must_use]
    pub const fn new(gain_per_s: f64, speed_max: f64) -> Self {
        Self { gain_per_s, speed_max, stepped: None }
    }
}

impl Plant for FreeShafts {
    fn step(&mut self, now: Stamp, drives: &[Drive], shafts: &mut [Shaft]) {
        /// Kelvin a second at full load, and the share of the excess that is lost a second: at full
        /// load the motor would end at 105 degrees, after minutes.
        const HEATING_K_S: f64 = 0.8;
        const COOLING_PER_S: f64 = 0.01;
        const PERIOD_MAX: Duration = Duration::from_millis(50);

        let elapsed = self.stepped.map_or(Duration::ZERO, |stepped| stepped.age_at(now));
        self.stepped = Some(now);
        let dt_s = elapsed.min(PERIOD_MAX).as_secs_f64();
        let pull: f64 = shafts.iter().map(|shaft| shaft.load.abs()).sum();
        for (drive, shaft) in drives.iter().zip(shafts) {
            if drive.on {
                let speed_max = self.speed_max * drive.torque_limit.clamp(0.0, 1.0);
                let error = drive.goal - shaft.position;
                let gain_per_s = drive.gain_per_s.unwrap_or(self.gain_per_s);
                let wanted = drive.goal_speed + gain_per_s * error;
                shaft.speed = wanted.clamp(-speed_max, speed_max);
                // Never past the place where it would rest, however long the step was.
                let moved = shaft.speed * dt_s;
                let most = if gain_per_s > 0.0 { wanted / gain_per_s } else { moved };
                shaft.position += if most >= 0.0 { moved.min(most) } else { moved.max(most) };
                shaft.load = shaft.speed / self.speed_max;
            } else {
                (shaft.speed, shaft.load) = (0.0, 0.0);
            }
            let excess = shaft.temperature_c - ROOM_C;
            shaft.temperature_c +=
                (HEATING_K_S * shaft.load.powi(2) - COOLING_PER_S * excess) * dt_s;
            shaft.voltage_v = SUPPLY_V - SAG_V * pull;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(drive: Drive, seconds: f64) -> Shaft {
        let (mut plant, mut shafts) = (FreeShafts::default(), [Shaft::at(2048.0)]);
        for ms in 0..(seconds * 1e3) as u64 {
            plant.step(Stamp::from_nanos(ms * 1_000_000), &[drive], &mut shafts);
        }
        shafts[0]
    }

    #[test]
    fn it_goes_there_and_no_further_and_only_when_on() {
        let there = Drive { on: true, goal: 3000.0, torque_limit: 1.0, ..Drive::default() };
        assert!((run(there, 1.5).position - 3000.0).abs() < 0.5);
        assert_eq!(run(Drive { on: false, ..there }, 1.5).position, 2048.0);
        assert_eq!(run(Drive { torque_limit: 0.0, ..there }, 1.5).position, 2048.0);
        let slow = run(Drive { torque_limit: 0.1, ..there }, 0.5);
        assert!((slow.position - 2048.0 - 153.5).abs() < 1.0, "{slow:?}");
    }

    /// `goal_speed + gain * (goal - position)` vanishes ahead of a goal that only says it moves.
    #[test]
    fn a_goal_that_says_it_moves_is_overtaken_by_as_much_as_the_loop_lags() {
        let goal = Drive {
            on: true,
            goal: 2048.0,
            goal_speed: 100.0,
            torque_limit: 1.0,
            gain_per_s: None,
        };
        let shaft = run(goal, 1.0);
        assert!((shaft.position - 2052.0).abs() < 0.01 && shaft.speed < 0.01, "{shaft:?}");
        let stiff = run(Drive { gain_per_s: Some(100.0), ..goal }, 1.0);
        assert!((stiff.position - 2049.0).abs() < 0.01, "{stiff:?}");
    }

    #[test]
    fn it_warms_with_load_and_the_supply_sags() {
        let far = Drive { on: true, goal: 1e9, torque_limit: 1.0, ..Drive::default() };
        let (cool, warm) = (run(far, 1.0), run(far, 60.0));
        assert!(cool.temperature_c > ROOM_C && warm.temperature_c > cool.temperature_c + 10.0);
        assert!(warm.temperature_c < ROOM_C + 80.0);
        assert!((warm.voltage_v - (SUPPLY_V - SAG_V)).abs() < 1e-9);
    }
}
