//! What was measured, as tables, and the document that keeps them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

const BEGIN: &str = "<!-- measured by make bench-agent -->\n";
const END: &str = "<!-- end of what was measured -->\n";

/// The most that a run may take until its first event.
const MOST_UNTIL_FIRST_EVENT: Duration = Duration::from_millis(50);

/// The most that the agent may add to a turn.
const MOST_PER_TURN: Duration = Duration::from_millis(2);

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
        let (median, p99, longest) = (self.at(50), self.at(99), self.at(100));
        let judged = if median <= most { "yes" } else { "**no**" };
        format!(
            "{} | {median:.1?} | {p99:.1?} | {longest:.1?} | ≤ {most:?}: {judged}",
            self.0.len()
        )
    }
}

/// When and where it was measured.
pub(crate) fn heading(revision: &str) -> String {
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
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    format!(
        "{date}, {revision}: on a machine with {cores} cores ({model}) that the databases share; its load \
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
        let _ = write!(table, "\n| {name} | {} |", samples.cells(MOST_PER_TURN));
    }
    table
}

/// Puts the tables between the document's two markers.
pub(crate) fn record(path: &Path, tables: &str) -> anyhow::Result<()> {
    let document =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let no_marker = |marker: &str| format!("{} has no line {}", path.display(), marker.trim());
    let (before, rest) = document
        .split_once(BEGIN)
        .with_context(|| no_marker(BEGIN))?;
    let (_, after) = rest.split_once(END).with_context(|| no_marker(END))?;
    let document = format!("{before}{BEGIN}\n{}\n\n{END}{after}", tables.trim());
    fs::write(path, document).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        fs::write(&path, format!("# A\n{BEGIN}old\n{END}rest\n")).unwrap();
        record(&path, "new\n").unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("# A\n{BEGIN}\nnew\n\n{END}rest\n"));
        fs::write(&path, "# A\n").unwrap();
        let error = record(&path, "new\n").unwrap_err();
        assert!(
            error.to_string().contains("has no line <!-- measured"),
            "{error}"
        );
    }

    #[test]
    fn figures_tell_whether_the_aim_is_met() {
        let times = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(
            Samples::new(times).cells(MOST_UNTIL_FIRST_EVENT),
            "100 | 51.0ms | 100.0ms | 100.0ms | ≤ 50ms: **no**"
        );
    }
}
