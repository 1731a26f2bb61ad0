//! `bench-worker`: measures kai-worker beside a Python worker of the original's shape, in interleaved
//! rounds on one Temporal server.

mod error;
mod machine;
mod measure;
mod model;
mod peer;
mod program;
mod report;
mod row;
mod served;
mod stand;
mod temporal;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use crate::error::BenchError;
use crate::measure::{Bench, Measure};
use crate::peer::{Peer, Prepared, Programs};
use crate::report::Report;
use crate::temporal::Temporal;

/// Measures kai-worker beside a Python worker. `make bench-worker` installs what that needs.
#[derive(Debug, Parser)]
struct Cli {
    /// How many times everything is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,

    /// How many runs are made at each width; at least one for each that goes side by side.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    runs: u32,

    /// The workers to measure.
    #[arg(long, value_delimiter = ',', default_value = "ours,python")]
    peers: Vec<Peer>,

    /// What to measure.
    #[arg(long, value_delimiter = ',', default_value = "runs,cost,delivery")]
    only: Vec<Measure>,

    /// What the worker was built from, for the heading.
    #[arg(long, default_value = "an unnamed state")]
    revision: String,

    /// Where the tables are written to.
    #[arg(long)]
    markdown: Option<PathBuf>,

    /// A document in which the tables take the place of those that it has, between its two markers.
    #[arg(long)]
    record: Option<PathBuf>,

    #[command(flatten)]
    programs: Programs,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-worker: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), BenchError> {
    let heading = machine::heading(&cli.revision, cli.rounds, cli.runs);
    // Children are told to end when the thread that started them ends, so it has to be this one.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::io("starting the runtime"))?;
    let report = runtime.block_on(async {
        tokio::select! {
            report = all_rounds(cli) => report,
            stopped = told_to_stop() => Err(stopped),
        }
    })?;
    let text = format!("{heading}\n\n{}", report.markdown());
    println!("{text}");
    if let Some(path) = &cli.markdown {
        std::fs::write(path, &text).map_err(BenchError::file(path))?;
    }
    if let Some(path) = &cli.record {
        machine::PLACE
            .record(path, &text)
            .map_err(BenchError::Document)?;
    }
    Ok(())
}

/// Waits for SIGINT or SIGTERM. Ending in order takes the programs and their folders along.
async fn told_to_stop() -> BenchError {
    let listen = || -> io::Result<_> {
        Ok((
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        ))
    };
    match listen() {
        Ok((mut interrupt, mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            BenchError::Stopped
        }
        Err(error) => BenchError::io("listening for signals")(error),
    }
}

/// Each round goes through all measurements, and each measurement through both workers, so that what
/// else happens on the machine meets both of them; the first worker is another one in each round.
async fn all_rounds(cli: &Cli) -> Result<Report, BenchError> {
    let folder = TempDir::new().map_err(BenchError::io("making a folder"))?;
    let model = model::start().await?;
    let temporal = Temporal::start(&cli.programs.temporal(), folder.path()).await?;
    let model_url = model::base_url(model.address);
    let prepared =
        Prepared::make(&cli.programs, folder.path(), &temporal.address, model_url).await?;
    let bench = Bench {
        programs: &cli.programs,
        prepared: &prepared,
        temporal: &temporal,
        runs: cli.runs,
    };
    let mut report = Report::default();
    let rounds = cli.rounds;
    for round in 1..=rounds {
        for measure in &cli.only {
            let first = round as usize % cli.peers.len().max(1);
            for peer in cli.peers.iter().cycle().skip(first).take(cli.peers.len()) {
                if *measure == Measure::Delivery && *peer != Peer::Ours {
                    continue;
                }
                for (row, value) in bench.measure(*measure, *peer).await? {
                    let shown = row.show(value);
                    eprintln!("{round}/{rounds}  {row}: {} {shown}", peer.name());
                    report.add(round, *peer, row, value);
                }
            }
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
