//! From a folder to a verdict on each case.

use std::path::Path;

use crate::compare::Tolerance;
use crate::json::Value;
use crate::kinds;

/// What came of one case.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) file: String,
    pub(crate) case: String,
    pub(crate) verdict: Verdict,
}

/// Whether a case agrees.
#[derive(Debug)]
pub(crate) enum Verdict {
    Same,
    Differs(String),
    Skipped(&'static str),
}

/// What a check of one case needs beside the case.
pub(crate) struct Context<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) tolerance: Tolerance,
}

/// A check of one case: an error says what differs.
pub(crate) type Check = fn(&Context<'_>, &Value) -> Result<(), String>;

/// Checks every vector file of a folder, in the order of their names.
pub(crate) fn check_folder(folder: &Path) -> Result<Vec<Outcome>, String> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| format!("cannot read the folder {}: {error}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    let mut outcomes = Vec::new();
    for name in names {
        let path = folder.join(&name);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        match Value::parse(&text) {
            // A file of another format is no vector file; FAST's tokenizer lies among them.
            Ok(file) if file.text("format") != Ok("tandem-vectors-1") => {}
            Ok(file) => check_file(folder, &name, &file, &mut outcomes),
            Err(why) => outcomes.push(Outcome {
                file: name,
                case: "(file)".to_owned(),
                verdict: Verdict::Differs(why),
            }),
        }
    }
    if outcomes.is_empty() {
        return Err(format!("{} holds no tandem-vectors-1 files", folder.display()));
    }
    Ok(outcomes)
}

fn check_file(folder: &Path, name: &str, file: &Value, outcomes: &mut Vec<Outcome>) {
    let context = Context { folder, tolerance: Tolerance::of(file) };
    let kind = file.text("kind").unwrap_or("(none)");
    for (list, cases) in file.members() {
        if kind == "fast" && list == "tokenizers" {
            for tokenizer in cases.items() {
                kinds::fast::check(&context, name, tokenizer, outcomes);
            }
        } else if let Some(check) = kinds::check_of(kind, list) {
            check_list(&context, name, list, cases, check, outcomes);
        } else if cases.holds_cases() {
            outcomes.push(Outcome {
                file: name.to_owned(),
                case: format!("{list} ({} cases)", cases.items().len()),
                verdict: Verdict::Skipped(kinds::why_skipped(kind)),
            });
        }
    }
}

/// Checks a list of cases, or the one case that stands in a list's place.
pub(crate) fn check_list(
    context: &Context<'_>,
    file: &str,
    list: &str,
    cases: &Value,
    check: Check,
    outcomes: &mut Vec<Outcome>,
) {
    let single = core::slice::from_ref(cases);
    for case in if cases.is_list() { cases.items() } else { single } {
        let verdict = match check(context, case) {
            Ok(()) => Verdict::Same,
            Err(why) => Verdict::Differs(why),
        };
        let case =
            case.text("name").map_or_else(|_| list.to_owned(), |name| format!("{list}/{name}"));
        outcomes.push(Outcome { file: file.to_owned(), case, verdict });
    }
}
