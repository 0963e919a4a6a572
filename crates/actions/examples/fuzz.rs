//! Hammers every decoder with random bytes: `cargo run -p tandem-actions --example fuzz -- SECONDS [SEED]`.
//!
//! Tokens are random, or a real chunk's with a few bytes changed; callbacks answer with random bits.
//! What comes out must be finite actions (or ids of the vocabulary), or a typed error; a panic ends
//! the program. Prints how often each decoder was asked and how often it answered.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command's answer")]

use core::ops::ControlFlow;
use core::time::Duration;
use std::process::ExitCode;

use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_actions::{
    Binned, ByteBpe, ChunkShape, Continuous, Ddim, E0Denoiser, E0Settings, Fast, FastSettings,
    FitSettings, Fsq, MaskedDecoder, MaskedSettings, NoiseSchedule, Oat, OpenVlaBins, Principal,
    Remask, Representation, ResidualVq, Rt1Bins, UniformBins, VqChunk, flow,
};
use tandem_realtime::{Clock as _, MonotonicClock};

const VALUES: usize = 40;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(Ok(seconds)) = arguments.next().map(|seconds| seconds.parse()) else {
        eprintln!("usage: fuzz SECONDS [SEED]");
        return ExitCode::from(2);
    };
    let seed = arguments.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut targets = targets(&mut rng);
    let share = Duration::from_secs(seconds) / targets.len() as u32;
    println!("seed {seed}, {share:?} for each decoder");
    for (name, target) in &mut targets {
        let until = MonotonicClock.now().after(share);
        let (mut asked, mut answered) = (0_u64, 0_u64);
        while MonotonicClock.now() < until {
            // The clock is not what is being tested.
            for _ in 0..64 {
                asked += 1;
                answered += u64::from(target(&mut rng));
            }
        }
        println!("{name:<22} {asked:>9} asked, {answered:>9} answered, the rest typed errors");
    }
    ExitCode::SUCCESS
}

/// One attack on a decoder; whether it answered with actions.
type Target = Box<dyn FnMut(&mut Pcg64Mcg) -> bool>;

fn targets(rng: &mut Pcg64Mcg) -> Vec<(&'static str, Target)> {
    let shape = ChunkShape::new(20, 2).expect("a shape");
    let chunks: Vec<Vec<f64>> = (0..64).map(wave).collect();
    let refs: Vec<&[f64]> = chunks.iter().map(|chunk| &chunk[..]).collect();
    let rt1 = Rt1Bins::new(256, vec![(-1.0, 1.0); 2]).expect("bounds");
    let vq = ResidualVq::fit(4, 16, 10, &chunks.concat(), 5, rng).expect("codebooks");
    let fsq = Fsq::new(&[8, 5, 5, 5]).expect("levels");
    let principal = Principal::fit(shape, &fsq, 8, &refs).expect("components");
    let oat = Oat::new(principal, fsq).expect("a tokenizer");
    let fast = Fast::fit(shape, refs, &FitSettings::PAPER).expect("a tokenizer");
    let settings = fast.settings();
    let json = fast.bpe().to_json().expect("a file");
    vec![
        ("continuous", representation(Continuous::new(shape))),
        ("RT-1 bins", representation(Binned::new(shape, rt1))),
        ("OpenVLA bins", representation(Binned::new(shape, OpenVlaBins::new(256)))),
        ("E0 bins", representation(Binned::new(shape, UniformBins::E0))),
        ("FAST", representation(fast)),
        ("FAST tokenizer.json", tokenizer(json.into_bytes(), settings)),
        ("residual VQ", representation(VqChunk::new(shape, vq).expect("groups"))),
        ("OAT", representation(oat.clone())),
        ("OAT prefix", prefix(oat)),
        ("masked diffusion", masked()),
        ("E0 denoising", e0()),
        ("DDIM", ddim()),
        ("flow", flow()),
    ]
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

/// A tokenizer's file with a few bytes changed; if it still is one, it must encode and decode.
fn tokenizer(json: Vec<u8>, settings: FastSettings) -> Target {
    let mut tokens = Vec::new();
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
    let settings = E0Settings { vocabulary: 16, ..E0Settings::paper(VALUES) };
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

fn ddim() -> Target {
    let schedule = NoiseSchedule::cosine(100).expect("a schedule");
    let ddim = Ddim::new(schedule, 10, true).expect("steps");
    Box::new(move |rng| {
        let (mut x, mut scratch) = ([0.5; VALUES], [0.0; VALUES]);
        ddim.sample(&mut x, &mut scratch, |_, _, noise| {
            noise.iter_mut().for_each(|noise| *noise = rng.random_range(-1e9..1e9));
            maybe(rng)
        });
        assert!(x.iter().all(|value| value.is_finite()));
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
