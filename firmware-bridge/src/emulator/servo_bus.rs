//! Servos on one wire: what Feetech's bus and Dynamixel's have in common.

use core::time::Duration;

use tandem_types::Stamp;

use super::faults::{FaultPlan, Faults};
use super::plant::{Drive, Plant, Shaft};
use super::rig::Rig;
use super::transcript::Transcript;
use super::wire::Wire;
use super::{Device, EmulatedMotors};
use crate::exchange::Framing;

/// A servo of some make.
pub trait WiredServo: Sized + Send + 'static {
    /// Finds the packets of its protocol.
    type Framing: Framing<Packet: Send> + Send + 'static;

    /// Describes a place in its memory.
    type Register;

    /// Its place on the bus.
    fn id(&self) -> u8;

    /// What a register holds.
    fn get(&self, register: &Self::Register) -> i32;

    /// Lives on to `now`, with these things wrong; gives what it makes its motor do.
    fn live(&mut self, now: Stamp, shaft: &Shaft, plan: &FaultPlan) -> Drive;

    /// Its sensors feel what the shaft does.
    fn feel(&mut self, shaft: &Shaft);

    /// Somebody has put the shaft there, steps.
    fn stand_at(&mut self, position: f64);

    /// Does what a packet says that has arrived, and answers it.
    fn execute(bus: &mut ServoBus<Self>, at: Stamp, packet: &<Self::Framing as Framing>::Packet);
}

/// A bus: servos, the line they share, and what is behind their shafts, whose unit is the step.
pub struct ServoBus<S: WiredServo> {
    pub(super) servos: Vec<S>,
    pub(super) transcript: Transcript,
    pub(super) faults: Faults,
    rig: Rig,
    wire: Wire<S::Framing>,
}

impl<S: WiredServo> ServoBus<S> {
    /// Servos, each at a position in steps.
    pub(super) fn of(
        servos: impl Iterator<Item = (S, f64)>,
        wire: Wire<S::Framing>,
        plant: Box<dyn Plant>,
        seed: u64,
    ) -> Self {
        let (servos, positions): (Vec<_>, Vec<_>) = servos.unzip();
        let rig = Rig::new(positions.into_iter(), plant);
        Self { servos, transcript: Transcript::default(), faults: Faults::new(seed), rig, wire }
    }

    /// Where the shafts are, steps of the encoders.
    #[must_use]
    pub fn positions(&self) -> Vec<f64> {
        self.rig.shafts.iter().map(|shaft| shaft.position).collect()
    }

    /// How often the host spoke while a servo did.
    #[must_use]
    pub const fn collisions(&self) -> u64 {
        self.wire.collisions()
    }

    /// A register of a servo, if there is such a servo.
    #[must_use]
    pub fn register(&self, id: u8, register: &S::Register) -> Option<i32> {
        self.servos.iter().find(|servo| servo.id() == id).map(|servo| servo.get(register))
    }

    /// Moves on to `now`.
    pub(super) fn move_on(&mut self, now: Stamp) {
        let shafts = self.rig.shafts.iter().zip(&mut self.rig.drives);
        for (servo, (shaft, drive)) in self.servos.iter_mut().zip(shafts) {
            *drive = servo.live(now, shaft, &self.faults.plan);
        }
        self.rig.step(now, &mut self.transcript);
        for (servo, shaft) in self.servos.iter_mut().zip(&self.rig.shafts) {
            servo.feel(shaft);
        }
    }

    /// Puts a servo's answer on the line, after the servo's own delay.
    pub(super) fn speak(&mut self, at: Stamp, id: u8, delay: Duration, bytes: Vec<u8>) {
        let plan = &self.faults.plan;
        let mute = plan.mute.contains(&id) || plan.brown_out;
        self.wire.speak(at, delay + plan.delay, bytes, mute);
    }
}

impl<S: WiredServo> Device for ServoBus<S> {
    fn receive(&mut self, now: Stamp, bytes: &[u8]) {
        self.wire.hear(now, bytes, &mut self.faults);
    }

    fn due(&self) -> Option<Stamp> {
        self.wire.due().into_iter().chain([self.rig.due()]).min()
    }

    fn poll(&mut self, now: Stamp, out: &mut Vec<u8>) {
        while let Some((at, packet)) = self.wire.next(now) {
            S::execute(self, at, &packet);
        }
        self.wire.deliver(now, &mut self.faults, &mut self.transcript, out);
        if self.rig.is_due(now) {
            self.move_on(now);
        }
    }
}

impl<S: WiredServo> EmulatedMotors for ServoBus<S> {
    fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    fn transcript(&mut self) -> &mut Transcript {
        &mut self.transcript
    }

    fn torques(&self) -> Vec<bool> {
        self.rig.torques()
    }

    fn place(&mut self, positions: &[f64]) {
        self.rig.place(positions);
        for (servo, position) in self.servos.iter_mut().zip(positions) {
            servo.stand_at(*position);
        }
    }
}
