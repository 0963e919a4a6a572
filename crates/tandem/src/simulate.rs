//! `tandem sim`: a simulated arm on the bus, or behind emulated servos.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tandem_config::{BridgeSection, Config};
use tandem_firmware_bridge::emulator::{
    Emulated, EmulatedMotors, JointDrive, JointMeasure, JointMotors,
};
use tandem_sim::node::{self, Servos};
use tandem_types::{Command, JointVec, State};

use crate::arguments::Sim;
use crate::bridge::arm;
use crate::daemon::{interrupt, load};
use crate::failure::Failure;

pub(crate) fn run(arguments: &Sim) -> Result<(), Failure> {
    let interrupt = interrupt(&arguments.run.place)?;
    let mut config = load(&arguments.run.file.config, &arguments.run.place)?;
    if let Some(sim) = &mut config.sim {
        sim.spectator |= arguments.spectator;
    }
    match &config.bridge {
        Some(bridge) => {
            let mut servos = EmulatedServos::plug(&config, bridge)?;
            node::run_behind(&config, interrupt.flag(), Some(&mut servos))?;
        }
        None => node::run(&config, interrupt.flag())?,
    }
    Ok(())
}

/// An emulated arm, for whoever breaks it while it moves.
pub(crate) type Plugged = Arc<Mutex<Emulated<Box<dyn EmulatedMotors>>>>;

/// The simulated joints behind a bus of emulated motors.
pub(crate) struct EmulatedServos {
    motors: JointMotors,
    plugged: Plugged,
    effort_nm_max: JointVec,
    /// Where somebody holds the arm who has put it there, until its servos do.
    hand: Option<JointVec>,
}

impl EmulatedServos {
    /// Plugs an arm in at the scenario's port.
    pub(crate) fn plug(config: &Config, bridge: &BridgeSection) -> Result<Self, Failure> {
        let (motors, calibration) = arm(config, bridge)?;
        let (device, motors) = motors.emulate_behind(&calibration, &config.robot.home_rad);
        motors.measure(
            config
                .robot
                .home_rad
                .iter()
                .map(|q_rad| JointMeasure { q_rad: *q_rad, ..JointMeasure::default() }),
        );
        let plugged = Emulated::plug(device, Path::new(&bridge.port))?;
        tracing::info!(port = bridge.port, "an emulated arm is plugged in");
        let joints = config.robot.model.joints();
        let effort_nm_max = JointVec::zeros(joints.len())
            .map(|index, _| joints.get(index).map_or(0.0, |joint| joint.limits.effort_nm_max));
        let hand = Some(config.robot.home_rad);
        Ok(Self { motors, plugged: Arc::new(Mutex::new(plugged)), effort_nm_max, hand })
    }

    pub(crate) fn plugged(&self) -> Plugged {
        self.plugged.clone()
    }

    fn measure(&self, measured: &State) {
        let joints = measured.q.iter().zip(measured.dq.iter()).zip(measured.tau.iter());
        let efforts = self.effort_nm_max.iter();
        self.motors.measure(joints.zip(efforts).map(|(((q, dq), tau), effort)| JointMeasure {
            q_rad: *q,
            dq_rad_s: *dq,
            load: tau / effort.max(f64::MIN_POSITIVE),
        }));
    }
}

impl Servos for EmulatedServos {
    fn exchange(&mut self, measured: &State) -> Command {
        self.measure(measured);
        // A limp motor follows its joint, and so gives no torque.
        let limp = self.hand.unwrap_or(measured.q);
        let dq = if self.hand.is_some() { JointVec::zeros(limp.len()) } else { measured.dq };
        let mut command = Command { q: limp, dq };
        for (joint, drive) in self.motors.drives().into_iter().enumerate() {
            let JointDrive { on: true, q_rad, dq_rad_s } = drive else { continue };
            (command.q[joint], command.dq[joint]) = (q_rad, dq_rad_s);
            self.hand = None;
        }
        command
    }

    fn place(&mut self, measured: &State) {
        self.measure(measured);
        self.hand = Some(measured.q);
        let shafts = self.motors.shafts(&measured.q);
        let plugged = self.plugged.lock().unwrap_or_else(PoisonError::into_inner);
        plugged.device().place(&shafts);
    }
}
