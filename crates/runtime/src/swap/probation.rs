//! When a new policy has to go again.

use tandem_config::PoliciesSection;

use crate::shared::Conduct;

/// What a new policy did on probation that brings the old one back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lapse {
    /// It is too slow.
    #[error("System 1 missed {missed} of its periods ([policies] missed_steps_max = {max})")]
    Missed { missed: u64, max: u64 },
    /// What it says is of no use.
    #[error(
        "{unusable} of its chunks were refused by the guard or not made \
         ([policies] refused_chunks_max = {max})"
    )]
    Unusable { unusable: u64, max: u64 },
}

impl Lapse {
    /// What was wrong with System 1 between two moments, if it was too much.
    pub(crate) const fn between(
        before: Conduct,
        now: Conduct,
        settings: &PoliciesSection,
    ) -> Option<Self> {
        let unusable = now.unusable.saturating_sub(before.unusable);
        if unusable > settings.refused_chunks_max {
            return Some(Self::Unusable { unusable, max: settings.refused_chunks_max });
        }
        let missed = now.missed.saturating_sub(before.missed);
        if missed > settings.missed_steps_max {
            return Some(Self::Missed { missed, max: settings.missed_steps_max });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_happened_since_counts_and_only_beyond_the_limit() {
        let settings = PoliciesSection {
            folder: PathBuf::new(),
            fade: Duration::ZERO,
            probation: Duration::ZERO,
            missed_steps_max: 20,
            refused_chunks_max: 5,
        };
        let before = Conduct { missed: 100, unusable: 10 };
        for (missed, unusable, expected) in [
            (100, 10, None),
            (120, 15, None),
            (121, 10, Some(Lapse::Missed { missed: 21, max: 20 })),
            (100, 16, Some(Lapse::Unusable { unusable: 6, max: 5 })),
            // The guard's word counts before the clock's.
            (999, 999, Some(Lapse::Unusable { unusable: 989, max: 5 })),
        ] {
            let found = Lapse::between(before, Conduct { missed, unusable }, &settings);
            assert_eq!(found, expected);
        }
    }
}
