//! Buses by name, as a config gives it.

use core::fmt;
use core::str::FromStr;

#[cfg(target_os = "linux")]
use crate::can::CanInterface;
use crate::can::SerialCan;
use crate::dynamixel::DynamixelBus;
use crate::mit::{MitBus, MitConfigError, MitMotor};
use crate::motor_bus::MotorBus;
use crate::serial::{OpenError, SerialLine};
use crate::sts::StsBus;

/// A kind of bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BusKind {
    /// Feetech's STS servos on a serial port.
    Feetech,
    /// Dynamixel's X series on a serial port.
    Dynamixel,
    /// MIT-style motors on CAN.
    Mit,
}

/// There is no such kind of bus.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of bus is called `{0}`; there are feetech, dynamixel and mit")]
pub struct UnknownBus(pub String);

/// A bus cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BusOpenError {
    /// Its serial port.
    #[error(transparent)]
    Serial(#[from] OpenError),
    /// Its CAN interface.
    #[error(
        "CAN interface {name} does not open ({source}); is it there and up \
         (`ip link set {name} up type can bitrate 1000000`)?"
    )]
    Can {
        /// Its name.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A motor's numbers.
    #[error(transparent)]
    Motor(#[from] MitConfigError),
}

impl BusKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Feetech, Self::Dynamixel, Self::Mit];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Feetech => "feetech",
            Self::Dynamixel => "dynamixel",
            Self::Mit => "mit",
        }
    }

    /// Opens a bus of this kind. `baud` is for servos, `motors` for MIT-style motors, which need
    /// their gains; their port is a serial adapter if it is a path, and an interface of the kernel's
    /// if not.
    ///
    /// # Errors
    /// If the port does not open, or a motor's numbers cannot be sent.
    pub fn open(
        self,
        port: &str,
        baud: u32,
        motors: &[MitMotor],
    ) -> Result<Box<dyn MotorBus + Send>, BusOpenError> {
        let can_error = |source| BusOpenError::Can { name: port.to_owned(), source };
        Ok(match self {
            Self::Feetech => Box::new(StsBus::new(SerialLine::open(port, baud)?, baud)),
            Self::Dynamixel => Box::new(DynamixelBus::new(SerialLine::open(port, baud)?, baud)),
            Self::Mit if port.contains('/') => {
                // The adapter's own line is USB, whatever rate it is opened at.
                let adapter = SerialCan::open(SerialLine::open(port, ADAPTER_BAUD)?);
                Box::new(MitBus::new(adapter.map_err(can_error)?, motors)?)
            }
            #[cfg(target_os = "linux")]
            Self::Mit => {
                Box::new(MitBus::new(CanInterface::open(port).map_err(can_error)?, motors)?)
            }
            #[cfg(not(target_os = "linux"))]
            Self::Mit => return Err(can_error(std::io::ErrorKind::Unsupported.into())),
        })
    }
}

const ADAPTER_BAUD: u32 = 1_000_000;

impl fmt::Display for BusKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BusKind {
    type Err = UnknownBus;

    fn from_str(name: &str) -> Result<Self, UnknownBus> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| UnknownBus(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use crate::emulator::{Device, DynamixelServos, Emulated, FeetechBus, FreeShafts, MitMotors};
    use crate::{dynamixel, mit};

    #[test]
    fn kinds_and_their_names() {
        for kind in BusKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        let error = "can".parse::<BusKind>().unwrap_err();
        assert!(error.to_string().contains("`can`; there are feetech, dynamixel and mit"));
    }

    /// Each kind finds its emulated motors through a pseudo-terminal, and on the real clock.
    #[test]
    fn every_kind_is_opened_by_its_name() {
        fn check(kind: BusKind, device: impl Device) {
            let folder = tempfile::tempdir().unwrap();
            let plugged = Emulated::plug(device, &folder.path().join("tty")).unwrap();
            let motor = mit::MitMotor {
                id: 5,
                kind: mit::ranges::kind("AK80-9").unwrap(),
                kp: 20.0,
                kd: 1.0,
                damping: 1.0,
            };
            let port = plugged.path().to_string_lossy();
            let mut bus = kind.open(&port, 1_000_000, &[motor]).unwrap();
            assert!(bus.find(5).unwrap() && !bus.find(6).unwrap(), "{kind}");
            bus.prepare(5).unwrap();
            let mut states = [None];
            bus.sense(&[5], &mut states).unwrap();
            let urad = states[0].unwrap().position_urad;
            assert!((urad - 1_570_796).abs() < 400, "{kind}: {urad}");
        }
        let free = || Box::new(FreeShafts::default());
        check(BusKind::Feetech, FeetechBus::new(&[(5, 1024.0)], 1_000_000, free(), 1));
        let model = dynamixel::registers::model(1020).unwrap();
        let servos = DynamixelServos::new(&[(5, model, 1024.0)], 1_000_000, free(), 1);
        check(BusKind::Dynamixel, servos);
        let ak80 = mit::ranges::kind("AK80-9").unwrap();
        let quarter = core::f64::consts::FRAC_PI_2;
        check(BusKind::Mit, MitMotors::new(&[(5, ak80, quarter)], Duration::ZERO, free(), 1));
    }

    #[test]
    fn a_port_that_is_not_there_is_named() {
        for (kind, port) in [
            (BusKind::Dynamixel, "/dev/no-such-tty"),
            (BusKind::Mit, "/dev/no-such-tty"),
            (BusKind::Mit, "no-such-can0"),
        ] {
            let error = kind.open(port, 1_000_000, &[]).err().unwrap();
            assert!(error.to_string().contains(port), "{error}");
        }
    }
}
