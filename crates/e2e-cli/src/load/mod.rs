//! `load`: asks many questions, several at a time, and measures what comes back.

pub(crate) mod report;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use hdrhistogram::Histogram;
use tokio_util::sync::CancellationToken;

use crate::check::{self, Check, CheckError, Means, Outcome};
use crate::console::Console;
use crate::session::Session;

/// The longest time that is told apart from longer ones: a day, in microseconds.
const LONGEST: u64 = 24 * 60 * 60 * 1_000_000;

/// How many reasons for failures are told apart; a load that fails has one or two.
const MOST_REASONS: usize = 20;

/// What to ask, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The connection, the addresses and the time that each run has; its prompt is not used.
    pub check: Check,
    /// The questions, which the runs take turns with.
    pub prompts: Vec<String>,
    /// How many runs in all.
    pub runs: usize,
    /// How many of them at a time.
    pub side_by_side: NonZeroUsize,
}

/// What came of a load.
#[derive(Debug, Clone)]
pub struct Measured {
    /// How many runs were wanted.
    pub runs: usize,
    /// How many of them at a time.
    pub side_by_side: usize,
    /// How many passed: a good answer, and every event once.
    pub passed: u64,
    /// How many did not, by their reasons.
    pub failures: BTreeMap<String, u64>,
    /// How many events arrived.
    pub events: u64,
    /// How many did not.
    pub lost: u64,
    /// How many arrived again.
    pub doubled: u64,
    /// How many streams stopped before the `done` of a run that has a result.
    pub cut_short: u64,
    /// How many events had no number, so that nothing is known of those beside them.
    pub unnumbered: u64,
    /// From the start of the first run to the end of the last.
    pub took: Duration,
    /// From the start of a run to its first event.
    pub first_event: Latency,
    /// From the start of a run to its last event on the stream.
    pub last_event: Latency,
    /// From the start of a run to its result from Temporal.
    pub result: Latency,
    /// Whether somebody ended it before its time.
    pub interrupted: bool,
}

impl Measured {
    fn new(load: &Load) -> Self {
        Self {
            runs: load.runs,
            side_by_side: load.side_by_side.get(),
            passed: 0,
            failures: BTreeMap::new(),
            events: 0,
            lost: 0,
            doubled: 0,
            cut_short: 0,
            unnumbered: 0,
            took: Duration::ZERO,
            first_event: Latency::new(),
            last_event: Latency::new(),
            result: Latency::new(),
            interrupted: false,
        }
    }

    /// Whether every run passed.
    pub fn passed(&self) -> bool {
        !self.interrupted && self.failures.is_empty()
    }

    /// How many runs did not pass.
    pub fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    fn note(&mut self, run: &Result<Outcome, CheckError>) -> Option<String> {
        let reason = match run {
            Ok(outcome) => self.note_outcome(outcome),
            Err(error) => Some(error.to_string()),
        };
        match &reason {
            None => self.passed += 1,
            Some(reason) => {
                let known =
                    self.failures.contains_key(reason) || self.failures.len() < MOST_REASONS;
                let key = if known { reason } else { "other reasons" };
                *self.failures.entry(key.to_owned()).or_default() += 1;
            }
        }
        reason
    }

    /// Takes the figures of a run: why it did not pass, if so.
    fn note_outcome(&mut self, outcome: &Outcome) -> Option<String> {
        let tally = &outcome.tally;
        self.events += tally.events;
        // A gap that left no number out has lost at least something.
        let lost = tally.lost.max(tally.gaps);
        self.lost += lost;
        self.doubled += tally.doubled;
        self.unnumbered += tally.unnumbered;
        let cut_short = outcome.ending.is_ok() && !tally.is_done();
        self.cut_short += u64::from(cut_short);
        self.result.note(outcome.took);
        if let Some((first, last)) = tally.delays(outcome.started) {
            self.first_event.note(first);
            self.last_event.note(last);
        }
        let problem = match &outcome.ending {
            Err(failure) => Some(failure.clone()),
            Ok(_) => outcome.problems.first().map(ToString::to_string),
        };
        problem
            .or_else(|| outcome.stream_lost.as_deref().map(without_session))
            .or_else(|| not_once(lost, tally.doubled, tally.unnumbered).map(ToOwned::to_owned))
            .or_else(|| cut_short.then(|| "the stream had no `done`".to_owned()))
    }
}

/// Why it cannot be said that every event arrived once, if so. It has no counts in it, so that the same
/// reason is counted once.
fn not_once(lost: u64, doubled: u64, unnumbered: u64) -> Option<&'static str> {
    match (lost, doubled, unnumbered) {
        (0, 0, 0) => None,
        // Nothing was seen to go wrong, but nothing could be seen either.
        (0, 0, _) => Some("events had no number: whether each arrived once is not known"),
        (_, 0, _) => Some("some events were lost"),
        (0, _, _) => Some("some events arrived twice"),
        _ => Some("some events were lost, others arrived twice"),
    }
}

/// The reason without the name of the session in it, so that the same one is counted once.
fn without_session(reason: &str) -> String {
    reason
        .split(' ')
        .map(|word| {
            if word.contains("/stream/") {
                "…"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// How long something took, over many runs.
#[derive(Debug, Clone)]
pub struct Latency(Histogram<u64>);

impl Latency {
    #[expect(
        clippy::expect_used,
        reason = "it takes zero to five digits, and an end that is twice the beginning or more"
    )]
    fn new() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST, 3).expect("bounds that it takes"))
    }

    fn note(&mut self, took: Duration) {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(microseconds);
    }

    /// What this part of the runs, from 0 to 1, stayed below; `None` where nothing was measured.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        (!self.0.is_empty()).then(|| Duration::from_micros(self.0.value_at_quantile(part)))
    }

    /// The longest; `None` where nothing was measured.
    pub fn longest(&self) -> Option<Duration> {
        (!self.0.is_empty()).then(|| Duration::from_micros(self.0.max()))
    }
}

/// Runs the load, telling the console what happens; `stop` ends it early.
pub(crate) async fn run(
    load: &Load,
    console: &mut Console,
    stop: &CancellationToken,
) -> Result<Measured, CheckError> {
    console.say(report::header(load));
    let means = stop
        .run_until_cancelled(Means::get(&load.check))
        .await
        .ok_or(CheckError::Interrupted)??;
    let length = u64::try_from(load.runs).unwrap_or(u64::MAX);
    let drawn = console.count_to(length);
    let started = Instant::now();
    let mut measured = Measured::new(load);
    let means = &means;
    let prompts = load.prompts.iter().cycle().take(load.runs);
    let mut runs = stream::iter(prompts.map(|prompt| async move {
        let check = Check {
            prompt: prompt.clone(),
            ..load.check.clone()
        };
        let session = Session::new(&check.callback_host);
        let name = session.id.clone();
        let silent = Console::silent();
        (
            name,
            check::one(means, &check, session, &silent, stop).await,
        )
    }))
    .buffer_unordered(load.side_by_side.get());
    let mut finished = 0_usize;
    while let Some((name, run)) = runs.next().await {
        if matches!(run, Err(CheckError::Interrupted)) {
            measured.interrupted = true;
            continue;
        }
        finished += 1;
        let reason = measured.note(&run);
        console.advance(report::so_far(&measured));
        // A person at a terminal has the bar; a file shall tell where it was when it stopped.
        if reason.is_some() || !console.draws() {
            console.say(report::line(
                finished,
                load.runs,
                name.as_str(),
                &run,
                reason.as_deref(),
            ));
        }
    }
    measured.took = started.elapsed();
    drop(drawn);
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_what_was_noted() {
        let mut latency = Latency::new();
        assert_eq!(latency.quantile(0.5), None);
        for milliseconds in 1..=100 {
            latency.note(Duration::from_millis(milliseconds));
        }
        let near = |part: f64| latency.quantile(part).map(|it| it.as_micros() / 1000);
        assert_eq!(near(0.5), Some(50));
        assert_eq!(near(0.95), Some(95));
        assert_eq!(near(0.99), Some(99));
        assert_eq!(latency.longest().map(|it| it.as_micros() / 1000), Some(100));
    }
}
