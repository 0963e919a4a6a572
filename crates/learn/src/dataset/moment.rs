//! What a demonstration is made of.

use serde::{Deserialize, Serialize};

/// One demonstration: a scene, and what was seen and known at regular moments.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// The seed its scene and its disturbances were drawn from.
    pub seed: u64,
    /// The object the expert went to, an index into `objects`.
    pub target: usize,
    /// The objects on the table.
    pub objects: Vec<ObjectWords>,
    /// The moments, in time.
    pub moments: Vec<Moment>,
}

/// One object, as a person would name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectWords {
    /// What it is, for people: `small red cube`.
    pub name: String,
    /// Instructions that mean this object and no other on the table; none if it cannot be named.
    pub instructions: Vec<String>,
}

/// One moment of a demonstration.
///
/// The expert's answer is kept for *every* object on the table, not only for the one the arm was
/// going to: the expert's law needs nothing but the posture and a place. So each picture trains
/// with several instructions that ask for different actions, and the words cannot be ignored.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Time since the start of the episode, ms.
    pub time_ms: u32,
    /// One picture for each camera: R, G, B, rows from the top.
    pub frames: Vec<Vec<u8>>,
    /// Measured joint positions, rad.
    pub q: Vec<f32>,
    /// Measured joint velocities, rad/s.
    pub dq: Vec<f32>,
    /// Commanded joint positions, rad.
    pub command: Vec<f32>,
    /// Fingertip in the base frame, m.
    pub tip: [f32; 3],
    /// What is known of each object.
    pub objects: Vec<ObjectMoment>,
}

/// What is known of one object at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectMoment {
    /// Its centre in the base frame, m.
    pub position: [f32; 3],
    /// How much of the way to it is done, in `[0, 1]`.
    pub progress: f32,
    /// The expert's path to it: each step's offset from the command, rad, `steps x dof`.
    pub path: Vec<f32>,
}

/// The sizes all moments of a dataset share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// The cameras, in the order of [`Moment::frames`].
    pub cameras: Vec<String>,
    /// Picture width, pixels.
    pub width_px: usize,
    /// Picture height, pixels.
    pub height_px: usize,
    /// The joints' names, in order.
    pub joints: Vec<String>,
    /// The most objects in a scene.
    pub objects_max: usize,
    /// Steps of a path.
    pub path_steps: usize,
    /// Time between two steps of a path, ms.
    pub path_step_ms: u32,
    /// Time between two moments, ms.
    pub moment_period_ms: u32,
}

impl Sizes {
    /// Degrees of freedom.
    #[must_use]
    pub fn dof(&self) -> usize {
        self.joints.len()
    }

    /// Bytes of one picture.
    #[must_use]
    pub fn frame_bytes(&self) -> usize {
        3 * self.width_px * self.height_px
    }

    /// Values of one path.
    #[must_use]
    pub fn path_values(&self) -> usize {
        self.path_steps * self.dof()
    }

    /// What does not fit these sizes in `episode`, if anything.
    pub(super) fn misfit(&self, episode: &Episode) -> Option<&'static str> {
        let objects = episode.objects.len();
        if objects == 0 || objects > self.objects_max || episode.target >= objects {
            return Some("number of objects");
        }
        episode.moments.iter().find_map(|moment| self.moment_misfit(moment, objects))
    }

    fn moment_misfit(&self, moment: &Moment, objects: usize) -> Option<&'static str> {
        let dof = self.dof();
        let frames = &moment.frames;
        if frames.len() != self.cameras.len()
            || frames.iter().any(|frame| frame.len() != self.frame_bytes())
        {
            return Some("pictures");
        }
        if [&moment.q, &moment.dq, &moment.command].iter().any(|values| values.len() != dof) {
            return Some("joints");
        }
        if moment.objects.len() != objects
            || moment.objects.iter().any(|object| object.path.len() != self.path_values())
        {
            return Some("paths");
        }
        None
    }
}
