//! How long a simulated picture takes.

use tandem_realtime::{Clock as _, Histogram, MonotonicClock, Unit};
use tandem_sim::camera::{Renderer, bench_scenery};
use tandem_types::Frame;

use crate::bench::Facts;
use crate::table;

/// The side of the pictures every policy here is trained on.
const PICTURE_PX: usize = 96;

/// Times pictures of a full table with the arm over it, on the calling thread.
pub(super) fn run(pictures: u32) -> Facts {
    let (scenery, view) = bench_scenery();
    let mut renderer = Renderer::new();
    let mut frame = Frame::black(PICTURE_PX, PICTURE_PX);
    renderer.render(&scenery, &view, 0, &mut frame);
    let mut histogram = Histogram::new();
    for picture in 0..pictures {
        let began = MonotonicClock.now();
        renderer.render(&scenery, &view, u64::from(picture), &mut frame);
        histogram.record(began.age_at(MonotonicClock.now()));
    }
    let frame_ms = histogram.distribution(Unit::Milliseconds);
    println!("{}", table::heading("ms"));
    println!("{}", table::row("camera_frame_ms", &frame_ms));
    Facts::from_iter([("camera_frame_ms".to_owned(), table::json(&frame_ms))])
}
