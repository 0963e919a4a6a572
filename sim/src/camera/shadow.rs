//! Which points the lamp reaches.
//!
//! Looking down the light, every body covers a rectangle. A coarse grid over that view names the
//! bodies whose rectangles touch each cell, so a point need test only the few bodies that can
//! stand between it and the lamp, and those exactly.

use super::{
    stage::{Body, TABLE},
    vec3::Vec3,
};

/// Cells along each side. Measured on the bench scene, 16 and 64 differ from this by 3 %.
const CELLS: usize = 32;

/// Entries nearer than this are the surface itself, m.
const BIAS_M: f32 = 1e-4;

/// The bodies that the lamp sees, cell by cell.
#[derive(Debug)]
pub(super) struct Shadows {
    toward_lamp: Vec3,
    across: Vec3,
    down: Vec3,
    low: [f32; 2],
    cells_per_m: [f32; 2],
    /// Per cell, bit `n % 64` for body `n`.
    cells: Vec<u64>,
    /// Per body, how near to the lamp it comes, m.
    tops_m: Vec<f32>,
}

/// What a body covers in the lamp's view.
struct Cover {
    low: [f32; 2],
    high: [f32; 2],
    top_m: f32,
}

impl Shadows {
    pub(super) fn new() -> Self {
        Self {
            toward_lamp: Vec3::ZERO,
            across: Vec3::ZERO,
            down: Vec3::ZERO,
            low: [0.0; 2],
            cells_per_m: [0.0; 2],
            cells: vec![0; CELLS * CELLS],
            tops_m: Vec::new(),
        }
    }

    /// Makes the grid for a lamp and bodies.
    pub(super) fn set(&mut self, bodies: &[Body], toward_lamp: Vec3) {
        self.toward_lamp = toward_lamp;
        // Any axis that is not the light's own will do for a start.
        let start = if toward_lamp.x.abs() < 0.8 {
            Vec3::new(1.0, 0.0, 0.0)
        } else {
            Vec3::new(0.0, 1.0, 0.0)
        };
        self.across = (start - toward_lamp * start.dot(toward_lamp)).unit();
        self.down = toward_lamp.cross(self.across);
        self.cover(bodies);
        self.cells.fill(0);
        for (number, body) in bodies.iter().enumerate().filter(|&(number, _)| number != TABLE) {
            let cover = self.cover_of(body);
            let [columns, rows] = [0, 1].map(|axis| {
                let cell = |at: f32| (self.cell(axis, at) as usize).min(CELLS - 1);
                cell(cover.low[axis])..=cell(cover.high[axis])
            });
            for row in rows {
                for cell in &mut self.cells[row * CELLS..][columns.clone()] {
                    *cell |= 1 << (number % 64);
                }
            }
        }
    }

    /// Spans the grid over all bodies and notes their tops.
    fn cover(&mut self, bodies: &[Body]) {
        let mut low = [f32::INFINITY; 2];
        let mut high = [f32::NEG_INFINITY; 2];
        self.tops_m.clear();
        for (number, body) in bodies.iter().enumerate() {
            let cover = self.cover_of(body);
            self.tops_m.push(cover.top_m);
            if number != TABLE {
                for axis in 0..2 {
                    low[axis] = low[axis].min(cover.low[axis]);
                    high[axis] = high[axis].max(cover.high[axis]);
                }
            }
        }
        self.low = low;
        self.cells_per_m = [0, 1].map(|axis| CELLS as f32 / (high[axis] - low[axis]).max(1e-6));
    }

    fn cover_of(&self, body: &Body) -> Cover {
        let (half, ball) = (body.shape.half_extents(), body.shape.bounding_radius());
        let reach = |axis: Vec3| {
            let r = &body.rotation;
            let of_box = half.dot(Vec3::new(r.x.dot(axis), r.y.dot(axis), r.z.dot(axis)).abs());
            // A tenth of a millimetre against rounding.
            of_box.min(ball) + 1e-4
        };
        let axes = [self.across, self.down];
        Cover {
            low: axes.map(|axis| body.center.dot(axis) - reach(axis)),
            high: axes.map(|axis| body.center.dot(axis) + reach(axis)),
            top_m: body.center.dot(self.toward_lamp) + reach(self.toward_lamp),
        }
    }

    /// The column (axis 0) or row (axis 1) of a coordinate, as a number that may lie outside.
    #[inline]
    fn cell(&self, axis: usize, at: f32) -> f32 {
        (at - self.low[axis]) * self.cells_per_m[axis]
    }

    /// Whether the lamp reaches `point` on the surface of body `own`, which, being convex, does
    /// not stand in its own light where it faces the lamp.
    #[inline]
    pub(super) fn is_lit(&self, bodies: &[Body], point: Vec3, own: usize) -> bool {
        let column = self.cell(0, point.dot(self.across));
        let row = self.cell(1, point.dot(self.down));
        let on_grid = |cell: f32| cell >= 0.0 && cell < CELLS as f32;
        if !on_grid(column) || !on_grid(row) {
            return true;
        }
        let mut here = self.cells[row as usize * CELLS + column as usize];
        let height_m = point.dot(self.toward_lamp);
        while here != 0 {
            let first = here.trailing_zeros() as usize;
            here &= here - 1;
            for number in (first..bodies.len()).step_by(64) {
                if number != own && self.tops_m[number] > height_m {
                    let body = &bodies[number];
                    let entry = body.shape.enter(body.local(point), body.toward_lamp);
                    if entry > BIAS_M && entry < f32::INFINITY {
                        return false;
                    }
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{Scenery, bench_scenery, stage, task_table, view::Lens};
    use proptest::prelude::{prop_assert_eq, proptest};

    /// Every body of a scenery, with no grid between.
    fn is_lit_plainly(bodies: &[Body], point: Vec3) -> bool {
        bodies.iter().skip(1).all(|body| {
            let entry = body.shape.enter(body.local(point), body.toward_lamp);
            entry <= BIAS_M || entry == f32::INFINITY
        })
    }

    proptest! {
        /// The grid is only a shortcut; with 70 bodies, some share a bit of it.
        #[test]
        fn the_grid_changes_nothing(
            light in [-1.0_f32..1.0, -1.0..1.0, -1.0..-0.2],
            points in proptest::collection::vec([-0.1_f32..0.5, -0.4..0.4, 0.0..0.3], 200),
        ) {
            let (mut scenery, view) = task_table();
            let more = [bench_scenery().0, bench_scenery().0];
            scenery.primitives.extend(more.into_iter().flat_map(|Scenery { primitives, .. }| primitives));
            prop_assert_eq!(scenery.primitives.len() > 64, true);
            let toward_lamp = -Vec3::from(light).unit();
            let mut bodies = Vec::new();
            stage::set(&mut bodies, &scenery, &Lens::new(&view, [96, 96]), toward_lamp);
            let mut shadows = Shadows::new();
            shadows.set(&bodies, toward_lamp);
            for point in points.into_iter().map(Vec3::from) {
                let lit = shadows.is_lit(&bodies, point, TABLE);
                prop_assert_eq!(lit, is_lit_plainly(&bodies, point), "{:?}", point);
            }
        }
    }
}
