//! `kai-worker`: reads the settings and hands over to the command.

use std::process::ExitCode;

use kai_core::config;
use kai_worker::cli::Cli;
use kai_worker::commands;

fn main() -> ExitCode {
    if let Err(line) = config::load_dotenv() {
        eprintln!("kai-worker: {line}");
        return ExitCode::from(2);
    }
    let parsed = config::parse::<Cli>();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("kai-worker: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(parsed)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("kai-worker: {error:#}");
            ExitCode::FAILURE
        }
    }
}
