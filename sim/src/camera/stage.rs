//! The scenery made ready for one picture: every body with the rays in its own frame.

use super::{
    bounds::Window,
    scenery::{Material, Scenery, Shape, Table},
    vec3::{Rotation, Vec3, translation},
    view::{Lens, Rays},
};

/// The table's place among the bodies. It is the only one that casts no shadow.
pub(super) const TABLE: usize = 0;

/// A body made ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    pub(super) shape: Shape,
    pub(super) material: Material,
    pub(super) rotation: Rotation,
    pub(super) center: Vec3,
    /// The pixels' rays in the body's frame.
    pub(super) rays: Rays,
    /// The unit vector towards the lamp in the body's frame.
    pub(super) toward_lamp: Vec3,
    /// Where the picture can show it.
    pub(super) window: Window,
}

impl Body {
    fn new(
        lens: &Lens,
        toward_lamp: Vec3,
        shape: Shape,
        material: Material,
        rotation: Rotation,
        center: Vec3,
    ) -> Self {
        Self {
            shape,
            material,
            rotation,
            center,
            rays: lens.rays_in(&rotation, center),
            toward_lamp: rotation.invert(toward_lamp),
            window: Window::around(lens, &shape, &rotation, center),
        }
    }

    /// A point of the world in the body's frame.
    #[inline]
    pub(super) fn local(&self, point: Vec3) -> Vec3 {
        self.rotation.invert(point - self.center)
    }
}

/// Fills `bodies` with the table and the scenery's bodies.
pub(super) fn set(bodies: &mut Vec<Body>, scenery: &Scenery, lens: &Lens, toward_lamp: Vec3) {
    bodies.clear();
    bodies.push(table_body(&scenery.table, lens, toward_lamp));
    bodies.extend(scenery.primitives.iter().take(Scenery::PRIMITIVES_MAX).map(|primitive| {
        let rotation = Rotation::of(&primitive.pose.rotation);
        let center = translation(&primitive.pose);
        Body::new(lens, toward_lamp, primitive.shape, primitive.material, rotation, center)
    }));
}

fn table_body(table: &Table, lens: &Lens, toward_lamp: Vec3) -> Body {
    let half_thickness_m = table.thickness_m / 2.0;
    let [x, y] = table.half_size_m;
    let shape = Shape::Cuboid { half_extents_m: [x, y, half_thickness_m] };
    let center = Vec3::from(table.top_center_m) - Vec3::new(0.0, 0.0, half_thickness_m);
    Body::new(lens, toward_lamp, shape, table.material, Rotation::UPRIGHT, center)
}
