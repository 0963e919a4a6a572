//! A headless camera: casts rays analytically against a few dozen simple bodies.
//!
//! [`Renderer::render`] draws a [`Scenery`] (bodies on a [`Table`] under one [`Light`]) as a
//! [`View`] sees it into a `tandem_types::Frame` of any size. It wants no GPU and no window, and
//! the same input gives the same bytes.
//!
//! Colour and shape must be *seen* in the pictures: bodies are patterned, lit from one side, shiny
//! and cast shadows, and the sensor adds noise. The method, pass by pass:
//!
//! 1. *Bounds*: each body's screen rectangle, from its bounding box and sphere (`bounds`).
//! 2. *Trace*: one ray per pixel inside that rectangle, nearest hit wins (`trace`, `solid`).
//! 3. *Edges*: pixels where two bodies meet get four more rays, so that a body's outline moves
//!    smoothly with the body and a small ball stays round (`trace`).
//! 4. *Shade*: pattern, Lambert, Blinn-Phong, hemisphere ambient, and an exact shadow ray against
//!    the bodies that a grid over the light's plane names (`shade`, `shadow`, `texture`).
//! 5. *Sensor*: sRGB encoding and noise (`sensor`).
//!
//! ```
//! use tandem_sim::camera::{Renderer, bench_scenery};
//! use tandem_types::Frame;
//!
//! let (scenery, view) = bench_scenery();
//! let mut frame = Frame::black(96, 96);
//! Renderer::new().render(&scenery, &view, 7, &mut frame);
//! assert!(frame.rgb().iter().any(|&byte| byte > 100));
//! ```
//!
//! What it does not do: transparency, reflections, textures from files, lens distortion, motion
//! blur. A camera inside a body does not see that body. Threading: a [`Renderer`] is one thread's;
//! it allocates only while its buffers grow to the picture and the scenery.

mod bounds;
mod example;
mod palette;
mod render;
mod scenery;
mod sensor;
mod shade;
mod shadow;
mod solid;
mod stage;
mod texture;
mod trace;
mod vec3;
mod view;

#[cfg(test)]
mod tests;

pub use example::{bench_scenery, task_table};
pub use palette::{BLUE, GREEN, ORANGE, PURPLE, RED, YELLOW, plastic};
pub use render::Renderer;
pub use scenery::{Background, Light, Material, Pattern, Primitive, Scenery, Shape, Table};
pub use view::{View, WRIST_FOV_RAD, front_view, project, wrist_camera_in_gripper};
