//! What the index of known values costs when there are very many of them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use kai_bench_common::numbers::grouped;
use kai_core::offline::indexed::IndexedValues;

/// How many words are looked up to time one look-up.
const LOOK_UPS: u32 = 10_000;

/// What was measured.
pub(crate) struct Cost {
    values: u32,
    /// How long reading them took.
    built: Duration,
    /// What the index takes, in bytes.
    takes: usize,
    /// How much more memory the process had while it read them than before, at most, in bytes.
    peak: u64,
    /// How long it takes to find one.
    found: Duration,
}

/// Reads so many distinct values of three words each, and looks some up.
pub(crate) fn measure(values: u32) -> anyhow::Result<Cost> {
    let texts: Vec<String> = (0..values).map(value).collect();
    let before = memory("VmRSS:")?;
    // From here on the kernel tells the highest level anew.
    std::fs::write("/proc/self/clear_refs", "5").context("the memory's peak cannot be reset")?;
    let begun = Instant::now();
    let index = IndexedValues::new(texts.iter().map(String::as_str));
    let built = begun.elapsed();
    let peak = memory("VmHWM:")?.saturating_sub(before);
    let begun = Instant::now();
    for number in (0..values).step_by((values / LOOK_UPS).max(1) as usize) {
        let text = value(number);
        let found = index.find(text.rsplit(' ').next().unwrap_or_default());
        anyhow::ensure!(found == Some(&text), "{text} was not found, but {found:?}");
    }
    Ok(Cost {
        values,
        built,
        takes: index.bytes(),
        peak,
        found: begun.elapsed() / LOOK_UPS.min(values.max(1)),
    })
}

fn value(number: u32) -> String {
    let mixed = number.wrapping_mul(2_654_435_761);
    format!("Kecamatan {mixed:08x}x Nomor{number}")
}

/// A figure of this process's memory, in bytes.
fn memory(field: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: u64 = kilobytes.context("the kernel tells no memory")?.parse()?;
    Ok(kilobytes << 10)
}

impl Cost {
    /// A table for the documentation.
    pub(crate) fn markdown(&self) -> String {
        let megabytes = |bytes: u64| format!("{} MB", bytes.div_ceil(1_000_000));
        let mut text = String::from(
            "\n### Many values\n\n\
             The index of known values, when a scan keeps very many of them. The peak is what reading them takes at most, \n\
             beside the values themselves.\n\n\
             | distinct values | read in | takes | peak | one found in |\n\
             | ---: | ---: | ---: | ---: | ---: |\n",
        );
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.1} s | {} | {} | {:.1} µs |",
            grouped(&self.values.to_string()),
            self.built.as_secs_f64(),
            megabytes(self.takes as u64),
            megabytes(self.peak),
            self.found.as_secs_f64() * 1e6,
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_that_is_looked_up_is_found() {
        let cost = measure(20_000).unwrap();
        assert!(cost.takes > 20_000 && cost.peak > 0);
        assert!(
            cost.markdown().contains("| 20,000 |"),
            "{}",
            cost.markdown()
        );
    }
}
