//! `kai-worker config`: every setting, its value, and where that came from.

use std::process::ExitCode;

use clap::ArgMatches;
use kai_core::config;
use kai_core::outln;

use crate::cli::Cli;

pub(super) fn list(matches: &ArgMatches, json: bool) -> anyhow::Result<ExitCode> {
    let settings = config::settings::<Cli>(matches);
    if json {
        outln!("{}", serde_json::to_string_pretty(&settings)?);
        return Ok(ExitCode::SUCCESS);
    }
    let widest = settings
        .iter()
        .map(|setting| setting.name.len())
        .max()
        .unwrap_or_default();
    for setting in settings {
        let value = setting.value.as_deref().unwrap_or("<not set>");
        outln!("{:widest$}  {:11}  {value}", setting.name, setting.source);
    }
    Ok(ExitCode::SUCCESS)
}
