//! A recorded run, played again, gives the same bytes: on this machine, in this build profile, and in
//! every other.

use std::time::Duration;

use tandem_control::{ControlConfig, Controller, ExecutorConfig, Inputs, Output};
use tandem_guard::{Request, Witness};
use tandem_types::{ActionChunk, Epoch, JointVec, Posture, Stamp, State};

use crate::fixture::{EXECUTORS, PERIOD, chunk, config, ms};
use crate::recording::{Recorder, replay};

/// What the outputs of [`session`] hash to under each of [`EXECUTORS`], in every build profile. A
/// change of behaviour that is meant changes these: the failure says to what.
const GOLDEN: [u64; 4] =
    [0xfa83_e0ba_a372_2f5d, 0xa382_259d_5307_809a, 0x4312_298e_25dc_d98f, 0x035d_7232_ce04_d8e4];

fn controller(executor: ExecutorConfig) -> Controller {
    Controller::new(ControlConfig { executor, ..config() }, Epoch(1)).unwrap()
}

/// FNV-1a over the bits of what a tick put out: unlike std's, it is the same in every Rust.
struct Hash(u64);

impl Hash {
    fn see(&mut self, output: &Output) {
        let command = output.command.map(|admitted| *admitted.command());
        let numbers = command.iter().flat_map(|command| command.q.iter().chain(command.dq.iter()));
        let bits: Vec<_> = numbers.chain(&output.seam_rad).map(|number| number.to_bits()).collect();
        bits.iter().for_each(|bits| self.write(&bits.to_le_bytes()));
        let cause = output.cause.map_or("", |cause| cause.code());
        self.write(format!("{:?} {:?} {cause}", output.mode, output.reaction).as_bytes());
        self.write(format!("{:?} {:?}", output.ages, output.refusal.is_some()).as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

const HASH: Hash = Hash(0xcbf2_9ce4_8422_2325);

/// Random numbers that are the same everywhere (Knuth's MMIX generator, high bits).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A policy that heads for a goal from the command it is shown, as those on disk do.
fn act(posture: &Posture, goal_rad: f64) -> ActionChunk {
    let mut q = posture.command.q;
    let mut path = Vec::new();
    for _ in 0..16 {
        q = q.map(|_, q| q + (0.05 * (goal_rad - q)).clamp(-0.005, 0.005));
        #[expect(clippy::as_conversions, reason = "chunks are f32")]
        path.extend(q.iter().map(|&value| value as f32));
    }
    chunk(posture.command.q, posture.stamp, ms(5), &path)
}

/// Four seconds of a live loop with all that may come: ticks that come late, a policy that stalls,
/// says NaN and changes its mind, a state that is missing, stops and their acknowledgement.
fn session(executor: ExecutorConfig, mut see: impl FnMut(&Output)) -> Vec<u8> {
    let (mut controller, mut recorder, mut random) =
        (controller(executor), Recorder::new(), Random(7));
    let rest = JointVec::zeros(2);
    let mut now = Stamp::from_nanos(1_000_000_000);
    let mut state = State { stamp: now, q: rest, dq: rest, tau: rest };
    let (mut receipt, mut posture, mut goal_rad): (_, Option<Posture>, _) = (None, None, 0.8);
    let (mut thinking, mut heard): (Option<(u64, ActionChunk)>, Option<ActionChunk>) = (None, None);
    for tick in 0..4_000_u64 {
        let late = Duration::from_micros(random.below(200));
        now = now.after(PERIOD + if tick % 613 == 0 { ms(12) } else { late });
        let request = match tick {
            // At 1 700 nobody knows the nonce yet.
            50 | 1_700 | 2_900 => Some(Request::Arm),
            2_200 => controller.nonce().map(Request::Rearm),
            1_500 => Some(Request::Stop),
            1_650 => Some(Request::Acknowledge),
            2_600 => Some(Request::Disarm),
            _ => None,
        };
        if let Some((_, chunk)) = thinking.take_if(|(due, _)| *due <= tick) {
            heard = Some(chunk);
        }
        if tick % 5 == 0 && thinking.is_none() && !(1_000..1_300).contains(&tick) {
            if tick % 400 == 0 {
                goal_rad = -goal_rad;
            }
            let goal_rad = if tick % 700 == 0 { f64::NAN } else { goal_rad };
            thinking = posture.map(|seen| (tick + 3 + random.below(9), act(&seen, goal_rad)));
        }
        state.stamp = now;
        let is_felt = !(3_300..3_340).contains(&tick);
        let (felt, chunk) = (is_felt.then_some(&state), heard.as_ref());
        let witness = Witness::default();
        let inputs = Inputs { state: felt, chunk, receipt, witness, request };
        recorder.tick(now, &inputs);
        let output = controller.tick(now, &inputs);
        see(&output);
        posture = output.posture;
        if let Some(admitted) = output.command {
            (state.q, state.dq) = (admitted.command().q, admitted.command().dq);
            receipt = Some(now);
        }
    }
    recorder.bytes
}

#[test]
fn a_recording_gives_the_bytes_of_the_run_it_was_made_of() {
    for executor in EXECUTORS {
        let mut live = Vec::new();
        let bytes = session(executor, |output| live.push(format!("{output:?}")));
        let mut ticks = 0;
        replay(&bytes, &mut controller(executor), |output| {
            assert_eq!(format!("{output:?}"), live[ticks], "{executor:?}, tick {ticks}");
            ticks += 1;
        });
        assert_eq!(ticks, live.len());
    }
}

#[test]
fn a_replay_gives_the_same_bytes_in_every_build_profile() {
    let mut found = [0; EXECUTORS.len()];
    for (found, executor) in found.iter_mut().zip(EXECUTORS) {
        let (mut hash, mut moving, mut held) = (HASH, 0, 0);
        let bytes = session(executor, |_| {});
        replay(&bytes, &mut controller(executor), |output| {
            hash.see(output);
            moving += usize::from(output.mode == tandem_guard::Mode::Armed);
            held += usize::from(output.mode == tandem_guard::Mode::Holding);
        });
        // The session must go where it claims to.
        assert!(moving > 2_000 && held > 100, "{executor:?}: {moving} moving, {held} held");
        *found = hash.0;
    }
    assert_eq!(found, GOLDEN, "found {found:#018x?}");
}
