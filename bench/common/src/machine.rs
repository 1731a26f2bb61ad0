//! The machine that a measurement was made on.

use std::fs;

/// What a reader wants to know of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// How many cores it has.
    pub cores: usize,
    /// The name of its processor.
    pub processor: String,
    /// The version of Linux.
    pub kernel: String,
    /// Its load average over the last minute.
    pub load: String,
}

impl Machine {
    /// This machine, now.
    pub fn look() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let processors = read("/proc/cpuinfo");
        let processor = processors
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
            .map_or("unknown", |(_, model)| model);
        let cores = processors
            .lines()
            .filter(|line| line.starts_with("processor"))
            .count();
        let load = read("/proc/loadavg");
        Self {
            cores,
            processor: processor.to_owned(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load: load
                .split_whitespace()
                .next()
                .unwrap_or("unknown")
                .to_owned(),
        }
    }
}
