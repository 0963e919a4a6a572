//! What others testify to before the guard, through latest-value channels.

use tandem_bus::Garbage;
use tandem_guard::{CAMERAS_MAX, FrameWitness, Heartbeat, LatentWitness, Token, Witness};
use tandem_latest::{Reader, Writer, channel};
use tandem_types::{Epoch, LatentGoal, ModelId, Stamp};

/// The tick's ends of all channels that witnesses speak on.
pub(crate) struct Witnesses {
    garbage: Garbage,
    frames: Vec<Reader<FrameWitness>>,
    latent: Reader<LatentWitness>,
    limits: Reader<u64>,
    heartbeat: Reader<Heartbeat>,
}

/// The witnesses' ends.
pub(crate) struct Stand {
    /// One for each camera, in the config's order.
    pub(crate) frames: Vec<Writer<FrameWitness>>,
    pub(crate) latent: Bench,
    /// For the hash of the limits that the robot keeps.
    pub(crate) limits: Writer<u64>,
    /// For whoever owns the arm.
    pub(crate) heartbeat: Writer<Heartbeat>,
}

/// Where System 1's thread says which latent goal it goes by.
pub(crate) struct Bench {
    latent: Writer<LatentWitness>,
    said: Option<Stamp>,
}

impl Witnesses {
    /// Channels for so many cameras.
    pub(crate) fn new(epoch: Epoch, garbage: Garbage, cameras: usize) -> (Self, Stand) {
        let unseen = FrameWitness { stamp: Stamp::ORIGIN, hash: 0 };
        let (speak, frames) = (0..cameras).map(|_| channel(epoch, || unseen)).unzip();
        let none = LatentWitness { model: ModelId(0), dim: 0, norm: 0.0 };
        let (latent_writer, latent) = channel(epoch, || none);
        let (limits_writer, limits) = channel(epoch, || 0);
        let still = Heartbeat { token: Token(0), stamp: Stamp::ORIGIN };
        let (heartbeat_writer, heartbeat) = channel(epoch, || still);
        let latent_bench = Bench { latent: latent_writer, said: None };
        let stand = Stand {
            frames: speak,
            latent: latent_bench,
            limits: limits_writer,
            heartbeat: heartbeat_writer,
        };
        (Self { garbage, frames, latent, limits, heartbeat }, stand)
    }

    /// Nobody speaks.
    pub(crate) fn silent() -> Self {
        Self::new(Epoch(1), Garbage::default(), 0).0
    }

    /// The newest word of each. Real-time: no allocation, bounded by the number of cameras.
    pub(crate) fn hear(&mut self) -> Witness {
        let mut frames = [None; CAMERAS_MAX];
        for (frame, reader) in frames.iter_mut().zip(&mut self.frames) {
            *frame = reader.latest().map(|sample| sample.value);
        }
        Witness {
            frames,
            latent: self.latent.latest().map(|sample| sample.value),
            heartbeat: self.heartbeat.latest().map(|sample| sample.value),
            limits_hash: self.limits.latest().map(|sample| sample.value),
            link_faults: self.garbage.count(),
        }
    }
}

impl Bench {
    /// Testifies to a goal, once. Real-time: bounded by the length of the goal.
    pub(crate) fn testify(&mut self, goal: &LatentGoal, now: Stamp) {
        if self.said == Some(goal.observed) {
            return;
        }
        self.said = Some(goal.observed);
        let witness = LatentWitness::of(goal);
        self.latent.write(goal.observed, now, |slot| *slot = witness);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_said_nothing_testifies_to_nothing() {
        assert_eq!(Witnesses::silent().hear(), Witness::default());
    }

    #[test]
    fn each_witness_is_heard_in_its_own_place() {
        let (mut witnesses, mut stand) = Witnesses::new(Epoch(1), Garbage::default(), 2);
        let now = Stamp::from_nanos(5);
        let frame = FrameWitness { stamp: now, hash: 7 };
        stand.frames[1].write(now, now, |slot| *slot = frame);
        stand.limits.write(now, now, |slot| *slot = 9);
        let heartbeat = Heartbeat { token: Token(8), stamp: now };
        stand.heartbeat.write(now, now, |slot| *slot = heartbeat);
        let mut goal = LatentGoal::NONE;
        (goal.observed, goal.model) = (now, ModelId(3));
        goal.set(&[3.0, 4.0], 0.0).unwrap();
        stand.latent.testify(&goal, now);

        let heard = witnesses.hear();
        assert_eq!(heard.frames[..3], [None, Some(frame), None]);
        assert_eq!(heard.latent, Some(LatentWitness { model: ModelId(3), dim: 2, norm: 5.0 }));
        assert_eq!((heard.limits_hash, heard.heartbeat), (Some(9), Some(heartbeat)));
    }
}
