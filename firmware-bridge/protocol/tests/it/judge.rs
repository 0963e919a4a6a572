//! An independent judge of a firmware: it knows the limits and the rules, and none of the code.

use tandem_protocol::{
    Body, DeviceTime, Drive, Firmware, Frame, Joints, Measured, MotorFlags, Request, Setpoint,
    State,
};

/// A firmware under test, and what the judge knows of its past.
pub(crate) struct Judge {
    pub(crate) firmware: Firmware,
    limits: tandem_protocol::FirmwareConfig,
    now: DeviceTime,
    joints: Vec<Measured>,
    told: Option<Joints<Setpoint>>,
    acknowledged: bool,
    /// Ticks in which joints moved: a judge that never saw motion has judged nothing.
    pub(crate) moved: u64,
}

impl Judge {
    /// Of a firmware that has just started.
    pub(crate) fn new(config: tandem_protocol::FirmwareConfig) -> Self {
        let firmware = Firmware::new(config, 1).expect("a sound config");
        let joints = vec![Measured::default(); config.joints.len()];
        let mut judge = Self {
            firmware,
            limits: config,
            now: DeviceTime(20_000_000),
            joints,
            told: None,
            acknowledged: true,
            moved: 0,
        };
        judge.tick(1_000);
        judge
    }

    /// Now, on the device's clock.
    pub(crate) fn now(&self) -> DeviceTime {
        self.now
    }

    /// A frame comes.
    pub(crate) fn receive(&mut self, frame: &Frame) {
        let before = self.firmware.state();
        let obeyed = self.firmware.receive(self.now, frame).is_ok();
        let after = self.firmware.state();
        if before == State::Latched && after != State::Latched {
            let acknowledges = matches!(frame.body, Body::Request(Request::Acknowledge { .. }));
            assert!(obeyed && acknowledges && after == State::Disarmed, "{frame:?} unlatched it");
            self.acknowledged = true;
        }
        if after == State::Armed && before != State::Armed {
            let arms = matches!(frame.body, Body::Request(Request::Arm { .. }));
            assert!(obeyed && arms && before == State::Disarmed, "{frame:?} armed it");
            assert!(self.acknowledged, "armed without an acknowledgement");
        }
        if !obeyed {
            let stops = matches!(after, State::Decelerating | State::Latched);
            assert!(after == before || stops, "a refused frame led from {before} to {after}");
        }
    }

    /// Bytes come that are no frame.
    pub(crate) fn garbage(&mut self) {
        self.firmware.garbage();
    }

    /// The motors complain, or cease to.
    pub(crate) fn flags(&mut self, flags: u16) {
        self.joints.iter_mut().for_each(|joint| joint.flags = MotorFlags(flags));
    }

    /// Time passes; the joints do what they are told.
    pub(crate) fn tick(&mut self, us: u64) {
        let before = self.firmware.state();
        self.now = self.now.after(us);
        let drive = self.firmware.tick(self.now, &self.joints);
        let after = self.firmware.state();
        assert!(before == after || after != State::Armed, "time alone armed it");
        assert!(before != State::Latched || after == State::Latched, "time alone unlatched it");
        if after == State::Latched {
            self.acknowledged = false;
        }
        match drive {
            Drive::Follow(setpoints) => self.judge(before, &setpoints, us),
            Drive::Hold | Drive::Limp => {
                assert!(matches!(after, State::Disarmed | State::Latched), "{drive:?} in {after}");
                self.joints.iter_mut().for_each(|joint| joint.velocity_urad_s = 0);
                self.told = None;
            }
        }
    }

    fn judge(&mut self, before: State, setpoints: &Joints<Setpoint>, us: u64) {
        let dt_us = i64::try_from(us.min(20_000)).expect("small");
        for (index, setpoint) in setpoints.iter().enumerate() {
            let limits = &self.limits.joints[index];
            let range = limits.position_urad_min..=limits.position_urad_max;
            assert!(range.contains(&setpoint.position_urad), "{setpoint:?} beyond {range:?}");
            assert!(setpoint.velocity_urad_s.abs() <= limits.velocity_urad_s_max, "{setpoint:?}");
            let from = self.told.map_or(
                Setpoint { position_urad: self.joints[index].position_urad, velocity_urad_s: 0 },
                |told| told[index],
            );
            let change = i64::from(setpoint.velocity_urad_s) - i64::from(from.velocity_urad_s);
            let most = i64::from(limits.deceleration_urad_s2) * dt_us / 1_000_000;
            assert!(change.abs() <= most, "{change} urad/s in {dt_us} us, {before}");
            let moved = i64::from(setpoint.position_urad) - i64::from(from.position_urad);
            let most = i64::from(limits.velocity_urad_s_max) * dt_us / 1_000_000;
            assert!(moved.abs() <= most, "{moved} urad in {dt_us} us, {before}");
            self.moved += u64::from(moved != 0);
            self.joints[index].position_urad = setpoint.position_urad;
            self.joints[index].velocity_urad_s = setpoint.velocity_urad_s;
        }
        self.told = Some(*setpoints);
    }
}
