//! The study's tables, and the page that holds them.

use core::fmt::Write as _;

use crate::channel::Channel;
use crate::data::Looks;
use crate::results::{GAIN_TOLERANCE_MM, Interval, Results, Row, Share};

/// Replaces what stands between `<!-- table NAME -->` and `<!-- end -->` with the table of that
/// name, so that a page cannot say other numbers than the results. Unknown names become a line that
/// says so.
#[must_use]
pub fn refresh(page: &str, results: &Results) -> String {
    let mut text = String::with_capacity(page.len());
    let mut in_table = false;
    for line in page.lines() {
        in_table &= line != END;
        if !in_table {
            text.push_str(line);
            text.push('\n');
        }
        if let Some(name) =
            line.strip_prefix("<!-- table ").and_then(|rest| rest.strip_suffix(" -->"))
        {
            text.push_str(&table(name, results));
            in_table = true;
        }
    }
    text
}

const END: &str = "<!-- end -->";

/// A table by its name.
#[must_use]
pub fn table(name: &str, results: &Results) -> String {
    match name {
        "conditions" => conditions(results),
        "capacities" => capacities(results),
        "channel" => channel(results),
        "information" => information(results),
        "gains" => gains(results),
        "looks" => looks(results),
        "noise" => noise(results),
        "pictures" => pictures(results),
        _ => format!("There is no table `{name}`.\n"),
    }
}

fn conditions(results: &Results) -> String {
    let of = |key: &str| match &results.conditions[key] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut text = heading(&["what", "value"]);
    let expert = results.expert.iter().map(|rate| {
        let name = rate.tolerance_mm.map_or("task".to_owned(), |mm| format!("{mm} mm"));
        format!("{name} {}", share(rate.last))
    });
    let expert: Vec<String> = expert.collect();
    for (what, value) in [
        ("command", format!("`{}`", results.command)),
        ("cells", format!("{} of {}", results.cells, results.cells_wanted)),
        (
            "machine",
            format!("{}, {} cores, {} build", of("cpu_model"), of("cpus"), of("build_profile")),
        ),
        ("load when it ended", of("load")),
        ("one look: steps, batch, demonstrations", effort(&results.once)),
        ("always: steps, batch, demonstrations", effort(&results.always)),
        (
            "scenes for each seed, one look / always",
            format!("{} / {}", results.once.episodes, results.always.episodes),
        ),
        ("the expert's own plan, one look", expert.join("; ")),
    ] {
        row(&mut text, &[what.to_owned(), value]);
    }
    text
}

fn effort(effort: &crate::Effort) -> String {
    format!("{}, {}, {}", effort.steps, effort.batch, effort.demonstrations)
}

/// What each representation could tell apart, what it did, and what it loses, behind the best
/// channel it was measured with.
fn capacities(results: &Results) -> String {
    let mut text = heading(&[
        "representation",
        "nominal bits",
        "measured bits, expert",
        "measured bits, policy",
        "of the place, at least",
        "tokenizer error, mrad",
        "policy's error, mrad",
        "motion ends, mm p50",
    ]);
    for row_of in best(results, Looks::Once) {
        row(
            &mut text,
            &[
                row_of.code.label(),
                bits(row_of.bits.nominal),
                bits(row_of.bits.expert),
                bits(row_of.bits.policy),
                bits(row_of.bits.tokenizer_at_least),
                format!("{:.2}", row_of.errors.tokenizer_mrad),
                format!("{:.2}", row_of.errors.action_mrad),
                bits(row_of.errors.end_mm_p50),
            ],
        );
    }
    text
}

fn channel(results: &Results) -> String {
    grid(results, |row| row.at(Some(GAIN_TOLERANCE_MM)).map(|rate| percent(rate.last)))
}

fn information(results: &Results) -> String {
    let mut text = grid(results, |row| row.bits.action_at_least.map(|bits| format!("{bits:.1}")));
    let known = || results.rows.iter().filter(|row| row.bits.action_at_least.is_some());
    let within = |row: &&Row| row.bits.action_at_least.is_some_and(|bits| bits <= row.bits.bound);
    writeln!(
        text,
        "\nOf {} conditions with one look, {} keep the bound `min(I(O;Z), log2 |T|)`.",
        known().count(),
        known().filter(within).count()
    )
    .ok();
    text
}

fn gains(results: &Results) -> String {
    let mut text = heading(&[
        "representation",
        "width",
        "nominal bits",
        "measured bits",
        "of the place",
        "weak",
        "strong",
        "gain, points",
        "by seeds",
        "per bit in",
        "less than regression's by",
        "z",
    ]);
    for gain in results.gains.iter().filter(|gain| gain.looks == Looks::Once) {
        row(
            &mut text,
            &[
                gain.code.label(),
                gain.width.to_string(),
                bits(gain.bits_nominal),
                bits(gain.bits_measured),
                bits(gain.bits_of_place),
                percent(gain.weak),
                percent(gain.strong),
                points(&gain.gain),
                points(&gain.gain_over_seeds),
                points(&gain.gain_per_bit),
                gain.gap.as_ref().map_or_else(dash, points),
                gain.gap.and_then(|gap| gap.z).map_or_else(dash, |z| format!("{z:.1}")),
            ],
        );
    }
    text
}

/// What a policy makes of it that looks again at every step.
fn looks(results: &Results) -> String {
    let mut text = heading(&[
        "representation",
        "bits in",
        "looks",
        "task (2 cm)",
        "within 10 mm",
        "within 5 mm",
        "held, mm p50",
        "time to success, s",
    ]);
    let always: Vec<_> = results.rows.iter().filter(|row| row.looks == Looks::Always).collect();
    for again in &always {
        let once = results.rows.iter().find(|row| {
            row.looks == Looks::Once
                && (&row.code, row.channel, row.width) == (&again.code, again.channel, again.width)
        });
        for (of, name) in once.map(|row| (row, "once")).into_iter().chain([(*again, "always")]) {
            let mut cells =
                vec![of.code.label(), format!("{:.0}", of.bits.channel), name.to_owned()];
            cells.extend(of.success.iter().map(|rate| percent(rate.last)));
            cells.push(format!("{:.1}", of.held_mm_p50));
            cells.push(of.success_s_mean.map_or_else(dash, |s| format!("{s:.2}")));
            row(&mut text, &cells);
        }
    }
    text
}

/// The second kind of channel.
fn noise(results: &Results) -> String {
    let mut text = heading(&[
        "representation",
        "capacity, bits",
        "I(O;Z), bits",
        "I(O;A), bits, at least",
        "within 10 mm",
    ]);
    for of in &results.rows {
        if let Channel::Gaussian { bits: capacity } = of.channel {
            row(
                &mut text,
                &[
                    of.code.label(),
                    format!("{:.1}", 2.0 * capacity),
                    format!("{:.2}", of.bits.channel),
                    bits(of.bits.action_at_least),
                    of.at(Some(GAIN_TOLERANCE_MM)).map_or_else(dash, |rate| percent(rate.last)),
                ],
            );
        }
    }
    text
}

/// The factorial on pictures.
fn pictures(results: &Results) -> String {
    let Some(found) = &results.pictures else {
        return "Not measured yet.\n".to_owned();
    };
    let mut text = heading(&[
        "representation",
        "width",
        "nominal bits",
        "weak",
        "strong",
        "gain, points",
        "by seeds",
        "less than regression's by",
        "z",
    ]);
    for gain in &found.gains {
        let success = |encoder: &str| {
            let row = found.rows.iter().find(|row| {
                (row.encoder.as_str(), &row.representation, row.width)
                    == (encoder, &gain.representation, gain.width)
            });
            row.map_or_else(dash, |row| percent(row.success))
        };
        row(
            &mut text,
            &[
                gain.representation.clone(),
                gain.width.to_string(),
                bits(gain.bits_nominal),
                success("weak"),
                success("strong"),
                points(&gain.gain),
                points(&gain.gain_over_seeds),
                gain.gap.as_ref().map_or_else(dash, points),
                gain.gap.and_then(|gap| gap.z).map_or_else(dash, |z| format!("{z:.1}")),
            ],
        );
    }
    let (cells, wanted) = (found.cells, found.cells_wanted);
    let (steps, scenes) = (found.effort.steps, found.effort.episodes);
    writeln!(
        text,
        "\n{cells} of {wanted} cells, {steps} steps and {scenes} scenes each: `{}`.",
        found.command
    )
    .ok();
    text
}

/// Representations down, bits in across, for one look.
fn grid(results: &Results, cell: impl Fn(&Row) -> Option<String>) -> String {
    let rows: Vec<&Row> = results
        .rows
        .iter()
        .filter(|row| row.looks == Looks::Once && row.width == 128)
        .filter(|row| matches!(row.channel, Channel::Quantised { .. }))
        .collect();
    let mut columns: Vec<u32> = rows.iter().map(|row| row.bits.channel.round() as u32).collect();
    columns.sort_unstable();
    columns.dedup();
    let names: Vec<String> = columns.iter().map(|bits| format!("{bits} bits in")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.insert(0, "representation");
    let mut text = heading(&names);
    for first in best(results, Looks::Once) {
        let at = |bits: &u32| {
            let found = rows
                .iter()
                .find(|row| row.code == first.code && row.bits.channel.round() as u32 == *bits);
            found.and_then(|row| cell(row)).unwrap_or_else(dash)
        };
        let cells: Vec<String> =
            core::iter::once(first.code.label()).chain(columns.iter().map(at)).collect();
        row(&mut text, &cells);
    }
    text
}

/// Each representation behind the best quantiser that it was measured with.
fn best(results: &Results, looks: Looks) -> Vec<&Row> {
    let mut best: Vec<&Row> = Vec::new();
    let rows = results.rows.iter().filter(|row| row.looks == looks && row.width == 128);
    for row in rows.filter(|row| matches!(row.channel, Channel::Quantised { .. })) {
        match best.iter_mut().find(|found| found.code == row.code) {
            Some(found) if found.bits.channel < row.bits.channel => *found = row,
            Some(_) => {}
            None => best.push(row),
        }
    }
    best
}

fn heading(names: &[&str]) -> String {
    let mut text = String::new();
    row(&mut text, &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    row(&mut text, &names.iter().map(|_| "---".to_owned()).collect::<Vec<_>>());
    text
}

fn row(text: &mut String, cells: &[String]) {
    writeln!(text, "| {} |", cells.join(" | ")).ok();
}

/// A share in per cent with its interval.
fn percent(share: Share) -> String {
    format!("{:.0} ({:.0}-{:.0})", 100.0 * share.rate, 100.0 * share.low, 100.0 * share.high)
}

fn share(share: Share) -> String {
    format!("{}/{}", share.successes, share.trials)
}

/// An estimate in points with its interval.
fn points(interval: &Interval) -> String {
    let value = format!("{:+.1}", 100.0 * interval.value);
    match (interval.low, interval.high) {
        (Some(low), Some(high)) => format!("{value} ({:+.1} .. {:+.1})", 100.0 * low, 100.0 * high),
        _ => value,
    }
}

fn bits(bits: Option<f64>) -> String {
    bits.map_or_else(dash, |bits| format!("{bits:.1}"))
}

fn dash() -> String {
    "-".to_owned()
}
