//! What a measurement may come to: a budget file makes `tandem bench` fail when it is exceeded.
//!
//! A budget has the shape of the report it limits, under the bench's name, with a limit where the
//! report has a figure:
//! ```toml
//! [latest.read_ns.latest]
//! p50 = "<= 5"
//! [latest.preempted_reader_us]
//! latest.max = "<= 10"
//! mutex.max = ">= 1000" # Or the writer was not preempted, and the line above says nothing.
//! ```

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use serde_json::Value;

use crate::failure::Failure;

/// The limits of one bench.
pub(super) struct Budget {
    limits: Vec<Limit>,
}

/// A limit on one figure.
#[derive(Debug, PartialEq)]
struct Limit {
    /// Where the figure stands in the report.
    path: Vec<String>,
    bound: Bound,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Budget {
    /// The limits that `file` sets for the bench called `bench`.
    pub(super) fn load(file: &Path, bench: &str) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()));
        let limits = text.and_then(|text| parse(&text, bench));
        let limits = limits.with_context(|| format!("budget {}", file.display()));
        limits.map(|limits| Self { limits }).map_err(Failure::Usage)
    }

    /// Prints a line for each limit; fails if one is exceeded or its figure was not measured.
    pub(super) fn hold(&self, facts: &Value) -> Result<(), Failure> {
        let exceeded = self.limits.iter().filter(|limit| {
            let figure = limit.figure(facts);
            let kept = figure.is_some_and(|figure| limit.bound.admits(figure));
            let verdict = if kept { "within" } else { "EXCEEDED" };
            let figure = figure.map_or_else(|| "not measured".to_owned(), |f| format!("{f:.3}"));
            println!("{verdict:<9} {} = {figure}, budget {}", limit.path.join("."), limit.bound);
            !kept
        });
        match exceeded.count() {
            0 => Ok(()),
            n => Err(Failure::failed(format!("{n} of {} limits exceeded", self.limits.len()))),
        }
    }
}

fn parse(text: &str, bench: &str) -> anyhow::Result<Vec<Limit>> {
    let table: toml::Table = text.parse()?;
    let section = table.get(bench).with_context(|| format!("has no section [{bench}]"))?;
    let mut limits = Vec::new();
    collect(section, &mut Vec::new(), &mut limits)?;
    if limits.is_empty() {
        bail!("[{bench}] sets no limit");
    }
    Ok(limits)
}

fn collect(
    value: &toml::Value,
    path: &mut Vec<String>,
    limits: &mut Vec<Limit>,
) -> anyhow::Result<()> {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                path.push(key.clone());
                collect(value, path, limits)?;
                path.pop();
            }
            Ok(())
        }
        toml::Value::String(text) => {
            let bound = Bound::parse(text).with_context(|| path.join("."))?;
            limits.push(Limit { path: path.clone(), bound });
            Ok(())
        }
        other => {
            let path = path.join(".");
            Err(anyhow!("{path} = {other} is no limit; write \"<= {other}\" or \">= {other}\""))
        }
    }
}

impl Limit {
    /// What was measured; `None` where there is no such number.
    fn figure(&self, facts: &Value) -> Option<f64> {
        self.path.iter().try_fold(facts, |facts, key| facts.get(key))?.as_f64()
    }
}

impl Bound {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let bound = |rest: &str| rest.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        let most = text.strip_prefix("<=").and_then(bound).map(Self::AtMost);
        let least = text.strip_prefix(">=").and_then(bound).map(Self::AtLeast);
        most.or(least).with_context(|| format!("`{text}` is no limit; write \"<= 5\" or \">= 5\""))
    }

    fn admits(self, figure: f64) -> bool {
        match self {
            Self::AtMost(most) => figure <= most,
            Self::AtLeast(least) => figure >= least,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "<= {most}"),
            Self::AtLeast(least) => write!(f, ">= {least}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[latest]\nread_ns.latest.p50 = \"<= 5\"\nreads = \">=1e3\"\n[tick]\nn = 3";

    fn held(read_p50: Value) -> bool {
        let facts =
            serde_json::json!({ "read_ns": { "latest": { "p50": read_p50 } }, "reads": 1000 });
        let budget = Budget { limits: parse(TEXT, "latest").unwrap() };
        budget.hold(&facts).is_ok()
    }

    #[test]
    fn a_limit_is_kept_up_to_its_number_and_not_beyond() {
        assert!(held(4.9.into()) && held(5.into()));
        assert!(!held(5.001.into()));
    }

    #[test]
    fn what_was_not_measured_exceeds_its_limit() {
        assert!(!held(Value::Null));
        assert!(!held("4".into()));
    }

    #[test]
    fn a_budget_that_limits_nothing_is_refused() {
        for (text, bench, complaint) in [
            (TEXT, "path", "no section [path]"),
            (TEXT, "tick", "n = 3 is no limit; write \"<= 3\" or \">= 3\""),
            ("[tick]", "tick", "sets no limit"),
            ("[tick]\np50 = \"< 3\"", "tick", "`< 3` is no limit"),
            ("[tick]\np50 = \"<= nan\"", "tick", "`<= nan` is no limit"),
        ] {
            let error = format!("{:#}", parse(text, bench).unwrap_err());
            assert!(error.contains(complaint), "{error}");
        }
    }
}
