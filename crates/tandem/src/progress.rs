//! What long work shows and notes.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of `total` steps with an estimate of the time left.
pub(crate) fn bar(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} (eta {eta}) {msg}")
        .unwrap_or_else(|_broken| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}

/// A line above the bar, or just a line where the bar is not on a terminal.
pub(crate) fn line(bar: &ProgressBar, text: &str) {
    if bar.is_hidden() {
        println!("{text}");
    } else {
        bar.println(text);
    }
}

/// The command line as it was typed, to be noted in what it makes.
pub(crate) fn command() -> String {
    let words = std::env::args().skip(1);
    std::iter::once("tandem".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}
