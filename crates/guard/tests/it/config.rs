//! A guard refuses to be made with limits that contradict each other.

use std::time::Duration;

use tandem_guard::{Guard, GuardConfig};
use tandem_types::Epoch;

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
