//! Where a measurement was made, and the document that keeps it.

use kai_bench_common::document::Marks;
use kai_bench_common::machine::Machine;

/// Where the tables stand in their document.
pub(crate) const PLACE: Marks = Marks {
    begin: "<!-- measured by make bench-worker -->\n",
    end: "<!-- end of what was measured -->\n",
};

/// When, where and how it was measured.
pub(crate) fn heading(revision: &str, rounds: u32, runs: u32) -> String {
    let date = chrono::Utc::now().format("%Y-%m-%d");
    let Machine {
        cores,
        processor,
        kernel,
        load,
    } = Machine::look();
    format!(
        "{date}, {revision}: medians of {rounds} rounds of {runs} runs at each width, on a machine \
         with {cores} cores ({processor}, Linux {kernel}) that Temporal, the receiver, the worker and the \
         load share; its load average before the start was {load}."
    )
}
