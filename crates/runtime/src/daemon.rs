//! Builds the thread graph from the ground up, and takes it down.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tandem_bus::{Bus, BusConfig, BusError, Garbage, Keys, Server, Subscription};
use tandem_config::Config;
use tandem_control::{ControlConfig, Controller};
use tandem_realtime::{Clock as _, Granted, MonotonicClock, lock_memory};
use tandem_types::{Epoch, Stamp};
use tandem_wire::{ControlReply, ControlRequest, Instruction, Report};

use crate::desk::{Desk, Instructions};
use crate::error::StartError;
use crate::graph::Graph;
use crate::policies::Policies;
use crate::shared::Shared;
use crate::tally::Tally;
use crate::telemetry::{self, Identity};

/// A running daemon. Dropping it stops every thread and closes the bus.
#[must_use = "the daemon stops when it is dropped"]
pub struct Daemon {
    // Field order is drop order: what arrives ends first, the bus closes last.
    _subscriptions: Vec<Subscription>,
    _servers: Vec<Server>,
    threads: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
    granted: Granted,
    _bus: Bus,
}

impl Daemon {
    /// Loads the policies, opens the bus and starts every thread. The arm stays disarmed.
    ///
    /// The bus and the engines come first, because the threads that libraries start must not
    /// inherit a real-time class.
    ///
    /// # Errors
    /// If anything the config names cannot be used.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let started = MonotonicClock.now();
        let policies = Policies::load(config)?;
        let keys = Keys::new(&config.robot.name)?;
        let bus = Bus::open(&BusConfig {
            listen: vec![config.bus.daemon.clone()],
            connect: vec![config.bus.robot.clone()],
        })?;
        let epoch = Epoch(MonotonicClock.now().as_nanos());
        let latent = Some(config.control.latent_alignment(policies.system1.manifest()));
        let control = ControlConfig { latent, ..config.to_control()? };
        let controller =
            Controller::new(control, epoch).map_err(tandem_config::SettingsError::from)?;

        let garbage = Garbage::default();
        let shared = Arc::new(Shared::default());
        let instructions = Instructions::new(policies.model.tokenizer().clone());
        let identity = identity(config, started, epoch, &policies, &garbage);
        let mut granted = lock_memory();
        let graph = Graph { config, keys: &keys, bus: &bus, epoch, garbage: &garbage };
        let mut built = graph.build(policies, controller, &shared, &identity, &mut granted)?;
        built.identity.texts.push(("control.granted".to_owned(), granted.to_string()));

        let desk = Desk {
            tickets: built.tickets,
            waiting: built.waiting,
            shared: shared.clone(),
            instructions: instructions.clone(),
            faults_allowed: config.faults.injection,
            number: 0,
        };
        let servers = serve(&bus, &keys, &garbage, desk, built.identity, built.tally)?;
        let heard = shared.clone();
        built.subscriptions.push(bus.subscribe(
            &keys.instruction(),
            &garbage,
            move |message: Instruction| {
                if let Err(refusal) = instructions.instruct(&heard, &message.text) {
                    tracing::warn!("an instruction was refused: {refusal}");
                }
            },
        )?);
        Ok(Self {
            _subscriptions: built.subscriptions,
            _servers: servers,
            threads: built.threads,
            shared,
            granted,
            _bus: bus,
        })
    }

    /// What of the real-time settings was granted and what was refused.
    pub const fn granted(&self) -> &Granted {
        &self.granted
    }

    /// Whether somebody asked the daemon to go down.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.shared.stopping()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.shared.stop();
        for thread in self.threads.drain(..) {
            // A thread that died has said so when it did.
            thread.join().ok();
        }
    }
}

fn identity(
    config: &Config,
    started: Stamp,
    epoch: Epoch,
    policies: &Policies,
    garbage: &Garbage,
) -> Identity {
    Identity {
        started,
        epoch,
        system1_bundle: policies.system1.manifest().name.clone(),
        system2_bundle: policies.system2.manifest().name.clone(),
        engine: config.system1.engine.to_string(),
        joints: config.joint_names().to_vec(),
        garbage: garbage.clone(),
        texts: vec![
            ("robot.name".to_owned(), config.robot.name.clone()),
            ("system2.engine".to_owned(), config.system2.engine.to_string()),
        ],
    }
}

/// Answers requests and questions about the measurements.
fn serve(
    bus: &Bus,
    keys: &Keys,
    garbage: &Garbage,
    mut desk: Desk,
    identity: Identity,
    tally: Arc<Mutex<Tally>>,
) -> Result<Vec<Server>, BusError> {
    let control = bus.serve(&keys.control(), garbage, move |request: ControlRequest| {
        let reply: ControlReply = desk.handle(&request);
        tracing::info!(kind = ?request.kind, ok = reply.ok, "{}", reply.message);
        reply
    })?;
    let measurements = bus.serve(&keys.measurements(), garbage, move |_: ControlRequest| {
        let report: Report = telemetry::report(&identity, &tally);
        report
    })?;
    Ok(vec![control, measurements])
}
