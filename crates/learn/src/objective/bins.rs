//! Bins (RT-1, OpenVLA): each number of a chunk is one of 256, said one after the other or all at
//! once (OpenVLA-OFT).

use candle_core::Tensor;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{Binned, OpenVlaBins, Representation as _};
use tandem_bundle::{Bins, Order, Representation};
use tandem_inference::{CandleOps, Weights};
use tandem_networks::{Architecture, Context, Tokens, TokensSeen};

use super::autoregressive::{Autoregressive, rows};
use super::cross_entropy::cross_entropy;
use super::{ConditionBatch, HeadSizes, Objective, only};
use crate::error::TrainError;

/// Edges, as OpenVLA has.
const BINS: u16 = OpenVlaBins::BINS;
/// Steps of the chunk that a token looks back over: two say a speed.
const WINDOW_STEPS: usize = 2;

pub(super) struct BinsObjective {
    codec: Binned<OpenVlaBins>,
    networks: Networks,
}

enum Networks {
    Autoregressive(Autoregressive),
    Parallel { context: Architecture, tokens: Architecture },
}

impl BinsObjective {
    pub(super) fn new(sizes: &HeadSizes, order: Order) -> Self {
        let (shape, vocabulary) = (sizes.shape, usize::from(BINS));
        let window = WINDOW_STEPS * shape.dims();
        let networks = match order {
            Order::Autoregressive => Networks::Autoregressive(Autoregressive::new(
                sizes,
                vocabulary,
                shape.values(),
                window,
            )),
            Order::Parallel => parallel(sizes, vocabulary),
        };
        Self { codec: Binned::new(shape, OpenVlaBins::new(BINS)), networks }
    }
}

fn parallel(sizes: &HeadSizes, vocabulary: usize) -> Networks {
    let HeadSizes { condition, shape, width } = *sizes;
    let context = Context { condition, hidden: vec![width, width / 2] };
    let tokens = Tokens {
        context: context.width(),
        rows: shape.steps(),
        columns: shape.dims(),
        vocabulary,
        seen: TokensSeen::Nothing,
        embedding: 1,
        hidden: vec![width],
        row_width: width / 4,
    };
    let (context, tokens) = (Architecture::Context(context), Architecture::Tokens(tokens));
    Networks::Parallel { context, tokens }
}

impl Objective for BinsObjective {
    fn representation(&self) -> Representation {
        let order = match self.networks {
            Networks::Autoregressive(_) => Order::Autoregressive,
            Networks::Parallel { .. } => Order::Parallel,
        };
        Representation::Bins(Bins { bins: BINS, order })
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        match &self.networks {
            Networks::Autoregressive(networks) => networks.networks(),
            Networks::Parallel { context, tokens } => {
                vec![("context", context.clone()), ("tokens", tokens.clone())]
            }
        }
    }

    fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        let mut codec = self.codec.clone();
        let mut all = Vec::new();
        for chunk in rows(chunk)? {
            let mut tokens = Vec::new();
            codec.encode_into(&chunk, &mut tokens)?;
            all.push(tokens);
        }
        match &self.networks {
            Networks::Autoregressive(networks) => networks.loss(weights, condition, &all, rng),
            Networks::Parallel { context, tokens } => {
                let mut ops = CandleOps::under(weights, "context.");
                let context = only(context.forward(&mut ops, &condition.inputs())?)?;
                let mut ops = CandleOps::under(weights, "tokens.");
                let logits = only(tokens.forward(&mut ops, &[context])?)?;
                let wanted = all.concat();
                let even = vec![1.0; wanted.len()];
                Ok(cross_entropy(&logits, wanted, even)?)
            }
        }
    }
}
