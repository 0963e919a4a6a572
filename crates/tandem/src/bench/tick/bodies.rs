//! How the tick's work grows with the number of joints: `Controller::tick` by itself, in process,
//! on bodies that are a config and a URDF made up for the purpose.

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tandem_config::Config;
use tandem_control::{Controller, Inputs};
use tandem_guard::{Mode, Request, Witness};
use tandem_realtime::{Clock as _, Histogram, MonotonicClock, Policy, Schedule, prefault_stack};
use tandem_types::{ActionChunk, Epoch, JointVec, Stamp, State};

use crate::bench::scenario::{edited, set};

/// An arm, an arm of seven joints, two of them, an upper body, and two upper bodies.
const DOFS: [usize; 5] = [6, 7, 14, 35, 70];

/// Ticks that count, enough for a 99.9th percentile, and those before.
const TICKS: u64 = 20_000;
const WARM_UP_TICKS: u64 = 2_000;

/// System 1 brings a chunk of this many steps every fifth tick, as at 200 Hz and 1 kHz. The longest
/// chunk that fits for 70 joints.
const TICKS_PER_CHUNK: u64 = 5;
const STEPS: usize = 16;

/// No shipped robot has more.
const CAPSULES_MAX: usize = 12;

/// How long one tick takes at each number of joints, with what reading the clock takes, about
/// 40 ns, in it.
pub(super) fn measure(config: &Config) -> anyhow::Result<Vec<(usize, Histogram)>> {
    let times = |dof| Ok((dof, on_control_thread(config, &body(config, dof)?)?));
    DOFS.into_iter().map(times).collect()
}

/// Times the ticks with the control thread's class, so that nothing else is in them.
fn on_control_thread(config: &Config, body: &Config) -> anyhow::Result<Histogram> {
    let priority = config.control.priority.and_then(|priority| u8::try_from(priority).ok());
    let policy = priority.map_or(Policy::Normal { nice: 0 }, |priority| Policy::Fifo { priority });
    let schedule = Schedule { policy, cpu: config.control.cpu };
    let times = thread::scope(|scope| {
        let run = || {
            // Refused or not, it is told with the blocks, which ask for the same.
            drop(schedule.apply());
            prefault_stack();
            tick(body)
        };
        scope.spawn(run).join()
    });
    times.unwrap_or_else(|_panic| Err(anyhow::anyhow!("the timed thread died")))
}

fn tick(body: &Config) -> anyhow::Result<Histogram> {
    let mut controller = Controller::new(body.to_control()?, Epoch(1))?;
    let rest = JointVec::zeros(body.dof());
    let mut now = Stamp::from_nanos(1_000_000_000);
    let mut state = State { stamp: now, q: body.robot.home_rad, dq: rest, tau: rest };
    let mut chunk = ActionChunk::at_rest(state.q, now);
    let mut histogram = Histogram::new();
    for count in 0..WARM_UP_TICKS + TICKS {
        now = now.after(body.control.period);
        state.stamp = now;
        if count.is_multiple_of(TICKS_PER_CHUNK) {
            chunk = swing(&state, now, count)?;
        }
        let request = (count == 0).then_some(Request::Arm);
        let witness = Witness::default();
        let inputs = Inputs {
            state: Some(&state),
            chunk: Some(&chunk),
            receipt: Some(now),
            witness,
            request,
        };
        let began = MonotonicClock.now();
        let output = controller.tick(now, std::hint::black_box(&inputs));
        let took = began.age_at(MonotonicClock.now());
        let command = std::hint::black_box(output).command.context("a tick without a command")?;
        ensure!(output.mode == Mode::Armed, "tick {count} holds: {:?}", output.cause);
        // An ideal robot.
        (state.q, state.dq) = (command.command().q, command.command().dq);
        if count >= WARM_UP_TICKS {
            histogram.record(took);
        }
    }
    Ok(histogram)
}

/// All joints to and fro, so that limits and smoothing have something to do.
fn swing(state: &State, now: Stamp, count: u64) -> anyhow::Result<ActionChunk> {
    let direction = if (count / 300).is_multiple_of(2) { 2e-3 } else { -2e-3 };
    let ahead = |step: usize| direction * step as f64;
    let path = (1..=STEPS).flat_map(|step| state.q.iter().map(move |q| (q + ahead(step)) as f32));
    let path: Vec<f32> = path.collect();
    let mut chunk = ActionChunk::at_rest(state.q, now);
    (chunk.frame_observed, chunk.latent_observed) = (now, now);
    chunk.set_path(Duration::from_millis(5), &path)?;
    Ok(chunk)
}

/// The scenario with another body: a chain of `dof` joints and no cameras of its own.
fn body(config: &Config, dof: usize) -> anyhow::Result<Config> {
    let dir = tempfile::tempdir().context("no folder for a made-up body")?;
    std::fs::write(dir.path().join("chain.urdf"), urdf(dof))?;
    let file = edited(config, dir.path(), |table| {
        let names = (0..dof).map(|joint| toml::Value::from(format!("joint_{joint}")));
        set(table, "robot", "urdf", "chain.urdf");
        set(table, "robot", "joints", toml::Value::Array(names.collect()));
        set(table, "robot", "tip_link", format!("link_{dof}"));
        set(table, "robot", "home_rad", 0.0);
        set(table, "guard", "tracking_error_rad_max", 0.5);
        table.insert("space".to_owned(), space(dof));
        // Where a camera rides, what is simulated and what else could drive belong to the other body.
        table.remove("sim");
        table.remove("policies");
        let cameras = table.get_mut("camera").and_then(toml::Value::as_array_mut);
        for camera in cameras.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
            camera.remove("mount");
        }
    })?;
    Ok(Config::load(file)?)
}

/// As much geometry as the shipped robots have: a workspace, a box to keep out of, a limit for the
/// tip's speed, and at most [`CAPSULES_MAX`] capsules along the chain.
fn space(dof: usize) -> toml::Value {
    let numbers = |values: [f64; 3]| toml::Value::from(values.to_vec());
    let table = |rows: Vec<(&str, toml::Value)>| {
        let rows = rows.into_iter().map(|(key, value)| (key.to_owned(), value));
        toml::Value::Table(rows.collect())
    };
    let bounds = |min_m, max_m| table(vec![("min_m", numbers(min_m)), ("max_m", numbers(max_m))]);
    let every = dof.div_ceil(CAPSULES_MAX);
    let capsules = (0..=dof).step_by(every).map(|link| {
        table(vec![
            ("link", format!("link_{link}").into()),
            ("from_m", numbers([0.0; 3])),
            ("to_m", numbers([0.0, 0.0, 0.03])),
            ("radius_m", 0.005.into()),
        ])
    });
    table(vec![
        ("distance_m_slow", 0.02.into()),
        ("distance_m_min", 0.005.into()),
        ("tip_speed_m_s_max", 5.0.into()),
        ("workspace", bounds([-5.0; 3], [5.0; 3])),
        ("keep_out", vec![bounds([-5.0, -5.0, -2.0], [5.0, 5.0, -1.0])].into()),
        ("capsule", toml::Value::Array(capsules.collect())),
    ])
}

fn urdf(dof: usize) -> String {
    let mut text = "<robot name=\"chain\">\n<link name=\"link_0\"/>\n".to_owned();
    for joint in 0..dof {
        let (axis, next) = (if joint % 2 == 0 { "0 0 1" } else { "0 1 0" }, joint + 1);
        // Writing to a string cannot fail.
        write!(
            text,
            "<link name=\"link_{next}\"/>\n<joint name=\"joint_{joint}\" type=\"revolute\">\n\
             <parent link=\"link_{joint}\"/><child link=\"link_{next}\"/>\n\
             <origin xyz=\"0 0 0.05\"/><axis xyz=\"{axis}\"/>\n\
             <limit lower=\"-2.5\" upper=\"2.5\" effort=\"10\" velocity=\"4\"/>\n</joint>\n"
        )
        .ok();
    }
    text + "</robot>\n"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_body_ticks_armed() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/so101.toml");
        let config = Config::load(file).unwrap();
        for dof in DOFS {
            let body = body(&config, dof).unwrap();
            assert_eq!(body.dof(), dof);
            assert_eq!(tick(&body).unwrap().count(), TICKS, "{dof} joints");
        }
    }
}
