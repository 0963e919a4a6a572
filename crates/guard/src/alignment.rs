//! Whether a policy is given latent goals of the age it was trained on.
//!
//! A latent goal is always late, and a policy learns to live with that: with a delay of its
//! training, no more and, less obviously, no less. What counts is not the goal's age now but its age
//! at the observation it was used for, which is what training saw.

use core::time::Duration;

use tandem_types::Stamp;

use crate::cause::Finding;
use crate::{Cause, Provenance, Reaction};

/// The ages of latent goals that a policy was trained on, and what is done outside of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatentAlignment {
    /// The youngest.
    pub age_min: Duration,
    /// The oldest.
    pub age_max: Duration,
    /// What an age outside calls for; a hold at most, which ends by itself.
    pub reaction: Reaction,
}

impl LatentAlignment {
    /// Looks at the latent goal behind an action. One that never came is no question of its age.
    pub(crate) fn check(&self, action: Option<Provenance>) -> Option<Finding> {
        let action = action.filter(|action| action.latent_observed > Stamp::ORIGIN)?;
        let age = action.latent_observed.age_at(action.observed);
        if (self.age_min..=self.age_max).contains(&age) {
            return None;
        }
        let cause = Cause::Untrained { age, age_min: self.age_min, age_max: self.age_max };
        Some(Finding::new(self.reaction.min(Reaction::Hold), cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn check(age: Duration, reaction: Reaction, expected: Option<Reaction>) {
        let alignment = LatentAlignment { age_min: ms(50), age_max: ms(300), reaction };
        let observed = Stamp::from_nanos(5_000_000_000);
        let latent_observed = observed.before(age);
        let action = Provenance { observed, frame_observed: observed, latent_observed };
        let found = alignment.check(Some(action));
        assert_eq!(found.map(|finding| finding.reaction), expected, "{age:?} {reaction:?}");
    }

    #[test]
    fn an_age_outside_of_training_calls_for_what_was_chosen() {
        for reaction in [Reaction::Warn, Reaction::Degrade, Reaction::Hold] {
            check(ms(49), reaction, Some(reaction));
            check(ms(50), reaction, None);
            check(ms(300), reaction, None);
            check(ms(301), reaction, Some(reaction));
        }
        check(ms(301), Reaction::Stop, Some(Reaction::Hold));
    }

    #[test]
    fn what_never_came_has_no_age() {
        let (age_min, age_max) = (ms(50), ms(300));
        let alignment = LatentAlignment { age_min, age_max, reaction: Reaction::Hold };
        assert_eq!(alignment.check(None), None);
        let observed = Stamp::from_nanos(5_000_000_000);
        let action =
            Provenance { observed, frame_observed: observed, latent_observed: Stamp::ORIGIN };
        assert_eq!(alignment.check(Some(action)), None);
    }
}
