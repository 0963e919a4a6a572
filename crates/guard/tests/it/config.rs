//! A guard refuses to be made with limits that contradict each other.

use std::time::Duration;

use tandem_guard::{
    ClampingLimits, Guard, GuardConfig, OverrunLimits, Supervision, TrackingLimits,
};
use tandem_types::{Epoch, JointVec};

use crate::fixture::{PERIOD, config, ms};

fn check(period: Duration, edit: impl FnOnce(&mut GuardConfig), expected: &str) {
    let mut config = config();
    edit(&mut config);
    let error = Guard::new(config, period, Epoch(1)).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn says_which_key_is_wrong() {
    check(Duration::ZERO, |_| {}, "a tick period of 0ns is outside 1 ns to 20ms");
    check(ms(21), |_| {}, "a tick period of 21ms is outside 1 ns to 20ms");
    for (what, set) in ages() {
        let expected = format!("{what} is 999µs; it must be at least one tick of 1ms");
        check(PERIOD, |config| *set(config) = Duration::from_micros(999), &expected);
    }
    check(
        PERIOD,
        |config| config.latent_age_hold = config.latent_age_warn,
        "latent_age_warn (300ms) must be less than latent_age_hold (300ms)",
    );
    check(
        PERIOD,
        |config| config.latent_age_stop = ms(900),
        "latent_age_hold (1s) must be less than latent_age_stop (900ms)",
    );
    check(
        PERIOD,
        |config| config.silence_age_stop = ms(20),
        "state_age_max (20ms) must be less than silence_age_stop (20ms)",
    );
    check(
        PERIOD,
        |config| config.silence_age_stop = ms(100),
        "receipt_age_max (100ms) must be less than silence_age_stop (100ms)",
    );
    check(
        PERIOD,
        |config| config.refused_run_max = 0,
        "refused_run_max is 0; it must be at least 1",
    );
}

type Key = fn(&mut GuardConfig) -> &mut Duration;

fn ages() -> [(&'static str, Key); 6] {
    [
        ("state_age_max", |config| &mut config.state_age_max),
        ("action_age_max", |config| &mut config.action_age_max),
        ("frame_age_max", |config| &mut config.frame_age_max),
        ("latent_age_warn", |config| &mut config.latent_age_warn),
        ("receipt_age_max", |config| &mut config.receipt_age_max),
        ("valid_for", |config| &mut config.valid_for),
    ]
}

#[test]
fn the_bounds_themselves_are_allowed() {
    type Edit = fn(&mut GuardConfig);
    let rows: [(Duration, Edit); 5] = [
        (ms(20), |config| config.valid_for = ms(20)),
        (PERIOD, |config| ages().iter().for_each(|(_, set)| *set(config) = PERIOD)),
        (PERIOD, |config| config.refused_run_max = 1),
        (PERIOD, |config| config.supervision.lease_age_max = Some(ms(100))),
        (PERIOD, |config| config.supervision.caution_speed_scale = 1.0),
    ];
    for (place, (period, edit)) in rows.into_iter().enumerate() {
        let mut config = config();
        edit(&mut config);
        let made = Guard::new(config, period, Epoch(1)).map(|_| ());
        assert_eq!(made, Ok(()), "row {place}");
    }
}

#[test]
fn says_what_is_wrong_with_the_supervision() {
    let check = |edit: fn(&mut Supervision), expected: &str| {
        check(PERIOD, |config| edit(&mut config.supervision), expected);
    };
    let slack = format!("must be a positive number, at most {}", f64::MAX);
    check(
        |supervision| supervision.measured_slack_rad = -0.1,
        &format!("measured_slack_rad is -0.1; it {slack}"),
    );
    check(
        |supervision| supervision.measured_slack_rad = f64::INFINITY,
        &format!("measured_slack_rad is inf; it {slack}"),
    );
    check(
        |supervision| supervision.caution_speed_scale = 0.0,
        "caution_speed_scale is 0; it must be a positive number, at most 1",
    );
    check(
        |supervision| supervision.caution_speed_scale = 1.5,
        "caution_speed_scale is 1.5; it must be a positive number, at most 1",
    );
    check(
        |supervision| supervision.step_rad_max = Some(f64::NAN),
        &format!("step_rad_max is NaN; it {slack}"),
    );
    check(
        |supervision| supervision.tracking = Some(tracking(3, 0.1)),
        "the tracking limits are for 3 joints, the robot has 2",
    );
    check(
        |supervision| supervision.tracking = Some(tracking(2, -0.1)),
        &format!("tracking limit is -0.1; it {slack}"),
    );
    check(
        |supervision| {
            supervision.clamping = Some(ClampingLimits { share_max: 1.1, burst: ms(10) });
        },
        "clamping.share_max is 1.1; it must be a positive number, at most 1",
    );
    check(
        |supervision| {
            let period = Duration::ZERO;
            supervision.overrun =
                Some(OverrunLimits { period, late_run_max: 2, late_share_max: 0.1 });
        },
        "overrun.period is 0; it must be a positive number, at most 1",
    );
    check(
        |supervision| supervision.lease_age_max = Some(Duration::ZERO),
        "lease_age_max is 0ns; it must be above zero and at most 100ms",
    );
    check(
        |supervision| supervision.lease_age_max = Some(ms(101)),
        "lease_age_max is 101ms; it must be above zero and at most 100ms",
    );
}

fn tracking(dof: usize, error_rad: f64) -> TrackingLimits {
    TrackingLimits {
        error_rad_max: JointVec::splat(dof, error_rad),
        torque_nm_max: None,
        after: ms(50),
    }
}
