//! Distances of points, segments and boxes, in closed form but for one search.

use nalgebra::{Point3, Vector3};

use super::Bounds;

pub(super) type Segment = (Point3<f64>, Point3<f64>);

/// The part of a segment that the golden section keeps with each look.
const GOLDEN: f64 = 0.618_033_988_749_894_9;
/// Looks in the search along a segment: to a hundred-millionth of its length.
const LOOKS: usize = 38;

/// From a point to a box; negative inside, where it is how deep.
pub(super) fn point_box(point: &Point3<f64>, bounds: &Bounds) -> f64 {
    let corners = bounds.min_m.iter().zip(&bounds.max_m);
    let outside = point.iter().zip(corners).map(|(&at, (&min, &max))| (min - at).max(at - max));
    let (square, deepest) = outside.fold((0.0, f64::NEG_INFINITY), |(square, deepest), off| {
        let beyond: f64 = off.max(0.0);
        (square + beyond * beyond, f64::max(deepest, off))
    });
    if deepest <= 0.0 { deepest } else { square.sqrt() }
}

/// From a segment to a box. The distance from a box, negative inside, is a convex function of the
/// place, so that one search along the segment (by the golden section, which looks once a step) finds
/// the nearest, to a hundred-millionth of the segment's length.
pub(super) fn segment_box((from, to): &Segment, bounds: &Bounds) -> f64 {
    let along = to - from;
    let at = |share: f64| point_box(&(from + along * share), bounds);
    let (mut low, mut high) = (0.0, 1.0);
    let (mut left, mut right) = (1.0 - GOLDEN, GOLDEN);
    let (mut at_left, mut at_right) = (at(left), at(right));
    for _ in 0..LOOKS {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = at(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = at(right);
        }
    }
    at(0.0).min(at(1.0)).min(at_left.min(at_right))
}

/// From a point to a segment.
pub(super) fn point_segment(point: &Point3<f64>, (from, to): &Segment) -> f64 {
    let (along, off) = (to - from, point - from);
    (off - along * share(off.dot(&along), along.norm_squared())).norm()
}

/// From a segment to a segment (Ericson, Real-Time Collision Detection, 5.1.9).
pub(super) fn segment_segment(one: &Segment, two: &Segment) -> f64 {
    let (d1, d2, r) = (one.1 - one.0, two.1 - two.0, one.0 - two.0);
    let (a, e, f) = (d1.norm_squared(), d2.norm_squared(), d2.dot(&r));
    let (b, c) = (d1.dot(&d2), d1.dot(&r));
    let along_one = share(b * f - c * e, a * e - b * b);
    let along_two = share(b * along_one + f, e);
    // The place on the second may have been cut at an end; then the first moves to face it.
    let along_one = share(b * along_two - c, a);
    apart(&r, &(d1 * along_one), &(d2 * along_two))
}

fn apart(r: &Vector3<f64>, one: &Vector3<f64>, two: &Vector3<f64>) -> f64 {
    (r + one - two).norm()
}

/// `part / whole` within a segment; a segment that is a point, or parallel, is met at its start.
fn share(part: f64, whole: f64) -> f64 {
    if whole > f64::EPSILON { (part / whole).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, proptest};

    use super::*;

    fn point() -> impl Strategy<Value = Point3<f64>> {
        [-1.0..1.0_f64, -1.0..1.0, -1.0..1.0].prop_map(Point3::from)
    }

    /// The least of `f` over a grid, which is never less than the true least.
    fn grid(f: impl Fn(f64, f64) -> f64) -> f64 {
        let shares = (0..=60).map(|step| f64::from(step) / 60.0);
        let pairs = shares.clone().flat_map(|one| shares.clone().map(move |two| (one, two)));
        pairs.map(|(one, two)| f(one, two)).fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn a_point_is_as_far_from_a_segment_as_from_its_nearest_point(
            a in point(), b in point(), c in point(),
        ) {
            let found = point_segment(&c, &(a, b));
            let least = grid(|share, _| (a + (b - a) * share - c).norm());
            assert!(found <= least + 1e-9 && found >= least - 0.03, "{found}, but {least}");
        }

        #[test]
        fn two_segments_are_as_far_apart_as_their_nearest_points(
            a in point(), b in point(), c in point(), d in point(),
        ) {
            let found = segment_segment(&(a, b), &(c, d));
            let least = grid(|one, two| (a + (b - a) * one - (c + (d - c) * two)).norm());
            assert!(found <= least + 1e-9 && found >= least - 0.06, "{found}, but {least}");
        }

        #[test]
        fn a_segment_is_as_far_from_a_box_as_its_nearest_point(a in point(), b in point()) {
            let bounds = Bounds { min_m: [-0.2, -0.1, 0.0], max_m: [0.3, 0.2, 0.4] };
            let found = segment_box(&(a, b), &bounds);
            let least = grid(|share, _| point_box(&(a + (b - a) * share), &bounds));
            assert!(found <= least + 1e-6 && found >= least - 0.06, "{found}, but {least}");
        }
    }

    #[test]
    fn points_lie_in_boxes_and_beside_them() {
        let bounds = Bounds { min_m: [0.0; 3], max_m: [1.0, 2.0, 3.0] };
        let at = |point: [f64; 3]| point_box(&Point3::from(point), &bounds);
        assert_eq!(at([0.5, 1.0, 2.9]), 2.9 - 3.0);
        assert_eq!(at([1.5, 1.0, 1.0]), 0.5);
        assert_eq!(at([4.0, 6.0, 1.0]), 5.0);
    }

    #[test]
    fn parallel_and_crossing_segments() {
        let segment = |from: [f64; 3], to: [f64; 3]| (Point3::from(from), Point3::from(to));
        let x = segment([0.0; 3], [1.0, 0.0, 0.0]);
        assert_eq!(segment_segment(&x, &segment([0.2, 0.3, 0.0], [0.8, 0.3, 0.0])), 0.3);
        assert_eq!(segment_segment(&x, &segment([0.5, -1.0, 0.1], [0.5, 1.0, 0.1])), 0.1);
        assert_eq!(segment_segment(&x, &segment([3.0, 0.0, 0.0], [3.0, 0.0, 0.0])), 2.0);
    }
}
