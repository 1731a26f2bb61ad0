//! `bench-receiver`: measures the receiver beside Nchan and a receiver of the original's design, in
//! interleaved rounds.

mod error;
mod http;
mod machine;
mod measure;
mod pace;
mod peer;
mod priority;
mod publish;
mod report;
mod row;
mod server;
mod subscribe;
mod trace;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rustix::thread::{CpuSet, sched_setaffinity};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::BenchError;
use crate::measure::{Bench, Measure};
use crate::peer::{Peer, Programs};
use crate::report::Report;
use crate::trace::Trace;

/// Measures the receiver beside its peers. `make bench-receiver` installs what that needs.
#[derive(Debug, Parser)]
struct Cli {
    /// How many times everything is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,

    /// How many milliseconds each measurement takes.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    window_ms: u64,

    /// The receivers to measure.
    #[arg(long, value_delimiter = ',', default_value = "ours,nchan,fastapi")]
    peers: Vec<Peer>,

    /// What to measure.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "posts,batches,fan-out-many,fan-out-one,latency,memory,growth"
    )]
    only: Vec<Topic>,

    /// The numbers of streams with which growth is measured, for ours and Nchan.
    #[arg(long, value_delimiter = ',', default_value = "10,100,1000,10000")]
    streams: Vec<usize>,

    /// The core that receivers run on.
    #[arg(long, default_value_t = 0)]
    server_core: usize,

    /// The core that the load runs on.
    #[arg(long, default_value_t = 1)]
    load_core: usize,

    /// What the receiver was built from, for the heading.
    #[arg(long, default_value = "an unnamed state")]
    revision: String,

    /// Where the tables are written to.
    #[arg(long)]
    markdown: Option<PathBuf>,

    /// A document in which the tables take the place of those that it has, between its two markers.
    #[arg(long)]
    record: Option<PathBuf>,

    /// A file that gets a line with the moments of each post of the rows for latency.
    #[arg(long)]
    trace: Option<PathBuf>,

    #[command(flatten)]
    programs: Programs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Topic {
    Posts,
    Batches,
    FanOutMany,
    FanOutOne,
    Latency,
    Memory,
    Growth,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-receiver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), BenchError> {
    let core = cli.load_core;
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).map_err(|error| BenchError::Pin {
        core,
        source: error.into(),
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::io("starting the runtime"))?;
    let measures = measures(&cli);
    let heading = machine::heading(&cli.revision, cli.rounds, cli.window_ms);
    let bench = Bench {
        programs: cli.programs,
        core: cli.server_core,
        window: Duration::from_millis(cli.window_ms),
        trace: cli.trace.as_deref().map(Trace::create).transpose()?,
    };
    let measured = runtime.block_on(async {
        tokio::select! {
            report = all_rounds(&bench, &measures, &cli.peers, cli.rounds) => report,
            stopped = told_to_stop() => Err(stopped),
        }
    });
    // The thread that posts at a fixed rate may still be at it when the rest was told to stop.
    runtime.shutdown_background();
    let report = measured?;
    let text = format!("{heading}\n\n{}", report.markdown());
    println!("{text}");
    if let Some(path) = cli.markdown {
        std::fs::write(&path, &text).map_err(BenchError::file(path))?;
    }
    if let Some(path) = cli.record {
        machine::PLACE
            .record(&path, &text)
            .map_err(BenchError::Document)?;
    }
    Ok(())
}

/// Waits for SIGINT or SIGTERM. Ending in order takes the receivers and their folders along.
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

fn measures(cli: &Cli) -> Vec<Measure> {
    let most = machine::open_files().saturating_sub(200);
    cli.only
        .iter()
        .flat_map(|topic| match topic {
            Topic::Posts => vec![Measure::Posts],
            Topic::Batches => vec![Measure::Batches],
            Topic::FanOutMany => vec![Measure::FanOutMany],
            Topic::FanOutOne => vec![Measure::FanOutOne],
            Topic::Latency => vec![Measure::Latency],
            Topic::Memory => vec![Measure::Memory],
            Topic::Growth => {
                let (fit, large): (Vec<usize>, Vec<usize>) =
                    cli.streams.iter().partition(|streams| **streams <= most);
                for streams in large {
                    eprintln!("{streams} streams need more open files than `ulimit -Hn` allows");
                }
                fit.into_iter().map(Measure::Growth).collect()
            }
        })
        .collect()
}

/// Each round goes through all measurements, and each measurement through all peers, so that what
/// else happens on the machine meets all of them; the first peer is another one in each round.
async fn all_rounds(
    bench: &Bench,
    measures: &[Measure],
    peers: &[Peer],
    rounds: u32,
) -> Result<Report, BenchError> {
    let mut report = Report::default();
    for round in 1..=rounds {
        for measure in measures {
            for time in 0..measure.times() {
                let number = (round - 1) * measure.times() + time;
                let first = number as usize % peers.len().max(1);
                for peer in peers.iter().cycle().skip(first).take(peers.len()) {
                    if !is_measured(*measure, *peer, time) {
                        continue;
                    }
                    for (row, sample) in bench.measure(*measure, *peer).await? {
                        let shown = row.unit().show(sample.value);
                        eprintln!("{round}/{rounds}  {row}: {} {shown}", peer.name());
                        report.add(number, *peer, row, sample);
                    }
                }
            }
        }
    }
    Ok(report)
}

/// Whether a peer takes part in what is measured for the given time in a round, counted from 0.
fn is_measured(measure: Measure, peer: Peer, time: u32) -> bool {
    match measure {
        Measure::Batches => peer == Peer::Ours,
        Measure::Growth(_) => peer != Peer::Fastapi,
        // Its tail is far from ours: once tells enough.
        Measure::Latency => peer != Peer::Fastapi || time == 0,
        _ => true,
    }
}

/// The name of a session of the load.
fn session_name(number: usize) -> String {
    format!("s{number}")
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
