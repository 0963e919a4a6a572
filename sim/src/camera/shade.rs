//! The colour of what a ray hit.

use super::{
    scenery::{Background, Light},
    shadow::Shadows,
    stage::Body,
    texture::brightness,
    vec3::{Vec3, max},
    view::Rays,
};

/// Everything that decides a colour.
pub(super) struct Shader<'a> {
    pub(super) bodies: &'a [Body],
    pub(super) shadows: &'a Shadows,
    pub(super) background: &'a Background,
    /// The pixels' rays in the world.
    pub(super) rays: Rays,
    pub(super) toward_lamp: Vec3,
    pub(super) lamp: Vec3,
    pub(super) ambient: Vec3,
}

impl<'a> Shader<'a> {
    pub(super) fn new(
        bodies: &'a [Body],
        shadows: &'a Shadows,
        light: &Light,
        background: &'a Background,
        rays: Rays,
    ) -> Self {
        Self {
            bodies,
            shadows,
            background,
            rays,
            toward_lamp: toward_lamp(light),
            lamp: light.color_linear_rgb.into(),
            ambient: light.ambient_linear_rgb.into(),
        }
    }

    /// The linear colour seen through a place in the picture, where the ray hit `body` at
    /// `depth_m`, or nothing.
    #[inline]
    pub(super) fn color(&self, body: u32, depth_m: f32, x_px: f32, y_px: f32) -> Vec3 {
        let along = self.rays.along(x_px, y_px);
        let number = body as usize;
        match self.bodies.get(number) {
            Some(body) => self.surface(body, number, self.rays.from + along * depth_m, along),
            None => self.beyond(along),
        }
    }

    /// The colour of a body at a point of the world.
    #[inline]
    fn surface(&self, body: &Body, number: usize, point: Vec3, along: Vec3) -> Vec3 {
        let local = body.local(point);
        let normal = body.rotation.apply(body.shape.normal(local));
        let material = &body.material;
        let albedo = Vec3::from(material.color_linear_rgb) * brightness(&material.pattern, local);
        let mut light = self.ambient * hemisphere(normal);
        let facing = normal.dot(self.toward_lamp);
        if facing <= 0.0 || !self.shadows.is_lit(self.bodies, point, number) {
            return albedo.times(light);
        }
        light = light + self.lamp * facing;
        let shine = if material.specular > 0.0 {
            material.specular * highlight(normal, self.toward_lamp, along)
        } else {
            0.0
        };
        albedo.times(light) + self.lamp * shine
    }

    /// The floor below the horizon, the wall above it.
    fn beyond(&self, along: Vec3) -> Vec3 {
        let distance = (self.background.floor_z_m - self.rays.from.z) / along.z;
        if !(distance > 0.0 && distance < 100.0) {
            return self.background.wall_linear_rgb.into();
        }
        let floor = &self.background.floor;
        let at = self.rays.from + along * distance;
        let light = self.ambient + self.lamp * max(self.toward_lamp.z, 0.0);
        light.times(floor.color_linear_rgb.into()) * brightness(&floor.pattern, at)
    }
}

/// The unit vector towards the lamp.
pub(super) fn toward_lamp(light: &Light) -> Vec3 {
    -Vec3::from(light.direction).unit()
}

/// The share of the room's light that a surface gets: all facing up, half facing down.
#[inline]
fn hemisphere(normal: Vec3) -> f32 {
    0.75 + 0.25 * normal.z
}

/// Blinn-Phong with exponent 64: on a 3 cm ball seen 7 px wide, a highlight 1 to 2 px wide. A
/// softer one would often bleach a whole flat face and hide its colour.
#[inline]
fn highlight(normal: Vec3, toward_lamp: Vec3, along: Vec3) -> f32 {
    let between = (toward_lamp - along.unit()).unit();
    let mut power = max(normal.dot(between), 0.0);
    for _ in 0..6 {
        power *= power;
    }
    power
}
