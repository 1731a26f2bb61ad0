//! Where a measurement was made, and the document that keeps it.

use kai_bench_common::document::Marks;
use kai_bench_common::machine::Machine;
use rustix::process::{Resource, getrlimit};

/// Where the tables stand in their document.
pub(crate) const PLACE: Marks = Marks {
    begin: "<!-- measured by make bench-receiver -->\n",
    end: "<!-- end of what was measured -->\n",
};

/// When, where and how it was measured.
pub(crate) fn heading(revision: &str, rounds: u32, window_ms: u64) -> String {
    let date = chrono::Utc::now().format("%Y-%m-%d");
    let Machine {
        cores,
        processor,
        kernel,
        ..
    } = Machine::look();
    format!(
        "{date}, {revision}: medians of {rounds} rounds of {window_ms} ms each, on a machine with \
         {cores} cores ({processor}, Linux {kernel}); receivers on one core, the load on another."
    )
}

/// How many files a process may have open.
pub(crate) fn open_files() -> usize {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(most).unwrap_or(usize::MAX)
}
