//! GPT-2's cuts, without a regular expression.

use tokenizers::{OffsetReferential, OffsetType};
use tokenizers::{PreTokenizedString, PreTokenizer as _, Tokenizer};

/// Characters whose class is known: far more than any alphabet of coefficients.
const KNOWN: usize = 2048;

/// Cuts text as the expression of GPT-2's pre-tokenizer does:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
#[derive(Clone, Debug)]
pub(super) struct Splitter {
    /// None: the tokenizer does not cut at all.
    classes: Option<Vec<Class>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Letter,
    Number,
    Space,
    Other,
}

impl Splitter {
    /// Asks the tokenizer itself which class each character is of, so that both follow the same
    /// version of Unicode: a character does not part from its like.
    pub(super) fn new(tokenizer: &Tokenizer, cuts: bool) -> Option<Self> {
        if !cuts {
            return Some(Self { classes: None });
        }
        let cutter = tokenizer.get_pre_tokenizer()?;
        let stays = |like: char, character: char| {
            let mut text = PreTokenizedString::from([like, character].iter().collect::<String>());
            cutter.pre_tokenize(&mut text).ok()?;
            Some(text.get_splits(OffsetReferential::Original, OffsetType::Byte).len() == 1)
        };
        let class = |code: usize| {
            let character = char::from_u32(code as u32)?;
            Some(if stays('x', character)? {
                Class::Letter
            } else if stays('1', character)? {
                Class::Number
            } else if stays('!', character)? {
                Class::Other
            } else {
                Class::Space
            })
        };
        Some(Self { classes: Some((0..KNOWN).map(class).collect::<Option<_>>()?) })
    }

    /// Whether the class of every character is known.
    pub(super) fn knows(&self, text: &str) -> bool {
        self.classes.is_none() || text.chars().all(|character| (character as usize) < KNOWN)
    }

    /// How many bytes of a text that is not empty are its first piece.
    pub(super) fn piece(&self, text: &str) -> usize {
        let Some(classes) = &self.classes else { return text.len() };
        let class = |character: char| classes[(character as usize).min(KNOWN - 1)];
        let run = |text: &str, of: Class| {
            text.find(|character| class(character) != of).unwrap_or(text.len())
        };
        if let Some(contraction) = contraction(text) {
            return contraction;
        }
        let space = usize::from(text.starts_with(' '));
        match text[space..].chars().next().map(class) {
            Some(of) if of != Class::Space => space + run(&text[space..], of),
            _ => {
                let run = run(text, Class::Space);
                let last = text[..run].chars().next_back().map_or(0, char::len_utf8);
                // The last space of several before something else belongs to what follows.
                if run < text.len() && last < run { run - last } else { run }
            }
        }
    }
}

fn contraction(text: &str) -> Option<usize> {
    const ENDINGS: [&str; 7] = ["s", "t", "re", "ve", "m", "ll", "d"];
    let rest = text.strip_prefix('\'')?;
    ENDINGS.iter().find(|ending| rest.starts_with(**ending)).map(|ending| 1 + ending.len())
}
