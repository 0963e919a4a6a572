//! A learned tokenizer as a file of a bundle.

use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use tandem_actions::{
    ByteBpe, ChunkShape, Fast, FastSettings, Fsq, FsqError, Oat, OatError, ResidualVq, VqError,
    VqLatent,
};
use tandem_inference::Plan;
use tandem_networks::Architecture;

use crate::autoencoder::{AutoencoderError, NeuralAutoencoder};
use crate::head::Parts;
use crate::policy::LoadError;

/// OAT with networks.
pub type NeuralOat = Oat<NeuralAutoencoder>;
/// Residual codes with networks.
pub type NeuralVq = VqLatent<NeuralAutoencoder>;

/// The key of the file's header under which [`TokenizerHeader`] stands, as JSON.
pub const TOKENIZER_KEY: &str = "tokenizer";
/// The tensor that holds codebooks, `[levels, codes, values of a vector]`.
pub const CODEBOOKS: &str = "codebooks";

/// What a tokenizer's file says beside its tensors, which are the networks' weights under
/// `encoder.` and `decoder.`, and perhaps [`CODEBOOKS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenizerHeader {
    /// Registers of a chunk.
    pub registers: usize,
    /// Levels of each dimension of a register; empty for codebooks.
    pub levels: Vec<u32>,
    /// Chunk to latents.
    pub encoder: Architecture,
    /// Codes to chunk.
    pub decoder: Architecture,
}

/// A file that is no tokenizer.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// It cannot be read.
    #[error("the tokenizer's file is broken: {problem}; ship the bundle again")]
    Broken {
        /// What is wrong.
        problem: &'static str,
    },
    /// A network cannot be made ready.
    #[error(transparent)]
    Network(#[from] tandem_inference::LoadError),
    /// Its networks do not fit the chunk.
    #[error(transparent)]
    Sizes(#[from] AutoencoderError),
    /// Its levels are no codebook.
    #[error(transparent)]
    Levels(#[from] FsqError),
    /// Its quantiser does not fit its networks.
    #[error(transparent)]
    Oat(#[from] OatError),
    /// Its codebooks do not fit its networks.
    #[error(transparent)]
    Codebooks(#[from] VqError),
}

/// FAST's tokenizer, which has a file and parameters of its own.
pub(crate) fn fast(
    parameters: &tandem_bundle::Fast,
    shape: ChunkShape,
    parts: &dyn Parts,
) -> Result<Fast, LoadError> {
    let bpe = ByteBpe::from_json(only(parts, &parameters.files)?)?;
    let below = i32::try_from(parameters.below_zero).unwrap_or(i32::MAX);
    Ok(Fast::new(FastSettings { shape, scale: parameters.scale, token_min: -below }, bpe)?)
}

/// The only one of `files`.
fn only<'a>(parts: &'a dyn Parts, files: &[String]) -> Result<&'a [u8], LoadError> {
    let name = files.first().map_or("", String::as_str);
    parts.file(name).ok_or_else(|| LoadError::NoFile { name: name.to_owned() })
}

/// A tokenizer's file, read.
pub(crate) struct Tokenizer {
    header: TokenizerHeader,
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

impl Tokenizer {
    /// The only one of `files`.
    pub(crate) fn of(parts: &dyn Parts, files: &[String]) -> Result<Self, LoadError> {
        Ok(Self::read(only(parts, files)?)?)
    }

    /// Total: any bytes are a tokenizer or an error.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, TokenizerError> {
        let broken = |problem| TokenizerError::Broken { problem };
        let (_, metadata) = SafeTensors::read_metadata(bytes)
            .map_err(|_bad| broken("it is no safetensors file"))?;
        let json = metadata.metadata().as_ref().and_then(|map| map.get(TOKENIZER_KEY));
        let header = json.and_then(|json| serde_json::from_str(json).ok());
        let header = header.ok_or_else(|| broken("its header describes no tokenizer"))?;
        let file =
            SafeTensors::deserialize(bytes).map_err(|_bad| broken("it is no safetensors file"))?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            if view.dtype() != Dtype::F32 {
                return Err(broken("a tensor is not of single precision"));
            }
            let values = view.data().as_chunks::<4>().0.iter();
            let values: Vec<f32> = values.map(|bytes| f32::from_le_bytes(*bytes)).collect();
            if values.iter().any(|value| !value.is_finite()) {
                return Err(broken("a tensor holds a value that is no number"));
            }
            tensors.insert(name, (view.shape().to_vec(), values));
        }
        Ok(Self { header, tensors })
    }

    fn autoencoder(&self, shape: ChunkShape) -> Result<NeuralAutoencoder, TokenizerError> {
        let plan = |architecture: &Architecture, network: &str| {
            Plan::load(architecture, |parameter| {
                let (shape, values) = self.tensors.get(&format!("{network}.{parameter}"))?;
                Some((shape.as_slice(), values.as_slice()))
            })
        };
        let encoder = plan(&self.header.encoder, "encoder")?;
        let decoder = plan(&self.header.decoder, "decoder")?;
        Ok(NeuralAutoencoder::new(shape, self.header.registers, encoder, decoder)?)
    }

    pub(crate) fn oat(&self, shape: ChunkShape) -> Result<NeuralOat, TokenizerError> {
        Ok(Oat::new(self.autoencoder(shape)?, Fsq::new(&self.header.levels)?)?)
    }

    pub(crate) fn vq(&self, shape: ChunkShape) -> Result<NeuralVq, TokenizerError> {
        let none = TokenizerError::Broken { problem: "it has no codebooks" };
        let (sizes, codes) = self.tensors.get(CODEBOOKS).ok_or(none)?;
        let [levels, size, dim] = sizes[..] else {
            return Err(TokenizerError::Broken { problem: "its codebooks have not three axes" });
        };
        let codes = codes.iter().copied().map(f64::from).collect();
        let vq = ResidualVq::new(levels, u32::try_from(size).unwrap_or(u32::MAX), dim, codes)?;
        Ok(VqLatent::new(self.autoencoder(shape)?, vq)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::head::tests::tokenizer;

    fn shape() -> ChunkShape {
        ChunkShape::new(3, 2).unwrap()
    }

    #[test]
    fn a_file_is_the_tokenizer_it_was_made_of() {
        let oat = Tokenizer::read(&tokenizer(6, vec![3, 2])).unwrap();
        assert_eq!(oat.oat(shape()).unwrap().fsq().codebook_size(), 6);
        let vq = Tokenizer::read(&tokenizer(4, Vec::new())).unwrap();
        assert_eq!(vq.vq(shape()).unwrap().vq().levels(), 2);
        let other = vq.vq(ChunkShape::new(4, 2).unwrap());
        assert!(matches!(other, Err(TokenizerError::Sizes(_))));
        assert!(matches!(vq.oat(shape()), Err(TokenizerError::Levels(_))));
    }

    proptest! {
        /// Any bytes, and a sound file with some of its bytes changed.
        #[test]
        fn reading_is_total(
            noise in prop::collection::vec(any::<u8>(), 0..64),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        ) {
            let mut file = tokenizer(6, vec![3, 2]);
            for (place, byte) in changes {
                let place = place.index(file.len());
                file[place] = byte;
            }
            for bytes in [noise, file] {
                if let Ok(tokenizer) = Tokenizer::read(&bytes) {
                    let (oat, vq) = (tokenizer.oat(shape()), tokenizer.vq(shape()));
                    prop_assert!(oat.is_ok() || oat.is_err_and(|e| !e.to_string().is_empty()));
                    prop_assert!(vq.is_ok() || vq.is_err_and(|e| !e.to_string().is_empty()));
                }
            }
        }
    }
}
