//! `kai-worker codec` and `key codec`: reading and making what payloads are encrypted with.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use kai_core::logging;
use kai_core::outln;
use kai_core::signals::StopSignals;
use kai_temporal::codec::Keyring;
use tokio_util::sync::CancellationToken;

use super::listen;
use crate::cli::Cli;
use crate::codec_server::CodecServer;

/// Serves until SIGINT or SIGTERM.
pub(super) async fn serve(cli: &Cli) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let keys =
        cli.temporal.temporal_codec_keys.clone().context(
            "TEMPORAL_CODEC_KEYS is not set; `kai-worker key codec ID` makes a key for it",
        )?;
    let server = CodecServer::new(keys, &cli.codec)?;
    let mut signals = StopSignals::listen()?;
    let (host, port) = (cli.codec.codec_host.as_str(), cli.codec.codec_port);
    let listener = listen(host, port, "--codec-port or CODEC_PORT").await?;
    outln!("Codec server on http://{}", listener.local_addr()?);
    let stop = CancellationToken::new();
    let serving = server.serve(listener, stop.clone());
    tokio::pin!(serving);
    tokio::select! {
        outcome = &mut serving => outcome?,
        _ = signals.next() => {
            stop.cancel();
            tokio::select! {
                outcome = &mut serving => outcome?,
                _ = signals.next() => {}
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a new key.
pub(super) fn new_key(id: &str) -> anyhow::Result<ExitCode> {
    outln!("{}", Keyring::generate(id).map_err(|error| anyhow!(error))?);
    Ok(ExitCode::SUCCESS)
}
