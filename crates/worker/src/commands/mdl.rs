//! `kai-worker mdl`: what the activity `generate_mdl` does, by hand.

use std::process::ExitCode;

use anyhow::bail;
use kai_core::knowledge::ModelReport;
use kai_core::logging;
use kai_core::out;

use super::{ask, print_json};
use crate::cli::{Cli, TablesArgs};

pub(super) async fn mdl(cli: &Cli, arguments: TablesArgs) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let analyst = ask::analyst(cli).await?;
    let report = analyst
        .model(&arguments.connection, &arguments.tables)
        .await?;
    if arguments.json {
        print_json(&report)?;
        return Ok(match report {
            ModelReport::Success { .. } => ExitCode::SUCCESS,
            ModelReport::NoTablesFound { .. } => ExitCode::FAILURE,
        });
    }
    match report {
        ModelReport::Success { mdl, .. } => {
            out!("{mdl}");
            Ok(ExitCode::SUCCESS)
        }
        ModelReport::NoTablesFound { .. } => bail!("no tables found"),
    }
}
