//! Charts as SVG text.
//!
//! Written out, because a chart of points, lines and error bars is two hundred lines, while a
//! plotting library draws to a dozen backends that nobody here needs.

use core::fmt::Write as _;

/// A chart of two axes.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// What is drawn, first things first.
    pub series: Vec<Series>,
}

/// An axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What it measures, with its unit.
    pub label: String,
    /// Where it begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// Where it is marked, and how.
    pub ticks: Vec<(f64, String)>,
    /// Whether equal factors are equally long.
    pub is_logarithmic: bool,
}

/// Points of one kind.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the legend; without one it is not in it.
    pub name: String,
    /// Its colour, as SVG knows it.
    pub color: &'static str,
    /// Whether its points are joined.
    pub is_line: bool,
    /// Its points.
    pub points: Vec<Point>,
}

/// A point with an interval.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Upwards.
    pub y: f64,
    /// The interval of `y`, if there is one.
    pub interval: Option<(f64, f64)>,
    /// What is written beside it.
    pub label: String,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 460.0;
/// Room around the plot: left, right, top, bottom.
const MARGIN: [f64; 4] = [70.0, 170.0, 40.0, 55.0];

/// A character of a label is about so wide.
const LABEL_PX: f64 = 5.0;
/// Where a label may begin (or end, if that is negative), and its bottom, from its point: the best
/// first.
const LABEL_PLACES: [[f64; 2]; 10] = [
    [6.0, -5.0],
    [6.0, 12.0],
    [-6.0, -5.0],
    [-6.0, 12.0],
    [6.0, 3.0],
    [-6.0, 3.0],
    [6.0, -15.0],
    [-6.0, -15.0],
    [6.0, 22.0],
    [-6.0, 22.0],
];

impl Axis {
    /// From `low` to `high` with a mark at each of `ticks`.
    #[must_use]
    pub fn linear(label: &str, low: f64, high: f64, ticks: &[f64]) -> Self {
        let ticks = ticks.iter().map(|tick| (*tick, number(*tick))).collect();
        Self { label: label.to_owned(), low, high, ticks, is_logarithmic: false }
    }

    /// The same with equal factors equally long; `low` must be above zero.
    #[must_use]
    pub fn logarithmic(label: &str, low: f64, high: f64, ticks: &[f64]) -> Self {
        Self { is_logarithmic: true, ..Self::linear(label, low, high, ticks) }
    }

    /// Where a value lies between the axis's ends, in `[0, 1]`: what is beyond is drawn at the end.
    fn share(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.is_logarithmic { value.max(self.low).ln() } else { value };
        let (low, high) = (scale(self.low), scale(self.high));
        ((scale(value) - low) / (high - low)).clamp(0.0, 1.0)
    }
}

impl Chart {
    /// The chart as the text of an SVG file.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" \
             height=\"{HEIGHT}\" fill=\"white\"/>\n"
        );
        text(&mut svg, WIDTH / 2.0, 22.0, "middle", "font-size=\"15\"", &self.title);
        self.axes(&mut svg);
        for series in &self.series {
            self.draw(&mut svg, series);
        }
        self.labels(&mut svg);
        self.legend(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn x_px(&self, x: f64) -> f64 {
        MARGIN[0] + self.x.share(x) * (WIDTH - MARGIN[0] - MARGIN[1])
    }

    fn y_px(&self, y: f64) -> f64 {
        HEIGHT - MARGIN[3] - self.y.share(y) * (HEIGHT - MARGIN[2] - MARGIN[3])
    }

    fn axes(&self, svg: &mut String) {
        let (left, right) = (MARGIN[0], WIDTH - MARGIN[1]);
        let (top, bottom) = (MARGIN[2], HEIGHT - MARGIN[3]);
        for (value, name) in &self.y.ticks {
            let y = self.y_px(*value);
            line(svg, [left, y, right, y], "#dddddd", 1.0);
            text(svg, left - 8.0, y + 4.0, "end", "", name);
        }
        for (value, name) in &self.x.ticks {
            let x = self.x_px(*value);
            line(svg, [x, top, x, bottom], "#eeeeee", 1.0);
            text(svg, x, bottom + 18.0, "middle", "", name);
        }
        line(svg, [left, bottom, right, bottom], "#333333", 1.0);
        line(svg, [left, top, left, bottom], "#333333", 1.0);
        text(svg, f64::midpoint(left, right), HEIGHT - 14.0, "middle", "", &self.x.label);
        let middle = f64::midpoint(top, bottom);
        let turned = format!("transform=\"rotate(-90 18 {middle:.1})\"");
        text(svg, 18.0, middle, "middle", &turned, &self.y.label);
    }

    fn draw(&self, svg: &mut String, series: &Series) {
        if series.is_line {
            let path: String = series
                .points
                .iter()
                .map(|point| format!("{:.1},{:.1} ", self.x_px(point.x), self.y_px(point.y)))
                .collect();
            writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"/>",
                path.trim_end(),
                series.color
            )
            .ok();
        }
        for point in &series.points {
            let (x, y) = (self.x_px(point.x), self.y_px(point.y));
            if let Some((low, high)) = point.interval {
                line(svg, [x, self.y_px(low), x, self.y_px(high)], series.color, 1.0);
            }
            writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{}\"/>",
                series.color
            )
            .ok();
        }
    }

    /// Each label beside its point, at the first place where it hides no other and no legend.
    fn labels(&self, svg: &mut String) {
        let mut taken =
            vec![Area { left: WIDTH - MARGIN[1] + 10.0, top: 0.0, right: WIDTH, bottom: HEIGHT }];
        let points = self.series.iter().flat_map(|series| &series.points);
        for point in points.filter(|point| !point.label.is_empty()) {
            let (x, y) = (self.x_px(point.x), self.y_px(point.y));
            let width = LABEL_PX * point.label.chars().count() as f64;
            let beside = |[right, down]: [f64; 2]| {
                let left = if right > 0.0 { x + right } else { x + right - width };
                let bottom = y + down;
                Area { left, top: bottom - 9.0, right: left + width, bottom }
            };
            let is_free = |area: &Area| !taken.iter().any(|other| area.meets(other));
            let free = LABEL_PLACES.into_iter().map(beside).find(is_free);
            let area = free.unwrap_or_else(|| beside(LABEL_PLACES[0]));
            let style = "font-size=\"9\" fill=\"#555555\"";
            text(svg, area.left, area.bottom, "start", style, &point.label);
            taken.push(area);
        }
    }

    fn legend(&self, svg: &mut String) {
        let x = WIDTH - MARGIN[1] + 14.0;
        let named = self.series.iter().filter(|series| !series.name.is_empty());
        for (index, series) in named.enumerate() {
            let y = MARGIN[2] + 10.0 + 18.0 * index as f64;
            line(svg, [x, y, x + 16.0, y], series.color, 3.0);
            text(svg, x + 22.0, y + 4.0, "start", "", &series.name);
        }
    }
}

/// What is written on already.
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

fn line(svg: &mut String, [x1, y1, x2, y2]: [f64; 4], color: &str, width: f64) {
    writeln!(
        svg,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{color}\" \
         stroke-width=\"{width}\"/>"
    )
    .ok();
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, more: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {more}>{words}</text>")
        .ok();
}

/// A number without needless zeros.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<Point>) -> Chart {
        Chart {
            title: "bits & pieces".to_owned(),
            x: Axis::logarithmic("bits", 1.0, 100.0, &[1.0, 10.0, 100.0]),
            y: Axis::linear("share", 0.0, 1.0, &[0.0, 0.5, 1.0]),
            series: vec![Series {
                name: "a<b".to_owned(),
                color: "#aa0000",
                is_line: true,
                points,
            }],
        }
    }

    #[test]
    fn points_stand_where_the_axes_say() {
        let point = |x, y| Point { x, y, ..Point::default() };
        let svg = chart(vec![point(10.0, 0.5), point(0.0, 7.0)]).to_svg();
        // The middle of both axes; and what is beyond them at their ends.
        assert!(svg.contains("<circle cx=\"330.0\" cy=\"222.5\""), "{svg}");
        assert!(svg.contains("<circle cx=\"70.0\" cy=\"40.0\""), "{svg}");
    }

    #[test]
    fn labels_hide_no_others() {
        let point = Point { x: 10.0, y: 0.5, label: "label".to_owned(), ..Point::default() };
        let svg = chart(vec![point.clone(), point]).to_svg();
        assert!(svg.contains("<text x=\"336.0\" y=\"217.5\""), "{svg}");
        assert!(svg.contains("<text x=\"336.0\" y=\"234.5\""), "{svg}");
    }

    #[test]
    fn words_cannot_break_the_file() {
        let svg = chart(Vec::new()).to_svg();
        assert!(svg.contains("bits &amp; pieces") && svg.contains("a&lt;b"));
        assert_eq!(svg.matches("<svg").count(), 1);
        assert!(svg.ends_with("</svg>\n"));
    }

    #[test]
    fn numbers_are_short() {
        for (value, text) in [(0.0, "0"), (0.25, "0.25"), (100.0, "100"), (-1.5, "-1.5")] {
            assert_eq!(number(value), text);
        }
    }
}
