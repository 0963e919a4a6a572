//! A device with two joints, a host that talks to it, and the time.

use tandem_protocol::{
    Address, Body, Command, DeviceTime, Drive, Epoch, Firmware, FirmwareConfig, Frame, JointLimits,
    Joints, Measured, Refusal, Request, Rest, Setpoint, State,
};

pub(crate) const HOST: Address = Address(1);
pub(crate) const DEVICE: Address = Address(7);
pub(crate) const TICK_US: u64 = 1_000;

pub(crate) fn limits() -> JointLimits {
    JointLimits {
        position_urad_min: -1_500_000,
        position_urad_max: 1_500_000,
        velocity_urad_s_max: 2_000_000,
        acceleration_urad_s2_max: 30_000_000,
        deceleration_urad_s2: 40_000_000,
        jump_urad_max: 200_000,
        tracking_urad_max: 400_000,
    }
}

pub(crate) fn config() -> FirmwareConfig {
    FirmwareConfig {
        address: DEVICE,
        host: HOST,
        joints: Joints::from_slice(&[limits(); 2]).unwrap(),
        watchdog_us: 20_000,
        valid_us_max: 100_000,
        arm_wait_us: 500_000,
        refused_run_max: 10,
        rest: Rest::Hold,
    }
}

/// A device whose joints do exactly what they are told, and the host's counters.
pub(crate) struct Bench {
    pub(crate) firmware: Firmware,
    pub(crate) now: DeviceTime,
    pub(crate) joints: Vec<Measured>,
    pub(crate) epoch: Epoch,
    pub(crate) sequence: u32,
    pub(crate) drive: Drive,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let mut bench = Self {
            firmware: Firmware::new(config(), 99).unwrap(),
            now: DeviceTime(1_000_000),
            joints: vec![Measured::default(); 2],
            epoch: Epoch(0),
            sequence: 0,
            drive: Drive::Limp,
        };
        bench.tick();
        bench
    }

    /// Armed and following commands at full speed.
    pub(crate) fn moving() -> Self {
        let mut bench = Self::new();
        bench.arm().unwrap();
        for _ in 0..200 {
            bench.ramp();
        }
        assert_eq!(bench.firmware.state(), State::Active);
        assert!(bench.told()[0].velocity_urad_s >= 999_000);
        bench
    }

    pub(crate) fn tick(&mut self) {
        self.now = self.now.after(TICK_US);
        self.drive = self.firmware.tick(self.now, &self.joints);
        if let Drive::Follow(setpoints) = self.drive {
            for (joint, setpoint) in self.joints.iter_mut().zip(setpoints.iter()) {
                joint.position_urad = setpoint.position_urad;
                joint.velocity_urad_s = setpoint.velocity_urad_s;
            }
        } else {
            self.joints.iter_mut().for_each(|joint| joint.velocity_urad_s = 0);
        }
    }

    pub(crate) fn frame(&mut self, body: Body) -> Frame {
        self.sequence += 1;
        let (epoch, sequence) = (self.epoch, self.sequence);
        Frame { source: HOST, destination: DEVICE, epoch, sequence, body }
    }

    pub(crate) fn request(&mut self, request: Request) -> Result<(), Refusal> {
        let frame = self.frame(Body::Request(request));
        self.firmware.receive(self.now, &frame)
    }

    pub(crate) fn arm(&mut self) -> Result<(), Refusal> {
        self.epoch = Epoch(self.epoch.0 + 1);
        let limits_hash = config().limits_hash();
        self.request(Request::Arm { limits_hash })
    }

    /// A command that must be obeyed: go on at 1 rad/s, gently begun.
    pub(crate) fn good(&mut self) -> Frame {
        let joints = self.told().map(|told| Setpoint {
            velocity_urad_s: (told.velocity_urad_s + 20_000).min(1_000_000),
            ..*told
        });
        let command = Command { made: self.now, valid_us: 30_000, joints };
        self.frame(Body::Command(command))
    }

    pub(crate) fn ramp(&mut self) {
        let good = self.good();
        assert_eq!(self.firmware.receive(self.now, &good), Ok(()));
        self.tick();
    }

    /// Where the joints were told to be, and are.
    pub(crate) fn told(&self) -> Joints<Setpoint> {
        let joints: Vec<_> = self
            .joints
            .iter()
            .map(|joint| Setpoint {
                position_urad: joint.position_urad,
                velocity_urad_s: joint.velocity_urad_s,
            })
            .collect();
        Joints::from_slice(&joints).unwrap()
    }
}
