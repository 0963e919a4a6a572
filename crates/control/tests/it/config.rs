//! A controller refuses to be made with a config that contradicts itself.

use std::time::Duration;

use tandem_control::{ControlConfig, Controller, ExecutorConfig};
use tandem_types::Epoch;

use crate::fixture::config;

fn check(edit: impl FnOnce(&mut ControlConfig), expected: &str) {
    let mut config = config();
    edit(&mut config);
    assert_eq!(Controller::new(config, Epoch(1)).unwrap_err().to_string(), expected);
}

#[test]
fn says_which_key_is_wrong() {
    let expected = "bandwidth_rad_s is NaN; it must be a number above 0 and at most 1000";
    check(|config| config.bandwidth_rad_s = f64::NAN, expected);
    let expected = "bandwidth_rad_s is 0; it must be a number above 0 and at most 1000";
    check(|config| config.bandwidth_rad_s = 0.0, expected);
    let expected = "bandwidth_rad_s is 1001; it must be a number above 0 and at most 1000";
    check(|config| config.bandwidth_rad_s = 1_001.0, expected);
    let expected = "receding steps is 0; it must be at least 1";
    check(|config| config.executor = ExecutorConfig::Receding { steps: 0 }, expected);
    let expected = "real_time_chunking blend_steps is 5; it must be 1 to 4, its steps";
    let chunking = ExecutorConfig::RealTimeChunking { steps: 4, blend_steps: 5 };
    check(|config| config.executor = chunking, expected);
    let expected = "temporal_ensemble decay is NaN; it must be from -1 to 1";
    let ensemble = ExecutorConfig::TemporalEnsemble { decay: f64::NAN };
    check(|config| config.executor = ensemble, expected);
    let expected = "a tick period of 0ns is outside 1 ns to 20ms";
    check(|config| config.period = Duration::ZERO, expected);
}
