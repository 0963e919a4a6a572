//! Which body every pixel shows, and how deep.

use super::{
    bounds::Window,
    scenery::Shape,
    solid::{enter_ball, enter_capsule, enter_cuboid, enter_cylinder},
    stage::Body,
    vec3::Vec3,
    view::{NEAR_M, Rays},
};

/// The body number of a pixel that shows none.
pub(super) const NOTHING: u32 = u32::MAX;

/// Rays through a pixel on an edge.
pub(super) const SAMPLES: usize = 4;

/// Where they go: a rotated grid, in which no two share a row or a column, so that an edge of any
/// slant moves through the samples one by one.
pub(super) const SAMPLE_OFFSETS_PX: [[f32; 2]; SAMPLES] =
    [[0.375, 0.125], [0.875, 0.375], [0.125, 0.625], [0.625, 0.875]];

/// What the rays of a picture hit. The buffers are kept from picture to picture.
#[derive(Debug, Default)]
pub(super) struct Trace {
    width_px: usize,
    /// Per pixel, at its centre: depth of the nearest hit, m.
    pub(super) depth_m: Vec<f32>,
    /// Per pixel: whose it is.
    pub(super) body: Vec<u32>,
    /// The pixels on edges, row by row.
    pub(super) edges: Vec<Edge>,
    /// Per row, and one more: where its edges start.
    row_starts: Vec<usize>,
}

/// A pixel where bodies meet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) x: usize,
    pub(super) depth_m: [f32; SAMPLES],
    pub(super) body: [u32; SAMPLES],
}

impl Trace {
    /// Casts all rays of a picture of `size_px`.
    pub(super) fn run(&mut self, bodies: &[Body], size_px: [usize; 2]) {
        let [width_px, height_px] = size_px;
        self.width_px = width_px;
        self.depth_m.clear();
        self.depth_m.resize(width_px * height_px, f32::INFINITY);
        self.body.clear();
        self.body.resize(width_px * height_px, NOTHING);
        for (number, body) in (0_u32..).zip(bodies) {
            self.cast(number, body);
        }
        self.find_edges(height_px);
        for (number, body) in (0_u32..).zip(bodies) {
            self.refine(number, body);
        }
    }

    /// Casts the rays in one body's window.
    fn cast(&mut self, number: u32, body: &Body) {
        // The choice of form stands outside of the loops, which then compile to vector code.
        match body.shape {
            Shape::Cuboid { half_extents_m } => {
                let half = half_extents_m.into();
                self.cast_with(number, body, |from, along| enter_cuboid(from, along, half));
            }
            Shape::Ball { radius_m } => {
                self.cast_with(number, body, |from, along| enter_ball(from, along, radius_m));
            }
            Shape::Cylinder { half_height_m: half, radius_m } => {
                self.cast_with(number, body, |from, along| {
                    enter_cylinder(from, along, half, radius_m)
                });
            }
            Shape::Capsule { half_height_m: half, radius_m } => {
                self.cast_with(number, body, |from, along| {
                    enter_capsule(from, along, half, radius_m)
                });
            }
        }
    }

    #[inline]
    fn cast_with(&mut self, number: u32, body: &Body, enter: impl Fn(Vec3, Vec3) -> f32) {
        let Window { x0, x1, y0, y1 } = body.window;
        if x0 >= x1 {
            return;
        }
        let Rays { from, .. } = body.rays;
        for y in y0..y1 {
            let row = body.rays.row(y as f32 + 0.5);
            let pixels = y * self.width_px + x0..y * self.width_px + x1;
            let depths = self.depth_m[pixels.clone()].iter_mut();
            for (column, (depth_m, owner)) in depths.zip(&mut self.body[pixels]).enumerate() {
                let x = (x0 + column) as i32;
                let hit = enter(from, row.along(x as f32 + 0.5));
                // Not `&&`, whose branch would keep the loop from becoming vector code.
                let nearer = (hit > NEAR_M) & (hit < *depth_m);
                *depth_m = if nearer { hit } else { *depth_m };
                *owner = if nearer { number } else { *owner };
            }
        }
    }

    /// Lists the pixels that have a neighbour of another body.
    fn find_edges(&mut self, height_px: usize) {
        let width = self.width_px;
        self.edges.clear();
        self.row_starts.clear();
        for y in 0..height_px {
            self.row_starts.push(self.edges.len());
            let above = y.saturating_sub(1) * width;
            let below = (y + 1).min(height_px - 1) * width;
            let row = |start: usize| &self.body[start..start + width];
            let (above, here, below) = (row(above), row(y * width), row(below));
            for x in 0..width {
                let body = here[x];
                let left = here[x.saturating_sub(1)];
                let right = here[(x + 1).min(width - 1)];
                if (left ^ body) | (right ^ body) | (above[x] ^ body) | (below[x] ^ body) != 0 {
                    let depth_m = [f32::INFINITY; SAMPLES];
                    self.edges.push(Edge { x, depth_m, body: [NOTHING; SAMPLES] });
                }
            }
        }
        self.row_starts.push(self.edges.len());
    }

    /// The pixels of row `y` that are on edges, from left to right.
    pub(super) fn edges_in_row(&self, y: usize) -> &[Edge] {
        &self.edges[self.row_starts[y]..self.row_starts[y + 1]]
    }

    /// Casts the edges' rays in one body's window.
    fn refine(&mut self, number: u32, body: &Body) {
        let Window { x0, x1, y0, y1 } = body.window;
        for y in y0..y1 {
            let edges = self.row_starts[y]..self.row_starts[y + 1];
            let inside = |edge: &&mut Edge| edge.x >= x0 && edge.x < x1;
            for edge in self.edges[edges].iter_mut().filter(inside) {
                for (sample, [dx, dy]) in SAMPLE_OFFSETS_PX.into_iter().enumerate() {
                    let along = body.rays.along(edge.x as f32 + dx, y as f32 + dy);
                    let hit = body.shape.enter(body.rays.from, along);
                    if hit > NEAR_M && hit < edge.depth_m[sample] {
                        edge.depth_m[sample] = hit;
                        edge.body[sample] = number;
                    }
                }
            }
        }
    }
}
