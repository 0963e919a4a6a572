//! An instruction as word ids.

use std::collections::HashMap;

/// Id of the padding that fills a short instruction.
pub const PADDING: u16 = 0;
/// Id of every word the vocabulary does not hold.
pub const UNKNOWN: u16 = 1;
/// The first id of the vocabulary's own words.
const FIRST_WORD: u16 = 2;

/// Splits an instruction into words and gives each its id.
///
/// Case and punctuation do not matter. A word outside the vocabulary becomes [`UNKNOWN`]; words
/// past the limit are dropped, as the model was trained with that limit.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    ids: HashMap<String, u16>,
    tokens_max: usize,
}

/// What an instruction became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Word ids, padded with [`PADDING`] to the model's length.
    pub ids: Vec<u16>,
    /// Words the vocabulary does not hold, in order: worth a warning to whoever gave them.
    pub unknown: Vec<String>,
    /// Words dropped because the instruction was too long.
    pub dropped: usize,
}

impl Tokenizer {
    /// A tokenizer whose `words[i]` has the id `i + 2`, for instructions of `tokens_max` words.
    #[must_use]
    pub fn new(words: &[String], tokens_max: usize) -> Self {
        let ids = words.iter().map(|word| word.to_lowercase()).zip(FIRST_WORD..).collect();
        Self { ids, tokens_max }
    }

    /// Ids in use, the padding and the unknown word included: the rows of the model's embedding.
    #[must_use]
    pub fn words(&self) -> usize {
        self.ids.len() + usize::from(FIRST_WORD)
    }

    /// The ids of `text`.
    #[must_use]
    pub fn encode(&self, text: &str) -> Tokens {
        let lowered = text.to_lowercase();
        let mut words = lowered.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        let mut unknown = Vec::new();
        let mut ids: Vec<u16> = words
            .by_ref()
            .take(self.tokens_max)
            .map(|word| {
                self.ids.get(word).copied().unwrap_or_else(|| {
                    unknown.push(word.to_owned());
                    UNKNOWN
                })
            })
            .collect();
        ids.resize(self.tokens_max, PADDING);
        Tokens { ids, unknown, dropped: words.count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer() -> Tokenizer {
        Tokenizer::new(&["touch".into(), "the".into(), "red".into(), "cube".into()], 5)
    }

    #[test]
    fn case_and_punctuation_do_not_matter() {
        let tokens = tokenizer().encode("  Touch the RED-cube!\n");
        assert_eq!(tokens.ids, [2, 3, 4, 5, PADDING]);
        assert_eq!((tokens.unknown.len(), tokens.dropped), (0, 0));
    }

    #[test]
    fn unknown_and_surplus_words_are_reported() {
        let tokens = tokenizer().encode("touch the mauve cube, the red cube");
        assert_eq!(tokens.ids, [2, 3, UNKNOWN, 5, 3]);
        assert_eq!(tokens.unknown, ["mauve"]);
        assert_eq!(tokens.dropped, 2);
    }

    #[test]
    fn any_text_has_an_encoding() {
        for text in ["", "   ", "\u{0}\u{fffd}", "ß İ ǅ 漢字", &"word ".repeat(10_000)] {
            assert_eq!(tokenizer().encode(text).ids.len(), 5);
        }
    }
}
