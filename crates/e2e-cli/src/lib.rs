//! Submits a question to Temporal as any client would, watches its stream, and checks the result.
#![warn(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when their reader goes: use outln! and errln!"
)]

pub mod check;
pub mod cli;
mod console;
pub mod demo;
mod interrupt;
pub mod load;
mod report;
mod session;
pub mod stream;
pub mod tally;
pub mod temporal;
pub mod validate;
mod watch;
pub mod watching;

use std::error::Error;
use std::process::ExitCode;

use clap::CommandFactory as _;
use kai_temporal::TemporalSettings;
use tokio_util::sync::CancellationToken;

use crate::check::CheckError;
use crate::cli::{Cli, Command, LoadArgs};
use crate::console::Console;
use crate::demo::DemoError;
use crate::watching::{End, Watching};
use kai_core::{errln, output};

/// The exit status after Ctrl-C: 128 and the number of the signal, as shells have it.
const INTERRUPTED: u8 = 130;

/// Does what the command line says. Whatever goes wrong is one line on standard error.
pub async fn run(mut cli: Cli) -> ExitCode {
    let command = cli.command.take();
    let json = match &command {
        Some(Command::Load(arguments)) => arguments.json,
        _ => cli.json,
    };
    let mut console = Console::new(json);
    let done = match command {
        Some(Command::Manual(command)) => match command.run(Cli::command()) {
            Ok(()) => Ok(true),
            Err(error) => Err(Stop::Failed(error.into())),
        },
        Some(Command::Load(arguments)) => load(&arguments, &mut console, &interrupt::token()).await,
        None => match cli.watching() {
            Some(watching) => watch(&watching, &mut console, &interrupt::token()).await,
            None if cli.demo => demo(&cli, &mut console, &interrupt::token()).await,
            None => check(&cli, &mut console, &interrupt::token()).await,
        },
    };
    match done.and_then(arrived) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Stop::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(Stop::Failed(error)) => {
            errln!("kai-e2e: {error}");
            console.failure(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Why there is no verdict.
enum Stop {
    Interrupted,
    Failed(Box<dyn Error>),
}

impl From<CheckError> for Stop {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Interrupted => Self::Interrupted,
            other => Self::Failed(other.into()),
        }
    }
}

/// Whether all went well, if it came to that.
type Verdict = Result<bool, Stop>;

async fn demo(cli: &Cli, console: &mut Console, stop: &CancellationToken) -> Verdict {
    match demo::run(cli, console, stop).await {
        Ok(outcome) => Ok(outcome.passed()),
        Err(DemoError::Check(error)) => Err(error.into()),
        Err(error) => Err(Stop::Failed(error.into())),
    }
}

async fn check(cli: &Cli, console: &mut Console, stop: &CancellationToken) -> Verdict {
    let check = cli.check(server(&cli.reach.temporal)?);
    let outcome = check::run(&check, console, stop).await?;
    console.say(report::finished(&outcome));
    console.object(&report::object(&outcome));
    Ok(outcome.passed())
}

async fn load(arguments: &LoadArgs, console: &mut Console, stop: &CancellationToken) -> Verdict {
    let load = arguments.load(server(&arguments.reach.temporal)?);
    let measured = load::run(&load, console, stop).await?;
    console.say(load::report::summary(&measured));
    console.object(&load::report::object(&measured));
    if measured.interrupted {
        return Err(Stop::Interrupted);
    }
    Ok(measured.passed())
}

async fn watch(watching: &Watching, console: &mut Console, stop: &CancellationToken) -> Verdict {
    let watched = watching::run(watching, console, stop)
        .await
        .map_err(|error| Stop::Failed(error.into()))?;
    console.say(report::watched(&watched));
    console.object(&report::watched_object(&watched));
    match watched.end {
        End::Interrupted => Err(Stop::Interrupted),
        _ => Ok(watched.passed()),
    }
}

/// A verdict that nobody got, on a disk that is full say, is none.
fn arrived(passed: bool) -> Verdict {
    match output::check() {
        Ok(()) => Ok(passed),
        Err(error) => Err(Stop::Failed(format!("cannot print: {error}").into())),
    }
}

fn server(settings: &TemporalSettings) -> Result<kai_temporal::Server, Stop> {
    settings
        .server()
        .map_err(|error| Stop::Failed(error.into()))
}
