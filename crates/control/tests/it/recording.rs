//! What a control tick was given, as bytes: so a run on a robot can be played again at a desk.
//!
//! Little-endian, tick by tick: a byte of flags, the time, then what the flags announce. Joints are
//! counted once, at the start. A chunk is written only when it is another than the tick before had.

use std::time::Duration;

use tandem_control::{Controller, Inputs, Output};
use tandem_guard::{Nonce, Request, Witness};
use tandem_types::{ActionChunk, JointVec, Stamp, State};

const STATE: u8 = 1;
const RECEIPT: u8 = 2;
const CHUNK: u8 = 4;
const REQUESTS: [Request; 4] = [Request::Arm, Request::Disarm, Request::Acknowledge, Request::Stop];
/// The request that a nonce follows.
const REARM: u8 = 5;

/// A recording being made.
pub(crate) struct Recorder {
    pub(crate) bytes: Vec<u8>,
    chunk: Option<Stamp>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::new(), chunk: None }
    }

    pub(crate) fn tick(&mut self, now: Stamp, inputs: &Inputs<'_>) {
        let chunk = inputs.chunk.filter(|chunk| self.chunk != Some(chunk.observed));
        let request = inputs.request.map(|request| {
            let plain = REQUESTS.iter().position(|it| *it == request);
            plain.map_or(REARM, |index| 1 + u8::try_from(index).unwrap())
        });
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let flags = flag(inputs.state.is_some(), STATE)
            | flag(inputs.receipt.is_some(), RECEIPT)
            | flag(chunk.is_some(), CHUNK)
            | (request.unwrap_or(0) << 4);
        self.bytes.push(flags);
        self.number(now.as_nanos());
        if let Some(Request::Rearm(nonce)) = inputs.request {
            self.number(nonce.0);
        }
        if let Some(state) = inputs.state {
            self.number(state.stamp.as_nanos());
            [state.q, state.dq].iter().for_each(|values| self.joints(values));
        }
        if let Some(receipt) = inputs.receipt {
            self.number(receipt.as_nanos());
        }
        if let Some(chunk) = chunk {
            self.chunk = Some(chunk.observed);
            self.chunk(chunk);
        }
    }

    fn chunk(&mut self, chunk: &ActionChunk) {
        for stamp in [chunk.observed, chunk.frame_observed, chunk.latent_observed] {
            self.number(stamp.as_nanos());
        }
        self.joints(&chunk.origin);
        self.number(u64::try_from(chunk.step_period().as_nanos()).unwrap());
        self.number(u64::try_from(chunk.steps()).unwrap());
        for value in (0..chunk.steps()).filter_map(|step| chunk.step(step)).flatten() {
            self.bytes.extend(value.to_bits().to_le_bytes());
        }
    }

    fn joints(&mut self, values: &JointVec) {
        self.number(u64::try_from(values.len()).unwrap());
        values.iter().for_each(|value| self.number(value.to_bits()));
    }

    fn number(&mut self, number: u64) {
        self.bytes.extend(number.to_le_bytes());
    }
}

/// Plays a recording to a controller.
pub(crate) fn replay(bytes: &[u8], controller: &mut Controller, mut see: impl FnMut(&Output)) {
    let mut from = Reader { bytes };
    let mut chunk = None;
    while !from.bytes.is_empty() {
        let [flags] = from.take::<1>();
        let now = from.stamp();
        let request = match flags >> 4 {
            0 => None,
            REARM => Some(Request::Rearm(Nonce(from.number()))),
            plain => Some(REQUESTS[usize::from(plain) - 1]),
        };
        let state = (flags & STATE > 0).then(|| {
            let (stamp, q, dq) = (from.stamp(), from.joints(), from.joints());
            State { stamp, q, dq, tau: JointVec::zeros(q.len()) }
        });
        let receipt = (flags & RECEIPT > 0).then(|| from.stamp());
        if flags & CHUNK > 0 {
            chunk = Some(from.chunk());
        }
        let (state, chunk) = (state.as_ref(), chunk.as_ref());
        let inputs = Inputs { state, chunk, receipt, witness: Witness::default(), request };
        see(&controller.tick(now, &inputs));
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.bytes.split_first_chunk().expect("a whole recording");
        self.bytes = rest;
        *taken
    }

    fn number(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    fn stamp(&mut self) -> Stamp {
        Stamp::from_nanos(self.number())
    }

    fn joints(&mut self) -> JointVec {
        let values: Vec<_> = (0..self.number()).map(|_| f64::from_bits(self.number())).collect();
        JointVec::from_slice(&values).unwrap()
    }

    fn chunk(&mut self) -> ActionChunk {
        let [observed, frame_observed, latent_observed] = [(); 3].map(|()| self.stamp());
        let mut chunk = ActionChunk::at_rest(self.joints(), observed);
        (chunk.frame_observed, chunk.latent_observed) = (frame_observed, latent_observed);
        let (step_period, steps) = (Duration::from_nanos(self.number()), self.number());
        let values = steps * u64::try_from(chunk.dof()).unwrap();
        let path: Vec<_> =
            (0..values).map(|_| f32::from_bits(u32::from_le_bytes(self.take()))).collect();
        if !path.is_empty() {
            chunk.set_path(step_period, &path).unwrap();
        }
        chunk
    }
}
