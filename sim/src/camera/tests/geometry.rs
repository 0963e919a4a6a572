//! Outlines, depths and who hides whom, against independent formulas.

use nalgebra::{Isometry3, Point3, Translation3, UnitQuaternion, Vector3};
use proptest::prelude::{ProptestConfig, prop, prop_assert, prop_assert_eq, prop_assume, proptest};
use tandem_types::Frame;

use super::{ahead, any_pose, any_shape, floating, traced, white};
use crate::camera::{
    Renderer, Shape, View,
    bounds::Window,
    front_view, project,
    trace::{NOTHING, SAMPLES},
    vec3::Vec3,
    view::Lens,
};

const SIZE_PX: [usize; 2] = [160, 120];
const FOV_RAD: f32 = 0.7;

/// Pixels per unit of slope.
fn focal_px() -> f32 {
    60.0 / (FOV_RAD / 2.0).tan()
}

/// A pose on the camera's axis that turns the body's y axis to the camera.
fn facing(distance_m: f32) -> Isometry3<f32> {
    let toward_camera = UnitQuaternion::rotation_between(&Vector3::y(), &-Vector3::x()).unwrap();
    Isometry3::from_parts(Translation3::new(distance_m, 0.0, 0.0), toward_camera)
}

/// How many pixel centres show the body, and their mean depth.
fn area_and_depth(shape: Shape, pose: Isometry3<f32>) -> (f32, f32) {
    let renderer = traced(&floating(vec![white(pose, shape)]), &ahead(FOV_RAD), SIZE_PX);
    let hits = renderer.trace.body.iter().zip(&renderer.trace.depth_m);
    let depths: Vec<f32> = hits.filter(|&(&body, _)| body == 1).map(|(_, &depth)| depth).collect();
    (depths.len() as f32, depths.iter().sum::<f32>() / depths.len() as f32)
}

#[test]
fn ends_and_faces_have_their_size_and_depth() {
    use core::f32::consts::PI;
    let (distance_m, radius_m, half_height_m) = (0.5, 0.05, 0.04);
    let near_m = distance_m - half_height_m;
    let px = focal_px() * radius_m / near_m;
    let disc = Shape::Cylinder { half_height_m, radius_m };
    let face = Shape::Cuboid { half_extents_m: [radius_m, half_height_m, radius_m] };
    for (shape, expected) in [(disc, PI * px * px), (face, 4.0 * px * px)] {
        let (area, depth_m) = area_and_depth(shape, facing(distance_m));
        assert!((area / expected - 1.0).abs() < 0.03, "{shape:?} {area} {expected}");
        assert!((depth_m - near_m).abs() < 1e-5, "{shape:?} {depth_m}");
    }
    // The outline of a capsule seen end-on is that of the near half ball.
    let (area, _) = area_and_depth(Shape::Capsule { half_height_m, radius_m }, facing(distance_m));
    let px = focal_px() * radius_m / (near_m * near_m - radius_m * radius_m).sqrt();
    assert!((area / (PI * px * px) - 1.0).abs() < 0.03, "{area}");
}

#[test]
fn edges_measure_a_small_ball_to_a_fraction_of_a_pixel() {
    // About 7 px wide, at eight places that differ by less than a pixel.
    for step in 0..8 {
        let (distance_m, radius_m) = (1.0, 0.022);
        let y = 0.001 * step as f32;
        let pose = Isometry3::translation(distance_m, y, 0.3 * y);
        let scenery = floating(vec![white(pose, Shape::Ball { radius_m })]);
        let trace = traced(&scenery, &ahead(FOV_RAD), SIZE_PX).trace;
        let share = |edge: &crate::camera::trace::Edge| {
            edge.body.iter().filter(|&&body| body == 1).count() as f32 / SAMPLES as f32
        };
        let mut area: f32 = trace.edges.iter().map(share).sum();
        for y in 0..SIZE_PX[1] {
            let on_edge = |x: &usize| trace.edges_in_row(y).iter().any(|edge| edge.x == *x);
            let inner = |x: &usize| trace.body[y * SIZE_PX[0] + x] == 1;
            area += (0..SIZE_PX[0]).filter(inner).filter(|x| !on_edge(x)).count() as f32;
        }
        let expected = core::f32::consts::PI * (focal_px() * radius_m / distance_m).powi(2);
        assert!((area / expected - 1.0).abs() < 0.04, "{step}: {area} {expected}");
    }
}

#[test]
fn the_nearer_body_hides_the_farther() {
    let ball = |x: f32| white(Isometry3::translation(x, 0.0, 0.0), Shape::Ball { radius_m: 0.03 });
    let cuboid = Shape::Cuboid { half_extents_m: [0.01, 0.05, 0.05] };
    let wall = white(Isometry3::translation(0.5, 0.0, 0.0), cuboid);
    for (ball_x, visible) in [(0.4, true), (0.6, false)] {
        // Whichever is listed first.
        for primitives in [vec![ball(ball_x), wall], vec![wall, ball(ball_x)]] {
            let number = 1 + u32::from(matches!(primitives[0].shape, Shape::Cuboid { .. }));
            let renderer = traced(&floating(primitives), &ahead(FOV_RAD), SIZE_PX);
            assert_eq!(renderer.trace.body.contains(&number), visible);
        }
    }
}

#[test]
fn nothing_behind_the_camera_or_around_it_is_seen() {
    for x in [-0.5, -0.03, 0.0, 0.03] {
        let ball = white(Isometry3::translation(x, 0.0, 0.0), Shape::Ball { radius_m: 0.05 });
        let renderer = traced(&floating(vec![ball]), &ahead(FOV_RAD), SIZE_PX);
        assert!(renderer.trace.body.iter().all(|&body| body == NOTHING), "{x}");
    }
}

#[test]
fn the_front_camera_sees_the_whole_workspace_large_enough() {
    let view = front_view();
    let at = |x: f32, y: f32, z: f32| project(&view, [96, 96], &Point3::new(x, y, z)).unwrap();
    for x in [0.16, 0.32] {
        for side in [-1.0, 1.0] {
            let y = 0.16 * side;
            let width_px = (at(x, y + 0.015, 0.015)[0] - at(x, y - 0.015, 0.015)[0]).abs();
            assert!(width_px >= 7.0, "small object at ({x}, {y}) is {width_px} px wide");
            for z in [0.0, 0.048] {
                let [u, v] = at(x, y + 0.023 * side, z);
                assert!((-1.0..97.0).contains(&u) && (0.0..96.0).contains(&v), "({u}, {v})");
            }
        }
    }
    // Left for the robot is right for who faces it.
    assert!(at(0.24, 0.1, 0.0)[0] > 48.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Pixel by pixel: a ray sees the ball if it passes the centre by less than the radius.
    #[test]
    fn a_balls_outline_is_exact(place in [0.3_f64..1.0, -0.2..0.2, -0.2..0.2], radius in 0.01_f64..0.1) {
        let pose = Isometry3::translation(place[0] as f32, place[1] as f32, place[2] as f32);
        let scenery = floating(vec![white(pose, Shape::Ball { radius_m: radius as f32 })]);
        let renderer = traced(&scenery, &ahead(FOV_RAD), SIZE_PX);
        let focal_px = 60.0 / (f64::from(FOV_RAD) / 2.0).tan();
        for (pixel, &body) in renderer.trace.body.iter().enumerate() {
            let (u, v) = (pixel % SIZE_PX[0], pixel / SIZE_PX[0]);
            let ray = Vector3::new(
                1.0,
                (80.0 - (u as f64 + 0.5)) / focal_px,
                (60.0 - (v as f64 + 0.5)) / focal_px,
            );
            let miss = Vector3::from(place).cross(&ray).norm() / ray.norm();
            if (miss - radius).abs() > 1e-6 {
                prop_assert_eq!(body == 1, miss < radius, "pixel ({}, {})", u, v);
            }
        }
    }

    /// A tiny ball is seen exactly where `project` says.
    #[test]
    fn projection_and_trace_agree(pose in any_pose(0.15), eye in any_pose(0.2)) {
        let eye = Point3::from(eye.translation.vector + Vector3::new(0.8, 0.0, 0.3));
        let view = View::looking_at(eye, Point3::origin(), FOV_RAD);
        let center = Point3::from(pose.translation.vector);
        let [u, v] = project(&view, SIZE_PX, &center).unwrap();
        prop_assume!((1.0..159.0).contains(&u) && (1.0..119.0).contains(&v));
        let renderer =
            traced(&floating(vec![white(pose, Shape::Ball { radius_m: 0.006 })]), &view, SIZE_PX);
        prop_assert_eq!(renderer.trace.body[v as usize * SIZE_PX[0] + u as usize], 1);
    }

    /// The bounding pass is only a shortcut: without it the picture is the same.
    #[test]
    fn bounds_never_cut_a_body(
        bodies in prop::collection::vec((any_pose(0.5), any_shape()), 1..6),
        eye in any_pose(0.5),
        fov_rad in 0.3_f32..2.0,
    ) {
        let scenery = floating(bodies.into_iter().map(|(pose, shape)| white(pose, shape)).collect());
        let view = View { camera_in_world: eye, vertical_fov_rad: fov_rad };
        let lens = Lens::new(&view, SIZE_PX);
        let mut renderer = Renderer::new();
        let [mut bounded, mut whole] = [0, 1].map(|_| Frame::black(SIZE_PX[0], SIZE_PX[1]));
        renderer.render(&scenery, &view, 0, &mut bounded);
        for body in &mut renderer.bodies {
            body.window = Window::whole(SIZE_PX);
        }
        renderer.trace.run(&renderer.bodies, SIZE_PX);
        renderer.expose(&scenery, &lens, 0, &mut whole);
        prop_assert!(bounded == whole);
    }

    /// A ray enters a body at its surface, and nowhere before.
    #[test]
    fn entries_lie_on_the_surface(
        shape in any_shape(),
        from in [-0.3_f32..0.3, -0.3..0.3, -0.3..0.3],
        aim in [-0.05_f32..0.05, -0.05..0.05, -0.05..0.05],
    ) {
        let (from, aim) = (Vec3::from(from), Vec3::from(aim));
        prop_assume!(distance_m(&shape, from) > 1e-3);
        let along = (aim - from).unit();
        let entry = shape.enter(from, along);
        let end = if entry.is_finite() && entry > 0.0 {
            let hit = from + along * entry;
            prop_assert!(distance_m(&shape, hit).abs() < 1e-5);
            // The normal is the way the distance grows fastest.
            let out = distance_m(&shape, hit + shape.normal(hit) * 1e-3);
            prop_assert!((out - 1e-3).abs() < 2e-5, "{}", out);
            entry - 1e-4
        } else {
            1.0
        };
        for step in 0..200 {
            let at = from + along * (end * step as f32 / 200.0);
            prop_assert!(distance_m(&shape, at) > -1e-5);
        }
    }
}

/// The signed distance from a body's surface, by the formulas of Inigo Quilez' collection.
fn distance_m(shape: &Shape, at: Vec3) -> f32 {
    let beyond = |outside: [f32; 3]| {
        let length = Vec3::from(outside.map(|d| d.max(0.0))).length();
        length + outside.into_iter().fold(f32::NEG_INFINITY, f32::max).min(0.0)
    };
    match *shape {
        Shape::Ball { radius_m } => at.length() - radius_m,
        Shape::Cuboid { half_extents_m: [x, y, z] } => {
            beyond([at.x.abs() - x, at.y.abs() - y, at.z.abs() - z])
        }
        Shape::Cylinder { half_height_m, radius_m } => {
            let side = at.x.hypot(at.z) - radius_m;
            beyond([side, at.y.abs() - half_height_m, f32::NEG_INFINITY])
        }
        Shape::Capsule { half_height_m, radius_m } => {
            let y = at.y - at.y.clamp(-half_height_m, half_height_m);
            Vec3::new(at.x, y, at.z).length() - radius_m
        }
    }
}
