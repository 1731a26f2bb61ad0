//! `kai-worker scan`: what the activity `scan_schema` does, by hand.

use std::process::ExitCode;

use kai_core::logging;
use kai_core::scan::{ScanProgress, ScanReport, Scanned};
use tokio_util::sync::CancellationToken;

use super::{ask, print_json};
use crate::cli::{Cli, TablesArgs};

/// The exit status of a program that was interrupted.
const INTERRUPTED: u8 = 130;

pub(super) async fn scan(cli: &Cli, arguments: TablesArgs) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let analyst = ask::analyst(cli).await?;
    let (progress, cancel) = (ScanProgress::default(), CancellationToken::new());
    let work = analyst.scan(&arguments.connection, &arguments.tables, &progress, &cancel);
    tokio::pin!(work);
    let report = tokio::select! {
        report = &mut work => report?,
        _ = tokio::signal::ctrl_c() => {
            // What was begun is put back before the program ends.
            cancel.cancel();
            let _ = work.await;
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    if arguments.json {
        print_json(&report)?;
    } else {
        show(&report);
    }
    Ok(match report {
        ScanReport::Success(scanned) if scanned.failed.is_empty() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn show(report: &ScanReport) {
    let (ScanReport::Success(scanned) | ScanReport::Failed(scanned)) = report else {
        println!("No tables found.");
        return;
    };
    let Scanned {
        scanned_count,
        tables,
        failed,
        not_found,
    } = scanned;
    println!("{scanned_count} tables scanned.");
    for table in tables {
        println!("  {table}");
    }
    for failure in failed {
        println!("[--] {}: {}", failure.table, failure.error);
    }
    for table in not_found {
        println!("[--] {table}: there is no such table");
    }
}
