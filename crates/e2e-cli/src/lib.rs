//! Submits a question to Temporal as any client would, watches its stream, and checks the result.

pub mod check;
pub mod cli;
mod console;
pub mod demo;
mod interrupt;
mod report;
mod session;
pub mod stream;
pub mod temporal;
pub mod validate;

use std::process::ExitCode;

use crate::check::{CheckError, Outcome};
use crate::cli::Cli;
use crate::console::Console;
use crate::demo::DemoError;

/// The exit status after Ctrl-C: 128 and the number of the signal, as shells have it.
const INTERRUPTED: u8 = 130;

/// Does what the command line says. Whatever goes wrong is one line on standard error.
pub async fn run(cli: Cli) -> ExitCode {
    let console = Console::new(cli.json);
    let stop = interrupt::token();
    if cli.demo {
        return match demo::run(&cli, console, &stop).await {
            Ok(outcome) => status(&outcome),
            Err(DemoError::Check(CheckError::Interrupted)) => ExitCode::from(INTERRUPTED),
            Err(error) => failed(&error),
        };
    }
    let server = match cli.temporal.server() {
        Ok(server) => server,
        Err(error) => return failed(&error),
    };
    match check::run(&cli.check(server), console, &stop).await {
        Ok(outcome) => {
            console.say(report::finished(&outcome));
            console.object(&report::object(&outcome));
            status(&outcome)
        }
        Err(CheckError::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => failed(&error),
    }
}

fn status(outcome: &Outcome) -> ExitCode {
    if outcome.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("kai-e2e: {error}");
    ExitCode::FAILURE
}
