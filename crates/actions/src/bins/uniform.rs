//! Equal bins over `[-1, 1]`: E0's quantiser and openpi's state discretiser.

use super::Bins;

/// `bins` equal intervals over `[-1, 1]`.
#[derive(Clone, Copy, Debug)]
pub struct UniformBins {
    /// How many; E0 has 2048, openpi's state 256.
    pub bins: u16,
    /// To which bin a value on an edge belongs.
    pub edges: BinEdges,
    /// What a bin decodes to.
    pub value: BinValue,
}

/// To which of two bins the edge between them belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinEdges {
    /// To the upper one: E0's floor, NumPy's `digitize`.
    Upper,
    /// To the lower one: PyTorch's `bucketize(right=False)`, as in OAT's baseline.
    Lower,
}

/// What a bin decodes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinValue {
    /// Its middle: no bias.
    Centre,
    /// Its lower edge, as E0 was released: a bias of half a bin.
    LowerEdge,
}

impl UniformBins {
    /// E0's 2048 bins, decoded without the release's bias.
    pub const E0: Self = Self { bins: 2048, edges: BinEdges::Upper, value: BinValue::Centre };
    /// E0's 2048 bins exactly as released.
    pub const E0_RELEASED: Self = Self { value: BinValue::LowerEdge, ..Self::E0 };
    /// openpi's discretiser of states (pi0-FAST, pi0.5).
    pub const OPENPI_STATE: Self = Self { bins: 256, ..Self::E0 };

    fn count(self) -> f64 {
        f64::from(self.bins.max(1))
    }
}

impl Bins for UniformBins {
    fn bins(&self) -> u32 {
        u32::from(self.bins.max(1))
    }

    fn id(&self, _dim: usize, value: f64) -> u32 {
        let place = (value + 1.0) / 2.0 * self.count();
        let bin = match self.edges {
            BinEdges::Upper => place.floor(),
            BinEdges::Lower => place.ceil() - 1.0,
        };
        bin.clamp(0.0, self.count() - 1.0) as u32
    }

    fn value(&self, _dim: usize, id: u32) -> f64 {
        let id = f64::from(id.min(self.bins() - 1));
        let place = match self.value {
            BinValue::Centre => id + 0.5,
            BinValue::LowerEdge => id,
        };
        place / self.count() * 2.0 - 1.0
    }
}
