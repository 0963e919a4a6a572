//! The closed forms against braking, one tick after the other.

use proptest::prelude::{Strategy, proptest};

use super::*;

/// Braking as it happens.
struct Walk {
    excursion: Excursion,
    travel: f64,
    ticks: f64,
}

fn walk(braking: &Braking, mut v: f64, mut a: f64) -> Walk {
    let mut excursion = Excursion { lowest: 0.0, highest: 0.0, rest: 0.0 };
    let (mut travel, mut ticks) = (0.0, 0.0);
    while v != 0.0 || a != 0.0 {
        let next = braking.next(v, a);
        assert!((next - a).abs() <= braking.jerk * (1.0 + 1e-12), "jerk {}", next - a);
        assert!(next.abs() <= braking.acceleration.max(a.abs()));
        a = next;
        v += a;
        excursion.rest += v;
        travel += v.abs();
        excursion.lowest = excursion.lowest.min(excursion.rest);
        excursion.highest = excursion.highest.max(excursion.rest);
        ticks += 1.0;
        assert!(ticks < 1e6, "never comes to rest: {v} rad/tick, {a} rad/tick^2");
    }
    Walk { excursion, travel, ticks }
}

/// Limits, a velocity, and an acceleration within the limits; all of a size that walks end.
fn moment() -> impl Strategy<Value = (Braking, f64, f64)> {
    (0.001..1.0, 0.1..50.0, -300.0..300.0, -1.0..1.0_f64).prop_map(
        |(jerk, acceleration_in_jerks, v_in_jerks, share)| {
            let acceleration = jerk * acceleration_in_jerks;
            let braking = Braking { jerk, acceleration };
            (braking, jerk * v_in_jerks, acceleration * share)
        },
    )
}

fn check(braking: &Braking, v: f64, a: f64) {
    let walked = walk(braking, v, a);
    let found = braking.excursion(v, a);
    // Distances are sums of up to a thousand velocities, each right to a few ulps.
    let tolerance = 1e-9 * (v.abs() + a.abs() + braking.jerk) * (1.0 + walked.ticks);
    for (found, walked) in [
        (found.lowest, walked.excursion.lowest),
        (found.highest, walked.excursion.highest),
        (found.rest, walked.excursion.rest),
        (found.travel(), walked.travel),
    ] {
        assert!(
            (found - walked).abs() <= tolerance,
            "{found} but walked {walked}: {braking:?} {v} {a}"
        );
    }
    let bound = v.abs() / braking.acceleration + 3.0 * braking.acceleration / braking.jerk + 4.0;
    assert!(walked.ticks <= bound, "{} ticks, at most {bound} promised", walked.ticks);
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(10_000))]

    #[test]
    fn closed_forms_are_what_braking_adds_up_to((braking, v, a) in moment()) {
        check(&braking, v, a);
    }

    #[test]
    fn fading_undoes_itself((braking, v, _) in moment()) {
        let u = braking.fading_within(v);
        assert!((braking.faded(u.abs()).copysign(u) - v).abs() <= 1e-12 * v.abs());
    }
}

/// Where the pieces meet: whole numbers of ticks, rest, and the limits themselves.
#[test]
fn closed_forms_hold_on_whole_ticks() {
    for acceleration in [0.5, 1.0, 2.0, 5.0] {
        let braking = Braking { jerk: 1.0, acceleration };
        for v in -40..=40 {
            for a in -10..=10 {
                check(&braking, f64::from(v) / 2.0, acceleration * f64::from(a) / 10.0);
            }
        }
    }
}
