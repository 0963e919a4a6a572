//! `[bridge] motors`, and the tables of the motors.

use super::{Break, CONFIG, Line, Row, Scenario, Text, check};

const FEETECH: &str = "motors = \"feetech\"\n\
    port = \"/dev/ttyACM0\"\n\
    listen = \"tcp/127.0.0.1:7549\"\n\
    baud = 1000000\n";

const DYNAMIXEL: &str = "motors = \"dynamixel\"\n\
    port = \"/dev/ttyACM0\"\n\
    listen = \"tcp/127.0.0.1:7549\"\n\
    baud = 1000000\n\
    dynamixel = [\n\
    { joint = \"bend\", id = 2, model = \"XL330-M288\" },\n\
    { joint = \"swing\", id = 1, model = \"XL430-W250\" },\n\
    ]\n";

const MIT: &str = "motors = \"mit\"\n\
    port = \"can0\"\n\
    listen = \"tcp/127.0.0.1:7549\"\n\
    mit = [\n\
    { joint = \"swing\", id = 1, kind = \"AK80-9\", kp_nm_rad = 20.0, kd_nm_s_rad = 1.0, \
      damping_nm_s_rad = 0.5 },\n\
    { joint = \"bend\", id = 2, kind = \"AK60-6\", kp_nm_rad = 10.0, kd_nm_s_rad = 1.5, \
      damping_nm_s_rad = 0.8 },\n\
    ]\n";

/// The scenario's arm with these motors, a text of theirs replaced by another.
fn with(motors: &str, old: &str, new: &str) -> Break {
    assert!(motors.contains(old), "no `{old}` in {motors}");
    Text(CONFIG, FEETECH, motors.replacen(old, new, 1).leak())
}

#[test]
fn sound_motors_have_no_findings() {
    for motors in [FEETECH, DYNAMIXEL, MIT] {
        let scenario = Scenario::new();
        scenario.replace(CONFIG, FEETECH, motors);
        assert_eq!(scenario.check(), [], "{motors}");
    }
}

fn table(table: &'static str, motors: &str) {
    let name = format!("motors = \"{table}\"");
    let said = format!("there is no [[bridge.{table}]]").leak();
    let other = if table == "mit" { "dynamixel" } else { "mit" };
    let swap = format!("motors = \"{other}\"");
    let rows: [Row; 5] = [
        (
            "motors of another kind than their table",
            with(motors, &name, "motors = \"feetech\""),
            Line(CONFIG, if table == "mit" { "mit = [" } else { "dynamixel = [" }),
            "is there, but bridge.motors is `feetech`",
        ),
        (
            "no table",
            Text(CONFIG, "motors = \"feetech\"", name.clone().leak()),
            Line(CONFIG, "motors ="),
            said,
        ),
        (
            "a table of the other kind",
            with(motors, &name, &swap),
            Line(CONFIG, "motors ="),
            "add one for each joint",
        ),
        (
            "a joint that is none",
            with(motors, "joint = \"bend\"", "joint = \"thumb\""),
            Line(CONFIG, "thumb"),
            "write one of the names in [robot] joints",
        ),
        (
            "a joint twice, and another without a motor",
            with(motors, "joint = \"bend\"", "joint = \"swing\""),
            Line(CONFIG, "joint = \"swing\""),
            "give each joint one motor",
        ),
    ];
    check(&rows);
    let ids: [Row; 3] = [
        (
            "an id twice",
            with(motors, "id = 2", "id = 1"),
            Line(CONFIG, "id = 1"),
            "give each motor an id of its own",
        ),
        (
            "an id for everybody",
            with(motors, "id = 2", "id = 254"),
            Line(CONFIG, "id = 254"),
            "to 25",
        ),
        (
            "a joint without a motor",
            with(motors, "joint = \"bend\"", "joint = \"swing\""),
            Line(CONFIG, if table == "mit" { "mit = [" } else { "dynamixel = [" }),
            "has no row for joint `bend`",
        ),
    ];
    check(&ids);
}

#[test]
fn a_table_has_one_motor_for_each_joint_and_belongs_to_its_kind() {
    table("dynamixel", DYNAMIXEL);
    table("mit", MIT);
}

#[test]
fn kinds_rates_and_gains() {
    check(&[
        (
            "motors of no kind",
            Text(CONFIG, "motors = \"feetech\"", "motors = \"ax12\""),
            Line(CONFIG, "motors ="),
            "write `feetech`, `dynamixel` or `mit`",
        ),
        (
            "motors not named",
            with(FEETECH, "motors = \"feetech\"\n", ""),
            Line(CONFIG, "[bridge]"),
            "add `motors`",
        ),
        (
            "servos without a baud rate",
            with(FEETECH, "baud = 1000000\n", ""),
            Line(CONFIG, "[bridge]"),
            "servos need one",
        ),
        (
            "CAN at a baud rate",
            with(MIT, "mit = [", "baud = 1000000\nmit = ["),
            Line(CONFIG, "baud = 1000000"),
            "remove it",
        ),
        (
            "the id where all motors answer to",
            with(MIT, "id = 1", "id = 0"),
            Line(CONFIG, "id = 0"),
            "write 1 to 253",
        ),
        (
            "no stiffness",
            with(MIT, "kp_nm_rad = 20.0", "kp_nm_rad = 0.0"),
            Line(CONFIG, "kp_nm_rad = 0.0"),
            "write 0.1 to 500.0",
        ),
        (
            "more damping than a frame can carry",
            with(MIT, "kd_nm_s_rad = 1.0", "kd_nm_s_rad = 6.0"),
            Line(CONFIG, "kd_nm_s_rad = 6.0"),
            "write 0.01 to 5.0",
        ),
        (
            "an arm that drops when it is let go",
            with(MIT, "damping_nm_s_rad = 0.5", "damping_nm_s_rad = 0.0"),
            Line(CONFIG, "damping_nm_s_rad = 0.0"),
            "write 0.01 to 5.0",
        ),
        (
            "a gain without its unit",
            with(MIT, "kp_nm_rad = 20.0", "kp = 20.0"),
            Line(CONFIG, "kp = 20.0"),
            "`kp_nm_rad`",
        ),
    ]);
}
