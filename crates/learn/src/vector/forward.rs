//! What a vector policy computes.

use candle_core::{DType, Device, Tensor};
use tandem_inference::{CandleOps, OpsError, Weights};
use tandem_networks::{Activation, Ops as _};

use super::{VectorHead, other_kind};

/// `[B, inputs] -> [B, last hidden width]`.
pub(super) fn trunk(weights: &Weights, hidden: &[usize], x: &Tensor) -> Result<Tensor, OpsError> {
    let mut ops = CandleOps::new(weights);
    let mut x = x.clone();
    for (index, &width) in hidden.iter().enumerate() {
        x = ops.linear(&x, &format!("hidden{index}"), width, Activation::Relu)?;
    }
    Ok(x)
}

/// `[B, width] -> [B, outputs]`.
pub(super) fn continuous(
    weights: &Weights,
    hidden: &Tensor,
    outputs: usize,
) -> Result<Tensor, OpsError> {
    CandleOps::new(weights).linear(hidden, "out", outputs, Activation::None)
}

/// `[B, width] -> [B, places, alphabet]`, each place knowing the `wanted` symbols `[B, places]`
/// before it if the head is ordered.
pub(super) fn symbol_logits(
    weights: &Weights,
    head: VectorHead,
    hidden: &Tensor,
    wanted: &Tensor,
) -> Result<Tensor, candle_core::Error> {
    let VectorHead::Symbols { places, alphabet, ordered } = head else {
        return Err(other_kind());
    };
    let (rows, width) = hidden.dims2()?;
    // [places, B, width]
    let hidden = if ordered {
        let offsets = Tensor::arange(0, places as u32, &Device::Cpu)?;
        let offsets = (offsets * alphabet as f64)?;
        let ids = wanted.broadcast_add(&offsets)?.flatten_all()?;
        let table = weight(weights, "before.weight")?;
        let said = table.index_select(&ids, 0)?.reshape((rows, places, width))?;
        let before = earlier(places)?.broadcast_matmul(&said)?;
        before.broadcast_add(&hidden.unsqueeze(1)?)?.relu()?.transpose(0, 1)?.contiguous()?
    } else {
        hidden.unsqueeze(0)?.expand((places, rows, width))?.contiguous()?
    };
    let logits = hidden.matmul(weight(weights, "places.weight")?)?;
    logits.broadcast_add(weight(weights, "places.bias")?)?.transpose(0, 1)?.contiguous()
}

/// An ordered head as it speaks, place by place.
pub(super) struct Walk<'a> {
    weights: &'a Weights,
    alphabet: usize,
    /// `[B, width]`: the trunk's answer and what the symbols said so far add to it.
    known: Tensor,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        weights: &'a Weights,
        head: VectorHead,
        hidden: Tensor,
    ) -> Result<Self, candle_core::Error> {
        let VectorHead::Symbols { alphabet, .. } = head else { return Err(other_kind()) };
        Ok(Self { weights, alphabet, known: hidden })
    }

    /// `[B, alphabet]` at a place.
    pub(super) fn logits(&self, place: usize) -> Result<Tensor, candle_core::Error> {
        let of = |name| weight(self.weights, name)?.narrow(0, place, 1)?.squeeze(0);
        self.known.relu()?.matmul(&of("places.weight")?)?.broadcast_add(&of("places.bias")?)
    }

    /// Takes the symbol of each row at a place into account.
    pub(super) fn told(&mut self, place: usize, said: &[u32]) -> Result<(), candle_core::Error> {
        let first = (place * self.alphabet) as u32;
        let ids: Vec<u32> = said.iter().map(|symbol| first + symbol).collect();
        let ids = Tensor::new(ids, &Device::Cpu)?;
        let said = weight(self.weights, "before.weight")?.index_select(&ids, 0)?;
        self.known = (&self.known + said)?;
        Ok(())
    }
}

/// `[places, places]`: one where the column's place comes before the row's.
fn earlier(places: usize) -> Result<Tensor, candle_core::Error> {
    let at = |i: usize| if i % places < i / places { 1.0_f32 } else { 0.0 };
    let values: Vec<f32> = (0..places * places).map(at).collect();
    Tensor::from_vec(values, (places, places), &Device::Cpu)?.to_dtype(DType::F32)
}

fn weight<'a>(weights: &'a Weights, name: &str) -> Result<&'a Tensor, candle_core::Error> {
    let missing = || candle_core::Error::Msg(format!("there is no weight `{name}`"));
    weights.get(name).ok_or_else(missing)
}
