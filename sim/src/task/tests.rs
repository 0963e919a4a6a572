//! Instructions name one object, in known words; the judge keeps to the rule.

use core::time::Duration;
use std::collections::HashSet;

use proptest::prelude::{prop, proptest};
use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_types::Stamp;

use super::*;
use crate::{Color, Form, ObjectKind, SimConfig, Size};

/// Which of `kinds` a listener takes the words for.
fn understood(text: &str, kinds: &[ObjectKind]) -> Vec<usize> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let color = Color::ALL.into_iter().find(|color| words.contains(&color.word()));
    let form = Form::ALL.into_iter().find(|form| form.words().iter().any(|w| words.contains(w)));
    let size = Size::ALL.into_iter().find(|size| size.words().iter().any(|w| words.contains(w)));
    let fits = |kind: &ObjectKind| {
        color.is_none_or(|color| color == kind.color)
            && form.is_none_or(|form| form == kind.form)
            && size.is_none_or(|size| size == kind.size)
    };
    (0..kinds.len()).filter(|&index| fits(&kinds[index])).collect()
}

#[test]
fn every_instruction_names_its_object_and_no_other() {
    let config = SimConfig::so101().unwrap();
    let words: HashSet<String> = vocabulary().into_iter().collect();
    for seed in 0..400 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let scene = Scene::generate(&config, config.objects, &mut rng);
        let kinds: Vec<ObjectKind> = scene.objects.iter().map(|object| object.kind).collect();
        for templates in [Templates::Trained, Templates::HeldOut] {
            let task = Task::generate(&scene, templates, &mut rng);
            assert_ne!(task.target, task.alternative);
            for (text, meant) in [
                (&task.instruction, task.target),
                (&task.alternative_instruction, task.alternative),
            ] {
                assert_eq!(understood(text, &kinds), [meant], "`{text}` among {kinds:?}");
                for word in text.split_whitespace() {
                    assert!(words.contains(word), "`{word}` is not in the vocabulary");
                }
            }
        }
    }
}

#[test]
fn held_out_sentences_are_new_but_their_words_are_not() {
    let trained: HashSet<&str> =
        TEMPLATES_TRAINED.iter().flat_map(|template| template.split_whitespace()).collect();
    for template in TEMPLATES_HELD_OUT {
        assert!(!TEMPLATES_TRAINED.contains(&template));
        for word in template.split_whitespace() {
            assert!(trained.contains(word), "`{word}` would never be trained");
        }
    }
}

#[test]
fn the_vocabulary_is_stable() {
    let words = vocabulary();
    assert!(words.is_sorted() && words.len() < 80, "{}", words.len());
    assert_eq!(words, vocabulary());
    // Bundles store ids: a changed list needs new bundles. Change this number with care.
    assert_eq!(words.len(), 48);
}

/// Feeds distances (target, other) in mm at a period in ms.
fn judge(period_ms: u64, distances_mm: &[(f64, f64)]) -> Verdict {
    let mut judge = Judge::new(SuccessRule::TASK, Stamp::ORIGIN);
    for (index, &(target, other)) in distances_mm.iter().enumerate() {
        let now = Stamp::ORIGIN.after(Duration::from_millis(period_ms * index as u64));
        judge.feed(now, &[other / 1000.0, target / 1000.0], 1);
    }
    judge.verdict()
}

#[test]
fn the_rule_by_cases() {
    let near = (15.0, 40.0);
    let table = [
        ("held", 10, vec![near; 26], Verdict::Succeeded(Duration::from_millis(250))),
        ("one sample short", 10, vec![near; 25], Verdict::Running),
        ("too far", 10, vec![(21.0, 40.0); 50], Verdict::Running),
        ("nearer to another", 10, vec![(15.0, 14.0); 50], Verdict::Running),
        (
            "interrupted",
            10,
            [vec![near; 20], vec![(30.0, 40.0)], vec![near; 20]].concat(),
            Verdict::Running,
        ),
        ("too late", 100, [vec![(90.0, 90.0); 59], vec![near; 9]].concat(), Verdict::TimedOut),
        ("not a number", 10, vec![(f64::NAN, 40.0); 50], Verdict::Running),
    ];
    for (name, period_ms, distances, verdict) in table {
        assert_eq!(judge(period_ms, &distances), verdict, "{name}");
    }
}

#[test]
fn a_target_that_does_not_exist_is_never_reached() {
    let mut judge = Judge::new(SuccessRule::TASK, Stamp::ORIGIN);
    assert_eq!(judge.feed(Stamp::from_nanos(5), &[], 3), Verdict::Running);
}

proptest! {
    /// The verdict on an arm that stays near does not depend on how often the judge looks.
    #[test]
    fn the_rate_does_not_matter(period_ms in prop::sample::select(vec![1_u64, 2, 5, 10, 25, 50])) {
        let samples = 300 / period_ms + 1;
        let verdict = judge(period_ms, &vec![(15.0, 40.0); samples as usize]);
        assert_eq!(verdict, Verdict::Succeeded(Duration::from_millis(250)));
    }
}
