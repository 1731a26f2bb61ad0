//! `kai-e2e`: reads the command line, hands over, and turns the outcome into an exit status.
#![warn(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when their reader goes: use outln! and errln!"
)]

use std::process::ExitCode;

use kai_core::config;
use kai_core::errln;
use kai_e2e::cli::Cli;
use kai_e2e::demo::tied;

fn main() -> ExitCode {
    if let Err(status) = tied::become_if_asked() {
        return status;
    }
    if let Err(line) = config::load_dotenv() {
        errln!("kai-e2e: {line}");
        return ExitCode::from(2);
    }
    let cli = config::parse::<Cli>().values;
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            errln!("kai-e2e: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(kai_e2e::run(cli))
}
