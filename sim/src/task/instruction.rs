//! Sentences that name one object and no other.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use super::words::{ANYTHING, TEMPLATES_HELD_OUT, TEMPLATES_TRAINED};
use crate::ObjectKind;

/// Which sentences to draw from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Templates {
    /// Those a policy may be trained with.
    Trained,
    /// Those kept for evaluation.
    HeldOut,
}

/// Which attributes a phrase names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Naming {
    color: bool,
    form: bool,
    size: bool,
}

/// How often a naming is drawn among those that are unique: people name colour and form first.
const NAMINGS: [(Naming, u32); 7] = [
    (Naming { color: true, form: true, size: false }, 6),
    (Naming { color: true, form: true, size: true }, 3),
    (Naming { color: false, form: true, size: true }, 3),
    (Naming { color: true, form: false, size: false }, 2),
    (Naming { color: false, form: true, size: false }, 2),
    (Naming { color: true, form: false, size: true }, 2),
    (Naming { color: false, form: false, size: true }, 1),
];

/// A sentence that names `kinds[target]` and fits no other of `kinds`, which must all differ.
#[must_use]
pub fn instruct(
    kinds: &[ObjectKind],
    target: usize,
    templates: Templates,
    rng: &mut Pcg64Mcg,
) -> String {
    let Some(kind) = kinds.get(target) else { return String::new() };
    let naming = draw_naming(kinds, kind, rng);
    let phrase = phrase(kind, naming, rng);
    let templates: &[&str] = match templates {
        Templates::Trained => &TEMPLATES_TRAINED,
        Templates::HeldOut => &TEMPLATES_HELD_OUT,
    };
    pick(templates, rng).replace("{}", &phrase)
}

impl Naming {
    /// Whether words for `kind` would also fit `other`.
    fn fits(self, kind: &ObjectKind, other: &ObjectKind) -> bool {
        (!self.color || kind.color == other.color)
            && (!self.form || kind.form == other.form)
            && (!self.size || kind.size == other.size)
    }
}

fn draw_naming(kinds: &[ObjectKind], kind: &ObjectKind, rng: &mut Pcg64Mcg) -> Naming {
    let unique = |naming: Naming| kinds.iter().filter(|k| naming.fits(kind, k)).count() == 1;
    let weight: u32 =
        NAMINGS.iter().filter(|(naming, _)| unique(*naming)).map(|(_, weight)| weight).sum();
    let mut left = rng.random_range(0..weight.max(1));
    for (naming, weight) in NAMINGS.iter().filter(|(naming, _)| unique(*naming)) {
        match left.checked_sub(*weight) {
            Some(rest) => left = rest,
            None => return *naming,
        }
    }
    Naming { color: true, form: true, size: true }
}

fn phrase(kind: &ObjectKind, naming: Naming, rng: &mut Pcg64Mcg) -> String {
    let mut words = Vec::with_capacity(3);
    if naming.size {
        words.push(pick(kind.size.words(), rng));
    }
    if naming.color {
        words.push(kind.color.word());
    }
    words.push(pick(if naming.form { kind.form.words() } else { &ANYTHING }, rng));
    words.join(" ")
}

fn pick(words: &[&'static str], rng: &mut Pcg64Mcg) -> &'static str {
    words[rng.random_range(0..words.len())]
}
