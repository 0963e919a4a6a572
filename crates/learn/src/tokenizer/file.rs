//! A trained tokenizer as the file that System 1 reads.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, TensorView, serialize};
use tandem_actions::{Fsq, ResidualVq};
use tandem_system1::{CODEBOOKS, TOKENIZER_KEY, TokenizerHeader};

use super::autoencoder::{TOKENIZER_DECODER, TOKENIZER_ENCODER, TrainedAutoencoder};
use crate::dataset::DatasetError;

/// The bytes of an OAT tokenizer.
///
/// # Errors
/// If the file cannot be encoded.
pub fn oat_file(trained: &TrainedAutoencoder, fsq: &Fsq) -> Result<Vec<u8>, DatasetError> {
    file(trained, fsq.level_counts().collect(), None)
}

/// The bytes of a tokenizer with codebooks.
///
/// # Errors
/// If the file cannot be encoded.
pub fn vq_file(trained: &TrainedAutoencoder, vq: &ResidualVq) -> Result<Vec<u8>, DatasetError> {
    file(trained, Vec::new(), Some(vq))
}

fn file(
    trained: &TrainedAutoencoder,
    levels: Vec<u32>,
    vq: Option<&ResidualVq>,
) -> Result<Vec<u8>, DatasetError> {
    let TrainedAutoencoder { registers, encoder, decoder, weights, .. } = trained;
    let (encoder, decoder) = (encoder.clone(), decoder.clone());
    let header = TokenizerHeader { registers: *registers, levels, encoder, decoder };
    let json = serde_json::to_string(&header).map_err(DatasetError::Json)?;
    let mut columns: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    for (name, tensor) in weights {
        let name = name.replacen(TOKENIZER_ENCODER, "encoder", 1).replacen(
            TOKENIZER_DECODER,
            "decoder",
            1,
        );
        columns.push((name, tensor.shape.clone(), bytes(&tensor.data)));
    }
    if let Some(vq) = vq {
        let shape = vec![vq.levels(), vq.codebook_size() as usize, vq.dim()];
        let codes: Vec<f32> = vq.codes().iter().map(|code| *code as f32).collect();
        columns.push((CODEBOOKS.to_owned(), shape, bytes(&codes)));
    }
    let views = columns.iter().map(|(name, shape, bytes)| {
        Ok((name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes)?))
    });
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
    let header = HashMap::from([(TOKENIZER_KEY.to_owned(), json)]);
    views.and_then(|views| serialize(views, Some(header))).map_err(DatasetError::Encode)
}
