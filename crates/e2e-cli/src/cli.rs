//! The command line of `kai-e2e`.

use std::time::Duration;

use clap::Parser;
use kai_core::config::{Secret, values};
use kai_temporal::{Server, TemporalSettings};

use crate::check::Check;

const DEFAULT_PROMPT: &str =
    "Tampilkan top 5 provinsi dengan rata-rata modal awal koperasi tertinggi";

/// Asks a question through Temporal, prints its events as they arrive, and checks the result.
///
/// Exit status: 0 all checks passed, 1 one failed or something could not be reached, 2 wrong usage,
/// 130 interrupted.
#[derive(Debug, Clone, Parser)]
#[command(name = "kai-e2e", version)]
pub struct Cli {
    /// The stored connection to ask: its id or its alias
    #[arg(long, value_name = "ID", required_unless_present = "demo", value_parser = values::not_blank)]
    pub connection_id: Option<String>,

    /// The question
    #[arg(long, value_name = "TEXT", default_value = DEFAULT_PROMPT, value_parser = values::not_blank)]
    pub prompt: String,

    /// How Temporal is reached
    #[command(flatten)]
    pub temporal: TemporalSettings,

    /// The address of the receiver, as the worker and this program reach it
    #[arg(long, value_name = "URL", default_value = "http://localhost:8092", value_parser = http_url)]
    pub callback_host: String,

    /// The token for reading streams, for receivers that ask for one
    #[arg(long, env = "SSE_SUBSCRIBE_TOKEN", value_name = "TOKEN", hide_env_values = true, value_parser = values::token)]
    pub subscribe_token: Option<Secret>,

    /// How many seconds to wait for the result
    #[arg(long, value_name = "SECONDS", default_value = "900", value_parser = values::seconds)]
    pub timeout: Duration,

    /// Print one JSON object and nothing else
    #[arg(long)]
    pub json: bool,

    /// Start everything that is needed, with a sample database, and ask it
    #[arg(long, conflicts_with = "connection_id")]
    pub demo: bool,

    /// Leave the demo running until Ctrl-C
    #[arg(long, requires = "demo", conflicts_with = "connection_id")]
    pub keep: bool,

    /// Temporal's command line, which the demo starts its server with
    #[arg(long, env = "KAI_TEMPORAL_CLI", value_name = "PROGRAM", default_value = "temporal", value_parser = values::not_blank)]
    pub temporal_cli: String,
}

impl Cli {
    /// The check that the command line asks for, on this server.
    pub(crate) fn check(&self, server: Server) -> Check {
        Check {
            // clap requires it when there is no `--demo`, and the demo sets its own.
            connection_id: self.connection_id.clone().unwrap_or_default(),
            prompt: self.prompt.clone(),
            server,
            callback_host: self.callback_host.clone(),
            subscribe_token: self.subscribe_token.clone(),
            timeout: self.timeout,
        }
    }
}

fn http_url(value: &str) -> Result<String, String> {
    let url =
        reqwest::Url::parse(value).map_err(|error| format!("use http://HOST:PORT ({error})"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("use http://HOST:PORT or https://HOST".to_owned());
    }
    Ok(value.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::{CommandFactory, error::ErrorKind};

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Cli, ErrorKind> {
        let all = std::iter::once("kai-e2e").chain(arguments.iter().copied());
        Cli::try_parse_from(all).map_err(|error| error.kind())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_connection_is_needed_unless_it_is_the_demo() {
        assert_eq!(parse(&[]).unwrap_err(), ErrorKind::MissingRequiredArgument);
        assert!(parse(&["--demo"]).unwrap().demo);
        assert!(parse(&["--demo", "--keep"]).unwrap().keep);
        let without_demo = parse(&["--connection-id", "a", "--keep"]).unwrap_err();
        assert_eq!(without_demo, ErrorKind::ArgumentConflict);
        let cli = parse(&["--connection-id", "koperasi"]).unwrap();
        assert_eq!(cli.prompt, DEFAULT_PROMPT);
    }

    #[test]
    fn bad_values_are_refused() {
        for bad in [
            ["--prompt", "  "],
            ["--callback-host", "localhost:8092"],
            ["--callback-host", "ftp://localhost"],
            ["--timeout", "0"],
            ["--timeout", "soon"],
        ] {
            let result = parse(&["--connection-id", "a", bad[0], bad[1]]);
            assert_eq!(result.unwrap_err(), ErrorKind::ValueValidation, "{bad:?}");
        }
    }
}
