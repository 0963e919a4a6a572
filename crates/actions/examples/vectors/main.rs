//! Holds this crate to reference vectors: `cargo run -p tandem-actions --example vectors -- FOLDER`.
//!
//! Prints a line for each case of each file and exits with 1 if one of them differs, with 2 if the
//! folder holds no vectors. `tests/data` has those that were made with the reference code.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command's answer")]

mod compare;
mod json;
mod kinds;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use run::{Outcome, Verdict, check_folder};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(folder), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: vectors FOLDER (a folder of reference vectors, such as tests/data)");
        return ExitCode::from(2);
    };
    let outcomes = match check_folder(&PathBuf::from(folder)) {
        Ok(outcomes) => outcomes,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    for Outcome { file, case, verdict } in &outcomes {
        match verdict {
            Verdict::Same => println!("ok    {file} {case}"),
            Verdict::Differs(why) => println!("FAIL  {file} {case}: {why}"),
            Verdict::Skipped(why) => println!("skip  {file} {case}: {why}"),
        }
    }
    let count = |wanted: fn(&Verdict) -> bool| {
        outcomes.iter().filter(|outcome| wanted(&outcome.verdict)).count()
    };
    let same = count(|verdict| matches!(verdict, Verdict::Same));
    let differs = count(|verdict| matches!(verdict, Verdict::Differs(_)));
    println!("{same} cases agree, {differs} differ");
    if differs > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS }
}
