//! Where a measurement was made, and the document that keeps it.

use std::fs;
use std::path::Path;

use crate::error::BenchError;

const BEGIN: &str = "<!-- measured by make bench-worker -->\n";
const END: &str = "<!-- end of what was measured -->\n";

/// When, where and how it was measured.
pub(crate) fn heading(revision: &str, rounds: u32, runs: u32) -> String {
    let date = chrono::Utc::now().format("%Y-%m-%d");
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown", |(_, model)| model);
    let cores = processors
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    format!(
        "{date}, {revision}: medians of {rounds} rounds of {runs} runs at each width, on a machine \
         with {cores} cores ({model}, Linux {}) that Temporal, the receiver, the worker and the load \
         share; its load average before the start was {load}.",
        kernel.trim()
    )
}

/// Puts the tables between the document's two markers.
pub(crate) fn record(path: &Path, tables: &str) -> Result<(), BenchError> {
    let document = fs::read_to_string(path).map_err(BenchError::file(path))?;
    let no_marker = |marker| BenchError::NoMarker {
        path: path.to_owned(),
        marker,
    };
    let (before, rest) = document.split_once(BEGIN).ok_or_else(|| no_marker(BEGIN))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| no_marker(END))?;
    let document = format!("{before}{BEGIN}\n{}\n\n{END}{after}", tables.trim());
    fs::write(path, document).map_err(BenchError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_is_replaced() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), format!("# A\n{BEGIN}old\n{END}rest\n")).unwrap();
        record(file.path(), "new\n").unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        assert_eq!(text, format!("# A\n{BEGIN}\nnew\n\n{END}rest\n"));
        fs::write(file.path(), "# A\n").unwrap();
        let error = record(file.path(), "new\n").unwrap_err();
        assert!(matches!(error, BenchError::NoMarker { .. }));
    }
}
