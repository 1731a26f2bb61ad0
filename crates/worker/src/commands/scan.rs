//! `kai-worker scan`: what the activity `scan_schema` does, by hand.

use std::convert::Infallible;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use kai_core::logging;
use kai_core::scan::{ScanProgress, ScanReport, Scanned};
use kai_core::{errln, outln};
use tokio_util::sync::CancellationToken;

use super::{ask, print_json};
use crate::cli::{Cli, TablesArgs};

/// The exit status of a program that was interrupted.
const INTERRUPTED: u8 = 130;

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(120);

const BAR: &str = "{wide_bar} {pos}/{len} tables ({elapsed})";

pub(super) async fn scan(cli: &Cli, arguments: TablesArgs) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let analyst = ask::analyst(cli).await?;
    let (progress, cancel) = (ScanProgress::default(), CancellationToken::new());
    let work = analyst.scan(&arguments.connection, &arguments.tables, &progress, &cancel);
    tokio::pin!(work);
    let mut teller = Teller::new(arguments.json);
    let report = tokio::select! {
        report = &mut work => report?,
        never = keep_telling(&mut teller, &progress) => match never {},
        _ = tokio::signal::ctrl_c() => {
            // What was begun is put back before the program ends.
            cancel.cancel();
            let _ = work.await;
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    teller.tell(&progress);
    drop(teller);
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

/// Tells how far the scan is, as often as a bar is drawn; never ends.
async fn keep_telling(teller: &mut Teller, progress: &ScanProgress) -> Infallible {
    loop {
        teller.tell(progress);
        tokio::time::sleep(TICK).await;
    }
}

/// Tells on standard error how far a scan is, in the way that its reader can use.
enum Teller {
    /// A person at a terminal sees a bar, which is gone at the end.
    Bar(ProgressBar),
    /// A file or a pipe gets lines.
    Lines(Tenths),
    /// A program waits for the result.
    Nobody,
}

impl Teller {
    fn new(json: bool) -> Self {
        if io::stderr().is_terminal() {
            let bar = ProgressBar::new(0).with_finish(ProgressFinish::AndClear);
            if let Ok(style) = ProgressStyle::with_template(BAR) {
                bar.set_style(style);
            }
            Self::Bar(bar)
        } else if json {
            Self::Nobody
        } else {
            Self::Lines(Tenths::default())
        }
    }

    fn tell(&mut self, progress: &ScanProgress) {
        let (done, total) = (progress.done(), progress.total());
        let count = |tables: usize| u64::try_from(tables).unwrap_or(u64::MAX);
        match self {
            Self::Bar(bar) => {
                bar.set_length(count(total));
                bar.set_position(count(done));
            }
            Self::Lines(tenths) => {
                if tenths.is_due(done, total) {
                    errln!("[scan] {done}/{total} tables");
                }
            }
            Self::Nobody => {}
        }
    }
}

/// How much was told in lines: so few that a scan of any length leaves a log readable.
#[derive(Debug, Default)]
struct Tenths {
    told: Option<usize>,
}

impl Tenths {
    /// Whether there is another tenth to tell of. Nothing is, before it is known how many tables there are.
    fn is_due(&mut self, done: usize, total: usize) -> bool {
        let tenth = done.saturating_mul(10).checked_div(total);
        let is_due = tenth.is_some() && tenth > self.told;
        if is_due {
            self.told = tenth;
        }
        is_due
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_of_any_length_is_told_in_few_lines() {
        for total in [1, 2, 7, 1000] {
            let mut tenths = Tenths::default();
            assert!(!tenths.is_due(0, 0));
            let told: Vec<usize> = (0..=total)
                .filter(|done| tenths.is_due(*done, total))
                .collect();
            assert_eq!(told.first(), Some(&0), "{total}");
            assert_eq!(told.last(), Some(&total), "{total}");
            assert!(told.len() <= 11, "{told:?}");
            assert!(!tenths.is_due(total, total));
        }
    }
}
