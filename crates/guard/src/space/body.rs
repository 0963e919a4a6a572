//! The arm as tip and capsules, posed; and how far each part of it is from what.

use nalgebra::{Isometry3, Point3};
use tandem_robot::{Motion, Robot};
use tandem_types::JointVec;

use super::distance::{Segment, point_box, point_segment, segment_box, segment_segment};
use super::{Bounds, Capsule, KeepOut, SpaceSpec};

/// The tip is the first part: a capsule without length or thickness.
pub(super) const TIP: usize = 0;

/// The parts of the body, wherever the last pose put them.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) robot: Robot,
    parts: Vec<Capsule>,
    // Room for the poses of all links, and for the parts' axes in the base's frame.
    poses: Vec<Isometry3<f64>>,
    axes: Vec<Segment>,
}

/// What may not come too close to what; parts are counted with the tip.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pair {
    /// The tip, and the border of a box around it.
    Inside(Bounds),
    /// A part, and a place to keep out of.
    Outside(usize, KeepOut),
    /// Two parts.
    Apart(usize, usize),
}

impl Body {
    pub(super) fn new(robot: Robot, spec: &SpaceSpec) -> Self {
        let tip =
            Capsule { link: robot.tip_link(), from_m: [0.0; 3], to_m: [0.0; 3], radius_m: 0.0 };
        let parts: Vec<Capsule> = core::iter::once(tip).chain(spec.capsules.clone()).collect();
        // Full from the start, so that a clone has the same room.
        let poses = vec![Isometry3::identity(); robot.links().len()];
        let axes = vec![(Point3::origin(), Point3::origin()); parts.len()];
        Self { robot, parts, poses, axes }
    }

    pub(super) fn parts(&self) -> core::ops::Range<usize> {
        0..self.parts.len()
    }

    /// Takes a pose, rad.
    pub(super) fn pose(&mut self, q: &JointVec) {
        self.robot.link_poses(q, &mut self.poses);
        for (axis, part) in self.axes.iter_mut().zip(&self.parts) {
            let pose = self.poses.get(part.link).copied().unwrap_or_else(Isometry3::identity);
            *axis = (pose * Point3::from(part.from_m), pose * Point3::from(part.to_m));
        }
    }

    /// How far apart a pair is in this pose, m; negative where they meet.
    pub(super) fn distance(&self, pair: &Pair) -> f64 {
        let distance = match *pair {
            Pair::Inside(bounds) => self.part(TIP).map(|(tip, _)| -point_box(&tip.0, &bounds)),
            Pair::Outside(part, KeepOut::Box(bounds)) => {
                self.part(part).map(|(axis, radius_m)| segment_box(axis, &bounds) - radius_m)
            }
            Pair::Outside(part, KeepOut::Sphere { center_m, radius_m: ball_m }) => {
                let center = Point3::from(center_m);
                let apart = |axis| point_segment(&center, axis) - ball_m;
                self.part(part).map(|(axis, radius_m)| apart(axis) - radius_m)
            }
            Pair::Apart(one, two) => self
                .part(one)
                .zip(self.part(two))
                .map(|((one, one_m), (two, two_m))| segment_segment(one, two) - one_m - two_m),
        };
        // A part that is none would be a defect here, and must not pass for free space.
        distance.unwrap_or(f64::NEG_INFINITY)
    }

    /// By how much a pair can come nearer for each rad of each joint, m.
    pub(super) fn reach(&self, pair: &Pair) -> JointVec {
        match *pair {
            Pair::Inside(_) => self.reach_of(TIP),
            Pair::Outside(part, _) => self.reach_of(part),
            // What carries both moves neither against the other.
            Pair::Apart(one, two) => {
                self.reach_of(one).zip_with(&self.reach_of(two), |one, two| {
                    if one > 0.0 && two > 0.0 { 0.0 } else { one + two }
                })
            }
        }
    }

    /// Whether two parts can touch: links that are joined do so where they are joined, and two parts
    /// of one body never move against each other.
    pub(super) fn may_collide(&self, one: usize, two: usize) -> bool {
        let (Some(one), Some(two)) = (self.rigid_root_of(one), self.rigid_root_of(two)) else {
            return false;
        };
        let parent = |link: usize| {
            let hangs = self.robot.links().get(link).and_then(|link| link.attachment);
            hangs.map(|hangs| rigid_root(&self.robot, hangs.parent_link))
        };
        one != two && parent(one) != Some(two) && parent(two) != Some(one)
    }

    /// Whether any joint moves a part.
    pub(super) fn moves(&self, part: usize) -> bool {
        self.rigid_root_of(part) != Some(0)
    }

    /// The links that two parts are on.
    pub(super) fn links(&self, one: usize, two: usize) -> Option<[usize; 2]> {
        Some([self.parts.get(one)?.link, self.parts.get(two)?.link])
    }

    fn rigid_root_of(&self, part: usize) -> Option<usize> {
        self.parts.get(part).map(|part| rigid_root(&self.robot, part.link))
    }

    fn part(&self, part: usize) -> Option<(&Segment, f64)> {
        self.axes.get(part).zip(self.parts.get(part).map(|part| part.radius_m))
    }

    /// No point of a part's axis is further from a joint than the way to it along the links is long.
    fn reach_of(&self, part: usize) -> JointVec {
        let mut reach = JointVec::zeros(self.robot.dof());
        let Some(part) = self.parts.get(part) else { return reach };
        let norm = |end: [f64; 3]| Point3::from(end).coords.norm();
        let mut length_m = norm(part.from_m).max(norm(part.to_m));
        let mut link = self.robot.links().get(part.link);
        while let Some(hangs) = link.and_then(|link| link.attachment) {
            let (joint, per_rad_m, slides_m) = match hangs.motion {
                Motion::Fixed => (None, 0.0, 0.0),
                Motion::Revolute { joint, .. } => (Some(joint), length_m, 0.0),
                Motion::Prismatic { joint, .. } => (Some(joint), 1.0, self.slide_m(joint)),
            };
            if let Some(entry) = joint.and_then(|joint| reach.get_mut(joint)) {
                *entry = per_rad_m;
            }
            length_m += slides_m + hangs.parent_from_joint.translation.vector.norm();
            link = self.robot.links().get(hangs.parent_link);
        }
        reach
    }

    /// How far a prismatic joint can be from its zero, m.
    fn slide_m(&self, joint: usize) -> f64 {
        self.robot.joints().get(joint).map_or(0.0, |joint| {
            joint.limits.position_rad_min.abs().max(joint.limits.position_rad_max.abs())
        })
    }
}

/// The first of the links that this one is fixed to: together they are one body.
fn rigid_root(robot: &Robot, link: usize) -> usize {
    let hangs = robot.links().get(link).and_then(|link| link.attachment);
    match hangs {
        Some(hangs) if hangs.motion == Motion::Fixed => rigid_root(robot, hangs.parent_link),
        _ => link,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;

    /// A cart on rails, an arm of two rods on it, and a fixed tip.
    const CART: &str = r#"<robot name="cart">
        <link name="base"/> <link name="cart"/> <link name="one"/> <link name="two"/> <link name="tip"/>
        <joint name="rail" type="prismatic"> <parent link="base"/> <child link="cart"/>
            <axis xyz="1 0 0"/> <limit lower="-0.5" upper="0.8" effort="2" velocity="5"/> </joint>
        <joint name="a" type="revolute"> <parent link="cart"/> <child link="one"/>
            <origin xyz="0 0 0.2"/> <axis xyz="0 1 0"/>
            <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
        <joint name="b" type="revolute"> <parent link="one"/> <child link="two"/>
            <origin xyz="0.3 0 0"/> <axis xyz="0 0 1"/>
            <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
        <joint name="end" type="fixed"> <parent link="two"/> <child link="tip"/>
            <origin xyz="0.25 0 0"/> </joint>
    </robot>"#;

    fn body() -> Body {
        let robot = Robot::from_urdf(CART, &["rail", "a", "b"].map(str::to_owned), "tip").unwrap();
        let capsule = |link, to_m| Capsule { link, from_m: [0.0; 3], to_m, radius_m: 0.02 };
        let capsules =
            vec![capsule(0, [0.0, 0.0, -0.1]), capsule(2, [0.3, 0.0, 0.0]), capsule(4, [0.0; 3])];
        Body::new(robot, &SpaceSpec { capsules, ..SpaceSpec::default() })
    }

    fn pairs() -> [Pair; 5] {
        let bounds = Bounds { min_m: [-0.4, -0.2, 0.3], max_m: [0.1, 0.5, 0.6] };
        let sphere = KeepOut::Sphere { center_m: [0.3, 0.1, 0.3], radius_m: 0.1 };
        [
            Pair::Inside(bounds),
            Pair::Outside(2, KeepOut::Box(bounds)),
            Pair::Outside(3, sphere),
            Pair::Apart(1, 2),
            Pair::Apart(2, 3),
        ]
    }

    #[test]
    fn a_joint_reaches_as_far_as_the_links_beyond_it() {
        let (body, [inside, rod, _, on_base, on_itself]) = (body(), pairs());
        let reach = |pair: &Pair| body.reach(pair).to_vec();
        assert_eq!(reach(&inside), [1.0, 0.55, 0.25]);
        assert_eq!(reach(&rod), [1.0, 0.3, 0.0]);
        assert_eq!(reach(&on_base), [1.0, 0.3, 0.0]);
        assert_eq!(reach(&Pair::Apart(2, 1)), reach(&on_base));
        // The rail and the first turn carry both.
        assert_eq!(reach(&on_itself), [0.0, 0.0, 0.25]);
    }

    #[test]
    fn what_is_fixed_together_is_one_body() {
        let body = body();
        // The base, the first rod, and the tip, which is fixed to the second rod.
        assert!(body.may_collide(1, 3) && body.may_collide(3, 1));
        assert!(!body.may_collide(2, 3), "the rods are joined");
        assert!(!body.may_collide(0, 3), "both are on the tip");
    }

    #[test]
    fn a_turn_carries_what_slides_as_far_as_it_slides_out() {
        // The further end of the slide counts, whichever it is.
        for (lower, upper, reach) in [("-0.5", "0.8", 0.8), ("-0.9", "0.8", 0.9)] {
            let crane = format!(
                r#"<robot name="crane"> <link name="base"/> <link name="boom"/> <link name="tip"/>
                <joint name="turn" type="revolute"> <parent link="base"/> <child link="boom"/>
                    <axis xyz="0 0 1"/> <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
                <joint name="slide" type="prismatic"> <parent link="boom"/> <child link="tip"/>
                    <origin xyz="0.125 0 0"/> <axis xyz="1 0 0"/>
                    <limit lower="{lower}" upper="{upper}" effort="2" velocity="5"/> </joint>
                </robot>"#
            );
            let joints = ["turn", "slide"].map(str::to_owned);
            let robot = Robot::from_urdf(&crane, &joints, "tip").unwrap();
            let body = Body::new(robot, &SpaceSpec::default());
            assert_eq!(body.reach_of(TIP).to_vec(), [reach + 0.125, 1.0]);
        }
    }

    proptest! {
        #[test]
        fn nothing_comes_nearer_than_the_joints_can_carry_it(
            one in prop::array::uniform3(-1.0..1.0_f64),
            two in prop::array::uniform3(-1.0..1.0_f64),
        ) {
            let mut body = body();
            let pose = |shares: [f64; 3]| {
                let q = [0.15 + 0.65 * shares[0], 3.0 * shares[1], 3.0 * shares[2]];
                JointVec::from_slice(&q).unwrap()
            };
            let (one, two) = (pose(one), pose(two));
            let travel = one.zip_with(&two, |one, two| (one - two).abs());
            for pair in pairs() {
                let mut distance = |q| {
                    body.pose(q);
                    body.distance(&pair)
                };
                let nearer = (distance(&one) - distance(&two)).abs();
                let reach = body.reach(&pair);
                let most: f64 = reach.iter().zip(travel.iter()).map(|(reach, rad)| reach * rad).sum();
                // The nearest point of a box is searched, to a millionth of a part's length.
                assert!(nearer <= most + 1e-5, "{pair:?}: {nearer} m, {most} m at most");
            }
        }
    }

    #[test]
    fn a_part_that_is_none_is_nowhere_safe() {
        assert_eq!(body().distance(&Pair::Apart(1, 9)), f64::NEG_INFINITY);
    }
}
