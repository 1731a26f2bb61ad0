//! `kai-e2e`: reads the command line, hands over, and turns the outcome into an exit status.

use std::process::ExitCode;

use clap::Parser;
use kai_e2e::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("kai-e2e: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(kai_e2e::run(cli))
}
