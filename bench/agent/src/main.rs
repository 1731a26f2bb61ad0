//! Measures what the agent itself costs: the time until a run's first event, what each turn of a model
//! takes beside the model and the tools, the guard, and scans.

mod first_event;
mod guard;
mod report;
mod scan;
mod turns;

use std::path::PathBuf;

use clap::Parser;

/// What the benchmark takes.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many turns a run has
    #[arg(long, default_value_t = 20)]
    turns: usize,
    /// How many runs are measured for the turns
    #[arg(long, default_value_t = 100)]
    runs: usize,
    /// How many runs are measured for the first event
    #[arg(long, default_value_t = 200)]
    first_events: usize,
    /// How many tables are scanned
    #[arg(long, default_value_t = 1000)]
    tables: usize,
    /// What was built, for the heading of the tables
    #[arg(long, default_value = "an unnamed state")]
    revision: String,
    /// A document into which the tables are put, between its two markers
    #[arg(long)]
    record: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let heading = report::heading(&arguments.revision);
    let folder = tempfile::tempdir()?;
    let first = first_event::measure_all(folder.path(), arguments.first_events).await?;
    let turns = turns::measure_all(folder.path(), arguments.turns, arguments.runs).await?;
    let guard = guard::measure_all()?;
    let scans = scan::measure_all(folder.path(), arguments.tables).await?;
    let tables = [
        heading,
        report::first_events(&first),
        report::turns(&turns),
        report::guards(&guard),
        report::scans(&scans),
    ]
    .join("\n\n");
    println!("{tables}");
    if let Some(path) = &arguments.record {
        report::PLACE.record(path, &tables)?;
    }
    Ok(())
}
