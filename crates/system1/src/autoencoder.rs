//! A learned tokenizer's networks, as the codecs of `actions` ask for them.

use tandem_actions::{Autoencoder, ChunkShape};
use tandem_inference::{Engine as _, Plan};

use crate::precision::narrow;

/// Encoder and decoder around a quantiser, for [`Oat`](tandem_actions::Oat) and
/// [`VqLatent`](tandem_actions::VqLatent).
///
/// Real-time: neither direction allocates. A network that fails gives no numbers, which the codec
/// refuses.
#[derive(Clone)]
pub struct NeuralAutoencoder {
    shape: ChunkShape,
    registers: usize,
    // Invariant: one input and one output each, of the lengths of the buffers below.
    encoder: Plan,
    decoder: Plan,
    /// Whether each register's codes are followed by a 1 if they are known.
    is_marked: bool,
    chunk: Vec<f32>,
    latents: Vec<f32>,
    codes: Vec<f32>,
}

/// Networks that are no autoencoder of such chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an encoder {encoder:?} and a decoder {decoder:?} (numbers in, numbers out) are no tokenizer of \
     {registers} registers for chunks of {shape}"
)]
pub struct AutoencoderError {
    /// Numbers that go into the encoder and come out.
    pub encoder: (usize, usize),
    /// Numbers that go into the decoder and come out.
    pub decoder: (usize, usize),
    /// Registers.
    pub registers: usize,
    /// The chunks.
    pub shape: ChunkShape,
}

impl NeuralAutoencoder {
    /// Puts the two networks together.
    ///
    /// # Errors
    /// If their sizes do not fit each other or the chunk.
    pub fn new(
        shape: ChunkShape,
        registers: usize,
        encoder: Plan,
        decoder: Plan,
    ) -> Result<Self, AutoencoderError> {
        let sizes = |plan: &Plan| {
            let lengths = |specs: &[tandem_networks::TensorSpec]| match specs {
                [one] => one.elements(),
                _ => 0,
            };
            (lengths(&plan.signature().inputs), lengths(&plan.signature().outputs))
        };
        let (values, latents) = sizes(&encoder);
        let (codes, decoded) = sizes(&decoder);
        let is_marked = codes == latents + registers;
        let is_whole = registers > 0 && latents > 0 && latents.is_multiple_of(registers);
        let is_chunk = values == shape.values() && decoded == values;
        if !is_whole || !is_chunk || !(is_marked || codes == latents) {
            let (encoder, decoder) = (sizes(&encoder), sizes(&decoder));
            return Err(AutoencoderError { encoder, decoder, registers, shape });
        }
        let (chunk, latents, codes) = (vec![0.0; values], vec![0.0; latents], vec![0.0; codes]);
        Ok(Self { shape, registers, encoder, decoder, is_marked, chunk, latents, codes })
    }
}

impl Autoencoder for NeuralAutoencoder {
    fn shape(&self) -> ChunkShape {
        self.shape
    }

    fn registers(&self) -> usize {
        self.registers
    }

    fn register_dims(&self) -> usize {
        self.latents.len() / self.registers
    }

    fn encode(&mut self, chunk: &[f64], latents: &mut [f64]) {
        narrow(chunk, &mut self.chunk);
        let ran = self.encoder.run(&[&self.chunk], &mut [&mut self.latents]);
        let failed = ran.is_err();
        for (to, &from) in latents.iter_mut().zip(&self.latents) {
            *to = if failed { f64::NAN } else { from.into() };
        }
    }

    fn decode(&mut self, codes: &[f64], kept: usize, chunk: &mut [f64]) {
        let dims = self.register_dims();
        if self.is_marked {
            let registers = self.codes.chunks_exact_mut(dims + 1).zip(codes.chunks_exact(dims));
            for (index, (register, codes)) in registers.enumerate() {
                register.fill(0.0);
                if index < kept {
                    narrow(codes, register);
                    register[dims] = 1.0;
                }
            }
        } else {
            narrow(codes, &mut self.codes);
        }
        let ran = self.decoder.run(&[&self.codes], &mut [&mut self.chunk]);
        let failed = ran.is_err();
        for (to, &from) in chunk.iter_mut().zip(&self.chunk) {
            *to = if failed { f64::NAN } else { from.into() };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand_pcg::Pcg64Mcg;
    use tandem_actions::{Fsq, Oat, Representation as _};
    use tandem_networks::{Architecture, ChunkDecoder, ChunkEncoder, Parameter};
    use tandem_realtime::CountingAllocator;

    use super::*;

    #[global_allocator]
    static ALLOCATOR: CountingAllocator = CountingAllocator;

    fn shape() -> ChunkShape {
        ChunkShape::new(4, 2).unwrap()
    }

    /// Random networks for 3 registers of 2 values.
    fn networks(codes: usize) -> [Plan; 2] {
        let mut random = Pcg64Mcg::seed_from_u64(1);
        let encoder = ChunkEncoder { values: 8, hidden: vec![5], latents: 6 };
        let decoder = ChunkDecoder { codes, hidden: vec![5], values: 8 };
        [Architecture::ChunkEncoder(encoder), Architecture::ChunkDecoder(decoder)].map(|network| {
            let draw = |Parameter { name, shape, .. }: Parameter| {
                let count: usize = shape.iter().product();
                let values = (0..count).map(|_| random.random_range(-1.0..1.0_f32)).collect();
                (name, shape, values)
            };
            let weights: Vec<(String, Vec<usize>, Vec<f32>)> =
                network.parameters().unwrap().into_iter().map(draw).collect();
            let find = |name: &str| {
                let (_, shape, values) = weights.iter().find(|(own, ..)| own == name)?;
                Some((&shape[..], &values[..]))
            };
            Plan::load(&network, find).unwrap()
        })
    }

    fn oat() -> Oat<NeuralAutoencoder> {
        let [encoder, decoder] = networks(9);
        let networks = NeuralAutoencoder::new(shape(), 3, encoder, decoder).unwrap();
        Oat::new(networks, Fsq::new(&[5, 5]).unwrap()).unwrap()
    }

    #[test]
    fn networks_of_other_sizes_are_refused() {
        let [encoder, decoder] = networks(8);
        let error = NeuralAutoencoder::new(shape(), 3, encoder, decoder).err().unwrap();
        assert_eq!((error.encoder, error.decoder), ((8, 6), (8, 8)));
    }

    /// What is missing says nothing: any later tokens, the same prefix.
    #[test]
    fn a_prefix_does_not_know_what_would_follow() {
        let mut networks = oat();
        let decode = |codec: &mut Oat<NeuralAutoencoder>, tokens: &[u32]| {
            let mut chunk = [0.0; 8];
            codec.decode_prefix_into(tokens, &mut chunk).unwrap();
            chunk
        };
        let prefix = decode(&mut networks, &[7]);
        let whole = decode(&mut networks, &[7, 20, 3]);
        assert_ne!(prefix, whole);
        assert_eq!(prefix, decode(&mut networks, &[7]), "after other tokens");
    }

    #[test]
    fn neither_direction_allocates() {
        assert!(CountingAllocator::is_installed());
        let mut oat = oat();
        let (mut tokens, mut chunk) = (Vec::with_capacity(3), [0.1; 8]);
        let mut both = || {
            let before = CountingAllocator::heap_calls();
            oat.encode_into(&chunk, &mut tokens).unwrap();
            oat.decode_into(&tokens, &mut chunk).unwrap();
            CountingAllocator::heap_calls() - before
        };
        both();
        assert_eq!(both(), 0);
    }

    proptest! {
        #[test]
        fn decoding_is_total(tokens in prop::collection::vec(0..30_u32, 0..5)) {
            let mut chunk = [f64::NAN; 8];
            if oat().decode_prefix_into(&tokens, &mut chunk).is_ok() {
                prop_assert!(chunk.iter().all(|value| value.is_finite()));
            }
        }
    }
}
