//! The study's charts.

use crate::channel::Channel;
use crate::code::Code;
use crate::data::Looks;
use crate::pictures::PictureResults;
use crate::results::{GAIN_TOLERANCE_MM, Gain, Interval, Results, Row};
use crate::svg::{Axis, Chart, Point, Series};

/// Told apart by most eyes (Wong 2011), the first for what has no codebook.
const COLORS: [&str; 12] = [
    "#000000", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999",
    "#7f3c8d", "#80ba5a", "#a5aa99", "#cf1c90",
];
/// Where what has no codebook stands on an axis of bits.
const NO_CODEBOOK: f64 = 4000.0;
const SHARES: [f64; 6] = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];

/// Every chart with the name of its file.
#[must_use]
pub fn figures(results: &Results) -> Vec<(&'static str, Chart)> {
    let mut charts = vec![
        ("channel.svg", channel(results)),
        ("information.svg", information(results)),
        ("gain.svg", gain(results, false)),
        ("gain-per-bit.svg", gain(results, true)),
        ("gain-of-place.svg", gain_of_place(results)),
        ("looks.svg", looks(results)),
    ];
    charts.extend(results.pictures.as_ref().map(|found| ("pictures.svg", pictures(found))));
    charts
}

/// Success against bits in, a line for each representation.
fn channel(results: &Results) -> Chart {
    let success = |row: &Row| {
        let share = row.at(Some(GAIN_TOLERANCE_MM))?.last;
        let (x, interval) = (row.bits.channel, Some((share.low, share.high)));
        Some(Point { x, y: share.rate, interval, label: String::new() })
    };
    let title = format!("One look: stays within {GAIN_TOLERANCE_MM} mm of the goal");
    chart(&title, bits_in(), Axis::linear("share of flights", 0.0, 1.0, &SHARES), {
        let once = |row: &&Row| row.looks == Looks::Once && is_quantised(row);
        lines(results.rows.iter().filter(once), 3, success)
    })
}

/// What actions know of the place against bits in, and the bound.
fn information(results: &Results) -> Chart {
    let known = |row: &Row| {
        let y = row.bits.action_at_least?;
        Some(Point { x: row.bits.channel, y, interval: None, label: String::new() })
    };
    let once = |row: &&Row| row.looks == Looks::Once && is_quantised(row);
    let mut series = lines(results.rows.iter().filter(once), 3, known);
    let end = |x: f64| Point { x, y: x, ..Point::default() };
    series.push(Series {
        name: "bound".to_owned(),
        color: "#bbbbbb",
        is_line: true,
        points: vec![end(0.0), end(16.0)],
    });
    let ticks = [0.0, 4.0, 8.0, 12.0, 16.0];
    let y = Axis::linear("I(O;A), bits, at least", 0.0, 16.0, &ticks);
    chart("One look: what the motion knows of the place", bits_in(), y, series)
}

/// The encoder's gain against measured bits, for every representation.
fn gain(results: &Results, per_bit: bool) -> Chart {
    let x = bits_out("measured bits of a chunk's tokens (the expert's)");
    let (title, label, high) = if per_bit {
        ("One look: gain for each bit in", "gain per bit, share of flights", 0.16)
    } else {
        ("One look: gain from the weak to the strong channel", "gain, share of flights", 1.0)
    };
    let series = families(results, |gain| {
        let of = if per_bit { gain.gain_per_bit } else { gain.gain };
        point(gain.bits_measured.unwrap_or(NO_CODEBOOK), of, gain)
    });
    let ticks = SHARES.map(|share| share * high);
    chart(title, x, Axis::linear(label, -0.2 * high, high, &ticks), series)
}

/// The same against what the tokenizer passes of the place.
fn gain_of_place(results: &Results) -> Chart {
    /// Where what has no tokenizer stands: beyond the best of them.
    const NO_TOKENIZER: f64 = 15.0;
    let mut x = Axis::linear(
        "bits of the place that the tokenizer alone passes, at least",
        0.0,
        16.0,
        &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0],
    );
    x.ticks.push((NO_TOKENIZER, "none".to_owned()));
    let series = families(results, |gain| {
        point(gain.bits_of_place.unwrap_or(NO_TOKENIZER), gain.gain, gain)
    });
    let y = Axis::linear("gain, share of flights", -0.2, 1.0, &SHARES);
    chart("One look: the gain is what the tokenizer passes of the task", x, y, series)
}

/// What the strong encoder brings on pictures, for every representation.
fn pictures(found: &PictureResults) -> Chart {
    let mut series: Vec<Series> = Vec::new();
    for gain in &found.gains {
        let name = format!("width {}", gain.width);
        let x = gain.bits_nominal.unwrap_or(NO_CODEBOOK);
        add(&mut series, name, at(x, gain.gain, gain.representation.clone()));
    }
    let y = Axis::linear("gain, share of flights", -0.4, 1.0, &SHARES);
    let x = bits_out("nominal bits of a chunk's tokens");
    chart("On pictures: gain from the weak to the strong encoder", x, y, series)
}

fn point(x: f64, interval: Interval, gain: &Gain) -> Point {
    at(x, interval, gain.code.label())
}

fn at(x: f64, Interval { value: y, low, high, .. }: Interval, label: String) -> Point {
    Point { x, y, interval: low.zip(high), label }
}

/// A series of points for each family of representations, and each width if there are several.
fn families(results: &Results, point: impl Fn(&Gain) -> Point) -> Vec<Series> {
    let widths = widths(&results.gains);
    let mut series: Vec<Series> = Vec::new();
    for gain in results.gains.iter().filter(|gain| gain.looks == Looks::Once) {
        let family = gain.code.family();
        let name = match widths.as_slice() {
            [_] => family.to_owned(),
            _ => format!("{family}, width {}", gain.width),
        };
        add(&mut series, name, point(gain));
    }
    series
}

/// Adds a point to the series of a name, the first of which begins it.
fn add(series: &mut Vec<Series>, name: String, point: Point) {
    match series.iter_mut().find(|series| series.name == name) {
        Some(series) => series.points.push(point),
        None => {
            let color = COLORS[series.len() % COLORS.len()];
            series.push(Series { name, color, is_line: false, points: vec![point] });
        }
    }
}

/// How near the fingertip comes to rest when the policy looks once and when it always looks.
fn looks(results: &Results) -> Chart {
    let always: Vec<&Code> =
        results.rows.iter().filter(|row| row.looks == Looks::Always).map(|row| &row.code).collect();
    let compared = |row: &&Row| is_quantised(row) && always.contains(&&row.code);
    let held =
        |row: &Row| Some(Point { x: row.bits.channel, y: row.held_mm_p50, ..Point::default() });
    let mut series = Vec::new();
    for (looks, name) in [(Looks::Once, "one look"), (Looks::Always, "always")] {
        let rows = results.rows.iter().filter(compared).filter(|row| row.looks == looks);
        for mut line in lines(rows, 2, held) {
            line.name = format!("{}, {name}", line.name);
            line.color = COLORS[series.len() % COLORS.len()];
            series.push(line);
        }
    }
    let y =
        Axis::logarithmic("median distance held, mm", 1.0, 200.0, &[1.0, 3.0, 10.0, 30.0, 100.0]);
    chart("One look, and 200 in a second", bits_in(), y, series)
}

/// A line for each code with so many points, through them in ascending order of bits.
fn lines<'a>(
    rows: impl Iterator<Item = &'a Row>,
    points_min: usize,
    point: impl Fn(&Row) -> Option<Point>,
) -> Vec<Series> {
    let mut series: Vec<(&Code, Series)> = Vec::new();
    // The widths beside the first are the codebook part's, behind two channels only.
    for row in rows.filter(|row| row.width == 128) {
        let Some(point) = point(row) else { continue };
        match series.iter_mut().find(|(code, _)| *code == &row.code) {
            Some((_, line)) => line.points.push(point),
            None => {
                let (name, color) = (row.code.label(), COLORS[0]);
                let line = Series { name, color, is_line: true, points: vec![point] };
                series.push((&row.code, line));
            }
        }
    }
    let mut lines: Vec<Series> = series.into_iter().map(|(_, line)| line).collect();
    lines.retain(|line| line.points.len() >= points_min);
    for (line, color) in lines.iter_mut().zip(COLORS.into_iter().cycle()) {
        line.points.sort_by(|a, b| a.x.total_cmp(&b.x));
        line.color = color;
    }
    lines
}

fn widths(gains: &[Gain]) -> Vec<usize> {
    let mut widths: Vec<usize> = gains.iter().map(|gain| gain.width).collect();
    widths.sort_unstable();
    widths.dedup();
    widths
}

const fn is_quantised(row: &Row) -> bool {
    matches!(row.channel, Channel::Quantised { .. })
}

fn bits_out(name: &str) -> Axis {
    let ticks = [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0];
    let mut axis = Axis::logarithmic(name, 1.0, 6000.0, &ticks);
    axis.ticks.push((NO_CODEBOOK, "none".to_owned()));
    axis
}

fn bits_in() -> Axis {
    let ticks = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0];
    Axis::linear("bits in: I(O;Z), for both coordinates together", 0.0, 16.0, &ticks)
}

fn chart(title: &str, x: Axis, y: Axis, series: Vec<Series>) -> Chart {
    Chart { title: title.to_owned(), x, y, series }
}
