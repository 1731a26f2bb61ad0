//! The report of a benchmark: Markdown for the documentation, and the misses for who works on the model.

use std::fmt::Write as _;

use kai_bench_common::document::Marks;
use kai_core::evaluation::{Outcome, Spread, Summary, Verdict};

/// Where the tables stand in their document.
pub(crate) const PLACE: Marks = Marks {
    begin: "<!-- measured by make bench-offline -->\n",
    end: "<!-- end of what was measured -->\n",
};

/// What was asked of one database.
pub(crate) struct Asked {
    /// The database's name.
    pub(crate) database: String,
    /// How many tables it has.
    pub(crate) tables: usize,
    /// What came of the questions that one may look at.
    pub(crate) tuning: Vec<Outcome>,
    /// What came of those set aside.
    pub(crate) held_out: Vec<Outcome>,
}

/// The tables for the documentation. Of the questions set aside, only the whole is shown.
pub(crate) fn markdown(revision: &str, asked: &[Asked]) -> String {
    let tuning = Summary::of(asked.iter().flat_map(|asked| &asked.tuning));
    let held_out = Summary::of(asked.iter().flat_map(|asked| &asked.held_out));
    let mut text = format!(
        "Measured at {revision}.\n\n### Held out\n\n{}\n### For tuning\n\n{}\n### By database\n\n",
        held_out.markdown(false),
        tuning.markdown(true),
    );
    text.push_str(
        "Both parts together. The time is from the question to the first query, in ms.\n\n\
         | database | tables | asked | right | coverage | median | p95 |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for asked in asked {
        let all = Summary::of(asked.tuning.iter().chain(&asked.held_out));
        let (score, time) = (all.answerable, all.time_to_sql_ms);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.1} % | {} | {} |",
            asked.database,
            asked.tables,
            score.asked,
            score.right,
            score.coverage().unwrap_or(0.0),
            shown(time, |spread| spread.median),
            shown(time, |spread| spread.p95),
        );
    }
    text
}

fn shown(spread: Option<Spread>, figure: impl Fn(Spread) -> f64) -> String {
    spread.map_or_else(|| "–".to_owned(), |spread| format!("{:.1}", figure(spread)))
}

/// The misses among the questions that one may look at, with what ran and what should have.
pub(crate) fn misses(asked: &[Asked]) -> String {
    let mut text = String::new();
    let outcomes = asked.iter().flat_map(|asked| &asked.tuning);
    for outcome in outcomes.filter(|outcome| !outcome.verdict.is_right()) {
        let verdict = match &outcome.verdict {
            Verdict::Wrong { difference } => difference.to_string(),
            Verdict::AskedBack => "asked back".to_owned(),
            Verdict::Answered => "answered, though the database cannot".to_owned(),
            Verdict::Failed { error } => format!("failed: {error}"),
            Verdict::Right { .. } | Verdict::Declined => continue,
        };
        let _ = writeln!(
            text,
            "{} [{}] {verdict}\n  asked  {}\n  ran    {}\n  gold   {}\n  said   {}\n",
            outcome.id,
            outcome.class,
            outcome.question,
            outcome.sql.last().map_or("-", String::as_str),
            outcome.gold.as_deref().unwrap_or("-"),
            outcome.answer.lines().next().unwrap_or_default(),
        );
    }
    text
}
