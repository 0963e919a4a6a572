//! Facts for machines.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

/// Writes `facts` to a file, or says where that failed.
pub(crate) fn write(path: &Path, facts: &Value) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(facts).context("facts that are no JSON")?;
    std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}

/// A number, or null where there is none.
pub(crate) fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}
