//! The control thread without the rest of the daemon, to see what it costs by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};
use tandem_config::{Config, SettingsError};
use tandem_control::Controller;
use tandem_guard::{AdmittedCommand, Request};
use tandem_latest::{Reader, Writer, channel};
use tandem_realtime::{Granted, PeriodicTimer, lock_memory};
use tandem_types::{ActionChunk, Epoch, JointVec, Posture, Stamp, State};

use crate::beat::Beat;
use crate::error::StartError;
use crate::figures::TickFigures;
use crate::record::{RING_RECORDS, TickRecord};
use crate::senses::Confirmation;
use crate::shared::Shared;
use crate::tally::Tally;
use crate::threads::{ordinary, realtime, spawn};
use crate::tick::{Tick, Ticket};
use crate::witnesses::Witnesses;

/// How often the records are counted. Their ring holds half a second at 1 kHz.
const DRAIN_EVERY: Duration = Duration::from_millis(20);

/// The one life of everything here.
const EPOCH: Epoch = Epoch(1);

/// The daemon's control thread on its own channels, with a partner for all the rest: an ideal robot
/// that is where it was told to be, and a null policy that wants to stay there. No bus, no network.
///
/// Dropping it ends its threads.
#[must_use = "the rehearsal ends when it is dropped"]
pub struct Rehearsal {
    shared: Arc<Shared>,
    tally: Arc<Mutex<Tally>>,
    threads: Vec<JoinHandle<()>>,
    granted: Granted,
}

impl Rehearsal {
    /// Starts the control thread as `config` would have it, and arms it.
    ///
    /// # Errors
    /// If the settings contradict themselves, or the system gives no thread.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let control = &config.control;
        let controller =
            Controller::new(config.to_control()?, EPOCH).map_err(SettingsError::from)?;
        let at_rest = ActionChunk::at_rest(config.robot.home_rad, Stamp::ORIGIN);
        let (states, tick_states) = channel(EPOCH, State::default);
        let (chunks, tick_chunks) = channel(EPOCH, || at_rest);
        let (receipts, tick_receipts) = channel(EPOCH, Confirmation::default);
        let (tick_commands, commands) = channel(EPOCH, || None);
        let postures = [(); 3].map(|()| channel(EPOCH, Posture::default).0);
        let (tickets, tick_tickets) = RingBuffer::new(4);
        let (tick_records, records) = RingBuffer::new(RING_RECORDS);
        let mut tick = Tick {
            controller,
            beat: Beat::of(control.period, None).with_spin(control.spin),
            states: tick_states,
            chunks: tick_chunks,
            receipts: tick_receipts,
            witnesses: Witnesses::silent(),
            tickets: tick_tickets,
            commands: tick_commands,
            postures,
            records: tick_records,
        };
        let mut partner = Partner {
            // Half a tick after the tick whose command it obeys.
            timer: PeriodicTimer::new(control.period, control.period / 2),
            beats_per_chunk: u64::from((control.rate_hz / config.system1.rate_hz).max(1)),
            home: config.robot.home_rad,
            states,
            chunks,
            receipts,
            tickets,
            commands,
        };
        let tally = Arc::new(Mutex::new(Tally::new()));
        let clerk = Clerk { records, tally: tally.clone() };

        let mut rehearsal =
            Self { shared: Arc::default(), tally, threads: Vec::new(), granted: lock_memory() };
        let fast = &config.system1;
        rehearsal.spawn("clerk", ordinary(0), |shared| clerk.run(shared))?;
        let schedule = realtime(fast.priority, fast.cpu);
        rehearsal.spawn("partner", schedule, move |shared| partner.run(shared))?;
        let schedule = realtime(control.priority, control.cpu);
        rehearsal.spawn("tick", schedule, move |shared| tick.run(shared))?;
        Ok(rehearsal)
    }

    /// What was measured since the last call.
    #[must_use]
    pub fn take_tick_figures(&self) -> TickFigures {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).take_tick_figures()
    }

    /// What of the real-time settings was granted and what was refused.
    pub const fn granted(&self) -> &Granted {
        &self.granted
    }

    fn spawn(
        &mut self,
        name: &'static str,
        schedule: tandem_realtime::Schedule,
        body: impl FnOnce(&Shared) + Send + 'static,
    ) -> Result<(), StartError> {
        let shared = self.shared.clone();
        let thread = spawn(name, schedule, &mut self.granted, move || body(&shared))?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        self.shared.stop();
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

/// Robot and policy in one.
struct Partner {
    timer: PeriodicTimer,
    beats_per_chunk: u64,
    home: JointVec,
    states: Writer<State>,
    chunks: Writer<ActionChunk>,
    receipts: Writer<Confirmation>,
    tickets: Producer<Ticket>,
    commands: Reader<Option<AdmittedCommand>>,
}

impl Partner {
    fn run(&mut self, shared: &Shared) {
        let mut beats = 0_u64;
        while !shared.stopping() {
            let now = self.timer.wait().woke;
            let told = self.commands.latest().and_then(|sample| sample.value);
            let rest = JointVec::zeros(self.home.len());
            let (q, dq) = told.map_or((self.home, rest), |told| {
                let command = told.command();
                (command.q, command.dq)
            });
            self.states.write(now, now, |slot| *slot = State { stamp: now, q, dq, tau: rest });
            let epoch = told.map_or(EPOCH, |told| told.epoch());
            let confirmation = Confirmation { epoch, stamp: now };
            self.receipts.write(now, now, |slot| *slot = confirmation);
            if beats.is_multiple_of(self.beats_per_chunk) {
                self.chunks.write(now, now, |slot| {
                    *slot = ActionChunk::at_rest(q, now);
                    (slot.frame_observed, slot.latent_observed) = (now, now);
                });
                if told.is_none() {
                    // Refused until the first state has arrived, and a full ring is asked later.
                    self.tickets.push(Ticket { number: beats, request: Request::Arm }).ok();
                }
            }
            beats += 1;
        }
    }
}

/// Counts the records.
struct Clerk {
    records: Consumer<TickRecord>,
    tally: Arc<Mutex<Tally>>,
}

impl Clerk {
    fn run(mut self, shared: &Shared) {
        let mut timer = PeriodicTimer::new(DRAIN_EVERY, Duration::ZERO);
        while !shared.stopping() {
            timer.wait();
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            while let Ok(record) = self.records.pop() {
                tally.tick(record);
            }
        }
    }
}
