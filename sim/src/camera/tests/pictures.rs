//! Bytes: determinism, robustness, light and colour.

use nalgebra::{Isometry3, Point3, UnitQuaternion, Vector3};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use tandem_types::Frame;

use super::{floating, traced, white};
use crate::camera::{
    BLUE, GREEN, Light, ORANGE, PURPLE, Primitive, RED, Renderer, Scenery, Shape, View, YELLOW,
    bench_scenery, front_view, plastic, project, task_table,
};

const COLORS: [[f32; 3]; 6] = [RED, GREEN, BLUE, YELLOW, PURPLE, ORANGE];

fn picture(scenery: &Scenery, view: &View, seed: u64) -> Frame {
    let mut frame = Frame::black(96, 96);
    Renderer::new().render(scenery, view, seed, &mut frame);
    frame
}

#[test]
fn same_input_same_bytes_whatever_the_renderer_drew_before() {
    let (scenery, view) = bench_scenery();
    let mut used = Renderer::new();
    let (other_scenery, other_view) = task_table();
    used.render(&other_scenery, &other_view, 9, &mut Frame::black(200, 150));
    let mut again = Frame::black(96, 96);
    used.render(&scenery, &view, 5, &mut again);
    assert_eq!(picture(&scenery, &view, 5), again);
    assert_ne!(picture(&scenery, &view, 6), again, "the seed changes the noise");
}

#[test]
fn buffers_stay_where_they_are() {
    let (scenery, view) = bench_scenery();
    let mut renderer = Renderer::new();
    let mut frame = Frame::black(96, 96);
    let places = [0, 1].map(|seed| {
        renderer.render(&scenery, &view, seed, &mut frame);
        let trace = &renderer.trace;
        let capacities = (trace.edges.capacity(), renderer.bodies.capacity());
        (trace.depth_m.as_ptr(), trace.body.as_ptr(), trace.edges.as_ptr(), capacities)
    });
    assert_eq!(places[0], places[1]);
}

#[test]
fn takes_any_size_and_any_nonsense() {
    let (mut scenery, view) = bench_scenery();
    for (width_px, height_px) in [(0, 0), (0, 5), (5, 0), (1, 1), (1, 300), (640, 480)] {
        let mut frame = Frame::black(width_px, height_px);
        Renderer::new().render(&scenery, &view, 0, &mut frame);
    }
    for bad in [f32::NAN, f32::INFINITY, -1.0, 0.0, 1e30] {
        let mut pose = Isometry3::identity();
        for shape in [
            Shape::Ball { radius_m: bad },
            Shape::Cuboid { half_extents_m: [bad, 0.1, 0.1] },
            Shape::Cylinder { half_height_m: bad, radius_m: 0.1 },
            Shape::Capsule { half_height_m: 0.1, radius_m: bad },
        ] {
            scenery.primitives.push(white(pose, shape));
            pose.translation.vector.x = bad;
            scenery.primitives.push(white(pose, shape));
        }
        scenery.light.direction = [bad; 3];
        scenery.table.thickness_m = bad;
        scenery.background.floor_z_m = bad;
        let camera_in_world = Isometry3::translation(bad, 0.0, 0.3);
        for view in [view, View { vertical_fov_rad: bad, ..view }, View { camera_in_world, ..view }]
        {
            let _: Frame = picture(&scenery, &view, 0);
        }
    }
}

#[test]
fn a_body_darkens_the_table_only_where_its_shadow_falls() {
    let light = Light { direction: [0.0, 1.0, -1.0], ..Light::default() };
    let bare = Scenery { light, ..Scenery::default() };
    let ball = white(Isometry3::translation(0.24, 0.0, 0.1), Shape::Ball { radius_m: 0.03 });
    let scenery = Scenery { primitives: vec![ball], ..bare.clone() };
    let view = front_view();
    // The same noise in both, so every other pixel of the table must be the same.
    let (with, without) = (picture(&scenery, &view, 1), picture(&bare, &view, 1));
    let green = |frame: &Frame, point: Point3<f32>| {
        let [u, v] = project(&view, [96, 96], &point).unwrap();
        f32::from(frame.rgb()[3 * (v as usize * 96 + u as usize) + 1])
    };
    let shadow = Point3::new(0.24, 0.1, 0.0);
    assert!(green(&with, shadow) < 0.8 * green(&without, shadow));
    let lit = Point3::new(0.24, -0.1, 0.0);
    assert_eq!(green(&with, lit), green(&without, lit));
}

/// The pixels that a single body under some light fills wholly, seen by the front camera.
fn inner_pixels(body: Primitive, light: Light) -> Vec<[u8; 3]> {
    let scenery = Scenery { light, ..floating(vec![body]) };
    let frame = picture(&scenery, &front_view(), 1);
    let trace = traced(&scenery, &front_view(), [96, 96]).trace;
    let is_inner = |pixel: usize| {
        let mut edges = trace.edges_in_row(pixel / 96).iter();
        trace.body[pixel] == 1 && !edges.any(|edge| edge.x == pixel % 96)
    };
    let pixels = frame.rgb().chunks_exact(3).enumerate();
    pixels.filter(|&(pixel, _)| is_inner(pixel)).map(|(_, rgb)| [rgb[0], rgb[1], rgb[2]]).collect()
}

/// An object of the task on the table's middle, `y` to the left.
fn object(color: [f32; 3], shape: Shape, y: f32) -> Primitive {
    let mut pose = Isometry3::translation(0.24, y, shape.half_extents().y);
    if matches!(shape, Shape::Cylinder { .. }) {
        pose *= UnitQuaternion::from_axis_angle(&Vector3::x_axis(), core::f32::consts::FRAC_PI_2);
    }
    Primitive { pose, shape, material: plastic(color) }
}

#[test]
fn only_a_ball_has_a_highlight() {
    let half = 0.024;
    // Blue has almost no red of its own: what red there is, is the lamp's.
    let most_red = |shape: Shape| {
        let pixels = inner_pixels(object(BLUE, shape, 0.0), Light::default());
        pixels.iter().map(|rgb| rgb[0]).max().unwrap()
    };
    let ball = most_red(Shape::Ball { radius_m: half });
    let cube = most_red(Shape::Cuboid { half_extents_m: [half; 3] });
    let cylinder = most_red(Shape::Cylinder { half_height_m: half, radius_m: half });
    assert!(ball > cube + 40 && ball > cylinder + 40, "{ball} {cube} {cylinder}");
}

/// The mean colour of a small ball.
fn mean_rgb(color: [f32; 3], light: Light, y: f32) -> [f32; 3] {
    let pixels = inner_pixels(object(color, Shape::Ball { radius_m: 0.015 }, y), light);
    assert!(pixels.len() > 10, "a small ball has more than ten inner pixels");
    let mean = |channel: usize| {
        pixels.iter().map(|rgb| f32::from(rgb[channel])).sum::<f32>() / pixels.len() as f32
    };
    [0, 1, 2].map(mean)
}

/// What is left of a colour when its brightness is taken away.
fn chromaticity([r, g, b]: [f32; 3]) -> Vector3<f32> {
    Vector3::new(r, g, b) / (r + g + b)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Under every light of the task each colour stays nearest to itself under the default light.
    #[test]
    fn the_six_colors_stay_apart(unit in [0.0_f32..1.0, 0.0..1.0, 0.0..1.0, 0.0..1.0, 0.0..1.0, 0.0..1.0]) {
        let plain = COLORS.map(|color| chromaticity(mean_rgb(color, Light::default(), 0.0)));
        for (color, rgb) in COLORS.into_iter().enumerate() {
            let seen = chromaticity(mean_rgb(rgb, Light::from_unit(unit), 0.1));
            let far = |other: &usize| (seen - plain[*other]).norm();
            let nearest = (0..6).min_by(|a, b| far(a).total_cmp(&far(b)));
            prop_assert_eq!(nearest, Some(color));
        }
    }
}
