//! `kai-sse-callback`: the receiver as a program.
#![warn(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when their reader goes: use outln! and errln!"
)]

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use kai_core::config::{self, LogSettings};
use kai_core::errln;
use kai_core::logging;
use kai_core::manual::ManualCommand;
use kai_core::signals::StopSignals;
use kai_sse_callback::descriptors;
use kai_sse_callback::server::{Server, StartError};
use kai_sse_callback::settings::Settings;
use kai_temporal::TemporalSettings;
use tokio_util::sync::CancellationToken;

/// Takes the events of KAI workers and serves them as server-sent events.
#[derive(Debug, Parser)]
#[command(name = "kai-sse-callback", version)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    temporal: TemporalSettings,
    #[command(flatten)]
    log: LogSettings,
    /// What to do instead of serving
    #[command(subcommand)]
    command: Option<ManualCommand>,
}

fn main() -> ExitCode {
    if let Err(line) = config::load_dotenv() {
        errln!("kai-sse-callback: {line}");
        return ExitCode::from(2);
    }
    let Cli {
        mut settings,
        temporal,
        log,
        command,
    } = config::parse::<Cli>().values;
    if let Some(command) = command {
        return match command.run(Cli::command()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error.to_string()),
        };
    }
    logging::init(&log);
    let temporal = match asks(&temporal).then(|| temporal.server()).transpose() {
        Ok(temporal) => temporal,
        Err(error) => {
            failed(&error.to_string());
            return ExitCode::from(2);
        }
    };
    let connections = descriptors::raise().and_then(NonZeroUsize::new);
    settings.max_connections = settings.max_connections.or(connections);
    // It listens, sweeps and waits for signals; connections are served by threads of the server's own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("cannot start the runtime: {error}")),
    };
    let code = runtime.block_on(serve(&settings, temporal));
    // After a second signal connections may still be open; they end here.
    runtime.shutdown_background();
    code
}

/// Whether questions can be asked here: only where somebody says where Temporal is. Its default would turn
/// every receiver on a developer's machine into one that starts runs.
fn asks(temporal: &TemporalSettings) -> bool {
    temporal.temporal_host.is_some() || temporal.temporal_address.is_some()
}

async fn serve(settings: &Settings, temporal: Option<kai_temporal::Server>) -> ExitCode {
    let mut signals = match StopSignals::listen() {
        Ok(signals) => signals,
        Err(error) => return failed(&format!("cannot listen for signals: {error}")),
    };
    let server = match Server::bind_with(settings, temporal).await {
        Ok(server) => server,
        Err(error @ StartError::NoRedis) => {
            failed(&error.to_string());
            return ExitCode::from(2);
        }
        Err(error) => return failed(&error.to_string()),
    };
    announce(server.address());
    let stop = CancellationToken::new();
    let running = server.run(stop.clone());
    tokio::pin!(running);
    tokio::select! {
        () = &mut running => return ExitCode::SUCCESS,
        name = signals.next() => tracing::info!("received {name}, letting open streams end"),
    }
    stop.cancel();
    tokio::select! {
        () = running => {
            tracing::info!("shutdown complete");
            ExitCode::SUCCESS
        }
        name = signals.next() => {
            tracing::warn!("received {name} again, ending at once");
            ExitCode::FAILURE
        }
    }
}

/// The line that other programs wait for and read the address from.
fn announce(address: SocketAddr) {
    let mut out = io::stdout();
    let written = writeln!(
        out,
        "KAI SSE callback receiver listening on http://{address}"
    )
    .and_then(|()| out.flush());
    if let Err(error) = written {
        tracing::warn!("listening on http://{address}, but cannot say so on the output: {error}");
    }
}

fn failed(message: &str) -> ExitCode {
    errln!("kai-sse-callback: {message}");
    ExitCode::FAILURE
}
