//! Patterns carved through bodies: how bright a material is at a point in its body's frame.

use super::{scenery::Pattern, vec3::Vec3};

/// The factor a pattern puts on the colour at `at`.
#[inline]
pub(super) fn brightness(pattern: &Pattern, at: Vec3) -> f32 {
    match *pattern {
        Pattern::Solid => 1.0,
        Pattern::Speckle { cell_m, contrast } => {
            let [x, y, z] = cells(at, cell_m);
            // Odd multiples keep the layers of cells along z apart.
            let grain =
                lattice(x.wrapping_add(z.wrapping_mul(19)), y.wrapping_add(z.wrapping_mul(37)));
            1.0 + contrast * (2.0 * grain - 1.0)
        }
        Pattern::Stripes { width_m, contrast } => {
            let band = floor((at.x + at.z) / width_m);
            if band & 1 == 0 { 1.0 + contrast } else { 1.0 - contrast }
        }
        Pattern::Checker { cell_m, contrast } => {
            let [x, y, z] = cells(at, cell_m);
            if (x ^ y ^ z) & 1 == 0 { 1.0 + contrast } else { 1.0 - contrast }
        }
        Pattern::Wood { grain_m, contrast } => {
            // Rings are ten times longer than wide, with a finer grain on top.
            let (x, y) = (0.1 * at.x / grain_m, at.y / grain_m);
            let wood = 0.7 * smooth_noise(x, y) + 0.3 * smooth_noise(2.0 * x, 3.7 * y + 17.0);
            1.0 + contrast * (2.0 * wood - 1.0)
        }
    }
}

fn cells(at: Vec3, cell_m: f32) -> [i32; 3] {
    // A tenth of a cell off, or a body's faces and middle planes, where bodies are mostly seen,
    // would lie on the border of two cells.
    [at.x, at.y, at.z].map(|c| floor(c / cell_m + 0.1))
}

/// `f32::floor` to an integer, saturating; without SSE 4.1 the standard one is a function call.
#[inline]
fn floor(value: f32) -> i32 {
    let cut = value as i32;
    cut.wrapping_sub(i32::from((cut as f32) > value))
}

/// Smooth noise in [0, 1] with features of size one: random values on a lattice, blended.
#[inline]
fn smooth_noise(x: f32, y: f32) -> f32 {
    let (i, j) = (floor(x), floor(y));
    let (u, v) = (ease(x - i as f32), ease(y - j as f32));
    let at = |di: i32, dj: i32| lattice(i.wrapping_add(di), j.wrapping_add(dj));
    let blend = |a: f32, b: f32, t: f32| a + (b - a) * t;
    blend(blend(at(0, 0), at(1, 0), u), blend(at(0, 1), at(1, 1), u), v)
}

#[inline]
fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// The lattice repeats after this many points each way: for the table's grain, 8 m by 0.8 m.
const LATTICE: usize = 64;

/// Random values in [0, 1). Looking them up halves the cost of wood against computing them.
static LATTICE_VALUES: [f32; LATTICE * LATTICE] = lattice_values();

const fn lattice_values() -> [f32; LATTICE * LATTICE] {
    let mut values = [0.0; LATTICE * LATTICE];
    let mut index = 0;
    while index < values.len() {
        // The finaliser of MurmurHash3.
        let mut bits = (index as u32).wrapping_add(1).wrapping_mul(0x9E37_79B1);
        bits = (bits ^ bits >> 16).wrapping_mul(0x85EB_CA6B);
        bits = (bits ^ bits >> 13).wrapping_mul(0xC2B2_AE35);
        values[index] = ((bits ^ bits >> 16) >> 8) as f32 / 16_777_216.0;
        index += 1;
    }
    values
}

/// A lattice point's value.
#[inline]
fn lattice(i: i32, j: i32) -> f32 {
    const MASK: usize = LATTICE - 1;
    LATTICE_VALUES[(j as usize & MASK) * LATTICE + (i as usize & MASK)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floor_rounds_down_and_takes_anything() {
        for value in [-2.0, -1.5, -0.0, 0.0, 0.9, 1.0, 1e6] {
            assert_eq!(floor(value), f32::floor(value) as i32, "{value}");
        }
        assert_eq!(floor(f32::NAN), 0);
        assert_eq!(floor(f32::INFINITY), i32::MAX);
    }

    #[test]
    fn patterns_stay_within_their_contrast_and_use_it() {
        let patterns = [
            Pattern::Speckle { cell_m: 0.01, contrast: 0.2 },
            Pattern::Stripes { width_m: 0.01, contrast: 0.2 },
            Pattern::Checker { cell_m: 0.01, contrast: 0.2 },
            Pattern::Wood { grain_m: 0.01, contrast: 0.2 },
        ];
        for pattern in patterns {
            let line = (0..2000).map(|i| {
                let s = i as f32 * 0.003;
                brightness(&pattern, Vec3::new(s, 0.7 * s, -0.3 * s))
            });
            let (low, high) = line.fold((1.0_f32, 1.0_f32), |(l, h), b| (l.min(b), h.max(b)));
            assert!((0.8..0.9).contains(&low), "{pattern:?} {low}");
            assert!((1.1..=1.2).contains(&high), "{pattern:?} {high}");
        }
    }
}
