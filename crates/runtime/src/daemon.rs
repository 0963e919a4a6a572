//! Builds the thread graph from the ground up, and takes it down.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tandem_bundle::Latent;
use tandem_bus::{Bus, BusConfig, BusError, Garbage, Keys, Server, Subscription};
use tandem_config::Config;
use tandem_control::{ControlConfig, Controller};
use tandem_guard::LatentLimits;
use tandem_realtime::{Clock as _, Granted, MonotonicClock, WakeLatency, lock_memory};
use tandem_types::{Epoch, Stamp};
use tandem_wire::{
    ControlReply, ControlRequest, Instruction, PolicyKind, PolicyReply, PolicyRequest, Report,
};

use crate::desk::{Desk, Instructions};
use crate::error::StartError;
use crate::figures::TickFigures;
use crate::graph::Graph;
use crate::policies::{Policies, engine_kind};
use crate::shared::Shared;
use crate::swap::{Board, PolicyDesk};
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
    tally: Arc<Mutex<Tally>>,
    granted: Granted,
    _wakeful: Option<WakeLatency>,
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
        let epoch = Epoch(started.as_nanos());
        let policies = Policies::load(config, epoch)?;
        let keys = Keys::new(&config.robot.name)?;
        let bus = Bus::open(&BusConfig {
            listen: vec![config.bus.daemon.clone()],
            connect: vec![config.bus.robot.clone()],
        })?;
        let latent = Some(config.control.latent_alignment(&policies.active.latent));
        let mut control = ControlConfig { latent, ..config.to_control()? };
        control.guard.supervision.latent = Some(latent_limits(&policies.active.latent));
        let controller =
            Controller::new(control, epoch).map_err(tandem_config::SettingsError::from)?;

        let garbage = Garbage::default();
        let shared = Arc::new(Shared::default());
        let instructions = Instructions::new(policies.model.tokenizer().clone());
        let identity = identity(config, started, epoch, &policies, &garbage);
        let fitting = policies.fitting.clone();
        let mut granted = lock_memory();
        let wakeful = config.control.wake_latency_max.and_then(|max| {
            let (wakeful, answer) = WakeLatency::bound(max);
            granted.extend(answer);
            wakeful
        });
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
        let (board, engine) = (built.board.clone(), engine_kind(config.system1.engine));
        let shop = config.policies.clone().zip(built.orders);
        let policy_desk = PolicyDesk { board, shop, fitting, engine };
        let desks = (desk, policy_desk);
        let tally = built.tally.clone();
        let told = (built.identity, shared.clone(), built.board, built.tally);
        let servers = serve(&bus, &keys, &garbage, desks, told)?;
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
            tally,
            granted,
            _wakeful: wakeful,
            _bus: bus,
        })
    }

    /// What of the real-time settings was granted and what was refused.
    pub const fn granted(&self) -> &Granted {
        &self.granted
    }

    /// What was measured of the control thread since the last call. Reports on the bus count from
    /// there, too.
    #[must_use]
    pub fn take_tick_figures(&self) -> TickFigures {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).take_tick_figures()
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

/// What System 1 knows of latent goals. A bundle that does not say how long they were in training has
/// that not checked.
fn latent_limits(trained: &Latent) -> LatentLimits {
    let (norm_min, norm_max) =
        trained.norm.map_or((0.0, f64::INFINITY), |norm| (norm.min, norm.max));
    LatentLimits { model: trained.model, dim: trained.dim, norm_min, norm_max }
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
        system2_bundle: policies.system2.manifest().name.clone(),
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
    (mut desk, policy_desk): (Desk, PolicyDesk),
    (identity, shared, board, tally): (Identity, Arc<Shared>, Arc<Board>, Arc<Mutex<Tally>>),
) -> Result<Vec<Server>, BusError> {
    let control = bus.serve(&keys.control(), garbage, move |request: ControlRequest| {
        let reply: ControlReply = desk.handle(&request);
        tracing::info!(kind = ?request.kind, ok = reply.ok, "{}", reply.message);
        reply
    })?;
    let measurements = bus.serve(&keys.measurements(), garbage, move |_: ControlRequest| {
        let report: Report = telemetry::report(&identity, &shared, &board, &tally);
        report
    })?;
    let policy = bus.serve(&keys.policy(), garbage, move |request: PolicyRequest| {
        let reply: PolicyReply = policy_desk.handle(&request);
        // Whoever follows a swap asks for its progress all the time.
        if request.kind != PolicyKind::Progress {
            tracing::info!(kind = ?request.kind, ok = reply.ok, "{}", reply.message);
        }
        reply
    })?;
    Ok(vec![control, measurements, policy])
}
