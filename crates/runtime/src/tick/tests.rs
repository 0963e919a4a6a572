//! The tick's promise: nothing on its way touches the heap or the kernel, whatever comes and
//! whatever it decides.

mod confined;

use std::path::Path;
use std::time::Duration;

use rtrb::RingBuffer;
use tandem_bus::Garbage;
use tandem_config::Config;
use tandem_control::{ControlConfig, ExecutorConfig};
use tandem_guard::{FrameWitness, Mode, Request};
use tandem_latest::channel;
use tandem_realtime::{CountingAllocator, PeriodicTimer};
use tandem_types::{Epoch, JOINTS_MAX, JointVec, Stamp};

use super::*;
use crate::record::RING_RECORDS;
use crate::witnesses::Stand;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const EPOCH: Epoch = Epoch(1);

/// A tick every 20 us instead of every millisecond, so that thousands of them take no time. The
/// controller does not notice: one tick is one period of motion, however late it comes.
const TEST_PERIOD: Duration = Duration::from_micros(20);

/// Steps in a chunk.
const STEPS: usize = 8;

/// What an input is like during an act.
#[derive(Clone, Copy, PartialEq)]
enum Feed {
    /// Nothing is written.
    Silent,
    Good,
    NotFinite,
    WrongShape,
    /// Stamped this long ago.
    Old(Duration),
}

/// A stretch of ticks under the same circumstances.
struct Act {
    ticks: u32,
    state: Feed,
    chunk: Feed,
    /// Put before the tick again and again.
    request: Option<Request>,
    /// What mode the act must lead to; it need not last.
    leads_to: Mode,
}

const fn act(
    ticks: u32,
    state: Feed,
    chunk: Feed,
    request: Option<Request>,
    leads_to: Mode,
) -> Act {
    Act { ticks, state, chunk, request, leads_to }
}

/// Every path through the tick that there is a name for.
const PLAY: [Act; 17] = {
    use Feed::{Good, NotFinite, Old, Silent, WrongShape};
    use Request::{Acknowledge, Arm, Disarm, Stop};
    let stale = Old(Duration::from_millis(200));
    let silent = Old(Duration::from_secs(5));
    [
        act(50, Silent, Silent, None, Mode::Disarmed),
        act(50, Silent, Silent, Some(Arm), Mode::Disarmed),
        act(50, Good, Silent, Some(Arm), Mode::Holding),
        act(700, Good, Good, None, Mode::Armed),
        act(100, Good, NotFinite, None, Mode::Holding),
        act(100, Good, Good, None, Mode::Armed),
        act(100, Good, WrongShape, None, Mode::Holding),
        act(100, NotFinite, Good, None, Mode::Holding),
        act(100, WrongShape, Good, None, Mode::Holding),
        act(100, stale, stale, None, Mode::Holding),
        act(200, Good, Good, Some(Disarm), Mode::Disarmed),
        act(200, Good, Good, Some(Arm), Mode::Armed),
        act(100, Good, Good, Some(Stop), Mode::Stopped),
        act(200, Good, Good, Some(Acknowledge), Mode::Disarmed),
        // All must have been well for half a second.
        act(40_000, Good, Good, Some(Arm), Mode::Armed),
        act(100, silent, Good, None, Mode::Stopped),
        act(50, silent, Good, Some(Acknowledge), Mode::Stopped),
    ]
};

/// A tick with the other ends of all its channels.
struct Rig {
    tick: Tick,
    shared: Shared,
    states: Writer<State>,
    chunks: Writer<ActionChunk>,
    receipts: Writer<Confirmation>,
    tickets: Producer<Ticket>,
    commands: Reader<Option<AdmittedCommand>>,
    postures: Reader<Posture>,
    records: Consumer<TickRecord>,
    stand: Stand,
    home: JointVec,
    chunk: ActionChunk,
    ticks: u64,
    refusals: u64,
}

impl Rig {
    fn new() -> Self {
        Self::with(ExecutorConfig::Immediate)
    }

    fn with(executor: ExecutorConfig) -> Self {
        let beat = Beat::Timer(PeriodicTimer::new(TEST_PERIOD, Duration::ZERO));
        Self::on(beat, executor)
    }

    fn on(beat: Beat, executor: ExecutorConfig) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/so101.toml");
        let config = Config::load(file).unwrap();
        let control = ControlConfig { executor, ..config.to_control().unwrap() };
        assert!(control.space.is_some(), "the tick is judged with its geometry");
        let home = config.robot.home_rad;
        let at_rest = ActionChunk::at_rest(home, Stamp::ORIGIN);
        let (states, tick_states) = channel(EPOCH, State::default);
        let (chunks, tick_chunks) = channel(EPOCH, || at_rest);
        let (receipts, tick_receipts) = channel(EPOCH, Confirmation::default);
        let (tick_commands, commands) = channel(EPOCH, || None);
        let [posture, other, another] = [(); 3].map(|()| channel(EPOCH, Posture::default));
        let (tickets, tick_tickets) = RingBuffer::new(4);
        let (tick_records, records) = RingBuffer::new(RING_RECORDS);
        let cameras = config.cameras.len();
        let (witnesses, stand) = Witnesses::new(EPOCH, Garbage::default(), cameras);
        let tick = Tick {
            controller: Controller::new(control, EPOCH).unwrap(),
            beat,
            states: tick_states,
            chunks: tick_chunks,
            receipts: tick_receipts,
            witnesses,
            tickets: tick_tickets,
            commands: tick_commands,
            postures: [posture.0, other.0, another.0],
            records: tick_records,
        };
        Self {
            tick,
            shared: Shared::default(),
            states,
            chunks,
            receipts,
            tickets,
            commands,
            postures: posture.1,
            records,
            stand,
            home,
            chunk: at_rest,
            ticks: 0,
            refusals: 0,
        }
    }

    /// Plays an act. Returns how often the ticks, and nothing around them, touched the heap.
    fn play(&mut self, act: &Act) -> u64 {
        let mut heap_calls = 0;
        let mut led = false;
        for _ in 0..act.ticks {
            self.feed(act);
            let before = CountingAllocator::heap_calls();
            self.tick.once(&self.shared);
            heap_calls += CountingAllocator::heap_calls() - before;
            self.ticks += 1;
            led |= self.tick.controller.mode() == act.leads_to;
        }
        let mode = self.tick.controller.mode();
        assert!(led, "at tick {} the mode is {mode:?}, not {:?}", self.ticks, act.leads_to);
        // Only now: within a long act the ring of records runs full, as it may in life.
        while let Ok(record) = self.records.pop() {
            self.refusals += u64::from(record.answer.is_some_and(|it| it.refusal.is_some()));
        }
        heap_calls
    }

    fn feed(&mut self, act: &Act) {
        let now = MonotonicClock.now();
        // The robot obeys at once: one that does not would be noticed.
        let sent = self.postures.latest().map_or(self.home, |posture| posture.value.command.q);
        if let Some((stamp, vector)) = shape(act.state, now, sent) {
            let zeros = JointVec::zeros(vector.len());
            let state = State { stamp, q: vector, dq: zeros, tau: zeros };
            self.states.write(stamp, now, |slot| *slot = state);
        }
        let departs = if act.chunk == Feed::Good { sent } else { self.home };
        if let Some((stamp, origin)) = shape(act.chunk, now, departs) {
            self.aim(stamp, origin);
            self.chunks.write(stamp, now, |slot| *slot = self.chunk);
        }
        let confirmation = Confirmation { epoch: self.tick.controller.epoch(), stamp: now };
        self.receipts.write(now, now, |slot| *slot = confirmation);
        for frames in &mut self.stand.frames {
            frames.write(now, now, |slot| *slot = FrameWitness { stamp: now, hash: self.ticks });
        }
        if let Some(request) = act.request.filter(|_| self.ticks.is_multiple_of(10)) {
            let request = match (request, self.tick.controller.nonce()) {
                (Request::Arm, Some(nonce)) => Request::Rearm(nonce),
                (request, _) => request,
            };
            self.tickets.push(Ticket { number: self.ticks, request }).ok();
        }
    }

    /// A path that swings to and fro over hundreds of ticks.
    fn aim(&mut self, stamp: Stamp, origin: JointVec) {
        let direction = if (self.ticks / 300).is_multiple_of(2) { 1e-3 } else { -1e-3 };
        // On the stack: the play also runs where an allocation may be fatal.
        let mut path = [0.0; STEPS * JOINTS_MAX];
        let path = &mut path[..STEPS * origin.len()];
        for (step, row) in path.chunks_exact_mut(origin.len()).enumerate() {
            let ahead = direction * (step + 1) as f64;
            row.iter_mut().zip(origin.iter()).for_each(|(to, from)| *to = (from + ahead) as f32);
        }
        self.chunk = ActionChunk::at_rest(origin, stamp);
        (self.chunk.frame_observed, self.chunk.latent_observed) = (stamp, stamp);
        self.chunk.set_path(Duration::from_millis(5), path).unwrap();
    }
}

/// The stamp and the joint vector of an input that is fed so.
fn shape(feed: Feed, now: Stamp, q: JointVec) -> Option<(Stamp, JointVec)> {
    match feed {
        Feed::Silent => None,
        Feed::Good => Some((now, q)),
        Feed::NotFinite => Some((now, JointVec::splat(q.len(), f64::NAN))),
        Feed::WrongShape => Some((now, JointVec::zeros(q.len() - 1))),
        Feed::Old(age) => Some((now.before(age), q)),
    }
}

#[test]
fn no_tick_touches_the_heap() {
    assert!(CountingAllocator::is_installed());
    let executors = [
        ExecutorConfig::Immediate,
        ExecutorConfig::Receding { steps: 4 },
        ExecutorConfig::TemporalEnsemble { decay: 0.01 },
        ExecutorConfig::RealTimeChunking { steps: 4, blend_steps: 3 },
    ];
    for executor in executors {
        let mut rig = Rig::with(executor);
        for (number, act) in PLAY.iter().enumerate() {
            assert_eq!(rig.play(act), 0, "heap calls in act {number} of {executor:?}");
        }
        // The play must have gone where it claims to: commands, refusals and a full ring.
        assert!(rig.ticks >= 2000, "{}", rig.ticks);
        assert!(rig.commands.latest().is_some_and(|sample| sample.sequence.0 > 500));
        assert!(rig.refusals > 10, "{}", rig.refusals);
        assert!(rig.shared.lost_records() > 0);
    }
}

#[test]
fn a_ticket_is_answered_once_with_its_own_number() {
    let mut rig = Rig::new();
    rig.tickets.push(Ticket { number: 41, request: Request::Arm }).unwrap();
    rig.tickets.push(Ticket { number: 42, request: Request::Stop }).unwrap();
    for _ in 0..5 {
        rig.tick.once(&rig.shared);
    }
    let mut answers = Vec::new();
    while let Ok(record) = rig.records.pop() {
        answers.extend(record.answer.map(|answer| (answer.ticket, answer.refusal.is_some())));
    }
    // Without a state there is no arming; a stop always goes through.
    assert_eq!(answers, [(41, true), (42, false)]);
    assert_eq!(rig.tick.controller.mode(), Mode::Stopped);
}
