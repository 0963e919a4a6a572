//! Encoding, decoding and sampling do not allocate after the first call.

use core::ops::ControlFlow;

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{
    Binned, ChunkShape, Continuous, Ddim, Ddpm, E0Denoiser, E0Settings, Fast, FitSettings, Fsq,
    MaskedDecoder, MaskedSettings, NoiseSchedule, Normalised, Normaliser, Oat, OatPrefix,
    OpenVlaBins, Principal, Representation, ResidualVq, Rt1Bins, Scaling, StatisticsFit,
    UniformBins, VqChunk, WithOffset, flow,
};
use tandem_realtime::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const VALUES: usize = 40;

fn shape() -> ChunkShape {
    ChunkShape::new(20, 2).unwrap()
}

fn chunks() -> Vec<Vec<f64>> {
    let chunk = |c: usize| (0..VALUES).map(move |i| ((c * 7 + i / 2) as f64 * 0.2).sin()).collect();
    (0..64).map(chunk).collect()
}

/// Heap calls of this thread while `work` runs a second time.
fn heap_calls(mut work: impl FnMut()) -> u64 {
    assert!(CountingAllocator::is_installed());
    work();
    let before = CountingAllocator::heap_calls();
    work();
    CountingAllocator::heap_calls() - before
}

fn check(name: &str, representation: &mut dyn Representation) {
    let chunk = &chunks()[3];
    let mut tokens = Vec::with_capacity(representation.tokens().most());
    let mut decoded = [0.0; VALUES];
    let calls = heap_calls(|| representation.encode_into(chunk, &mut tokens).unwrap());
    assert_eq!(calls, 0, "{name} encodes");
    let calls = heap_calls(|| representation.decode_into(&tokens, &mut decoded).unwrap());
    assert_eq!(calls, 0, "{name} decodes");
}

#[test]
fn representations_of_known_size_do_not_allocate() {
    let chunks = chunks();
    let refs: Vec<&[f64]> = chunks.iter().map(|chunk| &chunk[..]).collect();
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    check("Continuous", &mut Continuous::new(shape()));
    let rt1 = Rt1Bins::new(256, vec![(-1.0, 1.0); 2]).unwrap();
    check("RT-1", &mut Binned::new(shape(), rt1));
    check("OpenVLA", &mut Binned::new(shape(), OpenVlaBins::new(256)));
    check("E0", &mut Binned::new(shape(), UniformBins::E0));
    let vq = ResidualVq::fit(4, 16, 10, &chunks.concat(), 5, &mut rng).unwrap();
    let vq = VqChunk::new(shape(), vq).unwrap();
    check("VQ", &mut vq.clone());
    check("VQ with offsets", &mut WithOffset::new(vq));
    let fsq = Fsq::new(&[8, 5, 5, 5]).unwrap();
    let principal = Principal::fit(shape(), &fsq, 8, &refs).unwrap();
    let oat = Oat::new(principal, fsq).unwrap();
    check("OAT", &mut oat.clone());
    // The tokens that are cut off need room, too.
    let mut prefix = OatPrefix::new(oat, 3);
    let (mut tokens, mut decoded) = (Vec::with_capacity(8), [0.0; VALUES]);
    assert_eq!(heap_calls(|| prefix.encode_into(&chunks[3], &mut tokens).unwrap()), 0);
    assert_eq!(heap_calls(|| prefix.decode_into(&tokens, &mut decoded).unwrap()), 0);
    let mut fit = StatisticsFit::new(2);
    chunks.iter().for_each(|chunk| fit.add(chunk));
    let normaliser = Normaliser::all(Scaling::QuantileClipped, fit.statistics().unwrap()).unwrap();
    let bins = Binned::new(shape(), OpenVlaBins::new(256));
    check("normalised bins", &mut Normalised::new(normaliser, bins).unwrap());
}

/// Its number of tokens is not known, but the most that it can be is.
#[test]
fn fast_does_not_allocate() {
    let chunks = chunks();
    let refs = chunks.iter().map(|chunk| &chunk[..]);
    let mut fast = Fast::fit(shape(), refs, &FitSettings::PAPER).unwrap();
    check("FAST", &mut fast);
    // Nor does a copy, whatever chunk comes first: an even one has the shortest text.
    let mut copy = fast.clone();
    let mut tokens = Vec::with_capacity(copy.tokens().most());
    copy.encode_into(&[0.0; VALUES], &mut tokens).unwrap();
    for chunk in &chunks {
        let before = CountingAllocator::heap_calls();
        copy.encode_into(chunk, &mut tokens).unwrap();
        assert_eq!(CountingAllocator::heap_calls(), before);
    }
    // Nor does refusing.
    let mut decoded = [0.0; VALUES];
    assert_eq!(heap_calls(|| assert!(fast.decode_into(&[0; 3], &mut decoded).is_err())), 0);
}

#[test]
fn normalising_does_not_allocate() {
    let mut fit = StatisticsFit::new(2);
    chunks().iter().for_each(|chunk| fit.add(chunk));
    let statistics = fit.statistics().unwrap();
    let normaliser = Normaliser::all(Scaling::QuantileClipped, statistics).unwrap();
    let mut chunk = chunks()[0].clone();
    let calls = heap_calls(|| {
        normaliser.normalise(&mut chunk);
        normaliser.restore(&mut chunk);
    });
    assert_eq!(calls, 0);
    assert_eq!(heap_calls(|| fit.add(&chunk)), 0);
}

#[test]
fn samplers_do_not_allocate() {
    let schedule = NoiseSchedule::cosine(100).unwrap();
    let (ddim, ddpm) = (Ddim::new(schedule.clone(), 10, true).unwrap(), Ddpm::new(schedule, true));
    let mut rng = Pcg64Mcg::seed_from_u64(2);
    let (mut x, mut scratch) = ([0.3; VALUES], [0.0; VALUES]);
    let calls = heap_calls(|| {
        ddim.sample(&mut x, &mut scratch, |_, _, _| ControlFlow::Continue(()));
        ddpm.sample(&mut rng, &mut x, &mut scratch, |_, _, _| ControlFlow::Continue(()));
        flow::euler(10, &mut x, &mut scratch, |_, _, _| ControlFlow::Continue(()));
    });
    assert_eq!(calls, 0);

    let mut masked = MaskedDecoder::new(MaskedSettings::released(VALUES)).unwrap();
    let mut e0 = E0Denoiser::new(E0Settings::paper(VALUES)).unwrap();
    let mut tokens = [0; VALUES];
    let calls = heap_calls(|| {
        let rounds = masked.decode(&mut rng, &mut tokens, |_, _| ControlFlow::Continue(()));
        let steps = e0.decode(&mut rng, &mut tokens, |_, _, _| ControlFlow::Continue(()));
        assert!(rounds.is_ok() && steps == Ok(10));
    });
    assert_eq!(calls, 0);
}
