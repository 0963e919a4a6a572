//! OpenVLA's action tokenizer (`prismatic/vla/action_tokenizer.py`).

use super::Bins;

/// `bins` *edges* spread over `[-1, 1]`, so one interval less, each decoded to its centre.
///
/// NumPy's `digitize` numbers a value by the edges at or below it: 1 to `bins`, where the last
/// holds nothing but 1 itself and decodes like the one before. Ids here are those less one.
#[derive(Clone, Debug)]
pub struct OpenVlaBins {
    // Invariant: at least two, ascending from -1 to 1.
    edges: Vec<f64>,
}

impl OpenVlaBins {
    /// As many edges as OpenVLA has.
    pub const BINS: u16 = 256;

    /// With `bins` edges; two at least, so that there is an interval.
    #[must_use]
    pub fn new(bins: u16) -> Self {
        let last = bins.max(2) - 1;
        let step = 2.0 / f64::from(last);
        // numpy.linspace in its order of operations; the last edge is exactly the end.
        let edge = |k| if k == last { 1.0 } else { f64::from(k) * step + -1.0 };
        Self { edges: (0..=last).map(edge).collect() }
    }

    /// The number `digitize` gives to a value clipped to `[-1, 1]`: 1 to `bins`.
    #[must_use]
    pub fn bin(&self, value: f64) -> u32 {
        let value = value.clamp(-1.0, 1.0);
        self.edges.partition_point(|edge| *edge <= value) as u32
    }

    /// The token that overwrites the end of a language model's vocabulary.
    #[must_use]
    pub fn language_token(&self, bin: u32, language_vocabulary: u32) -> u32 {
        language_vocabulary.saturating_sub(bin)
    }

    /// What a language token stands for. Total: tokens that are no actions belong to the outermost
    /// intervals, as in the reference.
    #[must_use]
    pub fn language_value(&self, token: u32, language_vocabulary: u32) -> f64 {
        let interval = i64::from(language_vocabulary) - i64::from(token) - 1;
        self.centre(interval.max(0) as usize)
    }

    /// The middle of an interval, by its place from 0; the last one for those beyond.
    fn centre(&self, interval: usize) -> f64 {
        let interval = interval.min(self.edges.len() - 2);
        (self.edges[interval] + self.edges[interval + 1]) / 2.0
    }
}

impl Bins for OpenVlaBins {
    fn bins(&self) -> u32 {
        self.edges.len() as u32
    }

    fn id(&self, _dim: usize, value: f64) -> u32 {
        // A value that is not a number has no edge at or below it.
        self.bin(value).saturating_sub(1)
    }

    fn value(&self, _dim: usize, id: u32) -> f64 {
        self.centre(id as usize)
    }
}
