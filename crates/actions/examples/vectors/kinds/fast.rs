//! `dct.json`, and `fast.json` with the tokenizers beside it.

use tandem_actions::{ByteBpe, Dct, Fast, FastSettings, FitSettings, Representation as _};

use super::{reason, shape};
use crate::compare::same;
use crate::json::Value;
use crate::run::{Context, Outcome, Verdict};

pub(super) fn dct(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let dct = Dct::new(shape(case)?);
    let scale = case.number("scale")?;
    let x = case.numbers("x")?;
    let (mut coefficients, mut back) = (x.clone(), x.clone());
    dct.forward(&x, &mut coefficients);
    context.tolerance.near("dct", &coefficients, &case.numbers("dct")?)?;
    dct.inverse(&coefficients, &mut back);
    context.tolerance.near("inverse_unquantized", &back, &case.numbers("inverse_unquantized")?)?;
    Dct::quantise(scale, &mut coefficients);
    same("q", &coefficients, &case.numbers("q")?)?;
    coefficients.iter_mut().for_each(|q| *q /= scale);
    dct.inverse(&coefficients, &mut back);
    context.tolerance.near("inverse", &back, &case.numbers("inverse")?)
}

pub(super) fn round_half_even(_context: &Context<'_>, case: &Value) -> Result<(), String> {
    let mut x = case.numbers("x")?;
    Dct::quantise(1.0, &mut x);
    same("y", &x, &case.numbers("y")?)
}

/// One tokenizer's cases, for each its own line.
pub(crate) fn check(
    context: &Context<'_>,
    file: &str,
    tokenizer: &Value,
    outcomes: &mut Vec<Outcome>,
) {
    let name = tokenizer.text("name").unwrap_or("(no name)").to_owned();
    let mut say = |case: &str, result: Result<(), String>| {
        let verdict = result.map_or_else(Verdict::Differs, |()| Verdict::Same);
        outcomes.push(Outcome { file: file.to_owned(), case: format!("{name}/{case}"), verdict });
    };
    let bpe = match load(context, tokenizer) {
        Ok(bpe) => bpe,
        Err(why) => return say("file", Err(why)),
    };
    say("training", training(tokenizer, &bpe));
    for case in tokenizer.member("pre_tokenize_cases").map_or(&[][..], Value::items) {
        let case_name = case.text("name").unwrap_or("(no name)");
        say(&format!("pre_tokenize_cases/{case_name}"), pre_tokenize(&bpe, case));
    }
    let lists: [(&str, Of); 2] = [("encode_cases", encode), ("decode_cases", decode)];
    for (list, check) in lists {
        for case in tokenizer.member(list).map_or(&[][..], Value::items) {
            let case_name = case.text("name").unwrap_or("(no name)");
            say(&format!("{list}/{case_name}"), check(context, tokenizer, &bpe, case));
        }
    }
}

/// A check of one case of one tokenizer.
type Of = fn(&Context<'_>, &Value, &ByteBpe, &Value) -> Result<(), String>;

fn load(context: &Context<'_>, tokenizer: &Value) -> Result<ByteBpe, String> {
    let path = context.folder.join(tokenizer.text("file")?);
    let json = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let bpe = ByteBpe::from_json(&json).map_err(reason)?;
    same("trained_vocab_size", &bpe.vocabulary(), &tokenizer.integer("trained_vocab_size")?)?;
    Ok(bpe)
}

/// The same chunks give the same tokenizer, to the byte.
fn training(tokenizer: &Value, bpe: &ByteBpe) -> Result<(), String> {
    let shape = shape(tokenizer)?;
    let settings = FitSettings {
        scale: tokenizer.number("scale")?,
        vocabulary: tokenizer.integer("vocab_size")?,
        frequency_min: tokenizer.integer("min_frequency")?,
        token_length_max: tokenizer.integer("max_token_length")?,
    };
    let values = tokenizer.numbers("train_chunks")?;
    let chunks = values.chunks_exact(shape.values());
    let fast = Fast::fit(shape, chunks, &settings).map_err(reason)?;
    same("min_token", &fast.settings().token_min, &tokenizer.integer("min_token")?)?;
    if fast.bpe().to_json().map_err(reason)? == bpe.to_json().map_err(reason)? {
        Ok(())
    } else {
        Err("the tokenizer fitted on the training chunks is another".to_owned())
    }
}

fn fast(tokenizer: &Value, bpe: &ByteBpe, case: &Value) -> Result<Fast, String> {
    let settings = FastSettings {
        shape: shape(case)?,
        scale: tokenizer.number("scale")?,
        token_min: tokenizer.integer("min_token")?,
    };
    Fast::new(settings, bpe.clone()).map_err(reason)
}

fn encode(
    context: &Context<'_>,
    tokenizer: &Value,
    bpe: &ByteBpe,
    case: &Value,
) -> Result<(), String> {
    let mut fast = fast(tokenizer, bpe, case)?;
    let x = case.numbers("x")?;
    let wanted: Vec<f64> = case.numbers("q")?;
    same("q", &fast.quantise(&x).map_err(reason)?.to_vec(), &wanted)?;
    let mut ids = Vec::new();
    fast.encode_lossy_into(&x, &mut ids).map_err(reason)?;
    same("ids", &ids, &case.integers("ids")?)?;

    let round_trip = case.flag("round_trip")?;
    let least = f64::from(fast.settings().token_min);
    let clipped: Vec<f64> = wanted.iter().map(|q| q.max(least)).collect();
    let spelled = fast.coefficients(&ids).is_ok_and(|found| found == clipped);
    same("round_trip", &spelled, &round_trip)?;
    // What would not come back is refused where losing it silently was not asked for.
    same("encoding losslessly", &fast.encode_into(&x, &mut ids).is_ok(), &round_trip)?;
    if round_trip {
        let mut decoded = x;
        fast.decode_into(&ids, &mut decoded).map_err(reason)?;
        context.tolerance.near("decoded", &decoded, &case.numbers("decoded")?)?;
    }
    Ok(())
}

fn decode(
    context: &Context<'_>,
    tokenizer: &Value,
    bpe: &ByteBpe,
    case: &Value,
) -> Result<(), String> {
    let mut fast = fast(tokenizer, bpe, case)?;
    let ids: Vec<u32> = case.integers("ids")?;
    let mut decoded = vec![0.0; fast.shape().values()];
    if !case.flag("valid")? || case.flag("unknown_ids")? {
        // The reference answers zeros for what is no chunk, and skips ids it does not know.
        return match fast.decode_into(&ids, &mut decoded) {
            Err(_) => Ok(()),
            Ok(()) => Err("decoded as a chunk, which it is not".to_owned()),
        };
    }
    let coefficients = fast.coefficients(&ids).map_err(reason)?.to_vec();
    same("coefficients", &coefficients, &case.numbers("coefficients")?)?;
    fast.decode_into(&ids, &mut decoded).map_err(reason)?;
    context.tolerance.near("decoded", &decoded, &case.numbers("decoded")?)
}

fn pre_tokenize(bpe: &ByteBpe, case: &Value) -> Result<(), String> {
    let codes: Vec<u32> = case.integers("codes")?;
    let text: Option<String> = codes.into_iter().map(char::from_u32).collect();
    let text = text.ok_or("`codes` are no characters")?;
    let spell = |piece: &&str| piece.chars().map(|c| f64::from(u32::from(c))).collect::<Vec<_>>();
    let found: Vec<Vec<f64>> = bpe.pieces(&text).iter().map(spell).collect();
    let wanted = case.member("pieces")?.items().iter().map(Value::flat).collect::<Option<_>>();
    same("pieces", &found, &wanted.ok_or("`pieces` hold other than numbers")?)
}
