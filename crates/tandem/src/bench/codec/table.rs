//! The representations of the literature, fitted to the chunks at hand.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{
    Autoencoder, Binned, Continuous, Fast, FitSettings, Fsq, NestedDropout, Normalised, Oat,
    OatPrefix, OpenVlaBins, Principal, Representation, ResidualVq, Rt1Bins, Scaling, UniformBins,
    VqChunk, VqLatent, WithOffset,
};
use tandem_learn::{AutoencoderConfig, ExpertChunks, VqSizes, fit_oat, fit_vq};
use tandem_system1::NeuralAutoencoder;

/// A row to be.
pub(super) struct Codec {
    pub(super) name: String,
    pub(super) representation: Box<dyn Representation>,
}

/// Vectors that codebooks are fitted on, at most.
const VECTORS_MAX: usize = 16_384;
/// Rounds of k-means; VQ-VLA has ten.
const ROUNDS: usize = 10;
/// OAT's codebooks in the compression-gap paper: 1000, 1920 and 4375 codes.
const OAT_LEVELS: [&[u32]; 3] = [&[8, 5, 5, 5], &[8, 8, 6, 5], &[7, 5, 5, 5, 5]];
/// Steps that one group of VQ-VLA's codes stands for. It has five, which 16 steps do not divide
/// into.
const VQ_VLA_STEPS: usize = 4;

/// Fits some of the rows; the seed is that of everything drawn.
pub(super) type Family = fn(&ExpertChunks, u64) -> anyhow::Result<Vec<Codec>>;

/// All rows, in the order of the table. What is trained takes half a minute each.
pub(super) const FAMILIES: [Family; 6] = [continuous, bins, fast, residual_vq, learned_vq, oat];

fn codec(name: impl Into<String>, representation: impl Representation + 'static) -> Codec {
    Codec { name: name.into(), representation: Box::new(representation) }
}

/// No tokens: what regression, the CVAE, diffusion and flow matching put out.
fn continuous(chunks: &ExpertChunks, _seed: u64) -> anyhow::Result<Vec<Codec>> {
    Ok(vec![codec("continuous (regression .. flow), f32", Continuous::new(chunks.shape()))])
}

/// One token for each value. Discrete diffusion's ids are OpenVLA's; it adds a mask, which no
/// finished chunk holds.
fn bins(chunks: &ExpertChunks, _seed: u64) -> anyhow::Result<Vec<Codec>> {
    let shape = chunks.shape();
    let dims = chunks.statistics().dims.iter();
    // A joint that never moved has no range, and needs none.
    let bounds = dims.map(|dim| (dim.min, dim.max.max(dim.min + f64::EPSILON))).collect();
    let quantile = chunks.normaliser(Scaling::QuantileClipped)?;
    let openvla = Normalised::new(quantile, Binned::new(shape, OpenVlaBins::new(256)))?;
    let limits = chunks.normaliser(Scaling::MinMax)?;
    let e0 = |bins| Normalised::new(limits.clone(), Binned::new(shape, bins));
    Ok(vec![
        codec("E0 bins, 2048", e0(UniformBins::E0)?),
        codec("E0 bins, 2048, as released", e0(UniformBins::E0_RELEASED)?),
        codec("RT-1 bins, 256", Binned::new(shape, Rt1Bins::new(256, bounds)?)),
        codec("OpenVLA bins, 256", openvla.clone()),
        codec("discrete diffusion bins, 256", openvla),
    ])
}

/// The official processor's settings; actions are scaled as openpi scales them.
fn fast(chunks: &ExpertChunks, _seed: u64) -> anyhow::Result<Vec<Codec>> {
    let normaliser = chunks.normaliser(Scaling::QuantileOpen)?;
    let training = chunks.normalised(&normaliser);
    let training = training.iter().map(Vec::as_slice);
    let fast = Fast::fit(chunks.shape(), training, &FitSettings::PAPER)?;
    Ok(vec![codec("FAST, scale 10, 1024 ids", Normalised::new(normaliser, fast)?)])
}

/// Codebooks on the actions themselves.
fn residual_vq(chunks: &ExpertChunks, seed: u64) -> anyhow::Result<Vec<Codec>> {
    let shape = chunks.shape();
    let (levels, codes, _) = VqChunk::VQ_VLA;
    let vla = codebooks(chunks, levels, codes, VQ_VLA_STEPS, seed)?;
    let (levels, codes) = VqChunk::VQ_BET;
    let bet = codebooks(chunks, levels, codes, shape.steps(), seed)?;
    Ok(vec![
        codec(format!("VQ-VLA on actions, 4 x 256 per {VQ_VLA_STEPS}"), vla),
        codec("VQ-BeT on actions, 2 x 16", bet),
    ])
}

fn codebooks(
    chunks: &ExpertChunks,
    levels: usize,
    codes: u32,
    steps: usize,
    seed: u64,
) -> anyhow::Result<VqChunk> {
    let shape = chunks.shape();
    let dim = steps * shape.dims();
    let count = chunks.training().len() * shape.steps() / steps.max(1);
    let every = count.div_ceil(VECTORS_MAX).max(1);
    let vectors: Vec<f64> =
        chunks.training().step_by(every).flat_map(|chunk| chunk.iter().copied()).collect();
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let vq = ResidualVq::fit(levels, codes, dim, &vectors, ROUNDS, &mut rng)?;
    Ok(VqChunk::new(shape, vq)?)
}

/// Codebooks on the latents of an autoencoder, as in the papers.
fn learned_vq(chunks: &ExpertChunks, seed: u64) -> anyhow::Result<Vec<Codec>> {
    let shape = chunks.shape();
    let training: Vec<&[f64]> = chunks.training().collect();
    // A batch is quantised in each step, which is most of the work.
    let config = AutoencoderConfig { seed, batch: 64, ..AutoencoderConfig::shipping() };
    let fit = |group_steps, levels, codes| -> anyhow::Result<_> {
        let sizes = VqSizes { group_steps, levels, codes };
        let (networks, vq) = fit_vq(shape, &training, sizes, &config)?;
        Ok(VqLatent::new(networks.ready()?, vq)?)
    };
    let (levels, codes, _) = VqChunk::VQ_VLA;
    let vla = fit(VQ_VLA_STEPS, levels, codes)?;
    let (levels, codes) = VqChunk::VQ_BET;
    let bet = fit(shape.steps(), levels, codes)?;
    Ok(vec![
        codec(format!("VQ-VLA, 4 x 256 per {VQ_VLA_STEPS} steps"), vla),
        codec("VQ-BeT, 2 x 16", bet.clone()),
        codec("VQ-BeT, 2 x 16, with offsets", WithOffset::new(bet)),
    ])
}

/// OAT with each codebook, and with the first one every prefix and the linear floor.
fn oat(chunks: &ExpertChunks, seed: u64) -> anyhow::Result<Vec<Codec>> {
    let mut codecs = Vec::new();
    for levels in OAT_LEVELS {
        let oat = learned_oat(chunks, Fsq::new(levels)?, seed)?;
        let name = format!("OAT, 8 x {}", oat.vocabulary());
        codecs.push(codec(name.clone(), oat.clone()));
        if levels == Oat::<Principal>::LEVELS {
            codecs.extend(prefixes(&name, &oat));
            let fsq = oat.fsq().clone();
            let linear = Oat::new(principal(chunks, &fsq)?, fsq)?;
            codecs.push(codec("OAT linear, 8 x 1000", linear));
        }
    }
    Ok(codecs)
}

fn learned_oat(
    chunks: &ExpertChunks,
    fsq: Fsq,
    seed: u64,
) -> anyhow::Result<Oat<NeuralAutoencoder>> {
    let training: Vec<&[f64]> = chunks.training().collect();
    let config = AutoencoderConfig { seed, ..AutoencoderConfig::shipping() };
    let registers = Oat::<NeuralAutoencoder>::REGISTERS;
    // Every prefix has a row. With OAT's powers of two, five tokens are worse than four.
    let dropout = NestedDropout::Uniform;
    let trained = fit_oat(chunks.shape(), &training, &fsq, registers, dropout, &config)?;
    Ok(Oat::new(trained.ready()?, fsq)?)
}

fn principal(chunks: &ExpertChunks, fsq: &Fsq) -> anyhow::Result<Principal> {
    let training: Vec<&[f64]> = chunks.training().collect();
    Ok(Principal::fit(chunks.shape(), fsq, Oat::<Principal>::REGISTERS, &training)?)
}

/// Every prefix shorter than the whole, the longest first.
fn prefixes<A: Autoencoder + Clone + 'static>(name: &str, oat: &Oat<A>) -> Vec<Codec> {
    let prefix = |kept: usize| {
        let name = format!("{name}, first {kept} of {}", Oat::<A>::REGISTERS);
        codec(name, OatPrefix::new(oat.clone(), kept))
    };
    (1..oat.tokens().most()).rev().map(prefix).collect()
}
