//! What a sound config says.

use core::time::Duration;

use tandem_config::{Config, ConfigError, Mount, TickClock};

use crate::fixture::Scenario;

#[test]
fn a_sound_scenario_has_no_findings() {
    assert_eq!(Scenario::new().check(), []);
}

#[test]
fn values_arrive_in_their_units_and_paths_ready_to_open() {
    let scenario = Scenario::new();
    let config = Config::load(scenario.path("robot.toml")).unwrap();
    assert_eq!(config.dof(), 2);
    assert_eq!(config.joint_names(), ["swing", "bend"]);
    assert_eq!(config.control.period, Duration::from_millis(1));
    assert_eq!(config.system2.period, Duration::from_millis(125));
    assert_eq!(config.guard.latent_age_hold, Duration::from_secs(1));
    assert_eq!(*config.guard.velocity_rad_s_max, [2.0, 2.0]);
    assert_eq!(*config.guard.acceleration_rad_s2_max, [20.0, 30.0]);
    assert_eq!(*config.guard.jerk_rad_s3_max, [2000.0, 3000.0]);
    assert_eq!(config.cameras[1].mount, Some(Mount::Link { link: "tip".to_owned() }));
    assert!(config.system1.bundle.is_dir() && config.robot.urdf.is_file());
    assert!(!config.faults.injection);
    assert_eq!(config.policies.unwrap().probation, Duration::from_secs(2));
}

#[test]
fn a_fraction_scales_the_limits_of_the_urdf() {
    let scenario = Scenario::new();
    scenario.replace("robot.toml", "velocity_rad_s_max = 2.0", "velocity_fraction_max = 0.25");
    let config = Config::load(scenario.path("robot.toml")).unwrap();
    assert_eq!(*config.guard.velocity_rad_s_max, [1.0, 1.0]);
}

#[test]
fn the_tick_has_a_clock_and_does_not_spin_unless_told_to() {
    let scenario = Scenario::new();
    let clock = || {
        let config = Config::load(scenario.path("robot.toml")).unwrap();
        (config.control.clock, config.control.spin)
    };
    assert_eq!(clock(), (TickClock::Timer, Duration::ZERO));
    scenario.replace("robot.toml", "rate_hz = 1000", "rate_hz = 1000\nspin_us = 100");
    assert_eq!(clock(), (TickClock::Timer, Duration::from_micros(100)));
    scenario.replace("robot.toml", "spin_us = 100", "clock = \"state\"");
    assert_eq!(clock(), (TickClock::State, Duration::ZERO));
}

#[test]
fn cores_sleep_as_the_kernel_likes_unless_told_otherwise() {
    let scenario = Scenario::new();
    let bound = || Config::load(scenario.path("robot.toml")).unwrap().control.wake_latency_max;
    assert_eq!(bound(), None);
    scenario.replace("robot.toml", "rate_hz = 1000", "rate_hz = 1000\nwake_latency_us_max = 0");
    assert_eq!(bound(), Some(Duration::ZERO));
}

#[test]
fn endpoints_can_be_replaced_but_not_by_distant_ones() {
    let config = Config::load(Scenario::new().path("robot.toml")).unwrap();
    let moved = config.with_endpoints("tcp/127.0.0.1:1", "tcp/[::1]:2").unwrap();
    assert_eq!(moved.bus.daemon, "tcp/[::1]:2");
    let error = moved.with_endpoints("tcp/10.0.0.1:1", "tcp/127.0.0.1:2").unwrap_err();
    assert!(matches!(error, ConfigError::Endpoint { .. }));
    assert!(error.to_string().ends_with("with a port of 1 to 65535"), "{error}");
}

#[test]
fn all_findings_come_at_once_and_in_order() {
    let scenario = Scenario::new();
    for (old, new) in [
        ("position_margin_rad = 0.05", "position_margin_rad = -1.0"),
        ("engine = \"candle\"", "engine = \"tensorflow\""),
        ("priority = 80", "priority = 99"),
    ] {
        scenario.replace("robot.toml", old, new);
    }
    scenario.replace("two/bundle.toml", "rate_hz = 8", "rate_hz = 0");
    let findings = scenario.check();
    let lines: Vec<_> = findings.iter().map(|finding| scenario.line(finding)).collect();
    assert_eq!(
        lines,
        ["priority = 99", "position_margin_rad = -1.0", "engine = \"tensorflow\"", "rate_hz = 0",]
    );
}

#[test]
fn a_missing_config_is_one_finding() {
    let findings = tandem_config::check("no/such.toml");
    assert_eq!(findings.len(), 1);
    assert!(findings[0].text.starts_with("no/such.toml: cannot be read"), "{}", findings[0]);
}
