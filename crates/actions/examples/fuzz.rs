//! Hammers every decoder with random bytes:
//! `cargo run --release -p tandem-actions --example fuzz -- SECONDS [SEED [THREADS]] [DECODER..]`.
//!
//! Each decoder gets that many seconds of a CPU, however long a busy machine takes to give them;
//! `THREADS` of them (all cores, without) are under attack at a time. Named decoders, if any are
//! named, are the only ones. Tokens are random, or a real chunk's with a few changed; callbacks
//! answer with random bits. What comes out must be finite actions (or ids of the vocabulary), or a
//! typed error: anything else is a panic. A line for each decoder says how many inputs it had, how
//! many it refused and how often it panicked; with any panic, whose message stands before the line,
//! the program fails. The same seed gives the same inputs in the same order.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command's answer")]

use core::num::NonZeroUsize;
use core::ops::ControlFlow;
use core::time::Duration;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;

use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_actions::{
    Binned, ByteBpe, Choice, ChunkShape, Confidence, ConfidenceGate, Continuous, Ddim, Ddpm,
    E0Denoiser, E0Settings, Fast, FastSettings, FitSettings, Fsq, MaskedDecoder, MaskedSettings,
    NoiseSchedule, Oat, Offsets, OpenVlaBins, Principal, Remask, Representation, ResidualVq,
    Rt1Bins, UniformBins, VqChunk, VqLatent, flow,
};
use tandem_realtime::thread_cpu_time;

const VALUES: usize = 40;
/// A decoder that panics so often is known to be broken.
const PANICS_MAX: u64 = 3;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<u64> = words.iter().map_while(|it| it.parse().ok()).collect();
    let (Some(names), [seconds, rest @ ..]) = (words.get(arguments.len()..), &*arguments) else {
        eprintln!("usage: fuzz SECONDS [SEED [THREADS]] [DECODER..]");
        return ExitCode::from(2);
    };
    let known = |name: &String| TARGETS.iter().any(|(target, _)| target == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let known: Vec<&str> = TARGETS.iter().map(|(target, _)| *target).collect();
        eprintln!("no decoder is called `{unknown}`; there are: {}", known.join(", "));
        return ExitCode::from(2);
    }
    let is_wanted = |target: &str| names.is_empty() || names.iter().any(|name| name == target);
    let seed = rest.first().copied().unwrap_or(1);
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = rest.get(1).map_or(cores, |threads| usize::try_from(*threads).unwrap_or(1));
    println!("seed {seed}, {seconds} s for each decoder, {threads} at a time");
    let left = Mutex::new(TARGETS.into_iter().filter(|(target, _)| is_wanted(target)));
    let panics: u64 = std::thread::scope(|scope| {
        let work = || {
            let mut panics = 0;
            loop {
                let next = left.lock().expect("no thread panics with it").next();
                let Some((name, make)) = next else { return panics };
                let tally = attack(make, Duration::from_secs(*seconds), seed);
                println!("{name:<20} {tally}");
                panics += tally.panics;
            }
        };
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("panics are caught")).sum()
    });
    if panics == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What came of the attacks on one decoder.
#[derive(Default)]
struct Tally {
    inputs: u64,
    refused: u64,
    panics: u64,
}

impl core::fmt::Display for Tally {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { inputs, refused, panics } = self;
        write!(f, "{inputs:>11} inputs {refused:>11} refused {panics:>3} panics")
    }
}

fn attack(make: Maker, time: Duration, seed: u64) -> Tally {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut target = make(&mut rng);
    let until = thread_cpu_time() + time;
    let mut tally = Tally::default();
    while thread_cpu_time() < until && tally.panics < PANICS_MAX {
        // The clock is not what is being tested.
        for _ in 0..64 {
            tally.inputs += 1;
            match catch_unwind(AssertUnwindSafe(|| target(&mut rng))) {
                Ok(answered) => tally.refused += u64::from(!answered),
                Err(_told_by_the_hook) => {
                    tally.panics += 1;
                    // What a panic leaves behind proves nothing.
                    target = make(&mut rng);
                }
            }
        }
    }
    tally
}

/// One attack on a decoder; whether it answered with actions.
type Target = Box<dyn FnMut(&mut Pcg64Mcg) -> bool>;

/// What makes an attack on a decoder.
type Maker = fn(&mut Pcg64Mcg) -> Target;

/// Every decoder.
const TARGETS: [(&str, Maker); 17] = [
    ("continuous", |_| representation(Continuous::new(shape()))),
    ("RT-1 bins", |_| representation(Binned::new(shape(), rt1()))),
    ("OpenVLA bins", |_| representation(Binned::new(shape(), OpenVlaBins::new(256)))),
    ("E0 bins", |_| representation(Binned::new(shape(), UniformBins::E0))),
    ("FAST", |_| representation(fast())),
    ("FAST tokenizer.json", |_| tokenizer(fast())),
    ("residual VQ", |rng| {
        representation(VqChunk::new(shape(), codebooks(10, rng)).expect("groups"))
    }),
    ("VQ of latents", |rng| representation(latents(rng))),
    ("VQ by level", |rng| levels(latents(rng))),
    ("VQ offsets", |_| offsets()),
    ("OAT", |_| representation(oat())),
    ("OAT prefix", |_| prefix(oat())),
    ("masked diffusion", |_| masked()),
    ("E0 denoising", |_| e0()),
    ("DDPM and DDIM", |_| diffusion()),
    ("flow", |_| flow()),
    ("HybridVLA's gate", |_| gate()),
];

fn shape() -> ChunkShape {
    ChunkShape::new(20, 2).expect("a shape")
}

fn rt1() -> Rt1Bins {
    Rt1Bins::new(256, vec![(-1.0, 1.0); 2]).expect("bounds")
}

fn chunks() -> Vec<Vec<f64>> {
    (0..64).map(wave).collect()
}

fn fast() -> Fast {
    let chunks = chunks();
    Fast::fit(shape(), chunks.iter().map(Vec::as_slice), &FitSettings::PAPER).expect("a tokenizer")
}

/// Codebooks of vectors of so many values.
fn codebooks(dim: usize, rng: &mut Pcg64Mcg) -> ResidualVq {
    ResidualVq::fit(4, 16, dim, &chunks().concat(), 5, rng).expect("codebooks")
}

fn principal() -> (Principal, Fsq) {
    let (chunks, fsq) = (chunks(), Fsq::new(&[8, 5, 5, 5]).expect("levels"));
    let chunks: Vec<&[f64]> = chunks.iter().map(Vec::as_slice).collect();
    (Principal::fit(shape(), &fsq, 8, &chunks).expect("components"), fsq)
}

fn oat() -> Oat<Principal> {
    let (principal, fsq) = principal();
    Oat::new(principal, fsq).expect("a tokenizer")
}

/// Registers of four latents each.
fn latents(rng: &mut Pcg64Mcg) -> VqLatent<Principal> {
    VqLatent::new(principal().0, codebooks(4, rng)).expect("a register is a vector")
}

fn wave(chunk: usize) -> Vec<f64> {
    (0..VALUES).map(|i| ((chunk * 7 + i / 2) as f64 * 0.2).sin()).collect()
}

/// Random ids, mostly near the vocabulary; or a real chunk's tokens with a few of them changed.
fn corrupt(rng: &mut Pcg64Mcg, vocabulary: u32, real: &[u32]) -> Vec<u32> {
    let any = |rng: &mut Pcg64Mcg| match rng.random_range(0..8) {
        0 => rng.next_u32(),
        _ => rng.random_range(0..vocabulary.saturating_add(vocabulary / 16)),
    };
    if rng.random() {
        let length = rng.random_range(0..=2 * real.len());
        return (0..length).map(|_| any(rng)).collect();
    }
    let mut tokens = real.to_vec();
    for _ in 0..rng.random_range(0..4) {
        let place = rng.random_range(0..tokens.len());
        match rng.random_range(0..3) {
            0 if tokens.len() > 1 => drop(tokens.remove(place)),
            1 => tokens.insert(place, any(rng)),
            _ => tokens[place] = any(rng),
        }
    }
    tokens
}

fn representation(mut codec: impl Representation + 'static) -> Target {
    let mut real = Vec::new();
    Box::new(move |rng| {
        let chunk = wave(rng.random_range(0..64));
        codec.encode_into(&chunk, &mut real).expect("a chunk like those fitted on");
        let tokens = corrupt(rng, codec.vocabulary(), &real);
        let mut decoded = [f64::NAN; VALUES];
        let answered = codec.decode_into(&tokens, &mut decoded).is_ok();
        assert!(!answered || decoded.iter().all(|value| value.is_finite()), "{tokens:?}");
        // Any bits at all, as a chunk.
        let bits: Vec<f64> = (0..VALUES).map(|_| f64::from_bits(rng.next_u64())).collect();
        if codec.encode_into(&bits, &mut real).is_ok() {
            assert!(real.iter().all(|id| *id < codec.vocabulary()), "{bits:?}");
        }
        answered
    })
}

fn prefix(mut oat: Oat<Principal>) -> Target {
    Box::new(move |rng| {
        let tokens = corrupt(rng, oat.vocabulary(), &[0; 4]);
        let mut decoded = [f64::NAN; VALUES];
        let answered = oat.decode_prefix_into(&tokens, &mut decoded).is_ok();
        assert!(!answered || decoded.iter().all(|value| value.is_finite()), "{tokens:?}");
        answered
    })
}

fn levels(mut vq: VqLatent<Principal>) -> Target {
    Box::new(move |rng| {
        let tokens = corrupt(rng, vq.vocabulary(), &[0; 16]);
        let mut decoded = [f64::NAN; VALUES];
        let answered = vq.decode_levels_into(&tokens, &mut decoded).is_ok();
        assert!(!answered || decoded.iter().all(|value| value.is_finite()), "{tokens:?}");
        answered
    })
}

/// A table of the right size or nearly, of any bits, for codes within it or not.
fn offsets() -> Target {
    Box::new(|rng| {
        let (levels, codes) = (2, 16_u32);
        let size = levels * codes as usize * VALUES + usize::from(rng.random_range(0..16_u8) == 0);
        let any_bits = rng.random_range(0..4) == 0;
        let mut number = |_| {
            let tame = rng.random_range(-9.0..9.0);
            if any_bits { f64::from_bits(rng.next_u64()) } else { tame }
        };
        let table: Vec<f64> = (0..size).map(&mut number).collect();
        let chosen = corrupt(rng, codes, &[0; 2]);
        let mut chunk = [0.5; VALUES];
        let offsets = Offsets::new(&table, levels, codes, VALUES);
        let answered = offsets.is_ok_and(|offsets| offsets.add(&chosen, &mut chunk).is_ok());
        assert!(!answered || chunk.iter().all(|value| value.is_finite()), "{chosen:?}");
        answered
    })
}

/// Whatever the probabilities, the action is the one there was or the mean of both.
fn gate() -> Target {
    Box::new(|rng| {
        let confidence = Confidence::Mean(VALUES);
        let gate = ConfidenceGate { confidence, ..ConfidenceGate::paper(VALUES) };
        let mut bits = [0.0_f32; VALUES];
        random_bits(rng, &mut bits);
        let probabilities = bits.map(f64::from);
        let mut action = [0.25; VALUES];
        let admitted = gate.combine(&probabilities, &[0.75; VALUES], &mut action);
        assert_eq!(action, [if admitted { 0.5 } else { 0.25 }; VALUES]);
        true
    })
}

/// A tokenizer's file with a few bytes changed; if it still is one, it must encode and decode.
fn tokenizer(fast: Fast) -> Target {
    let (settings, mut tokens): (FastSettings, _) = (fast.settings(), Vec::new());
    let json = fast.bpe().to_json().expect("a file").into_bytes();
    Box::new(move |rng| {
        let mut json = json.clone();
        for _ in 0..rng.random_range(1..4) {
            let place = rng.random_range(0..json.len());
            // A digit for a digit leaves it JSON and moves an id.
            let digit = json[place].is_ascii_digit();
            json[place] = if digit { rng.random_range(b'0'..=b'9') } else { rng.random() };
        }
        let Ok(bpe) = ByteBpe::from_json(&json) else { return false };
        let mut fast = Fast::new(settings, bpe).expect("the settings of a tokenizer");
        let mut decoded = [f64::NAN; VALUES];
        if fast.encode_into(&wave(rng.random_range(0..64)), &mut tokens).is_ok() {
            fast.decode_into(&tokens, &mut decoded).expect("what was just encoded");
        }
        let tokens = corrupt(rng, fast.vocabulary(), &[0; 8]);
        let answered = fast.decode_into(&tokens, &mut decoded).is_ok();
        assert!(!answered || decoded.iter().all(|value| value.is_finite()), "{tokens:?}");
        true
    })
}

fn random_bits(rng: &mut Pcg64Mcg, values: &mut [f32]) {
    // Mostly usable numbers, or nothing would get past the first round.
    let any_bits = rng.random_range(0..16) == 0;
    for value in values {
        *value =
            if any_bits { f32::from_bits(rng.next_u32()) } else { rng.random_range(-9.0..9.0) };
    }
}

fn masked() -> Target {
    let remask = Some(Remask { first: 0.0, last: 0.5 });
    let settings = MaskedSettings { vocabulary: 16, remask, ..MaskedSettings::released(VALUES) };
    let mut decoder = MaskedDecoder::new(settings).expect("settings");
    Box::new(move |rng| {
        let (mut other, mut tokens) = (Pcg64Mcg::seed_from_u64(rng.next_u64()), [0; VALUES]);
        let answered = decoder.decode(rng, &mut tokens, |_, logits| {
            random_bits(&mut other, logits);
            maybe(&mut other)
        });
        assert!(answered.is_err() || tokens.iter().all(|id| *id < 16));
        answered.is_ok()
    })
}

fn e0() -> Target {
    let choice = Choice::Median;
    let settings = E0Settings { vocabulary: 16, choice, ..E0Settings::paper(VALUES) };
    let mut decoder = E0Denoiser::new(settings).expect("settings");
    Box::new(move |rng| {
        let (mut other, mut tokens) = (Pcg64Mcg::seed_from_u64(rng.next_u64()), [0; VALUES]);
        let answered = decoder.decode(rng, &mut tokens, |_, _, logits| {
            random_bits(&mut other, logits);
            maybe(&mut other)
        });
        assert!(answered.is_err() || tokens.iter().all(|id| *id < 16));
        answered.is_ok()
    })
}

fn diffusion() -> Target {
    let schedule = NoiseSchedule::cosine(100).expect("a schedule");
    let ddim = Ddim::new(schedule.clone(), 10, true).expect("steps");
    let ddpm = Ddpm::new(schedule, true);
    Box::new(move |rng| {
        let (mut x, mut scratch) = ([0.5; VALUES], [0.0; VALUES]);
        ddim.sample(&mut x, &mut scratch, |_, _, noise| {
            noise.iter_mut().for_each(|noise| *noise = rng.random_range(-1e9..1e9));
            maybe(rng)
        });
        let mut other = Pcg64Mcg::seed_from_u64(rng.next_u64());
        let (mut y, mut scratch) = ([0.5; VALUES], [0.0; VALUES]);
        ddpm.sample(rng, &mut y, &mut scratch, |_, _, noise| {
            noise.iter_mut().for_each(|noise| *noise = other.random_range(-1e9..1e9));
            maybe(&mut other)
        });
        assert!(x.iter().chain(&y).all(|value| value.is_finite()));
        true
    })
}

fn flow() -> Target {
    Box::new(move |rng| {
        let (mut x, mut scratch) = ([0.5; VALUES], [0.0; VALUES]);
        flow::euler(10, &mut x, &mut scratch, |_, _, velocity| {
            velocity.iter_mut().for_each(|v| *v = rng.random_range(-1e9..1e9));
            maybe(rng)
        });
        assert!(x.iter().all(|value| value.is_finite()));
        true
    })
}

/// Breaks off now and then, as a deadline would.
fn maybe(rng: &mut Pcg64Mcg) -> ControlFlow<()> {
    if rng.random_range(0..32) == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
