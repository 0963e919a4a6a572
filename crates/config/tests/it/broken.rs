//! Every way to break a scenario has a line that names the place and the mend.

mod bodies;
mod bridge;
mod bundles;
mod executors;
mod motors;
mod space;
mod values;

use crate::fixture::Scenario;

/// How a row breaks the scenario.
enum Break {
    /// Replaces the first text by the second in a file.
    Text(&'static str, &'static str, &'static str),
    /// Changes the weights of a bundle, and their hash with them if the flag says so.
    Weights(&'static str, fn(&mut Vec<u8>), bool),
    /// Removes a file.
    Remove(&'static str),
}
use Break::{Remove, Text, Weights};

/// Where the finding must point.
enum At {
    /// To this line of a text file.
    Line(&'static str, &'static str),
    /// To this tensor of a bundle.
    Tensor(&'static str, &'static str),
    /// To this file as a whole.
    File(&'static str),
}
use At::{File, Line, Tensor};

const CONFIG: &str = "robot.toml";
const URDF: &str = "arm.urdf";
const ONE: &str = "one/bundle.toml";
const TWO: &str = "two/bundle.toml";

/// What is broken, how, where the finding points, and what of the mend it says.
type Row = (&'static str, Break, At, &'static str);

fn check(rows: &[Row]) {
    for (name, breakage, at, mend) in rows {
        let scenario = Scenario::new();
        match breakage {
            Text(file, old, new) => scenario.replace(file, old, new),
            Weights(bundle, change, rehash) => scenario.change_weights(bundle, *change, *rehash),
            Remove(file) => std::fs::remove_file(scenario.path(file)).unwrap(),
        }
        let findings = scenario.check();
        let named = findings.iter().any(|finding| {
            finding.text.contains(mend)
                && match at {
                    Line(file, line) => {
                        finding.file == scenario.path(file) && scenario.line(finding).contains(line)
                    }
                    Tensor(file, tensor) => {
                        finding.file == scenario.path(file)
                            && finding.tensor.as_deref() == Some(*tensor)
                            && finding.text.contains(*tensor)
                    }
                    File(file) => finding.text.contains(&*scenario.path(file).to_string_lossy()),
                }
        });
        assert!(named, "{name}: no finding with `{mend}` at its place in {findings:#?}");
    }
}
