//! Bins (RT-1, OpenVLA): each number of a chunk is one of 256, said one after the other or all at
//! once (OpenVLA-OFT).

use candle_core::Tensor;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{Binned, OpenVlaBins, Representation as _};
use tandem_bundle::{Bins, Choice, Order, Representation};
use tandem_inference::Weights;
use tandem_networks::{Architecture, Context, Tokens, TokensSeen};

use super::autoregressive::{Autoregressive, rows};
use super::parallel;
use super::{ConditionBatch, HeadSizes, Objective};
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
    Parallel(parallel::Networks),
}

impl BinsObjective {
    pub(super) fn new(sizes: &HeadSizes, order: Order) -> Self {
        let (shape, vocabulary) = (sizes.shape, usize::from(BINS));
        let window = WINDOW_STEPS * shape.dims();
        let networks = match order {
            Order::Autoregressive => {
                let networks = Autoregressive::new(sizes, vocabulary, shape.values(), window);
                Networks::Autoregressive(networks.with_early(window))
            }
            Order::Parallel => Networks::Parallel(at_once(sizes, vocabulary)),
        };
        Self { codec: Binned::new(shape, OpenVlaBins::new(BINS)), networks }
    }
}

fn at_once(sizes: &HeadSizes, vocabulary: usize) -> parallel::Networks {
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
    parallel::Networks::new(context, tokens)
}

impl Objective for BinsObjective {
    fn representation(&self) -> Representation {
        let order = match self.networks {
            Networks::Autoregressive(_) => Order::Autoregressive,
            Networks::Parallel(_) => Order::Parallel,
        };
        Representation::Bins(Bins { bins: BINS, order, choice: Choice::Median })
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        match &self.networks {
            Networks::Autoregressive(networks) => networks.networks(),
            Networks::Parallel(networks) => networks.list(),
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
            Networks::Parallel(networks) => {
                let targets = all.concat();
                let even = vec![1.0; targets.len()];
                networks.loss(weights, condition, Vec::new(), targets, even)
            }
        }
    }
}
