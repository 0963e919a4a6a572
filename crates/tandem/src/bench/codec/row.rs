//! One representation, measured.

use serde_json::{Value, json};
use tandem_actions::{Account, Representation, account};
use tandem_learn::ExpertChunks;
use tandem_realtime::{Clock as _, Distribution, Histogram, MonotonicClock, Unit};

use super::table::Codec;
use crate::json::number;
use crate::table;

/// Encodings before the first that counts.
const WARM_UP_RUNS: usize = 100;

/// What was measured of a representation.
pub(super) struct Row {
    name: String,
    vocabulary: u32,
    continuous_values: usize,
    account: Account,
    encode_us: Distribution,
    decode_us: Distribution,
}

/// The heading over [`Row::line`]s.
pub(super) fn heading() -> String {
    format!(
        "{:<36}{:>7}{:>9}{:>9}{:>11}{:>10}{:>8}{:>10}{:>10}",
        "", "tokens", "nominal", "measured", "mse", "error max", "failed", "encode us", "decode us"
    )
}

/// Accounts for all held-out chunks, then times `runs` encodings and decodings of them.
pub(super) fn measure(codec: &mut Codec, chunks: &ExpertChunks, runs: u32) -> Row {
    let representation = &mut *codec.representation;
    let account = account(representation, chunks.held_out());
    let (encode_us, decode_us) = time(representation, chunks, runs as usize);
    Row {
        name: codec.name.clone(),
        vocabulary: representation.vocabulary(),
        continuous_values: representation.continuous_values(),
        account,
        encode_us,
        decode_us,
    }
}

/// How long each direction takes, one chunk at a time.
fn time(
    representation: &mut dyn Representation,
    chunks: &ExpertChunks,
    runs: usize,
) -> (Distribution, Distribution) {
    let (mut encoding, mut decoding) = (Histogram::new(), Histogram::new());
    let mut tokens = Vec::with_capacity(representation.tokens().most());
    let mut decoded = vec![0.0; representation.shape().values()];
    for (run, chunk) in chunks.held_out().cycle().take(WARM_UP_RUNS + runs).enumerate() {
        let began = MonotonicClock.now();
        let encoded = representation.encode_into(chunk, &mut tokens);
        let between = MonotonicClock.now();
        if encoded.is_err() {
            continue;
        }
        let was_decoded = representation.decode_into(&tokens, &mut decoded);
        let ended = MonotonicClock.now();
        if run >= WARM_UP_RUNS && was_decoded.is_ok() {
            encoding.record(began.age_at(between));
            decoding.record(between.age_at(ended));
        }
    }
    (encoding.distribution(Unit::Microseconds), decoding.distribution(Unit::Microseconds))
}

impl Row {
    /// For people.
    pub(super) fn line(&self) -> String {
        let Account { failures, rate, distortion, .. } = &self.account;
        let p50 =
            |us: &Distribution| us.p50.map_or_else(|| "-".to_owned(), |us| format!("{us:.2}"));
        format!(
            "{:<36}{:>7.1}{:>9.1}{:>9.1}{:>11.2e}{:>10.4}{:>8}{:>10}{:>10}",
            self.name,
            rate.tokens_mean,
            rate.bits_nominal,
            rate.bits_measured,
            distortion.mse,
            distortion.error_max,
            failures,
            p50(&self.encode_us),
            p50(&self.decode_us),
        )
    }

    /// For machines.
    pub(super) fn json(&self) -> Value {
        let Account { chunks, failures, rate, distortion } = &self.account;
        let by_joint: Vec<Value> = distortion.mse_by_dim.iter().map(|mse| number(*mse)).collect();
        json!({
            "representation": self.name,
            "vocabulary": self.vocabulary,
            "tokens": number(rate.tokens_mean),
            "continuous_values": self.continuous_values,
            "bits_nominal": number(rate.bits_nominal),
            "bits_measured": number(rate.bits_measured),
            "bits_by_place": number(rate.bits_by_place),
            "mse": number(distortion.mse),
            "mse_by_joint": by_joint,
            "error_mean": number(distortion.error_mean),
            "error_max": number(distortion.error_max),
            "chunks": chunks,
            "failures": failures,
            "encode_us": table::json(&self.encode_us),
            "decode_us": table::json(&self.decode_us),
        })
    }
}
