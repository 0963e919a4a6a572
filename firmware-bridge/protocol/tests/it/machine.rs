//! The state machine, case by case.

use tandem_protocol::{
    ConfigError, Drive, Epoch, Fault, Firmware, FirmwareConfig, Joints, MotorFlags, Refusal,
    Request, Rest, State,
};

use crate::fixture::{Bench, TICK_US, config, limits};

#[test]
fn nothing_moves_or_stiffens_on_start() {
    let mut bench = Bench::new();
    for _ in 0..1000 {
        bench.tick();
        assert_eq!((bench.firmware.state(), bench.drive), (State::Disarmed, Drive::Limp));
    }
    let command = bench.good();
    assert_eq!(bench.firmware.receive(bench.now, &command), Err(Refusal::NotArmed));
}

#[test]
fn it_arms_where_it_stands_and_only_when_fit() {
    let mut bench = Bench::new();
    bench.joints[0].position_urad = 123_456;
    bench.tick();
    bench.arm().unwrap();
    bench.tick();
    let Drive::Follow(told) = bench.drive else { panic!("{:?}", bench.drive) };
    assert_eq!((told[0].position_urad, told[0].velocity_urad_s), (123_456, 0));

    let unfit = |spoil: fn(&mut Bench)| {
        let mut bench = Bench::new();
        spoil(&mut bench);
        bench.firmware.tick(bench.now.after(TICK_US), &bench.joints);
        assert_eq!(bench.arm(), Err(Refusal::Unfit));
    };
    unfit(|bench| bench.joints[1].velocity_urad_s = 300_000);
    unfit(|bench| bench.joints[1].position_urad = 1_600_000);
    unfit(|bench| bench.joints[0].flags = MotorFlags::TEMPERATURE);
    unfit(|bench| bench.joints.truncate(1));

    let mut bench = Bench::new();
    bench.epoch = Epoch(9);
    assert_eq!(bench.request(Request::Arm { limits_hash: 1 }), Err(Refusal::Limits));
}

#[test]
fn an_armed_device_without_commands_disarms() {
    let mut bench = Bench::new();
    bench.arm().unwrap();
    for _ in 0..=501 {
        bench.tick();
    }
    assert_eq!((bench.firmware.state(), bench.firmware.fault()), (State::Disarmed, Fault::None));
}

/// From the last valid command: when it begins to brake, and when it is at rest.
fn silence(watchdog_us: u32) -> (u64, u64) {
    let mut bench = Bench::new();
    let config = FirmwareConfig { watchdog_us, ..config() };
    bench.firmware = Firmware::new(config, 1).unwrap();
    bench.tick();
    bench.epoch = Epoch(1);
    bench.request(Request::Arm { limits_hash: config.limits_hash() }).unwrap();
    for _ in 0..200 {
        bench.ramp();
    }
    let last = bench.now.0 - TICK_US;
    let (mut begun, speed) = (None, bench.told()[0].velocity_urad_s);
    loop {
        bench.tick();
        if bench.told()[0].velocity_urad_s < speed && begun.is_none() {
            begun = Some(bench.now.0 - last);
        }
        if bench.firmware.state() == State::Latched {
            return (begun.unwrap(), bench.now.0 - last);
        }
    }
}

#[test]
fn silence_stops_it_in_time_and_within_its_deceleration() {
    for watchdog_us in [5_000, 20_000, 29_000] {
        let (begun, rest) = silence(watchdog_us);
        // One tick after the watchdog, as ticks go; 1 rad/s at 40 rad/s^2 takes 25 ms.
        let due = u64::from(watchdog_us) + TICK_US;
        assert_eq!((begun, rest), (due, due + 24_000));
    }
    // The command's own validity of 30 ms comes before a watchdog of 100 ms.
    assert_eq!(silence(100_000).0, 31_000);
}

#[test]
fn nothing_but_acknowledge_then_arm_leads_out_of_a_latched_stop() {
    let mut bench = Bench::moving();
    for _ in 0..100 {
        bench.tick();
    }
    assert_eq!((bench.firmware.state(), bench.firmware.fault()), (State::Latched, Fault::Silence));
    let number = bench.firmware.report(bench.now).fault_number;

    // Commands, a new epoch, time, a former acknowledgement: none of them.
    let good = bench.good();
    assert_eq!(bench.firmware.receive(bench.now, &good), Err(Refusal::Latched));
    assert_eq!(bench.arm(), Err(Refusal::Latched));
    assert_eq!(bench.request(Request::Disarm), Err(Refusal::Epoch));
    let former = Request::Acknowledge { fault_number: number - 1 };
    assert_eq!(bench.request(former), Err(Refusal::NotLatched));
    for _ in 0..10_000 {
        bench.tick();
        assert_eq!((bench.firmware.state(), bench.drive), (State::Latched, Drive::Hold));
    }
    // Not while the cause is there.
    bench.joints[1].flags = MotorFlags::VOLTAGE;
    bench.tick();
    let this = Request::Acknowledge { fault_number: number };
    assert_eq!(bench.request(this), Err(Refusal::CauseRemains));
    bench.joints[1].flags = MotorFlags::default();
    bench.tick();
    assert_eq!(bench.request(this), Ok(()));
    assert_eq!(bench.firmware.state(), State::Disarmed);

    // The epoch it was armed with before is spent.
    bench.epoch = Epoch(0);
    assert_eq!(bench.arm(), Err(Refusal::Epoch));
    assert_eq!(bench.arm(), Ok(()));
    bench.ramp();
    assert_eq!(bench.firmware.state(), State::Active);
}

#[test]
fn disarming_comes_to_rest_and_latches_nothing() {
    let mut bench = Bench::moving();
    bench.request(Request::Disarm).unwrap();
    for _ in 0..100 {
        bench.tick();
    }
    assert_eq!((bench.firmware.state(), bench.firmware.fault()), (State::Disarmed, Fault::None));
    assert_eq!(bench.drive, Drive::Hold);
    assert_eq!(bench.arm(), Ok(()));
}

#[test]
fn every_other_cause_stops_it_too() {
    let check = |cause: fn(&mut Bench), expected: Fault| {
        let mut bench = Bench::moving();
        cause(&mut bench);
        bench.firmware.tick(bench.now.after(TICK_US), &bench.joints);
        assert_eq!(
            (bench.firmware.state(), bench.firmware.fault()),
            (State::Decelerating, expected)
        );
    };
    check(|bench| bench.joints[0].flags = MotorFlags::OVERLOAD, Fault::Motor);
    check(|bench| bench.joints.truncate(1), Fault::Motor);
    check(|bench| bench.joints[1].position_urad -= 500_000, Fault::Tracking);
    check(|bench| bench.request(Request::Stop).unwrap(), Fault::Stop);
    check(|bench| (0..10).for_each(|_| bench.firmware.garbage()), Fault::Refusals);
}

#[test]
fn a_limp_rest_is_limp() {
    let mut bench = Bench::moving();
    let config = FirmwareConfig { rest: Rest::Limp, ..config() };
    bench.firmware = Firmware::new(config, 1).unwrap();
    bench.joints.iter_mut().for_each(|joint| joint.velocity_urad_s = 0);
    bench.firmware.tick(bench.now, &bench.joints);
    bench.arm().unwrap();
    bench.ramp();
    for _ in 0..100 {
        bench.tick();
    }
    assert_eq!((bench.firmware.state(), bench.drive), (State::Latched, Drive::Limp));
}

#[test]
fn a_config_that_contradicts_itself_is_refused() {
    let check = |change: fn(&mut FirmwareConfig), expected| {
        let mut config = config();
        change(&mut config);
        assert_eq!(Firmware::new(config, 1).err(), Some(expected));
    };
    check(|config| config.joints = Joints::default(), ConfigError::NoJoints);
    check(|config| config.watchdog_us = 4_999, ConfigError::Watchdog);
    check(|config| config.watchdog_us = 100_001, ConfigError::Watchdog);
    check(|config| config.valid_us_max = 0, ConfigError::Watchdog);
    check(|config| config.refused_run_max = 0, ConfigError::RefusedRun);
    check(|config| config.host = config.address, ConfigError::Address);
    let joint = ConfigError::Joint { joint: 1 };
    check(|config| config.joints[1].position_urad_min = 1_500_000, joint);
    check(|config| config.joints[1].deceleration_urad_s2 = 29_999_999, joint);
    check(|config| config.joints[1].jump_urad_max = 0, joint);
}

#[test]
fn every_limit_changes_the_hash() {
    let hash = config().limits_hash();
    let changes: [fn(&mut FirmwareConfig); 5] = [
        |config| config.watchdog_us += 1,
        |config| config.joints[0].position_urad_max -= 1,
        |config| config.joints[1].velocity_urad_s_max -= 1,
        |config| config.joints[1].tracking_urad_max -= 1,
        |config| config.joints = Joints::from_slice(&[limits(); 3]).unwrap(),
    ];
    for change in changes {
        let mut other = config();
        change(&mut other);
        assert_ne!(other.limits_hash(), hash);
    }
}
