//! Distributions as rows for people.

use tandem_realtime::Distribution;

/// The heading over [`row`]s.
pub(crate) fn heading(unit: &str) -> String {
    titled("", unit)
}

/// The same with a name for all of them.
pub(crate) fn titled(title: &str, unit: &str) -> String {
    format!("{title:<24}{:>8}{:>10}{:>10}{:>10}{:>12}  {unit}", "n", "p50", "p99", "p99.9", "max")
}

/// One distribution; a percentile its n does not support is a dash.
pub(crate) fn row(name: &str, distribution: &Distribution) -> String {
    let Distribution { n, p50, p99, p99_9, max } = distribution;
    let cell = |value: &Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.2}"));
    let (p50, p99, p99_9, max) = (cell(p50), cell(p99), cell(p99_9), cell(max));
    format!("{name:<24}{n:>8}{p50:>10}{p99:>10}{p99_9:>10}{max:>12}")
}

/// The same for machines.
pub(crate) fn json(distribution: &Distribution) -> serde_json::Value {
    let Distribution { n, p50, p99, p99_9, max } = distribution;
    serde_json::json!({ "n": n, "p50": p50, "p99": p99, "p99_9": p99_9, "max": max })
}
