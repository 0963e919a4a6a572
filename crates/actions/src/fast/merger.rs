//! The encoder of `tokenizers` without its allocations and offsets: the same ids, many times faster.

use tokenizers::{ModelWrapper, PreTokenizerWrapper, Tokenizer};

use super::bpe::byte;
use super::rules::{NEVER, Rules};
use super::splitter::Splitter;

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
    /// The symbols of the piece at hand.
    ids: Vec<u32>,
    /// When each of them merges with the one after it; the last has none.
    ranks: Vec<u32>,
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
        for pair in merges {
            let (left, right) = (pair.get(0)?.as_str()?, pair.get(1)?.as_str()?);
            let merged = *vocabulary.get(&format!("{left}{right}"))?;
            rules.push(*vocabulary.get(left)?, *vocabulary.get(right)?, merged)?;
        }
        let splitter = Splitter::new(tokenizer, cuts)?;
        Some(Self { splitter, bytes, rules, ids: Vec::new(), ranks: Vec::new() })
    }

    /// Makes room for pieces of so many bytes, so that none of them allocates.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.ids.reserve(bytes.saturating_sub(self.ids.len()));
        self.ranks.reserve(bytes.saturating_sub(self.ranks.len()));
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
        self.ids.clear();
        let ids = piece.bytes().map(|byte| self.bytes[usize::from(byte)]);
        self.ids.extend(ids.filter(|id| *id != NEVER));
        self.ranks.clear();
        let pairs = self.ids.windows(2).map(|pair| self.rules.rank(pair[0], pair[1]));
        self.ranks.extend(pairs);
        // Two plain passes over numbers that lie side by side, which the compiler makes vectors of.
        while let Some(rank) = self.ranks.iter().copied().min().filter(|rank| *rank != NEVER) {
            let Some(first) = self.ranks.iter().position(|other| *other == rank) else { break };
            // A chunk's upper frequencies are one long run of the same symbol.
            let recurs = self.ranks.iter().skip(first + 1).any(|other| *other == rank);
            if recurs && self.rules.are_ordered() {
                self.merge_all(first, rank);
            } else {
                self.merge_one(first, rank);
            }
        }
        tokens.extend(&self.ids);
    }

    fn merge_one(&mut self, left: usize, rank: u32) {
        self.ids[left] = self.rules.merged(rank);
        self.ids.remove(left + 1);
        self.ranks.remove(left);
        self.look_up(left);
        if left > 0 {
            self.look_up(left - 1);
        }
    }

    /// Merges every pair of that rank from the left, the first of which is at `first`, in one pass.
    ///
    /// It is what [`Self::merge_one`] again and again would come to, as long as a new symbol only
    /// takes part in rules after the one that made it: no pair that appears goes before those of
    /// this rank that are left.
    fn merge_all(&mut self, first: usize, rank: u32) {
        let merged = self.rules.merged(rank);
        let (mut from, mut to) = (first, first);
        let mut is_new_before = false;
        while let Some(&id) = self.ids.get(from) {
            let merges = self.ranks.get(from) == Some(&rank);
            let after = if merges { None } else { self.ranks.get(from).copied() };
            self.ids[to] = if merges { merged } else { id };
            if to > 0 && (merges || is_new_before) {
                self.look_up_in(to - 1);
            }
            if let (Some(after), Some(rank)) = (after, self.ranks.get_mut(to)) {
                *rank = after;
            }
            is_new_before = merges;
            from += if merges { 2 } else { 1 };
            to += 1;
        }
        self.ids.truncate(to);
        self.ranks.truncate(to.saturating_sub(1));
    }

    /// Finds when a symbol merges with the one after it, which there is.
    fn look_up_in(&mut self, left: usize) {
        self.ranks[left] = self.rules.rank(self.ids[left], self.ids[left + 1]);
    }

    /// Finds when a symbol merges with the one after it, if there is one.
    fn look_up(&mut self, left: usize) {
        if left < self.ranks.len() {
            self.look_up_in(left);
        }
    }
}
