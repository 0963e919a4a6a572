//! The encoder of `tokenizers` without its allocations and offsets: the same ids, many times faster.

use std::collections::BTreeMap;

use tokenizers::{ModelWrapper, PreTokenizerWrapper, Tokenizer};

use super::bpe::byte;
use super::splitter::Splitter;

/// No merge.
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
    /// Where the rules of each left id begin in `rules`; the next one's begin is their end.
    starts: Vec<u32>,
    /// Rules by left id, then by right id.
    rules: Vec<Rule>,
    symbols: Vec<Symbol>,
}

#[derive(Clone, Copy, Debug)]
struct Rule {
    right: u32,
    /// Its place among the rules: the order in which they were learned.
    rank: u32,
    merged: u32,
}

#[derive(Clone, Copy, Debug)]
struct Symbol {
    id: u32,
    /// The rank of the rule that merges it with the symbol after it; [`NEVER`] for none.
    rank: u32,
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
        let mut by_pair = BTreeMap::new();
        for (rank, pair) in file.get("merges")?.as_array()?.iter().enumerate() {
            let (left, right) = (pair.get(0)?.as_str()?, pair.get(1)?.as_str()?);
            let merged = *vocabulary.get(&format!("{left}{right}"))?;
            let pair = (*vocabulary.get(left)?, *vocabulary.get(right)?);
            by_pair.insert(pair, (u32::try_from(rank).ok()?, merged));
        }
        let ids = tokenizer.get_vocab_size(true) as u32;
        let mut starts = Vec::with_capacity(ids as usize + 1);
        let mut rules = Vec::with_capacity(by_pair.len());
        for left in 0..ids {
            starts.push(rules.len() as u32);
            for ((_, right), (rank, merged)) in by_pair.range((left, 0)..=(left, u32::MAX)) {
                rules.push(Rule { right: *right, rank: *rank, merged: *merged });
            }
        }
        starts.push(rules.len() as u32);
        let splitter = Splitter::new(tokenizer, cuts)?;
        Some(Self { splitter, bytes, starts, rules, symbols: Vec::new() })
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
        self.symbols.extend(ids.filter(|id| *id != NEVER).map(|id| Symbol { id, rank: NEVER }));
        for left in 1..self.symbols.len() {
            self.rank(left - 1);
        }
        while let Some((left, rule)) = self.next() {
            self.symbols[left].id = rule.merged;
            self.symbols.remove(left + 1);
            self.rank(left);
            if left > 0 {
                self.rank(left - 1);
            }
        }
        tokens.extend(self.symbols.iter().map(|symbol| symbol.id));
    }

    /// The rule to apply next, and the symbol at its left.
    fn next(&self) -> Option<(usize, Rule)> {
        let (mut place, mut rank) = (0, NEVER);
        for (at, symbol) in self.symbols.iter().enumerate() {
            if symbol.rank < rank {
                (place, rank) = (at, symbol.rank);
            }
        }
        Some((place, self.rule(place)?)).filter(|_| rank != NEVER)
    }

    fn rank(&mut self, left: usize) {
        self.symbols[left].rank = self.rule(left).map_or(NEVER, |rule| rule.rank);
    }

    /// The rule that merges a symbol with the one after it.
    fn rule(&self, left: usize) -> Option<Rule> {
        let right = self.symbols.get(left + 1)?.id;
        let left = self.symbols[left].id as usize;
        let (start, end) = (self.starts[left] as usize, self.starts[left + 1] as usize);
        let rules = &self.rules[start..end];
        rules.binary_search_by_key(&right, |rule| rule.right).ok().map(|found| rules[found])
    }
}
