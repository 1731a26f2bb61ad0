//! `kai-worker verified`: questions with queries that a person has found right, given or listed.

use std::process::ExitCode;

use anyhow::Context as _;
use kai_core::logging;
use kai_core::outln;

use super::{ask, print_json};
use crate::cli::{Cli, VerifiedArgs};

pub(super) async fn verified(cli: &Cli, arguments: VerifiedArgs) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let analyst = ask::analyst(cli).await?;
    let Some(file) = arguments.file else {
        let pairs = analyst.verified(&arguments.connection).await?;
        if arguments.json {
            print_json(&pairs)?;
            return Ok(ExitCode::SUCCESS);
        }
        for pair in &pairs {
            outln!("{}: {}\n  {}", pair.id, pair.question, pair.sql);
        }
        return Ok(ExitCode::SUCCESS);
    };
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let report = analyst.add_verified(&arguments.connection, &text).await?;
    if arguments.json {
        print_json(&report)?;
    } else {
        let queries = if report.added == 1 {
            "query"
        } else {
            "queries"
        };
        outln!("{} verified {queries} stored.", report.added);
        for failed in &report.failed {
            outln!("[--] line {}: {}", failed.line, failed.error);
        }
    }
    Ok(if report.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
