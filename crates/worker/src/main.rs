//! `kai-worker`: reads the settings and hands over to the command.
#![warn(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when their reader goes: use outln! and errln!"
)]

use std::num::NonZero;
use std::process::ExitCode;
use std::thread::available_parallelism;

use kai_core::config;
use kai_core::errln;
use kai_worker::cli::Cli;
use kai_worker::commands;
use kai_worker::memory;

/// A worker waits for others most of the time. More threads than this only cost memory.
const MOST_THREADS: usize = 4;

fn main() -> ExitCode {
    memory::share_arenas();
    if let Err(line) = config::load_dotenv() {
        errln!("kai-worker: {line}");
        return ExitCode::from(2);
    }
    let parsed = config::parse::<Cli>();
    let threads = available_parallelism().map_or(1, NonZero::get);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.min(MOST_THREADS))
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            errln!("kai-worker: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(parsed)) {
        Ok(code) => code,
        Err(error) => {
            errln!("kai-worker: {error:#}");
            ExitCode::FAILURE
        }
    }
}
