//! What was measured, as tables, and the document that keeps them.

use std::fmt::Write as _;
use std::time::Duration;

use kai_bench_common::document::Marks;
use kai_bench_common::machine::Machine;

use crate::turns::IN_THE_PROCESS;
use crate::{guard, scan};

/// Where the tables stand in their document.
pub(crate) const PLACE: Marks = Marks {
    begin: "<!-- measured by make bench-agent -->\n",
    end: "<!-- end of what was measured -->\n",
};

/// The most that a run may take until its first event.
const MOST_UNTIL_FIRST_EVENT: Duration = Duration::from_millis(50);

/// The most that the agent may add to a turn.
const MOST_PER_TURN: Duration = Duration::from_millis(2);

/// The most that the guard may take for a query of 2 KB.
const MOST_FOR_GUARD: Duration = Duration::from_micros(200);

/// The most that the scan of a thousand tables may take.
const MOST_FOR_SCAN: Duration = Duration::from_secs(10);

/// Times, shortest first.
#[derive(Debug)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that so many hundredths stay below.
    fn at(&self, hundredths: usize) -> Duration {
        let index = self.0.len() * hundredths / 100;
        let index = index.min(self.0.len().saturating_sub(1));
        self.0.get(index).copied().unwrap_or_default()
    }

    /// How many there are, their median, their 99th percentile, the longest, and whether the median is
    /// within what is allowed.
    fn cells(&self, most: Duration) -> String {
        let judged = if self.at(50) <= most { "yes" } else { "**no**" };
        format!("{} | ≤ {most:?}: {judged}", self.figures())
    }

    /// The same without an aim.
    fn cells_without_aim(&self) -> String {
        format!("{} | –", self.figures())
    }

    fn figures(&self) -> String {
        let (median, p99, longest) = (self.at(50), self.at(99), self.at(100));
        format!(
            "{} | {median:.1?} | {p99:.1?} | {longest:.1?}",
            self.0.len()
        )
    }
}

/// When and where it was measured.
pub(crate) fn heading(revision: &str) -> String {
    let date = chrono::Utc::now().format("%Y-%m-%d");
    let Machine {
        cores,
        processor,
        load,
        ..
    } = Machine::look();
    format!(
        "{date}, {revision}: on a machine with {cores} cores ({processor}) that the databases share; its load \
         average before the start was {load}."
    )
}

/// How long runs of the offline model took until their first event.
pub(crate) fn first_events(cases: &[(&str, Samples)]) -> String {
    let mut table = "| until the first event | runs | p50 | p99 | largest | aim, p50 |\n\
                     | --- | --- | --- | --- | --- | --- |"
        .to_owned();
    for (name, samples) in cases {
        let _ = write!(
            table,
            "\n| {name} | {} |",
            samples.cells(MOST_UNTIL_FIRST_EVENT)
        );
    }
    table
}

/// What the agent added to each turn.
pub(crate) fn turns(cases: &[(&str, Samples)]) -> String {
    let mut table =
        "| the agent's share of a turn; the model | turns | p50 | p99 | largest | aim, p50 |\n\
                     | --- | --- | --- | --- | --- | --- |"
            .to_owned();
    for (name, samples) in cases {
        // The aim is the agent's, which is alone there.
        let cells = if *name == IN_THE_PROCESS {
            samples.cells(MOST_PER_TURN)
        } else {
            samples.cells_without_aim()
        };
        let _ = write!(table, "\n| {name} | {cells} |");
    }
    table
}

/// How long the guard took.
pub(crate) fn guards(cases: &[guard::Case]) -> String {
    let mut table =
        "| the guard | bytes | rounds | p50 | p99 | largest | aim, p50 | its parser alone, p50 |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |"
            .to_owned();
    for case in cases {
        let _ = write!(
            table,
            "\n| {}, {} | {} | {} | {:.1?} |",
            case.dialect.name(),
            case.query,
            case.bytes,
            case.guard.cells(MOST_FOR_GUARD),
            case.parser.at(50)
        );
    }
    table
}

/// How long scans took.
pub(crate) fn scans(cases: &[scan::Case]) -> String {
    let mut table = "| scan | tables | first time | again | round trips | aim |\n\
                     | --- | --- | --- | --- | --- | --- |"
        .to_owned();
    for case in cases {
        let [first, again] = case.times;
        let judged = if first <= MOST_FOR_SCAN {
            "yes"
        } else {
            "**no**"
        };
        let _ = write!(
            table,
            "\n| {} | {} | {first:.1?} | {again:.1?} | {} | ≤ {MOST_FOR_SCAN:?}: {judged} |",
            case.database, case.tables, case.round_trips
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_tell_whether_the_aim_is_met() {
        let times = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(
            Samples::new(times).cells(MOST_UNTIL_FIRST_EVENT),
            "100 | 51.0ms | 100.0ms | 100.0ms | ≤ 50ms: **no**"
        );
    }
}
