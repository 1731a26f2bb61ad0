//! `kai-worker scan`: what the activity `scan_schema` does, by hand.

use std::convert::Infallible;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use kai_core::logging;
use kai_core::outln;
use kai_core::scan::{ScanProgress, ScanReport, Scanned};
use tokio_util::sync::CancellationToken;

use super::{ask, print_json};
use crate::cli::{Cli, TablesArgs};

/// The exit status of a program that was interrupted.
const INTERRUPTED: u8 = 130;

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(120);

pub(super) async fn scan(cli: &Cli, arguments: TablesArgs) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let analyst = ask::analyst(cli).await?;
    let (progress, cancel) = (ScanProgress::default(), CancellationToken::new());
    let work = analyst.scan(&arguments.connection, &arguments.tables, &progress, &cancel);
    tokio::pin!(work);
    let report = tokio::select! {
        report = &mut work => report?,
        never = draw(&progress) => match never {},
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

/// Draws how far the scan is, where a person looks at standard error; never ends.
async fn draw(progress: &ScanProgress) -> Infallible {
    let bar = ProgressBar::new(0).with_finish(ProgressFinish::AndClear);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} tables ({elapsed})") {
        bar.set_style(style);
    }
    let count = |tables: usize| u64::try_from(tables).unwrap_or(u64::MAX);
    loop {
        bar.set_length(count(progress.total()));
        bar.set_position(count(progress.done()));
        tokio::time::sleep(TICK).await;
    }
}

fn show(report: &ScanReport) {
    let (ScanReport::Success(scanned) | ScanReport::Failed(scanned)) = report else {
        outln!("No tables found.");
        return;
    };
    let Scanned {
        scanned_count,
        tables,
        failed,
        not_found,
    } = scanned;
    outln!("{scanned_count} tables scanned.");
    for table in tables {
        outln!("  {table}");
    }
    for failure in failed {
        outln!("[--] {}: {}", failure.table, failure.error);
    }
    for table in not_found {
        outln!("[--] {table}: there is no such table");
    }
}
