//! The sentences of the task and the words in them.

use std::collections::BTreeSet;

use crate::{Color, Form, Size};

/// Sentences to train with; `{}` is the object.
pub const TEMPLATES_TRAINED: [&str; 18] = [
    "touch the {}",
    "go to the {}",
    "move to the {}",
    "reach for the {}",
    "point at the {}",
    "put your fingertip on the {}",
    "please touch the {}",
    "tap the {}",
    "find the {} and touch it",
    "move your finger to the {}",
    "bring the fingertip to the {}",
    "can you touch the {}",
    "now go to the {}",
    "i want you to touch the {}",
    "place the tip on the {}",
    "touch the {} now",
    "go and point at the {} please",
    "reach the {}",
];

/// Sentences never trained with, made of the same words: for evaluation only.
pub const TEMPLATES_HELD_OUT: [&str; 3] = [
    "please find the {} and tap it",
    "can you move your fingertip to the {}",
    "now reach for the {} please",
];

/// Nouns for an object whose form is not named.
pub(super) const ANYTHING: [&str; 3] = ["object", "thing", "one"];

/// Every word an instruction can have, each once, sorted: the tokenizer's vocabulary.
#[must_use]
pub fn vocabulary() -> Vec<String> {
    let mut words: BTreeSet<&str> = BTreeSet::new();
    for template in TEMPLATES_TRAINED.iter().chain(&TEMPLATES_HELD_OUT) {
        words.extend(template.split_whitespace().filter(|word| *word != "{}"));
    }
    words.extend(ANYTHING);
    words.extend(Color::ALL.map(Color::word));
    words.extend(Form::ALL.iter().flat_map(|form| form.words()));
    words.extend(Size::ALL.iter().flat_map(|size| size.words()));
    words.into_iter().map(str::to_owned).collect()
}
