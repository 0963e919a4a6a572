//! What arrives on the bus, into latest-value channels.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use tandem_bus::{Bus, BusError, Garbage, KeyError, Keys, Subscription};
use tandem_guard::{FrameWitness, Heartbeat, Token};
use tandem_latest::Writer;
use tandem_realtime::{Bell, Clock as _, MonotonicClock};
use tandem_types::{Epoch, Frame, Stamp, State};
use tandem_wire::{ImageError, JointState, Receipt, decode_frame_into};

/// A camera could not be listened to.
#[derive(Debug, thiserror::Error)]
pub enum SenseError {
    /// Its name is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The bus refused.
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// Listens to the joint state, and rings `bell`, if there is one, for each. Messages with other
/// joints than `joints`, or with numbers that are not finite, are garbage.
pub(crate) fn feel(
    bus: &Bus,
    keys: &Keys,
    garbage: &Garbage,
    joints: Vec<String>,
    mut states: Writer<State>,
    bell: Option<Arc<Bell>>,
) -> Result<Subscription, BusError> {
    let mut message = JointState::default();
    bus.subscribe_payload(&keys.state(), garbage, move |payload| {
        message.decode_into(payload).map_err(|error| error.to_string())?;
        let state = message.to_state(&joints).map_err(|error| error.to_string())?;
        let now = MonotonicClock.now();
        states.write(state.stamp, now, |slot| slot.copy_from(&state));
        if let Some(bell) = &bell {
            bell.ring(now);
        }
        Ok::<(), String>(())
    })
}

/// That the robot obeys the commands of one arming.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Confirmation {
    pub(crate) epoch: Epoch,
    pub(crate) stamp: Stamp,
}

impl Confirmation {
    /// When it was given, if it was for the commands of `epoch`.
    pub(crate) fn of(self, epoch: Epoch) -> Option<Stamp> {
        (self.epoch == epoch).then_some(self.stamp)
    }
}

/// Listens to the robot's receipts: whose commands it obeys, and which limits it keeps.
pub(crate) fn acknowledge(
    bus: &Bus,
    keys: &Keys,
    garbage: &Garbage,
    mut receipts: Writer<Confirmation>,
    mut limits: Writer<u64>,
) -> Result<Subscription, BusError> {
    bus.subscribe(&keys.receipt(), garbage, move |receipt: Receipt| {
        if receipt.limits_hash != 0 {
            let (stamp, hash) = (receipt.stamp, receipt.limits_hash);
            limits.write(stamp, MonotonicClock.now(), |slot| *slot = hash);
        }
        let confirmation = Confirmation { epoch: receipt.command_epoch, stamp: receipt.stamp };
        receipts.write(receipt.stamp, MonotonicClock.now(), |slot| *slot = confirmation);
    })
}

/// Listens to whoever owns the arm. Two owners may speak at once, until the older one knows that it
/// was fenced: the guard judges whose word counts.
pub(crate) fn attend(
    bus: &Bus,
    keys: &Keys,
    garbage: &Garbage,
    mut beats: Writer<Heartbeat>,
) -> Result<Subscription, BusError> {
    bus.subscribe(&keys.heartbeat(), garbage, move |message: tandem_wire::Heartbeat| {
        let heartbeat = Heartbeat { token: Token(message.token), stamp: message.stamp };
        beats.write(message.stamp, MonotonicClock.now(), |slot| *slot = heartbeat);
    })
}

/// One camera's listeners: System 1's eye (whose bell is rung), a policy in the shadow, System 2.
pub(crate) struct Viewers {
    pub(crate) frames: Vec<Writer<Frame>>,
    pub(crate) bell: SyncSender<()>,
    /// Testifies to the pictures before the guard.
    pub(crate) witness: Writer<FrameWitness>,
    /// What the config promises; pictures of another size are garbage.
    pub(crate) width_px: usize,
    pub(crate) height_px: usize,
}

/// Listens to one camera.
pub(crate) fn see(
    bus: &Bus,
    keys: &Keys,
    garbage: &Garbage,
    camera: &str,
    mut viewers: Viewers,
) -> Result<Subscription, SenseError> {
    let mut frame = Frame::black(viewers.width_px, viewers.height_px);
    let (width_px, height_px) = (viewers.width_px, viewers.height_px);
    let subscription = bus.subscribe_payload(&keys.camera(camera)?, garbage, move |payload| {
        decode_frame_into(payload, &mut frame).map_err(|error: ImageError| error.to_string())?;
        if (frame.width_px(), frame.height_px()) != (width_px, height_px) {
            return Err(format!("a picture of another size than {width_px}x{height_px}"));
        }
        let now = MonotonicClock.now();
        let witness = FrameWitness { stamp: frame.stamp, hash: hash(frame.rgb()) };
        viewers.witness.write(frame.stamp, now, |slot| *slot = witness);
        for writer in &mut viewers.frames {
            writer.write(frame.stamp, now, |slot| slot.copy_from(&frame));
        }
        // A bell that is still ringing need not be rung again.
        viewers.bell.try_send(()).ok();
        Ok(())
    })?;
    Ok(subscription)
}

/// Two pictures of one hash are one picture, as far as anybody has to know.
fn hash(rgb: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(rgb);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tandem_bus::BusConfig;
    use tandem_latest::channel;
    use tandem_realtime::BellTimer;
    use tandem_types::JointVec;

    use super::*;

    #[test]
    fn a_state_rings_the_bell_and_garbage_does_not() {
        let bus = Bus::open(&BusConfig::default()).unwrap();
        let keys = Keys::new("arm").unwrap();
        let joints = vec!["elbow".to_owned()];
        let (writer, mut states) = channel(Epoch(1), State::default);
        let bell = Arc::<Bell>::default();
        let mut timer = BellTimer::new(bell.clone(), Duration::from_secs(60));
        let heard = feel(&bus, &keys, &Garbage::default(), joints.clone(), writer, Some(bell));
        let _subscription = heard.unwrap();

        // Within one process, a publication returns when its subscribers have been called.
        bus.publish_raw(keys.state().key(), b"garbage").unwrap();
        let stamp = MonotonicClock.now();
        let rest = JointVec::zeros(1);
        let mut message = JointState::new(&joints);
        message.set_state(&State { stamp, q: rest, dq: rest, tau: rest });
        bus.publisher(&keys.state()).unwrap().send(&message).unwrap();
        let sent = MonotonicClock.now();

        let wake = timer.wait();
        assert!(stamp <= wake.due && wake.due <= sent, "{wake:?} for {stamp:?} to {sent:?}");
        assert_eq!(wake.missed, 0, "the garbage rang, too");
        assert_eq!(states.latest().map(|state| state.observed), Some(stamp));
    }
}
