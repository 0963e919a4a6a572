//! The passes in their order.

use tandem_types::Frame;

use super::{
    scenery::Scenery,
    sensor::{Sensor, pixel_noise},
    shade::{Shader, toward_lamp},
    shadow::Shadows,
    stage::{self, Body},
    trace::{SAMPLE_OFFSETS_PX, SAMPLES, Trace},
    vec3::Vec3,
    view::{Lens, View},
};

/// Draws pictures; keeps the buffers that this needs from picture to picture.
#[derive(Debug)]
pub struct Renderer {
    pub(super) bodies: Vec<Body>,
    pub(super) trace: Trace,
    shadows: Shadows,
    sensor: Sensor,
}

impl Renderer {
    /// A renderer whose buffers are still empty.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bodies: Vec::new(),
            trace: Trace::default(),
            shadows: Shadows::new(),
            sensor: Sensor::new(),
        }
    }

    /// Draws `scenery` as `view` sees it into `out`, whose size decides the picture's; its stamp
    /// is the caller's business. Give every picture its own `noise_seed`, or the sensor's noise
    /// stands still.
    ///
    /// The same input gives the same bytes. Bodies with a NaN or infinite pose or size are drawn
    /// in some way or not at all.
    pub fn render(&mut self, scenery: &Scenery, view: &View, noise_seed: u64, out: &mut Frame) {
        let lens = Lens::new(view, [out.width_px(), out.height_px()]);
        self.prepare(scenery, &lens);
        self.trace.run(&self.bodies, lens.size_px);
        self.expose(scenery, &lens, noise_seed, out);
    }

    /// The bounding pass and the shadow grid.
    pub(super) fn prepare(&mut self, scenery: &Scenery, lens: &Lens) {
        let toward_lamp = toward_lamp(&scenery.light);
        stage::set(&mut self.bodies, scenery, lens, toward_lamp);
        self.shadows.set(&self.bodies, toward_lamp);
    }

    /// Shades what was traced and writes the bytes.
    pub(super) fn expose(&self, scenery: &Scenery, lens: &Lens, seed: u64, out: &mut Frame) {
        let Scenery { light, background, .. } = scenery;
        let shader = Shader::new(&self.bodies, &self.shadows, light, background, lens.rays());
        let width_px = lens.size_px[0];
        for y in 0..lens.size_px[1] {
            let mut edges = self.trace.edges_in_row(y).iter().peekable();
            let start = y * width_px;
            let row = out.rgb_mut()[3 * start..].chunks_exact_mut(3).take(width_px);
            for (x, bytes) in row.enumerate() {
                let pixel = start + x;
                let light = match edges.next_if(|edge| edge.x == x) {
                    Some(edge) => blend(&shader, edge.body, edge.depth_m, x, y),
                    None => shader.color(
                        self.trace.body[pixel],
                        self.trace.depth_m[pixel],
                        x as f32 + 0.5,
                        y as f32 + 0.5,
                    ),
                };
                bytes.copy_from_slice(&self.sensor.expose(light, pixel_noise(seed, pixel as u64)));
            }
        }
    }
}

impl Default for Renderer {
    fn default() -> Self {
        Self::new()
    }
}

/// The colour of a pixel on an edge: every body in it is shaded once and weighs as many samples
/// as hit it.
fn blend(
    shader: &Shader<'_>,
    bodies: [u32; SAMPLES],
    depths_m: [f32; SAMPLES],
    x: usize,
    y: usize,
) -> Vec3 {
    let mut sum = Vec3::ZERO;
    for (sample, (&body, &depth_m)) in bodies.iter().zip(&depths_m).enumerate() {
        if bodies[..sample].contains(&body) {
            continue;
        }
        let hits = bodies.iter().filter(|&&other| other == body).count();
        let [dx, dy] = SAMPLE_OFFSETS_PX[sample];
        let color = shader.color(body, depth_m, x as f32 + dx, y as f32 + dy);
        sum = sum + color * (hits as f32 / SAMPLES as f32);
    }
    sum
}
