//! `kai-worker eval`: asks questions whose answers are known, and tells how many were answered rightly.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use kai_core::analyst::Analyst;
use kai_core::evaluation::{self, Evaluation, Outcome, Question, Score, Summary, Verdict};
use kai_core::logging;
use kai_core::{errln, out, outln};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{ask, print_json};
use crate::cli::{Cli, EvalArgs};

/// The exit status of a program that was interrupted.
const INTERRUPTED: u8 = 130;

/// The exit status of wrong usage: here also of a file that cannot be read.
const WRONG_USAGE: u8 = 2;

pub(super) async fn eval(cli: &Cli, arguments: EvalArgs) -> anyhow::Result<ExitCode> {
    logging::init(&cli.log);
    let batches = match read(&arguments) {
        Ok(batches) => batches,
        Err(error) => {
            errln!("kai-worker: {error:#}");
            return Ok(ExitCode::from(WRONG_USAGE));
        }
    };
    let analyst = ask::analyst(cli).await?;
    let cancel = CancellationToken::new();
    let asking = ask_all(&analyst, &batches, &cancel);
    let outcomes = tokio::select! {
        outcomes = asking => outcomes?,
        _ = tokio::signal::ctrl_c() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    let report = Report {
        summary: Summary::of(&outcomes),
        outcomes,
    };
    if arguments.json {
        print_json(&report)?;
    } else {
        report.show();
    }
    Ok(match arguments.min_right {
        Some(least) if report.summary.right_of_all() < least => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

/// The questions for one connection, in the order of the files.
struct Batch {
    connection: String,
    questions: Vec<Question>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    summary: Summary,
    outcomes: Vec<Outcome>,
}

/// Reads the files, and sorts their questions by the connection that they are for.
fn read(arguments: &EvalArgs) -> anyhow::Result<Vec<Batch>> {
    let mut batches: Vec<Batch> = Vec::new();
    for file in &arguments.files {
        for question in questions(file)? {
            let named = arguments.connection.as_ref().or(question.database.as_ref());
            let Some(connection) = named.cloned() else {
                bail!(
                    "{}: {} names no database; say which connection to ask with --connection",
                    file.display(),
                    question.id
                );
            };
            match batches
                .iter_mut()
                .find(|batch| batch.connection == connection)
            {
                Some(batch) => batch.questions.push(question),
                None => batches.push(Batch {
                    connection,
                    questions: vec![question],
                }),
            }
        }
    }
    Ok(batches)
}

fn questions(file: &Path) -> anyhow::Result<Vec<Question>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    evaluation::parse(&text).with_context(|| file.display().to_string())
}

/// Asks one question after the other; every gold query has run before the first one is asked.
async fn ask_all(
    analyst: &Analyst,
    batches: &[Batch],
    cancel: &CancellationToken,
) -> anyhow::Result<Vec<Outcome>> {
    let mut evaluations = Vec::with_capacity(batches.len());
    for batch in batches {
        let evaluation = Evaluation::open(analyst, &batch.connection).await?;
        evaluation.check(&batch.questions).await?;
        evaluations.push((evaluation, batch));
    }
    let all: usize = batches.iter().map(|batch| batch.questions.len()).sum();
    let mut outcomes = Vec::with_capacity(all);
    for (evaluation, batch) in evaluations {
        for question in &batch.questions {
            let outcome = evaluation.ask(question, cancel).await?;
            let number = outcomes.len() + 1;
            errln!(
                "[{number}/{all}] {}: {}",
                outcome.id,
                in_words(&outcome.verdict)
            );
            if let Verdict::Failed { error } = &outcome.verdict
                && outcomes.is_empty()
            {
                bail!("the first question failed already: {error}");
            }
            outcomes.push(outcome);
        }
    }
    Ok(outcomes)
}

/// A verdict in a few words.
fn in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Right { extra_columns: 0 } => "right".to_owned(),
        Verdict::Right { extra_columns: 1 } => "right, with a further column".to_owned(),
        Verdict::Right { extra_columns } => format!("right, with {extra_columns} further columns"),
        Verdict::Wrong { difference } => format!("wrong: {difference}"),
        Verdict::AskedBack => "asked back".to_owned(),
        Verdict::Declined => "declined, rightly".to_owned(),
        Verdict::Answered => "answered, though the database cannot".to_owned(),
        Verdict::Failed { error } => format!("failed: {error}"),
    }
}

impl Report {
    /// Each miss with what ran and what should have, then the table.
    fn show(&self) {
        for outcome in self
            .outcomes
            .iter()
            .filter(|outcome| !outcome.verdict.is_right())
        {
            outln!("{}: {}", outcome.id, in_words(&outcome.verdict));
            outln!("  asked  {}", outcome.question);
            if let Some(sql) = outcome.sql.last() {
                outln!("  ran    {sql}");
            }
            if let Some(gold) = &outcome.gold {
                outln!("  gold   {gold}");
            }
            outln!();
        }
        out!("{}", self.summary.markdown(true));
        let Score { asked, .. } = self.summary.answerable;
        let all = asked + self.summary.unanswerable.asked;
        outln!("\n{all} questions, {} steps.", self.summary.steps);
        if let Some(usage) = self.summary.usage {
            outln!(
                "{} tokens read, {} written.",
                usage.input_tokens,
                usage.output_tokens
            );
        }
        if let Some(spread) = self.summary.time_ms {
            outln!(
                "Time for a question: median {:.1} ms, 95 % within {:.1} ms.",
                spread.median,
                spread.p95
            );
        }
    }
}
