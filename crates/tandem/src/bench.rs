//! `tandem bench`: measurements, each with its conditions.

use serde_json::json;
use tandem_realtime::{Clock as _, Histogram, MonotonicClock, Unit};
use tandem_sim::camera::{Renderer, bench_scenery};
use tandem_types::Frame;

use crate::arguments::{Bench, BenchWhat};
use crate::conditions::Watch;
use crate::failure::Failure;
use crate::{json as file, table};

/// The side of the pictures every policy here is trained on.
const PICTURE_PX: usize = 96;

pub(crate) fn run(arguments: &Bench) -> Result<(), Failure> {
    let watch = Watch::start();
    let (name, histogram) = match arguments.what {
        BenchWhat::Train => {
            tandem_learn::prepare_process()?;
            let steps = arguments.runs.unwrap_or(30);
            ("train_step_ms", tandem_learn::bench_train(&MonotonicClock, steps as usize)?)
        }
        BenchWhat::Camera => ("camera_frame_ms", camera(arguments.runs.unwrap_or(2000))),
    };
    let distribution = histogram.distribution(Unit::Milliseconds);
    println!("{}", table::heading("ms"));
    println!("{}", table::row(name, &distribution));
    if let Some(path) = &arguments.json {
        let facts = json!({
            name: table::json(&distribution),
            "conditions": watch.finish(None),
        });
        file::write(path, &facts)?;
    }
    Ok(())
}

/// Times pictures of a full table with the arm over it, on the calling thread.
fn camera(pictures: u32) -> Histogram {
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
    histogram
}
