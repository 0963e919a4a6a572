//! The encoder of `tokenizers` without its allocations and offsets: the same ids, many times faster.

use tokenizers::{ModelWrapper, PreTokenizerWrapper, Tokenizer};

use super::bpe::byte;
use super::rules::{Rule, Rules};
use super::splitter::Splitter;

/// No id, and the rank of no rule.
const NEVER: u32 = u32::MAX;

/// Merges symbols of a text until no rule applies, the rule learned first going first and of its
/// places the leftmost, as `tokenizers` does.
///
/// A test holds it to `tokenizers` on random text; it exists only for tokenizers without
/// extras (dropout, unknown tokens, prefixes and the like), which FAST's are.
#[derive(Clone, Debug)]
pub(super) struct Merger {
    splitter: Splitter,
    /// The id of each byte by itself; [`NEVER`] for bytes that are dropped.
    bytes: [u32; 256],
    rules: Rules,
    symbols: Vec<Symbol>,
}

#[derive(Clone, Copy, Debug)]
struct Symbol {
    id: u32,
    /// What merges it with the symbol after it; of the rank [`NEVER`] if nothing does.
    rule: Rule,
}

impl Merger {
    /// None for a tokenizer that does more than merge bytes.
    pub(super) fn new(tokenizer: &Tokenizer) -> Option<Self> {
        let ModelWrapper::BPE(model) = tokenizer.get_model() else { return None };
        let plain = model.dropout.is_none_or(|dropout| dropout == 0.0)
            && model.unk_token.is_none()
            && model.continuing_subword_prefix.is_none()
            && model.end_of_word_suffix.is_none()
            && !model.byte_fallback
            && !model.ignore_merges
            && tokenizer.get_normalizer().is_none()
            && tokenizer.get_added_vocabulary().is_empty();
        let cuts = match tokenizer.get_pre_tokenizer() {
            Some(PreTokenizerWrapper::ByteLevel(level)) => level.use_regex,
            _ => return None,
        };
        if !plain {
            return None;
        }
        let vocabulary = model.get_vocab();
        let mut bytes = [NEVER; 256];
        for (token, id) in &vocabulary {
            let mut characters = token.chars();
            if let (Some(first), None) = (characters.next(), characters.next())
                && let Some(byte) = byte(first)
            {
                bytes[usize::from(byte)] = *id;
            }
        }
        // The rules are private to the model; its file has them, in order.
        let file = serde_json::to_value(model).ok()?;
        let merges = file.get("merges")?.as_array()?;
        let mut rules = Rules::with_room_for(merges.len());
        for (rank, pair) in merges.iter().enumerate() {
            let (left, right) = (pair.get(0)?.as_str()?, pair.get(1)?.as_str()?);
            let merged = *vocabulary.get(&format!("{left}{right}"))?;
            let rule = Rule { rank: u32::try_from(rank).ok()?, merged };
            rules.insert(*vocabulary.get(left)?, *vocabulary.get(right)?, rule);
        }
        let splitter = Splitter::new(tokenizer, cuts)?;
        Some(Self { splitter, bytes, rules, symbols: Vec::new() })
    }

    /// Appends the ids of a text. False, with nothing appended, for a text with characters beyond
    /// those that the splitter knows: it is the caller's turn to ask `tokenizers`.
    pub(super) fn encode_into(&mut self, text: &str, tokens: &mut Vec<u32>) -> bool {
        if !self.splitter.knows(text) {
            return false;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(self.splitter.piece(rest));
            self.merge(piece, tokens);
            rest = after;
        }
        true
    }

    fn merge(&mut self, piece: &str, tokens: &mut Vec<u32>) {
        self.symbols.clear();
        let ids = piece.bytes().map(|byte| self.bytes[usize::from(byte)]);
        let symbols = ids.filter(|id| *id != NEVER).map(|id| Symbol { id, rule: Rule::NONE });
        self.symbols.extend(symbols);
        for left in 1..self.symbols.len() {
            self.look_up(left - 1);
        }
        while let Some(left) = self.next() {
            self.symbols[left].id = self.symbols[left].rule.merged;
            self.symbols.remove(left + 1);
            self.look_up(left);
            if left > 0 {
                self.look_up(left - 1);
            }
        }
        tokens.extend(self.symbols.iter().map(|symbol| symbol.id));
    }

    /// The symbol whose rule goes next.
    fn next(&self) -> Option<usize> {
        let (mut place, mut rank) = (None, NEVER);
        for (at, symbol) in self.symbols.iter().enumerate() {
            if symbol.rule.rank < rank {
                (place, rank) = (Some(at), symbol.rule.rank);
            }
        }
        place
    }

    /// Finds what merges a symbol with the one after it.
    fn look_up(&mut self, left: usize) {
        let right = self.symbols.get(left + 1).map(|right| right.id);
        let symbol = &mut self.symbols[left];
        symbol.rule = right.map_or(Rule::NONE, |right| self.rules.get(symbol.id, right));
    }
}
