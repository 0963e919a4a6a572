//! Where the objects lie.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use super::object::{Object, ObjectKind};
use crate::Workspace;

/// The nearest two centres may be, m.
pub const CENTER_DISTANCE_M_MIN: f64 = 0.07;
/// The nearest two surfaces may be, m: more than the 2 cm of the success rule.
pub const SURFACE_DISTANCE_M_MIN: f64 = 0.025;

/// Draws places for all kinds at the distances above.
pub(super) fn place(
    kinds: &[ObjectKind],
    workspace: &Workspace,
    rng: &mut Pcg64Mcg,
) -> Vec<Object> {
    // One place in about three is free when four large cubes lie, so 64 draws seldom fail; a table
    // that does not fill is cleared. If that never ended, the last object would stay away.
    const DRAWS_MAX: usize = 64;
    const TABLES_MAX: usize = 1000;
    let mut objects = Vec::with_capacity(kinds.len());
    for _ in 0..TABLES_MAX {
        objects.clear();
        for &kind in kinds {
            let found = (0..DRAWS_MAX).find_map(|_| {
                let object = draw(kind, workspace, rng);
                objects.iter().all(|other| apart(&object, other)).then_some(object)
            });
            objects.extend(found);
        }
        if objects.len() == kinds.len() {
            break;
        }
    }
    objects
}

fn draw(kind: ObjectKind, workspace: &Workspace, rng: &mut Pcg64Mcg) -> Object {
    Object {
        kind,
        position_m: [
            rng.random_range(workspace.x_m.clone()),
            rng.random_range(workspace.y_m.clone()),
        ],
        yaw_rad: rng.random_range(-core::f64::consts::PI..core::f64::consts::PI),
        tint: rng.random_range(0.88..1.12),
    }
}

fn apart(a: &Object, b: &Object) -> bool {
    let [ax, ay] = a.position_m;
    let [bx, by] = b.position_m;
    let radii = a.kind.footprint_radius_m() + b.kind.footprint_radius_m();
    (ax - bx).hypot(ay - by) >= f64::max(CENTER_DISTANCE_M_MIN, radii + SURFACE_DISTANCE_M_MIN)
}
