//! What is kept free, as somebody wrote it down, and what can be wrong with that.

use tandem_robot::Robot;

/// What is kept free, as somebody wrote it down. Lengths in m, places in the base's frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpaceSpec {
    /// The box that the tip stays in.
    pub workspace: Option<Bounds>,
    /// What neither the tip nor a capsule may touch.
    pub keep_outs: Vec<KeepOut>,
    /// The robot's body. Capsules of one link, or of links that are neighbours, do not collide.
    pub capsules: Vec<Capsule>,
    /// Pairs of links (indices into [`Robot::links`]) whose capsules may touch, too.
    pub may_touch: Vec<[usize; 2]>,
    /// Nearer to anything than this the arm goes on with caution, m.
    pub distance_m_slow: f64,
    /// Nearer than this it does not go, m.
    pub distance_m_min: f64,
    /// The fastest the tip may move, m/s.
    pub tip_speed_m_s_max: Option<f64>,
}

/// A box along the axes of the base's frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Its lowest corner, m.
    pub min_m: [f64; 3],
    /// Its highest corner, m.
    pub max_m: [f64; 3],
}

/// A place that is somebody else's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeepOut {
    /// A box.
    Box(Bounds),
    /// A sphere.
    Sphere {
        /// Its centre, m.
        center_m: [f64; 3],
        /// Its radius, m.
        radius_m: f64,
    },
}

/// A thick line on a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capsule {
    /// The link: an index into [`Robot::links`].
    pub link: usize,
    /// One end of its axis in the link's frame, m.
    pub from_m: [f64; 3],
    /// The other end, m.
    pub to_m: [f64; 3],
    /// Its radius, m.
    pub radius_m: f64,
}

/// Why a space was refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SpaceError {
    /// A box is inside out, or a corner is no number.
    #[error("a box from {min_m:?} to {max_m:?} m is none; its lowest corner comes first")]
    Bounds {
        /// Its lowest corner, m.
        min_m: [f64; 3],
        /// Its highest corner, m.
        max_m: [f64; 3],
    },
    /// A sphere without a place or a size.
    #[error("a sphere of {radius_m} m at {center_m:?} m is none; its radius must be above 0")]
    Sphere {
        /// Its centre, m.
        center_m: [f64; 3],
        /// Its radius, m.
        radius_m: f64,
    },
    /// A capsule is on a link that the robot has not, or has no sound size.
    #[error(
        "capsule {capsule} must be on one of {links} links, with finite ends and a radius above 0"
    )]
    Capsule {
        /// Which one, counted from zero.
        capsule: usize,
        /// How many links there are.
        links: usize,
    },
    /// The distances are in the wrong order.
    #[error(
        "distance_m_slow ({slow}) must be above distance_m_min ({min}), which must not be negative"
    )]
    Distances {
        /// The one to slow down at, m.
        slow: f64,
        /// The one to keep, m.
        min: f64,
    },
    /// A speed that is none.
    #[error("tip_speed_m_s_max is {0}; it must be a number above 0")]
    TipSpeed(f64),
}

impl SpaceSpec {
    pub(super) fn check(&self, robot: &Robot) -> Result<(), SpaceError> {
        let mut boxes: Vec<Bounds> = self.workspace.into_iter().collect();
        for keep_out in &self.keep_outs {
            match *keep_out {
                KeepOut::Box(bounds) => boxes.push(bounds),
                KeepOut::Sphere { center_m, radius_m } if !round(&[center_m], radius_m) => {
                    return Err(SpaceError::Sphere { center_m, radius_m });
                }
                KeepOut::Sphere { .. } => {}
            }
        }
        for Bounds { min_m, max_m } in boxes {
            let finite = min_m.iter().chain(&max_m).all(|corner| corner.is_finite());
            if !finite || min_m.iter().zip(&max_m).any(|(min, max)| min >= max) {
                return Err(SpaceError::Bounds { min_m, max_m });
            }
        }
        let links = robot.links().len();
        let unsound = |capsule: &Capsule| {
            capsule.link >= links || !round(&[capsule.from_m, capsule.to_m], capsule.radius_m)
        };
        if let Some(capsule) = self.capsules.iter().position(unsound) {
            return Err(SpaceError::Capsule { capsule, links });
        }
        let (slow, min) = (self.distance_m_slow, self.distance_m_min);
        if !(min >= 0.0 && slow > min) {
            return Err(SpaceError::Distances { slow, min });
        }
        match self.tip_speed_m_s_max {
            Some(speed) if speed.is_nan() || speed <= 0.0 => Err(SpaceError::TipSpeed(speed)),
            _ => Ok(()),
        }
    }
}

/// Whether something about these points has a place and a thickness.
fn round(points: &[[f64; 3]], radius_m: f64) -> bool {
    let finite = points.iter().flatten().all(|value| value.is_finite());
    finite && radius_m.is_finite() && radius_m > 0.0
}
