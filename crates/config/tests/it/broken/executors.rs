//! `[control] executor` and its tables.

use super::{CONFIG, Line, Text, check};

const EXECUTOR: &str = "executor = \"immediate\"";

#[test]
fn executors() {
    check(&[
        (
            "unknown executor",
            Text(CONFIG, EXECUTOR, "executor = \"newest\""),
            Line(CONFIG, "executor"),
            "write `immediate`, `receding`, `temporal_ensemble` or `real_time_chunking`",
        ),
        (
            "an executor without its table",
            Text(CONFIG, EXECUTOR, "executor = \"receding\""),
            Line(CONFIG, "executor"),
            "there is no [control.receding]; add that table",
        ),
        (
            "a table of an executor that is not chosen is checked, too",
            Text(CONFIG, EXECUTOR, "executor = \"immediate\"\nreceding = { steps = 0 }"),
            Line(CONFIG, "receding"),
            "write 1 to 1000",
        ),
        (
            "weights that leave one chunk",
            Text(
                CONFIG,
                EXECUTOR,
                "executor = \"temporal_ensemble\"\ntemporal_ensemble = { decay = 1.5 }",
            ),
            Line(CONFIG, "temporal_ensemble ="),
            "write -1.0 to 1.0",
        ),
        (
            "a blend longer than its turn",
            Text(
                CONFIG,
                EXECUTOR,
                "executor = \"immediate\"\nreal_time_chunking = { steps = 2, blend_steps = 3 }",
            ),
            Line(CONFIG, "real_time_chunking"),
            "write 1 to 2",
        ),
        (
            "more steps than the policy's chunks have",
            Text(CONFIG, EXECUTOR, "executor = \"receding\"\nreceding = { steps = 3 }"),
            Line(CONFIG, "receding ="),
            "write at most 2",
        ),
        (
            "a reaction that is none",
            Text(CONFIG, "latent_untrained = \"warn\"", "latent_untrained = \"panic\""),
            Line(CONFIG, "latent_untrained"),
            "write `warn`, `degrade` or `hold`",
        ),
        (
            "progress beyond its range",
            Text(CONFIG, "done_progress = 0.9", "done_progress = 90"),
            Line(CONFIG, "done_progress"),
            "write 0.01 to 1.0",
        ),
    ]);
}
