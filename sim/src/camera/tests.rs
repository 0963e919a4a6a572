//! What the pictures must show.

mod geometry;
mod pictures;

use nalgebra::{Isometry3, Point3, Translation3, UnitQuaternion, Vector3};
use proptest::prelude::{Strategy, prop_oneof};

use super::{Material, Pattern, Primitive, Renderer, Scenery, Shape, Table, View, view::Lens};

/// A matt white body.
fn white(pose: Isometry3<f32>, shape: Shape) -> Primitive {
    let material = Material { color_linear_rgb: [1.0; 3], specular: 0.0, pattern: Pattern::Solid };
    Primitive { pose, shape, material }
}

/// Bodies without a table, so that body `n` of the trace is primitive `n - 1`.
fn floating(primitives: Vec<Primitive>) -> Scenery {
    let table = Table { half_size_m: [0.0; 2], thickness_m: -1.0, ..Table::default() };
    Scenery { primitives, table, ..Scenery::default() }
}

/// A camera that stands at the world's origin and looks along its x axis.
fn ahead(vertical_fov_rad: f32) -> View {
    View::looking_at(Point3::origin(), Point3::new(1.0, 0.0, 0.0), vertical_fov_rad)
}

/// A renderer that has traced the picture but not shaded it.
fn traced(scenery: &Scenery, view: &View, size_px: [usize; 2]) -> Renderer {
    let mut renderer = Renderer::new();
    renderer.prepare(scenery, &Lens::new(view, size_px));
    renderer.trace.run(&renderer.bodies, size_px);
    renderer
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let length = || 0.005_f32..0.08;
    prop_oneof![
        [length(), length(), length()].prop_map(|half_extents_m| Shape::Cuboid { half_extents_m }),
        length().prop_map(|radius_m| Shape::Ball { radius_m }),
        (length(), length())
            .prop_map(|(half_height_m, radius_m)| Shape::Cylinder { half_height_m, radius_m }),
        (length(), length())
            .prop_map(|(half_height_m, radius_m)| Shape::Capsule { half_height_m, radius_m }),
    ]
}

/// A pose up to `reach_m` from the world's origin along each axis.
fn any_pose(reach_m: f32) -> impl Strategy<Value = Isometry3<f32>> {
    let place = || -reach_m..reach_m;
    let turn = || -3.0_f32..3.0;
    ([place(), place(), place()], [turn(), turn(), turn()]).prop_map(|(place, turn)| {
        Isometry3::from_parts(
            Translation3::from(Vector3::from(place)),
            UnitQuaternion::from_scaled_axis(Vector3::from(turn)),
        )
    })
}
