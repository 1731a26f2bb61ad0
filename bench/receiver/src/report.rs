//! What was measured, as a table of medians and of ratios.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::measure::Sample;
use crate::peer::Peer;
use crate::row::{Row, Target, Unit};

/// All samples, each under its round, so that ratios compare what was measured side by side.
#[derive(Debug, Default)]
pub(crate) struct Report {
    samples: BTreeMap<(Row, Peer), BTreeMap<u32, Sample>>,
}

impl Report {
    pub(crate) fn add(&mut self, round: u32, peer: Peer, row: Row, sample: Sample) {
        self.samples
            .entry((row, peer))
            .or_default()
            .insert(round, sample);
    }

    /// The tables, in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        self.main_table(&mut text);
        self.cost_table(&mut text);
        self.growth_table(&mut text);
        text
    }

    fn main_table(&self, text: &mut String) {
        text.push_str(
            "| | kai-sse-callback | Nchan | FastAPI | ours ÷ Nchan | aim | ours ÷ FastAPI | aim |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for row in Row::PLAIN {
            let Some(ours) = self.median(row, Peer::Ours, |sample| Some(sample.value)) else {
                continue;
            };
            let alone = row.alone().map(|target| judged(target, ours));
            let cells = [
                row.to_string(),
                row.unit().show(ours) + &alone.unwrap_or_default(),
                self.shown(row.of_peers(), Peer::Nchan),
                self.shown(row.of_peers(), Peer::Fastapi),
                self.ratio_shown(row, Peer::Nchan),
                self.target_shown(row, Peer::Nchan, row.beside_nchan()),
                self.ratio_shown(row, Peer::Fastapi),
                self.target_shown(row, Peer::Fastapi, row.beside_fastapi()),
            ];
            line(text, &cells);
        }
    }

    /// What does not depend on who else computes on the machine.
    fn cost_table(&self, text: &mut String) {
        text.push_str(
            "\nProcessor time that each receiver used for an event, in microseconds (load \
             generator's share of its core; events that were posted and never delivered):\n\n\
             | | kai-sse-callback | Nchan | FastAPI | Nchan ÷ ours |\n\
             | --- | --- | --- | --- | --- |\n",
        );
        for row in self.rows().filter(|row| row.unit() == Unit::PerSecond) {
            let cost = |peer, row| self.median(row, peer, |sample| sample.cpu_micros);
            let cell = |peer, row| {
                cost(peer, row).map_or("–".to_owned(), |micros| {
                    let busy = self.median(row, peer, |sample| sample.generator_busy);
                    let lost = self.median(row, peer, |sample| {
                        u32::try_from(sample.lost).ok().map(f64::from)
                    });
                    let lost = lost.filter(|lost| *lost > 0.0);
                    let lost = lost.map_or(String::new(), |lost| format!("; {lost:.0} lost"));
                    format!("{micros:.2} ({:.0} %{lost})", busy.unwrap_or(0.0) * 100.0)
                })
            };
            let ratio = cost(Peer::Nchan, row.of_peers())
                .zip(cost(Peer::Ours, row))
                .map_or("–".to_owned(), |(nchan, ours)| {
                    format!("{:.2}", nchan / ours)
                });
            let peers = row.of_peers();
            let cells = [
                row.to_string(),
                cell(Peer::Ours, row),
                cell(Peer::Nchan, peers),
                cell(Peer::Fastapi, peers),
                ratio,
            ];
            line(text, &cells);
        }
    }

    fn growth_table(&self, text: &mut String) {
        let sizes: Vec<usize> = self
            .rows()
            .filter_map(|row| match row {
                Row::Growth(streams) => Some(streams),
                _ => None,
            })
            .collect();
        if sizes.is_empty() {
            return;
        }
        text.push_str(
            "\nHow both grow, one session for each stream:\n\n\
             | streams | kai-sse-callback delivers | Nchan delivers | ours ÷ Nchan | memory per \
             stream, ours | Nchan |\n| --- | --- | --- | --- | --- | --- |\n",
        );
        for streams in sizes {
            let (rate, memory) = (Row::Growth(streams), Row::MemoryGrowth(streams));
            let cells = [
                streams.to_string(),
                self.shown(rate, Peer::Ours),
                self.shown(rate, Peer::Nchan),
                self.ratio_shown(rate, Peer::Nchan),
                self.shown(memory, Peer::Ours),
                self.shown(memory, Peer::Nchan),
            ];
            line(text, &cells);
        }
    }

    fn rows(&self) -> impl Iterator<Item = Row> + use<> {
        let rows: BTreeSet<Row> = self.samples.keys().map(|(row, _)| *row).collect();
        rows.into_iter()
    }

    fn median(&self, row: Row, peer: Peer, of: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
        median(self.samples.get(&(row, peer))?.values().filter_map(of))
    }

    /// The median of the rounds' ratios.
    fn ratio(&self, row: Row, peer: Peer) -> Option<f64> {
        let ours = self.samples.get(&(row, Peer::Ours))?;
        let theirs = self.samples.get(&(row.of_peers(), peer))?;
        median(ours.iter().filter_map(|(round, ours)| {
            let theirs = theirs.get(round)?;
            Some(ours.value / theirs.value)
        }))
    }

    fn shown(&self, row: Row, peer: Peer) -> String {
        self.median(row, peer, |sample| Some(sample.value))
            .map_or("–".to_owned(), |value| row.unit().show(value))
    }

    fn ratio_shown(&self, row: Row, peer: Peer) -> String {
        self.ratio(row, peer)
            .map_or("–".to_owned(), |ratio| format!("{ratio:.2}"))
    }

    fn target_shown(&self, row: Row, peer: Peer, target: Option<Target>) -> String {
        match (target, self.ratio(row, peer)) {
            (Some(target), Some(ratio)) => judged(target, ratio).trim_start().to_owned(),
            _ => String::new(),
        }
    }
}

fn judged(target: Target, value: f64) -> String {
    let word = if target.is_met(value) {
        "met"
    } else {
        "missed"
    };
    format!(" ({target}: {word})")
}

fn line(text: &mut String, cells: &[String]) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *values.get(values.len() / 2 - 1)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(value: f64) -> Sample {
        Sample {
            value,
            cpu_micros: Some(1e6 / value),
            generator_busy: Some(0.5),
            lost: 0,
        }
    }

    #[test]
    fn ratios_are_of_what_was_measured_in_one_round() {
        let mut report = Report::default();
        // A machine that becomes slower and slower: the medians alone would mislead.
        for (round, nchan, ours) in [(1, 100.0, 200.0), (2, 50.0, 100.0), (3, 10.0, 20.0)] {
            report.add(round, Peer::Nchan, Row::FanOutOne, sample(nchan));
            report.add(round, Peer::Ours, Row::FanOutOne, sample(ours));
        }
        // A peer that could not be measured in a round does not count in it.
        report.add(4, Peer::Ours, Row::FanOutOne, sample(1.0));
        let text = report.markdown();
        let row = text.lines().find(|line| line.contains("500")).unwrap();
        assert_eq!(
            row,
            "| delivered, 1 session × 500 subscribers | 60/s | 50/s | – | 2.00 | (≥ 2: met) | – |  |"
        );
    }

    #[test]
    fn batches_are_compared_with_single_posts() {
        let mut report = Report::default();
        report.add(1, Peer::Nchan, Row::Posts, sample(100.0));
        report.add(1, Peer::Ours, Row::Batches, sample(900.0));
        let text = report.markdown();
        assert!(
            text.contains("| 900/s | 100/s | – | 9.00 | (≥ 10: missed) |"),
            "{text}"
        );
    }

    #[test]
    fn medians() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0].into_iter()), Some(2.5));
        assert_eq!(median(std::iter::empty()), None);
    }
}
