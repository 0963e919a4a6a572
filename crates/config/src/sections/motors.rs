//! `[bridge] motors`, and the tables with a row for each motor.

use core::ops::RangeInclusive;
use std::collections::BTreeSet;

use super::Check;
use crate::config::{DynamixelSection, MitSection, MotorsSection};
use crate::raw::{RawBridge, RawDynamixel, RawMit};

/// The servos' protocol has 253 and up for itself.
const DYNAMIXEL_IDS: RangeInclusive<u32> = 0..=252;

/// No motor is 0, where all of them answer to.
const MIT_IDS: RangeInclusive<u32> = 1..=253;

/// What the frames can carry for every type of motor. Zero is no stiffness, and no brake.
const KP_NM_RAD: RangeInclusive<f64> = 0.1..=500.0;
const KD_NM_S_RAD: RangeInclusive<f64> = 0.01..=5.0;

/// A row of a table of motors.
trait Row {
    fn joint(&self) -> &str;
    fn id(&self) -> u32;
}

impl Row for RawDynamixel {
    fn joint(&self) -> &str {
        &self.joint
    }

    fn id(&self) -> u32 {
        self.id
    }
}

impl Row for RawMit {
    fn joint(&self) -> &str {
        &self.joint
    }

    fn id(&self) -> u32 {
        self.id
    }
}

impl Check<'_> {
    pub(super) fn motors(&mut self, raw: &RawBridge, joints: &[String]) -> MotorsSection {
        self.table("dynamixel", raw.dynamixel.is_empty(), &raw.motors);
        self.table("mit", raw.mit.is_empty(), &raw.motors);
        match raw.motors.as_str() {
            "feetech" => MotorsSection::Feetech { baud: self.baud(raw) },
            "dynamixel" => {
                let rows = self.rows("bridge.dynamixel", &raw.dynamixel, DYNAMIXEL_IDS, joints);
                let servo =
                    |row: &RawDynamixel| DynamixelSection { id: id(row), model: row.model.clone() };
                let servos = rows.into_iter().map(servo).collect();
                MotorsSection::Dynamixel { baud: self.baud(raw), servos }
            }
            "mit" => {
                if raw.baud.is_some() {
                    let problem = "is there, but motors on CAN all speak at 1 Mbit/s";
                    self.wrong("bridge.baud", problem, "remove it");
                }
                self.gains(&raw.mit);
                let rows = self.rows("bridge.mit", &raw.mit, MIT_IDS, joints);
                let motor = |row: &RawMit| MitSection {
                    id: id(row),
                    kind: row.kind.clone(),
                    kp_nm_rad: row.kp_nm_rad,
                    kd_nm_s_rad: row.kd_nm_s_rad,
                    damping_nm_s_rad: row.damping_nm_s_rad,
                };
                MotorsSection::Mit(rows.into_iter().map(motor).collect())
            }
            other => {
                let mend = "write `feetech`, `dynamixel` or `mit`";
                self.wrong("bridge.motors", format!("is `{other}`"), mend);
                MotorsSection::Feetech { baud: 0 }
            }
        }
    }

    /// A table belongs to motors that have one, and to no others.
    fn table(&mut self, name: &str, absent: bool, motors: &str) {
        if motors == name && absent {
            let problem = format!("is `{name}`, but there is no [[bridge.{name}]]");
            let mend = "add one for each joint: nothing else says which motors they are";
            self.wrong("bridge.motors", problem, mend);
        }
        if motors != name && !absent {
            let problem = format!("is there, but bridge.motors is `{motors}`");
            let mend = format!("remove it, or write `motors = \"{name}\"`");
            self.wrong(&format!("bridge.{name}"), problem, &mend);
        }
    }

    fn baud(&mut self, raw: &RawBridge) -> u32 {
        match raw.baud {
            Some(baud) => self.within("bridge.baud", baud, 38_400..=3_000_000),
            None => {
                let mend = "add it: 1000000 is what LeRobot sets servos to";
                self.wrong("bridge.baud", "is not there, and servos need one", mend);
            }
        }
        raw.baud.unwrap_or(0)
    }

    fn gains(&mut self, rows: &[RawMit]) {
        for (index, row) in rows.iter().enumerate() {
            let key = |name: &str| format!("bridge.mit[{index}].{name}");
            self.within(&key("kp_nm_rad"), row.kp_nm_rad, KP_NM_RAD);
            self.within(&key("kd_nm_s_rad"), row.kd_nm_s_rad, KD_NM_S_RAD);
            self.within(&key("damping_nm_s_rad"), row.damping_nm_s_rad, KD_NM_S_RAD);
        }
    }

    /// One row for each joint, each with an id of its own, put in the joints' order.
    fn rows<'r, R: Row>(
        &mut self,
        table: &str,
        rows: &'r [R],
        ids: RangeInclusive<u32>,
        joints: &[String],
    ) -> Vec<&'r R> {
        let (mut joints_seen, mut ids_seen) = (BTreeSet::new(), BTreeSet::new());
        for (index, row) in rows.iter().enumerate() {
            let key = |name: &str| format!("{table}[{index}].{name}");
            let joint = row.joint();
            if !joints.iter().any(|known| known == joint) {
                let mend = "write one of the names in [robot] joints";
                self.wrong(&key("joint"), format!("is `{joint}`, which is no joint"), mend);
            }
            if !joints_seen.insert(joint) {
                let mend = "give each joint one motor";
                self.wrong(&key("joint"), format!("repeats `{joint}`"), mend);
            }
            self.within(&key("id"), row.id(), ids.clone());
            if !ids_seen.insert(row.id()) {
                let mend = "give each motor an id of its own";
                self.wrong(&key("id"), format!("repeats {}", row.id()), mend);
            }
        }
        let row_of = |joint: &String| rows.iter().find(|row| row.joint() == joint);
        for joint in joints.iter().filter(|joint| !rows.is_empty() && row_of(joint).is_none()) {
            let mend = format!("add a [[{table}]] with its motor");
            self.wrong(table, format!("has no row for joint `{joint}`"), &mend);
        }
        joints.iter().filter_map(row_of).collect()
    }
}

/// An id that is in range where the config is accepted.
fn id(row: &impl Row) -> u8 {
    u8::try_from(row.id()).unwrap_or(u8::MAX)
}
