//! The demo's own session on the bus: it asks for scenes, operates the daemon, and watches.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use tandem_bus::{Bus, BusConfig, Garbage, Keys, Subscription};
use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};
use tandem_types::{Frame, Stamp};
use tandem_wire::{
    ControlKind, ControlReply, ControlRequest, EpisodeReply, EpisodeRequest, PolicyReply,
    PolicyRequest, Report, Status, Truth, decode_frame_into,
};

use crate::attendance::Attendance;
use crate::demo::processes::{Endpoints, Processes};
use crate::interrupt::Interrupt;

/// Truths and statuses that wait to be looked at.
const QUEUE: usize = 256;

/// The simulated arm's picture for people.
const SPECTATOR: &str = "spectator";

/// How long a question may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The demo's end of the bus.
pub(crate) struct Link {
    bus: Bus,
    keys: Keys,
    has_bridge: bool,
    truths: Receiver<Truth>,
    status: Arc<Mutex<Status>>,
    pictures: Vec<Arc<Mutex<Frame>>>,
    /// What the newest acknowledgement of a stop answered; zero before the first.
    nonce: AtomicU64,
    /// Where the config asks for an owner of the arm, whoever shows the demo is it.
    _attendance: Option<Attendance>,
    _subscriptions: Vec<Subscription>,
}

impl Link {
    pub(crate) fn open(
        config: &Config,
        endpoints: &Endpoints,
        with_pictures: bool,
    ) -> anyhow::Result<Self> {
        let keys = Keys::new(&config.robot.name)?;
        let has_bridge = config.bridge.is_some();
        let bridge = has_bridge.then(|| endpoints.bridge.clone());
        let robot = [endpoints.robot.clone(), endpoints.daemon.clone()];
        let connect = robot.into_iter().chain(bridge).collect();
        let bus = Bus::open(&BusConfig { listen: vec![], connect })?;
        let garbage = Garbage::default();
        let (truth_sender, truths) = sync_channel(QUEUE);
        let status = Arc::new(Mutex::new(Status::default()));
        let heard = status.clone();
        let mut subscriptions = vec![
            bus.subscribe(&keys.truth(), &garbage, move |truth: Truth| {
                // Whoever does not look in time gets the oldest ones; the judge only needs most.
                truth_sender.try_send(truth).ok();
            })?,
            bus.subscribe(&keys.status(), &garbage, move |status: Status| {
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = status;
            })?,
        ];
        let mut pictures = Vec::new();
        let cameras = config.cameras.iter().map(|camera| camera.name.as_str());
        for camera in [SPECTATOR].into_iter().chain(cameras).filter(|_| with_pictures) {
            let picture = Arc::new(Mutex::new(Frame::default()));
            pictures.push(picture.clone());
            let topic = keys.camera(camera)?;
            subscriptions.push(bus.subscribe_payload(&topic, &garbage, move |payload| {
                let mut frame = picture.lock().unwrap_or_else(PoisonError::into_inner);
                decode_frame_into(payload, &mut frame)
            })?);
        }
        let nonce = AtomicU64::new(0);
        let owned = config.guard.supervision.lease_age_max.is_some();
        let attendance = owned.then(|| Attendance::begin(&bus, &keys)).transpose()?;
        Ok(Self {
            bus,
            keys,
            has_bridge,
            truths,
            status,
            pictures,
            nonce,
            _attendance: attendance,
            _subscriptions: subscriptions,
        })
    }

    /// Waits until the simulated arm answers and the daemon sees it.
    pub(crate) fn wait_ready(
        &self,
        within: Duration,
        processes: &mut Processes,
        interrupt: &Interrupt,
    ) -> anyhow::Result<()> {
        let deadline = MonotonicClock.now().after(within);
        loop {
            processes.check()?;
            if self.status().state_age_ms.is_finite() && self.status().epoch.0 > 0 {
                return Ok(());
            }
            anyhow::ensure!(!interrupt.is_raised(), "interrupted");
            anyhow::ensure!(
                MonotonicClock.now() < deadline,
                "the daemon has not seen the simulated arm within {within:?}"
            );
            pause(Duration::from_millis(20));
        }
    }

    /// Lays out a new scene.
    pub(crate) fn reset(&self, seed: u64) -> anyhow::Result<EpisodeReply> {
        let request = EpisodeRequest { seed, settle: true, ..EpisodeRequest::default() };
        let reply = self
            .bus
            .ask(&self.keys.episode(), &request, ANSWER_WITHIN)
            .context("the simulated arm laid out no scene")?;
        anyhow::ensure!(reply.ok, "the simulated arm refused a scene: {}", reply.message);
        Ok(reply)
    }

    /// Asks the daemon for something.
    pub(crate) fn operate(&self, kind: ControlKind, text: &str) -> anyhow::Result<ControlReply> {
        let request = ControlRequest { kind, text: text.to_owned() };
        let reply = self.bus.ask(&self.keys.control(), &request, ANSWER_WITHIN)?;
        if kind == ControlKind::Acknowledge && reply.ok {
            self.nonce.store(reply.nonce, Ordering::Relaxed);
        }
        Ok(reply)
    }

    /// Arms; after a stop that was acknowledged with what its answer said.
    pub(crate) fn arm(&self) -> anyhow::Result<ControlReply> {
        let nonce = match self.nonce.load(Ordering::Relaxed) {
            0 => String::new(),
            nonce => nonce.to_string(),
        };
        let reply = self.operate(ControlKind::Arm, &nonce)?;
        if reply.ok {
            self.nonce.store(0, Ordering::Relaxed);
        }
        Ok(reply)
    }

    /// As [`operate`](Self::operate), but a refusal is an error.
    pub(crate) fn insist(&self, kind: ControlKind, text: &str) -> anyhow::Result<()> {
        let reply = self.operate(kind, text)?;
        anyhow::ensure!(reply.ok, "the daemon refused: {}", reply.message);
        Ok(())
    }

    /// Asks the daemon about its policies, or for another one.
    pub(crate) fn policy(&self, request: &PolicyRequest) -> anyhow::Result<PolicyReply> {
        Ok(self.bus.ask(&self.keys.policy(), request, ANSWER_WITHIN)?)
    }

    /// Asks the bridge for something; `None` if the scenario has none.
    pub(crate) fn ask_bridge(&self, kind: ControlKind) -> anyhow::Result<Option<ControlReply>> {
        if !self.has_bridge {
            return Ok(None);
        }
        let request = ControlRequest { kind, text: String::new() };
        Ok(Some(self.bus.ask(&self.keys.bridge(), &request, ANSWER_WITHIN)?))
    }

    /// What the daemon has measured so far.
    pub(crate) fn report(&self) -> anyhow::Result<Report> {
        let request = ControlRequest { kind: ControlKind::Report, text: String::new() };
        Ok(self.bus.ask(&self.keys.measurements(), &request, ANSWER_WITHIN)?)
    }

    /// The newest status heard.
    pub(crate) fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first status stamped after `stamp`.
    pub(crate) fn status_after(&self, stamp: Stamp) -> anyhow::Result<Status> {
        let deadline = MonotonicClock.now().after(ANSWER_WITHIN);
        loop {
            let status = self.status();
            if status.stamp > stamp {
                return Ok(status);
            }
            anyhow::ensure!(MonotonicClock.now() < deadline, "the daemon says nothing any more");
            pause(Duration::from_millis(5));
        }
    }

    /// The next truth, or `None` if none comes within 100 ms.
    pub(crate) fn truth(&self) -> Option<Truth> {
        self.truths.recv_timeout(Duration::from_millis(100)).ok()
    }

    /// Copies of the newest pictures: the one for people, then those of the robot's cameras.
    pub(crate) fn pictures(&self) -> Vec<Frame> {
        let copy = |frame: &Arc<Mutex<Frame>>| {
            frame.lock().unwrap_or_else(PoisonError::into_inner).clone()
        };
        self.pictures.iter().map(copy).collect()
    }
}

/// Sleeps.
pub(crate) fn pause(duration: Duration) {
    sleep_until(MonotonicClock.now().after(duration));
}
