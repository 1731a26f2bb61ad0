//! `bench-offline`: asks the offline model every question of the evaluation sets, and fills its index.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tempfile::TempDir;

mod asking;
mod million;
mod report;
mod sets;

use report::Asked;
use sets::{Part, Sets};

use kai_core::evaluation::Question;

/// Asks the offline model every question of the evaluation sets, and counts right answers.
#[derive(Parser)]
#[command(name = "bench-offline", version)]
struct Cli {
    /// The folder with the evaluation sets.
    #[arg(long, default_value = "examples/evaluation")]
    sets: PathBuf,
    /// A database to ask; may be given several times; all when not given.
    #[arg(long = "database", value_name = "NAME")]
    databases: Vec<String>,
    /// A class of questions to ask; may be given several times; all when not given.
    #[arg(long = "class", value_name = "CLASS")]
    classes: Vec<String>,
    /// A part of the questions to ask; both when not given.
    #[arg(long, value_name = "PART")]
    part: Option<Part>,
    /// A folder to keep the built and scanned databases in; what is kept there is used again. Empty
    /// it after a change of the scan.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// How many values are put into an index of their own, to see what that costs; none when 0.
    #[arg(long, value_name = "COUNT", default_value_t = 1_000_000)]
    values: u32,
    /// The state of the code, for the report.
    #[arg(long, default_value = "an unnamed state")]
    revision: String,
    /// Where the tables are written.
    #[arg(long)]
    markdown: Option<PathBuf>,
    /// Where the misses among the questions for tuning are written.
    #[arg(long)]
    misses: Option<PathBuf>,
    /// The page of the documentation that the tables are put into.
    #[arg(long)]
    record: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match bench(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-offline: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn bench(cli: Cli) -> anyhow::Result<()> {
    let many = match cli.values {
        0 => None,
        values => Some(million::measure(values)?),
    };
    let sets = Sets(cli.sets);
    let databases = if cli.databases.is_empty() {
        sets.databases()?
    } else {
        cli.databases
    };
    let temporary = TempDir::new()?;
    let folder = cli
        .keep
        .clone()
        .unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&folder)?;
    let analyst = asking::analyst(&folder).await?;
    let wanted = |part: Part, database: &str| -> anyhow::Result<Vec<Question>> {
        if cli.part.is_some_and(|only| only != part) {
            return Ok(Vec::new());
        }
        let mut questions = sets.questions(part, database)?;
        questions
            .retain(|question| cli.classes.is_empty() || cli.classes.contains(&question.class));
        Ok(questions)
    };
    let mut asked = Vec::new();
    for database in databases {
        let path = folder.join(format!("{database}.db"));
        let kept = path.exists();
        if !kept {
            sets.build(&database, &path).await?;
        }
        let tables = asking::connect(&analyst, &database, &path, kept).await?;
        eprintln!("{database}: {tables} tables");
        let tuning = wanted(Part::Tuning, &database)?;
        let held_out = wanted(Part::HeldOut, &database)?;
        asked.push(Asked {
            tuning: asking::ask(&analyst, &database, &tuning).await?,
            held_out: asking::ask(&analyst, &database, &held_out).await?,
            tables,
            database,
        });
    }
    let mut tables = report::markdown(&cli.revision, &asked);
    if let Some(cost) = many {
        tables.push_str(&cost.markdown());
    }
    print!("{tables}");
    if let Some(file) = cli.markdown {
        std::fs::write(file, &tables)?;
    }
    if let Some(file) = cli.misses {
        std::fs::write(file, report::misses(&asked))?;
    }
    if let Some(page) = cli.record {
        report::PLACE.record(&page, &tables)?;
    }
    Ok(())
}
