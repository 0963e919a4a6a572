//! `[bridge]`: the servo bus.

use super::{CONFIG, Line, Text, check};

#[test]
fn the_servo_bus() {
    check(&[
        (
            "an endpoint off this machine",
            Text(CONFIG, "tcp/127.0.0.1:7549", "tcp/192.168.1.5:7549"),
            Line(CONFIG, "192.168.1.5"),
            "127.0.0.1",
        ),
        (
            "a baud rate of another century",
            Text(CONFIG, "baud = 1000000", "baud = 300"),
            Line(CONFIG, "baud"),
            "write 38400 to 3000000",
        ),
        (
            "a stop that comes too late for anybody",
            Text(CONFIG, "stop_within_ms = 20", "stop_within_ms = 500"),
            Line(CONFIG, "stop_within_ms"),
            "write 5.0 to 100.0",
        ),
        (
            "no time between two exchanges",
            Text(CONFIG, "stop_within_ms = 20", "stop_within_ms = 10"),
            Line(CONFIG, "stop_within_ms"),
            "write more than 11.0, or raise that rate",
        ),
        (
            "an arm that starts harder than it stops",
            Text(CONFIG, "deceleration_rad_s2 = 41.0", "deceleration_rad_s2 = 20.0"),
            Line(CONFIG, "deceleration_rad_s2"),
            "the arm must stop as hard as it may start",
        ),
        (
            "a simulated robot before a real arm",
            Text(CONFIG, "emulated = true", "emulated = false"),
            Line(CONFIG, "emulated = false"),
            "remove [sim] for a real arm",
        ),
        (
            "a missing key",
            Text(CONFIG, "jump_rad_max = 0.3\n", ""),
            Line(CONFIG, "[bridge]"),
            "add `jump_rad_max`",
        ),
    ]);
}
