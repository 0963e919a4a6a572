//! `tandem`: a real-time dual-system robot controller. This binary is glue: it reads the command
//! line, calls the rooms that do the work, and turns what they say into text and exit codes.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

mod arguments;
mod attendance;
mod bench;
mod bridge;
mod check;
mod collect;
mod conditions;
mod ctl;
mod daemon;
mod demo;
mod doctor;
mod eval;
mod export;
mod failure;
mod interrupt;
mod json;
mod progress;
mod setup;
mod simulate;
mod study;
mod table;
mod train;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Bridge, Command};
use crate::failure::Failure;

/// The variable that holds an exact filter for what is logged.
pub(crate) const LOG_FILTER: &str = "TANDEM_LOG";

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help_or_error) => {
            // Help and version go to stdout and are no failure; clap knows which is which.
            let code = help_or_error.exit_code();
            help_or_error.print().ok();
            return ExitCode::from(if code == 0 { 0 } else { failure::WRONG_USAGE });
        }
    };
    start_logging(arguments.verbose, &arguments.command);
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("tandem: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Run(arguments) => daemon::run(&arguments),
        Command::Sim(arguments) => simulate::run(&arguments),
        Command::Bridge(arguments) => bridge::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Doctor => doctor::run(),
        Command::Setup(arguments) => setup::run(&arguments),
        Command::Ctl(arguments) => ctl::run(&arguments),
        Command::Collect(arguments) => collect::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Study(arguments) => study::run(&arguments),
        Command::Echo(arguments) => bench::path::echo::run(&arguments),
    }
}

/// Logs go to stderr, so that stdout stays for results. A process that lives long says what it does;
/// the other commands show it themselves. A bench opens and closes sessions in the middle of the
/// traffic, which Zenoh takes for errors.
fn start_logging(verbose: u8, command: &Command) {
    let level = match (verbose, command) {
        (0, Command::Run(_) | Command::Sim(_) | Command::Bridge(Bridge { what: None, .. })) => {
            "warn,tandem=info,zenoh=error"
        }
        (0, Command::Bench(_) | Command::Echo(_)) => "warn,zenoh=off",
        (0, _) => "warn,zenoh=error",
        (1, _) => "info,zenoh=warn",
        (_, _) => "debug,zenoh=info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env(LOG_FILTER)
        .unwrap_or_else(|_unset| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .compact()
        .init();
}
