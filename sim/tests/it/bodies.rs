//! Every shipped body, by config alone: it stands, obeys, says the same every time, and its expert
//! solves the task through controller, guard and messages.

use std::path::Path;

use tandem_config::Config;
use tandem_robot::Robot;
use tandem_sim::{
    Episode, Expert, ExpertPilot, Lockstep, LockstepConfig, SimConfig, Target, Verdict, World,
};
use tandem_types::JointVec;
use tandem_wire::Message as _;

/// A body's config, and what is asked of it.
struct Body {
    config: Config,
    dof: usize,
}

impl Body {
    fn load(file: &str, dof: usize) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs").join(file);
        Self { config: Config::load(file).unwrap(), dof }
    }

    fn name(&self) -> &str {
        &self.config.robot.name
    }

    fn sim(&self) -> SimConfig {
        SimConfig::from_config(&self.config).unwrap()
    }

    fn lockstep(&self, seed: u64) -> Lockstep {
        let world = World::new(self.sim(), seed).unwrap();
        Lockstep::new(world, LockstepConfig::from_config(&self.config).unwrap()).unwrap()
    }

    fn pilot(&self) -> ExpertPilot {
        let expert = Expert::new(&self.sim()).unwrap();
        // A chunk as System 1 has it: 16 steps of 35 joints are 560 values.
        ExpertPilot { expert, step_period: self.config.system1.period, steps: 16 }
    }
}

fn bodies() -> [Body; 3] {
    [
        Body::load("so101.toml", 6),
        Body::load("franka_class.toml", 7),
        Body::load("upper_body.toml", 35),
    ]
}

fn distance(a: &JointVec, b: &JointVec) -> f64 {
    a.zip_with(b, |a, b| a - b).max_abs()
}

#[test]
fn every_body_has_its_joints_and_a_plausible_weight() {
    for (body, mass_kg) in bodies().iter().zip([0.5..0.9, 15.0..20.0, 25.0..40.0]) {
        let robot = &body.config.robot.model;
        assert_eq!(robot.dof(), body.dof);
        let total: f64 = robot.links().iter().map(|link| link.mass_kg).sum();
        assert!(mass_kg.contains(&total), "{}: {total} kg", body.name());
        for link in robot.links().iter().filter(|link| link.mass_kg > 0.0) {
            let i = link.inertia_kg_m2;
            // No rigid body has a principal moment above the sum of the other two.
            let moments = [i.m11, i.m22, i.m33];
            let sum: f64 = moments.iter().sum();
            let possible = moments.iter().all(|&moment| moment > 0.0 && 2.0 * moment <= sum + 1e-9);
            assert!(possible, "{}: link {} has {moments:?}", body.name(), link.name);
        }
    }
}

#[test]
fn every_body_holds_its_pose_against_gravity() {
    for body in bodies() {
        let mut world = World::new(body.sim(), 3).unwrap();
        for _ in 0..1500 {
            world.step();
        }
        let state = world.state();
        assert_eq!((state.q.len(), state.tau.len()), (body.dof, body.dof));
        let droop = distance(&state.q, &world.scene().start);
        assert!(droop < 0.03, "{}: droops by {droop} rad: {state:?}", body.name());
        assert!(state.dq.max_abs() < 0.01, "{}: still moves: {:?}", body.name(), state.dq);
        let limits =
            body.config.robot.model.joints().iter().map(|joint| joint.limits.effort_nm_max);
        for (tau, limit) in state.tau.iter().zip(limits) {
            assert!(tau.abs() < 0.7 * limit, "{}: {tau} of {limit} N m", body.name());
        }
    }
}

#[test]
fn messages_carry_every_joint_there_and_back() {
    for body in bodies() {
        let world = World::new(body.sim(), 3).unwrap();
        let mut bytes = Vec::new();
        world.joint_state().encode(&mut bytes);
        let message = tandem_wire::JointState::decode(&bytes).unwrap();
        assert_eq!(message.to_state(body.config.joint_names()).unwrap(), *world.state());
    }
}

#[test]
fn every_expert_reaches_its_whole_workspace_from_above() {
    for body in bodies() {
        let sim = body.sim();
        let (x, y) = (&sim.workspace.x_m, &sim.workspace.y_m);
        let middle = [(x.start() + x.end()) / 2.0, (y.start() + y.end()) / 2.0];
        let corners = [(x.start(), y.start()), (x.start(), y.end()), (x.end(), y.start())];
        let mut places: Vec<[f64; 2]> = corners.iter().map(|(x, y)| [**x, **y]).collect();
        places.extend([[*x.end(), *y.end()], middle]);
        let mut expert = Expert::new(&sim).unwrap();
        for ([x, y], top) in places.iter().flat_map(|&at| [(at, 0.030), (at, 0.048)]) {
            expert.aim(Target { top_m: [x, y, top] });
            let tips = follow(&expert, &sim.robot, &sim.rest_pose);
            let [tx, ty, tz] = *tips.last().unwrap();
            let left = (tx - x).hypot(ty - y).hypot(tz - top - sim.expert.hover_m);
            assert!(left < 0.006, "{}: {left} m left at ({x}, {y})", body.name());
            for [px, py, pz] in tips {
                let away = (px - x).hypot(py - y);
                assert!(away < 0.03 || pz > 0.052, "{}: {pz} m, {away} m away", body.name());
            }
        }
    }
}

/// The tips on the way of the law alone, for five seconds.
fn follow(expert: &Expert, robot: &Robot, start: &JointVec) -> Vec<[f64; 3]> {
    let mut q = *start;
    let step = |_| {
        q = q.zip_with(&expert.velocity(&q), |q, v| q + v * 0.01);
        robot.tip(&q).translation.vector.into()
    };
    (0..500).map(step).collect()
}

#[test]
fn every_expert_solves_the_task_within_the_limits() {
    const EPISODES: u64 = 8;
    for body in bodies() {
        let (mut lockstep, mut pilot) = (body.lockstep(0), body.pilot());
        let mut failures = Vec::new();
        for seed in 0..EPISODES {
            let outcome = lockstep.play(&Episode::new(2000 + seed), &mut pilot).unwrap();
            assert_eq!(outcome.stopped, None, "{}", body.name());
            if !matches!(outcome.verdict, Verdict::Succeeded(_)) {
                failures.push((seed, lockstep.world().distances_m().to_vec(), outcome));
            }
        }
        // The robot's side took every command: none had a wrong shape, or broke a limit.
        assert_eq!(lockstep.world().receipt().refused, 0, "{}", body.name());
        assert!(failures.len() <= 1, "{}: {failures:#?}", body.name());
    }
}

#[test]
fn joints_that_do_not_serve_the_tip_keep_their_pose() {
    let body = Body::load("upper_body.toml", 35);
    let (mut lockstep, mut pilot) = (body.lockstep(0), body.pilot());
    lockstep.play(&Episode::new(5), &mut pilot).unwrap();
    let names = body.config.joint_names();
    let q = lockstep.world().state().q;
    for ((name, q), home) in names.iter().zip(q.iter()).zip(body.config.robot.home_rad.iter()) {
        let serves = name.starts_with("right_")
            && ["shoulder", "elbow", "wrist"].iter().any(|part| name.contains(part));
        assert!(serves || (q - home).abs() < 0.05, "{name} is at {q}, {home} is home");
    }
}

#[test]
fn every_body_gives_the_same_run_for_the_same_seed() {
    for body in bodies() {
        let run = || {
            let (mut lockstep, mut pilot) = (body.lockstep(4), body.pilot());
            lockstep.begin(&Episode::new(9)).unwrap();
            for _ in 0..400 {
                lockstep.advance(&mut pilot).unwrap();
            }
            let mut bytes = Vec::new();
            lockstep.world().joint_state().encode(&mut bytes);
            bytes
        };
        assert!(run() == run(), "{} differs from itself", body.name());
    }
}
