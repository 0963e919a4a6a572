//! What single keys and values may be, and what they may be together.

use super::{CONFIG, Line, Text, check};

#[test]
fn keys_and_their_kinds() {
    check(&[
        (
            "unknown key",
            Text(CONFIG, "tip_link =", "tip_lnik ="),
            Line(CONFIG, "tip_lnik"),
            "the nearest known key is `tip_link`",
        ),
        (
            "unknown section",
            Text(CONFIG, "[guard]", "[gaurd]"),
            Line(CONFIG, "[gaurd]"),
            "the nearest known key is `guard`",
        ),
        (
            "wrong unit suffix",
            Text(CONFIG, "ramp_ms = 500", "ramp_us = 500000"),
            Line(CONFIG, "ramp_us"),
            "this key's unit is ms: write `ramp_ms`",
        ),
        (
            "degrees for radians",
            Text(CONFIG, "velocity_rad_s_max", "velocity_deg_s_max"),
            Line(CONFIG, "velocity_deg_s_max"),
            "this key's unit is rad_s: write `velocity_rad_s_max`",
        ),
        (
            "wrong type",
            Text(CONFIG, "priority = 80", "priority = \"high\""),
            Line(CONFIG, "priority = \"high\""),
            "it takes a whole number",
        ),
        ("missing key", Text(CONFIG, "nice = 5\n", ""), Line(CONFIG, "[system2]"), "add `nice`"),
        (
            "number too large for its type",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 99999999999"),
            Line(CONFIG, "rate_hz = 99999999999"),
            "correct this value",
        ),
        ("broken TOML", Text(CONFIG, "[bus]", "[bus"), Line(CONFIG, "[bus"), "its TOML syntax"),
    ]);
}

#[test]
fn values() {
    check(&[
        (
            "NaN",
            Text(CONFIG, "margin_rad = 0.05", "margin_rad = nan"),
            Line(CONFIG, "position_margin_rad"),
            "it takes a finite number",
        ),
        (
            "negative limit",
            Text(CONFIG, "[20.0, 30.0]", "[20.0, -30.0]"),
            Line(CONFIG, "acceleration_rad_s2_max"),
            "write 0.001 to 1000.0",
        ),
        (
            "no jerk",
            Text(CONFIG, "[2000.0, 3000.0]", "[2000.0, 0.0]"),
            Line(CONFIG, "jerk_rad_s3_max"),
            "write 0.001 to 1000000.0",
        ),
        (
            "half a pair of keys",
            Text(CONFIG, "[guard]", "[guard]\nclamped_ms_max = 200"),
            Line(CONFIG, "clamped_ms_max"),
            "add `clamped_fraction_max`, or remove it",
        ),
        (
            "torque without tracking",
            Text(CONFIG, "[guard]", "[guard]\ntorque_nm_max = 2.0"),
            Line(CONFIG, "torque_nm_max"),
            "add `tracking_error_rad_max` and `tracking_ms_max`, or remove it",
        ),
        (
            "a lease that does not lapse in time",
            Text(CONFIG, "[guard]", "[guard]\nlease_age_ms_max = 500"),
            Line(CONFIG, "lease_age_ms_max"),
            "write 1.0 to 100.0",
        ),
        (
            "list of the wrong length",
            Text(CONFIG, "[20.0, 30.0]", "[20.0]"),
            Line(CONFIG, "acceleration_rad_s2_max"),
            "write one for each name in [robot] joints, or one for all",
        ),
        (
            "speed above the URDF's",
            Text(CONFIG, "velocity_rad_s_max = 2.0", "velocity_rad_s_max = 9.0"),
            Line(CONFIG, "velocity_rad_s_max"),
            "write at most 4, its limit in the URDF",
        ),
        (
            "unknown clock",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 1000\nclock = \"sundial\""),
            Line(CONFIG, "sundial"),
            "write `timer` or `state`",
        ),
        (
            "spin longer than any",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 500\nspin_us = 501"),
            Line(CONFIG, "spin_us"),
            "write 0.0 to 500.0",
        ),
        (
            "sleep deeper than any",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 1000\nwake_latency_us_max = -1"),
            Line(CONFIG, "wake_latency_us_max"),
            "write 0.0 to 10000.0",
        ),
        (
            "two speed limits",
            Text(CONFIG, "[guard]", "[guard]\nvelocity_fraction_max = 0.5"),
            Line(CONFIG, "velocity_fraction_max"),
            "remove one of the two",
        ),
        (
            "home beyond the limits",
            Text(CONFIG, "[0.0, 0.5]", "[0.0, 1.5]"),
            Line(CONFIG, "home_rad"),
            "write -1.450 to 1.450",
        ),
        (
            "engine unknown",
            Text(CONFIG, "engine = \"candle\"", "engine = \"tensorflow\""),
            Line(CONFIG, "tensorflow"),
            "write `candle` or `onnx`",
        ),
        (
            "no folder of policies",
            Text(CONFIG, "folder = \".\"", "folder = \"nowhere\""),
            Line(CONFIG, "folder = \"nowhere\""),
            "write the folder that holds the bundles' folders",
        ),
        (
            "a fade for ever",
            Text(CONFIG, "fade_ms = 100", "fade_ms = 5000"),
            Line(CONFIG, "fade_ms = 5000"),
            "write 0.0 to 1000.0",
        ),
        (
            "endpoint on the network",
            Text(CONFIG, "tcp/127.0.0.1:7447", "tcp/0.0.0.0:7447"),
            Line(CONFIG, "tcp/0.0.0.0:7447"),
            "write `tcp/127.0.0.1:PORT`",
        ),
        (
            "camera name twice",
            Text(CONFIG, "\"wrist\"", "\"front\""),
            Line(CONFIG, "name = \"front\""),
            "every camera needs a name of its own",
        ),
        (
            "camera on no link",
            Text(CONFIG, "{ link = \"tip\"", "{ link = \"thumb\""),
            Line(CONFIG, "thumb"),
            "write the name of a link",
        ),
    ]);
}

#[test]
fn values_that_contradict_each_other() {
    check(&[
        (
            "System 1 rate not dividing the control rate",
            Text(CONFIG, "rate_hz = 200", "rate_hz = 160"),
            Line(CONFIG, "rate_hz = 160"),
            "write a divisor of the control rate",
        ),
        (
            "period no whole number of microseconds",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 999"),
            Line(CONFIG, "rate_hz = 999"),
            "write 800",
        ),
        (
            "a probation more patient than the guard",
            Text(CONFIG, "refused_chunks_max = 5", "refused_chunks_max = 10"),
            Line(CONFIG, "refused_chunks_max = 10"),
            "a new policy must be gone before the guard holds for it",
        ),
        (
            "ages out of order",
            Text(CONFIG, "latent_age_ms_hold = 1000", "latent_age_ms_hold = 6000"),
            Line(CONFIG, "latent_age_ms_stop"),
            "order the ages",
        ),
        (
            "age within one period",
            Text(CONFIG, "latent_age_ms_warn = 400", "latent_age_ms_warn = 100"),
            Line(CONFIG, "latent_age_ms_warn"),
            "write more than 125.0 ms, or raise that rate",
        ),
        (
            "state rate not dividing the simulation's",
            Text(CONFIG, "state_rate_hz = 1000", "state_rate_hz = 300"),
            Line(CONFIG, "state_rate_hz"),
            "write a divisor",
        ),
        (
            "spin above half a period",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 2000\nspin_us = 251"),
            Line(CONFIG, "spin_us = 251"),
            "write at most 250",
        ),
        (
            "spin for a message",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 1000\nclock = \"state\"\nspin_us = 10"),
            Line(CONFIG, "spin_us = 10"),
            "leave it out",
        ),
        (
            "a robot that clocks another rate",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 500\nclock = \"state\""),
            Line(CONFIG, "state_rate_hz"),
            "write control.rate_hz",
        ),
    ]);
}
