//! The representations of a study, each fitted on its own demonstrations.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use tandem_actions::{
    BinEdges, BinValue, Binned, ChunkShape, Fsq, NestedDropout, Oat, Principal, Representation,
    ResidualVq, UniformBins, VqChunk,
};

use tandem_learn::{AutoencoderConfig, fit_oat};

use crate::StudyError;

/// How a policy writes its actions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Code {
    /// As numbers: L1 regression of the chunk. No codebook.
    Regression,
    /// One of `levels` bins for every value.
    Bins {
        /// Bins.
        levels: u16,
    },
    /// Residual vector quantisation of the whole chunk.
    Vq {
        /// Codebooks, one after the other.
        books: usize,
        /// Codes in each.
        codes: u32,
    },
    /// Ordered tokens of a finite scalar quantiser.
    Oat {
        /// Levels of a token's dimensions.
        levels: Vec<u32>,
        /// Tokens.
        registers: usize,
        /// What stands around the quantiser.
        autoencoder: OatAutoencoder,
    },
    /// One of System 1's own heads, trained as for a bundle.
    Head {
        /// Its representation's name.
        name: String,
    },
}

/// What stands around OAT's quantiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OatAutoencoder {
    /// Principal components: what nested dropout finds when everything is linear.
    Linear,
    /// Networks trained with nested dropout, as in the paper.
    Learned,
}

impl Code {
    /// For tables: its name and what sets its capacity.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Regression => "regression".to_owned(),
            Self::Bins { levels } => format!("bins {levels}"),
            Self::Vq { books, codes } => format!("vq {books}x{codes}"),
            Self::Oat { levels, registers, autoencoder: OatAutoencoder::Linear } => {
                format!("linear oat {registers}x{levels:?}")
            }
            Self::Oat { levels, registers, .. } => format!("oat {registers}x{levels:?}"),
            Self::Head { name } => name.clone(),
        }
    }

    /// The family, which a plot gives one colour.
    #[must_use]
    pub fn family(&self) -> &str {
        match self {
            Self::Regression => "regression",
            Self::Bins { .. } => "bins",
            Self::Vq { .. } => "vq",
            Self::Oat { autoencoder: OatAutoencoder::Linear, .. } => "linear oat",
            Self::Oat { .. } => "oat",
            Self::Head { name } => name,
        }
    }
}

/// A fitted tokenizer, with its tokens spelled in the symbols that a policy says.
///
/// A token of OAT is one of a thousand codes, but a code is a few levels; a policy says the levels,
/// which takes a fortieth of the numbers and loses nothing.
pub struct Coder {
    representation: Box<dyn Representation>,
    /// The quantiser whose tokens are spelled as levels.
    fsq: Option<Fsq>,
    limits: Vec<u32>,
    is_ordered: bool,
    tokens: Vec<u32>,
}

impl Coder {
    /// Fits `code` on normalised chunks; none for a code that has no tokens, or keeps them to
    /// itself. A learned one is trained for `steps`.
    ///
    /// # Errors
    /// If the chunks do not serve.
    pub fn fit(
        code: &Code,
        shape: ChunkShape,
        chunks: &[&[f64]],
        steps: u64,
        rng: &mut Pcg64Mcg,
    ) -> Result<Option<Self>, StudyError> {
        // Lloyd's iterations: after these the distortion moves by less than a per cent.
        const ITERATIONS: usize = 15;
        let coder = match code {
            Code::Regression | Code::Head { .. } => return Ok(None),
            Code::Bins { levels } => {
                let rule =
                    UniformBins { bins: *levels, edges: BinEdges::Upper, value: BinValue::Centre };
                let limits = vec![u32::from(*levels); shape.values()];
                Self::new(Box::new(Binned::new(shape, rule)), None, limits, false)
            }
            Code::Vq { books, codes } => {
                let vectors: Vec<f64> =
                    chunks.iter().flat_map(|chunk| chunk.iter().copied()).collect();
                let values = shape.values();
                let vq = ResidualVq::fit(*books, *codes, values, &vectors, ITERATIONS, rng)?;
                let limits = vec![*codes; *books];
                Self::new(Box::new(VqChunk::new(shape, vq)?), None, limits, true)
            }
            Code::Oat { levels, registers, autoencoder } => {
                let fsq = Fsq::new(levels)?;
                let limits = levels.repeat(*registers);
                let oat: Box<dyn Representation> = match autoencoder {
                    OatAutoencoder::Linear => {
                        let principal = Principal::fit(shape, &fsq, *registers, chunks)?;
                        Box::new(Oat::new(principal, fsq.clone())?)
                    }
                    OatAutoencoder::Learned => {
                        let config = AutoencoderConfig {
                            seed: rng.random(),
                            steps,
                            ..AutoencoderConfig::shipping()
                        };
                        let dropout = NestedDropout::PowersOfTwo;
                        let trained = fit_oat(shape, chunks, &fsq, *registers, dropout, &config)?;
                        Box::new(Oat::new(trained.ready()?, fsq.clone())?)
                    }
                };
                Self::new(oat, Some(fsq), limits, true)
            }
        };
        Ok(Some(coder))
    }

    fn new(
        representation: Box<dyn Representation>,
        fsq: Option<Fsq>,
        limits: Vec<u32>,
        is_ordered: bool,
    ) -> Self {
        Self { representation, fsq, limits, is_ordered, tokens: Vec::new() }
    }

    /// The tokenizer.
    pub fn representation(&mut self) -> &mut dyn Representation {
        self.representation.as_mut()
    }

    /// Below what the symbol at each place is.
    #[must_use]
    pub fn limits(&self) -> &[u32] {
        &self.limits
    }

    /// Whether a policy should say each symbol knowing those before it.
    #[must_use]
    pub const fn is_ordered(&self) -> bool {
        self.is_ordered
    }

    /// Appends a chunk's symbols.
    ///
    /// # Errors
    /// If the chunk cannot be written.
    pub fn encode(&mut self, chunk: &[f64], symbols: &mut Vec<u32>) -> Result<(), StudyError> {
        self.representation.encode_into(chunk, &mut self.tokens)?;
        match &self.fsq {
            Some(fsq) => symbols.extend(self.tokens.iter().flat_map(|token| fsq.levels(*token))),
            None => symbols.extend(&self.tokens),
        }
        Ok(())
    }

    /// The chunk of some symbols.
    ///
    /// # Errors
    /// If they are none.
    pub fn decode(&mut self, symbols: &[u32], chunk: &mut [f64]) -> Result<(), StudyError> {
        let Some(fsq) = &self.fsq else {
            return Ok(self.representation.decode_into(symbols, chunk)?);
        };
        self.tokens.clear();
        for levels in symbols.chunks_exact(fsq.dims()) {
            self.tokens
                .push(levels.iter().zip(fsq.basis()).map(|(level, basis)| level * basis).sum());
        }
        Ok(self.representation.decode_into(&self.tokens, chunk)?)
    }
}
