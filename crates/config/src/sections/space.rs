//! `[space]`: where the arm may be.

use core::ops::RangeInclusive;

use tandem_guard::{Bounds, Capsule, KeepOut, Obstacle, Space, SpaceSpec};
use tandem_robot::Robot;

use super::Check;
use crate::config::RobotSection;
use crate::raw::{RawCapsule, RawKeepOut, RawMayTouch, RawSpace};

/// Nearer than a millimetre no URDF is true; an arm that keeps further off than this reaches
/// nothing.
const DISTANCE_M: RangeInclusive<f64> = 1e-3..=0.5;
/// From a fingertip's thickness to a room's.
const RADIUS_M: RangeInclusive<f64> = 1e-3..=10.0;
/// From hardly moving to what no arm beside people does.
const TIP_SPEED_M_S: RangeInclusive<f64> = 0.01..=10.0;

impl Check<'_> {
    /// The space, which the arm must be well inside of at home; `None` if the robot is none.
    pub(super) fn space(
        &mut self,
        raw: &RawSpace,
        robot: Option<&RobotSection>,
    ) -> Option<SpaceSpec> {
        let before = self.findings.len();
        self.within("space.distance_m_min", raw.distance_m_min, DISTANCE_M);
        self.within("space.distance_m_slow", raw.distance_m_slow, DISTANCE_M);
        if raw.distance_m_slow <= raw.distance_m_min {
            let problem = format!("is {}, not above `distance_m_min`", raw.distance_m_slow);
            let mend = "write more: the arm slows down before it does not go on";
            self.wrong("space.distance_m_slow", problem, mend);
        }
        if let Some(speed_m_s) = raw.tip_speed_m_s_max {
            self.within("space.tip_speed_m_s_max", speed_m_s, TIP_SPEED_M_S);
        }
        let workspace = raw
            .workspace
            .as_ref()
            .map(|bounds| self.bounds("space.workspace", &bounds.min_m, &bounds.max_m));
        let keep_outs = raw.keep_out.iter().enumerate();
        let keep_outs = keep_outs.filter_map(|(index, raw)| self.keep_out(index, raw)).collect();
        let robot = robot?;
        let model = &robot.model;
        let capsules = raw.capsule.iter().enumerate();
        let capsules = capsules.filter_map(|(index, raw)| self.capsule(index, raw, model));
        let capsules = capsules.collect();
        let may_touch = raw.may_touch.iter().enumerate();
        let may_touch = may_touch.filter_map(|(index, raw)| self.may_touch(index, raw, model));
        let spec = SpaceSpec {
            may_touch: may_touch.collect(),
            workspace,
            keep_outs,
            capsules,
            distance_m_slow: raw.distance_m_slow,
            distance_m_min: raw.distance_m_min,
            tip_speed_m_s_max: raw.tip_speed_m_s_max,
        };
        if self.findings.len() == before {
            self.home(raw, &spec, robot);
        }
        Some(spec)
    }

    fn bounds(&mut self, key: &str, min_m: &[f64], max_m: &[f64]) -> Bounds {
        let min_m = self.point(&format!("{key}.min_m"), min_m);
        let max_m = self.point(&format!("{key}.max_m"), max_m);
        if let Some(axis) = (0..3).find(|&axis| min_m[axis] >= max_m[axis]) {
            let problem = format!("is empty: {} to {} m", min_m[axis], max_m[axis]);
            let mend = "write the lowest corner as `min_m` and the highest as `max_m`";
            self.wrong(&format!("{key}.max_m[{axis}]"), problem, mend);
        }
        Bounds { min_m, max_m }
    }

    fn keep_out(&mut self, index: usize, raw: &RawKeepOut) -> Option<KeepOut> {
        let key = format!("space.keep_out[{index}]");
        match (&raw.min_m, &raw.max_m, &raw.center_m, raw.radius_m) {
            (Some(min_m), Some(max_m), None, None) => {
                Some(KeepOut::Box(self.bounds(&key, min_m, max_m)))
            }
            (None, None, Some(center_m), Some(radius_m)) => {
                self.within(&format!("{key}.radius_m"), radius_m, RADIUS_M);
                let center_m = self.point(&format!("{key}.center_m"), center_m);
                Some(KeepOut::Sphere { center_m, radius_m })
            }
            _ => {
                let mend = "write `min_m` and `max_m` for a box, or `center_m` and `radius_m` for a sphere";
                self.wrong(&key, "is neither a box nor a sphere", mend);
                None
            }
        }
    }

    fn capsule(&mut self, index: usize, raw: &RawCapsule, model: &Robot) -> Option<Capsule> {
        let key = |name: &str| format!("space.capsule[{index}].{name}");
        self.within(&key("radius_m"), raw.radius_m, RADIUS_M);
        let from_m = self.point(&key("from_m"), &raw.from_m);
        let to_m = self.point(&key("to_m"), &raw.to_m);
        let link = self.link_of(&key("link"), &raw.link, model)?;
        Some(Capsule { link, from_m, to_m, radius_m: raw.radius_m })
    }

    fn may_touch(&mut self, index: usize, raw: &RawMayTouch, model: &Robot) -> Option<[usize; 2]> {
        let key = format!("space.may_touch[{index}].links");
        let [one, two] = raw.links.as_slice() else {
            let problem = format!("has {} names", raw.links.len());
            self.wrong(&key, problem, "write the names of two links");
            return None;
        };
        let one = self.link_of(&format!("{key}[0]"), one, model);
        let two = self.link_of(&format!("{key}[1]"), two, model);
        Some([one?, two?])
    }

    fn link_of(&mut self, key: &str, name: &str, model: &Robot) -> Option<usize> {
        let index = model.link_index(name);
        if index.is_none() {
            let problem = format!("is `{name}`, which is no link of the URDF");
            self.wrong(key, problem, "write the name of a link");
        }
        index
    }

    /// An arm that is where it should not be when it rests would slow down, or hold, there.
    fn home(&mut self, raw: &RawSpace, spec: &SpaceSpec, robot: &RobotSection) {
        let Ok(mut space) = Space::new(robot.model.clone(), spec) else { return };
        let slow_m = spec.distance_m_slow;
        let distances = space.distances(&robot.home_rad);
        let near: Vec<_> = distances.filter(|(_, distance_m)| *distance_m < slow_m).collect();
        for (obstacle, distance_m) in near {
            let (key, other, mend) = whereabouts(raw, obstacle);
            let problem = match obstacle {
                Obstacle::Workspace if distance_m < 0.0 => {
                    "does not hold the arm at home".to_owned()
                }
                _ => format!(
                    "is {distance_m:.3} m from {other} at home, nearer than \
                     `space.distance_m_slow` = {slow_m}"
                ),
            };
            self.wrong(&key, problem, mend);
        }
    }
}

/// Where the config speaks of an obstacle, what came near to it, and what can be done.
fn whereabouts(raw: &RawSpace, obstacle: Obstacle) -> (String, String, &'static str) {
    match obstacle {
        Obstacle::Workspace => (
            "space.workspace".to_owned(),
            "the border".to_owned(),
            "make it larger, or move home_rad into it",
        ),
        Obstacle::KeepOut(index) => (
            format!("space.keep_out[{index}]"),
            "the arm".to_owned(),
            "make it smaller, or move home_rad away from it",
        ),
        Obstacle::Itself(one, two) => {
            let link = raw.capsule.get(one).map_or("", |capsule| &capsule.link);
            (
                format!("space.capsule[{two}]"),
                format!("capsule {one}, on link `{link}`,"),
                "correct one of the two, or let their links touch with [[space.may_touch]]",
            )
        }
    }
}
