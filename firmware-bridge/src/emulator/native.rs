//! A microcontroller that speaks the native protocol and runs the real firmware.

use core::time::Duration;
use std::collections::VecDeque;

use tandem_protocol::{
    Body, ConfigError, DeviceTime, Drive as Told, Firmware, FirmwareConfig, Frame, Measured,
    Receiver, Seal, State,
};
use tandem_types::Stamp;

use super::Device;
use super::faults::Faults;
use super::pace::Pace;
use super::plant::{Drive, Plant, Shaft};
use super::transcript::{Said, Sample, Transcript};

/// From one run of its loop to the next, as on a small microcontroller.
const TICK: Duration = Duration::from_millis(1);

/// The device. Its plant's unit is the microradian.
pub struct NativeDevice {
    config: FirmwareConfig,
    firmware: Firmware,
    seal_key: Option<[u8; 16]>,
    nonce: u64,
    born: Stamp,
    receiver: Receiver,
    plant: Box<dyn Plant>,
    drives: Vec<Drive>,
    shafts: Vec<Shaft>,
    pace: Pace,
    todo: VecDeque<(Stamp, u8)>,
    out: VecDeque<(Stamp, Vec<u8>)>,
    tick_due: Stamp,
    answers_due: bool,
    sequence: u32,
    transcript: Transcript,
    /// What goes wrong.
    pub faults: Faults,
}

impl NativeDevice {
    /// A device that starts at `now`, its joints at zero. `seed` is for the faults.
    ///
    /// # Errors
    /// If the config contradicts itself.
    pub fn new(
        now: Stamp,
        config: FirmwareConfig,
        baud: u32,
        plant: Box<dyn Plant>,
        seed: u64,
    ) -> Result<Self, ConfigError> {
        let nonce = 1;
        Ok(Self {
            firmware: Firmware::new(config, nonce)?,
            seal_key: None,
            nonce,
            born: now,
            receiver: Receiver::default(),
            plant,
            drives: vec![Drive::default(); config.joints.len()],
            shafts: vec![Shaft::at(0.0); config.joints.len()],
            pace: Pace::new(baud),
            todo: VecDeque::new(),
            out: VecDeque::new(),
            tick_due: now,
            answers_due: false,
            sequence: 0,
            transcript: Transcript::default(),
            faults: Faults::new(seed),
            config,
        })
    }

    /// The same, taking only frames sealed with this key, and sealing its own.
    #[must_use]
    pub const fn sealed(mut self, key: [u8; 16]) -> Self {
        self.seal_key = Some(key);
        self
    }

    /// Restarts it, as a brown-out would.
    pub fn restart(&mut self, now: Stamp) {
        self.nonce += 1;
        if let Ok(firmware) = Firmware::new(self.config, self.nonce) {
            self.firmware = firmware;
        }
        (self.born, self.receiver) = (now, Receiver::default());
        self.todo.clear();
        self.out.clear();
    }

    /// What the firmware does.
    #[must_use]
    pub const fn state(&self) -> State {
        self.firmware.state()
    }

    /// What was said and done.
    pub const fn transcript(&mut self) -> &mut Transcript {
        &mut self.transcript
    }

    fn time(&self, now: Stamp) -> DeviceTime {
        DeviceTime(u64::try_from(self.born.age_at(now).as_micros()).unwrap_or(u64::MAX))
    }

    fn hear(&mut self, at: Stamp, byte: u8) {
        let seal = self.seal_key.map(|key| Seal { key, challenge: self.nonce });
        match self.receiver.push(byte, seal.as_ref()) {
            Some(Ok(frame)) => {
                // Its report says what it made of it.
                self.firmware.receive(self.time(at), &frame).ok();
                self.answers_due = true;
            }
            Some(Err(_)) => self.firmware.garbage(),
            None => {}
        }
    }

    fn tick(&mut self, at: Stamp) {
        self.plant.step(at, &self.drives, &mut self.shafts);
        let measured: Vec<_> = self
            .shafts
            .iter()
            .map(|shaft| Measured {
                position_urad: shaft.position.round() as i32,
                velocity_urad_s: shaft.speed.round() as i32,
                ..Measured::default()
            })
            .collect();
        match self.firmware.tick(self.time(at), &measured) {
            Told::Limp => self.drives.iter_mut().for_each(|drive| drive.on = false),
            Told::Hold => self.drives.iter_mut().for_each(|drive| drive.goal_speed = 0.0),
            Told::Follow(setpoints) => {
                for (drive, setpoint) in self.drives.iter_mut().zip(setpoints.iter()) {
                    *drive = Drive {
                        on: true,
                        goal: f64::from(setpoint.position_urad),
                        goal_speed: f64::from(setpoint.velocity_urad_s),
                        torque_limit: 1.0,
                        gain_per_s: None,
                    };
                }
            }
        }
        self.transcript.sample(Sample {
            stamp: at,
            on: self.drives.iter().map(|drive| drive.on).collect(),
            positions: self.shafts.iter().map(|shaft| shaft.position).collect(),
            speeds: self.shafts.iter().map(|shaft| shaft.speed).collect(),
            driven: self.drives.iter().map(|drive| drive.goal_speed).collect(),
        });
        if core::mem::take(&mut self.answers_due) {
            self.report(at);
        }
    }

    fn report(&mut self, at: Stamp) {
        self.sequence = self.sequence.wrapping_add(1);
        let (source, destination) = self.firmware.stations();
        let frame = Frame {
            source,
            destination,
            epoch: self.firmware.epoch(),
            sequence: self.sequence,
            body: Body::Report(self.firmware.report(self.time(at))),
        };
        let seal = self.seal_key.map(|key| Seal { key, challenge: 0 });
        let bytes = frame.encode(seal.as_ref()).to_vec();
        let arrived = self.pace.carry(at, bytes.len());
        self.out.push_back((arrived, bytes));
    }
}

impl Device for NativeDevice {
    fn receive(&mut self, now: Stamp, bytes: &[u8]) {
        for byte in bytes {
            let arrived = self.pace.carry(now, 1);
            if let Some(byte) = self.faults.mangle(*byte) {
                self.todo.push_back((arrived, byte));
            }
        }
        self.transcript.say(now, Said::Host, bytes);
    }

    fn due(&self) -> Option<Stamp> {
        let out = self.out.front().map(|(stamp, _)| *stamp);
        [out, Some(self.tick_due)].into_iter().flatten().min()
    }

    fn poll(&mut self, now: Stamp, out: &mut Vec<u8>) {
        while self.tick_due <= now {
            let at = self.tick_due;
            while let Some((arrived, byte)) = self.todo.front().copied().filter(|(a, _)| *a <= at) {
                self.todo.pop_front();
                self.hear(arrived, byte);
            }
            self.tick(at);
            self.tick_due = at.after(TICK);
        }
        while self.out.front().is_some_and(|(at, _)| *at <= now) {
            let Some((at, bytes)) = self.out.pop_front() else { break };
            self.transcript.say(at, Said::Device, &bytes);
            out.extend(bytes.into_iter().filter_map(|byte| self.faults.mangle(byte)));
        }
    }
}

#[cfg(test)]
mod tests;
