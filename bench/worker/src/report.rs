//! What was measured, as tables of medians and of ratios.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::peer::Peer;
use crate::row::{Health, Pace, Row};

/// All samples, each under its round, so that ratios compare what was measured side by side.
#[derive(Debug, Default)]
pub(crate) struct Report {
    samples: BTreeMap<(Row, Peer), BTreeMap<u32, f64>>,
}

impl Report {
    pub(crate) fn add(&mut self, round: u32, peer: Peer, row: Row, value: f64) {
        self.samples
            .entry((row, peer))
            .or_default()
            .insert(round, value);
    }

    /// The tables, in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        self.main_table(&mut text);
        self.delivery_table(&mut text);
        text
    }

    fn main_table(&self, text: &mut String) {
        let rows: Vec<Row> = self
            .samples
            .keys()
            .filter(|(row, peer)| *peer == Peer::Ours && !matches!(row, Row::Delivery(..)))
            .map(|(row, _)| *row)
            .collect();
        if rows.is_empty() {
            return;
        }
        text.push_str(
            "| | kai-worker | aim | Python | Python ÷ ours | aim |\n\
             | --- | --- | --- | --- | --- | --- |\n",
        );
        for row in rows {
            let ours = (row, Peer::Ours);
            let python = (row, Peer::Python);
            let alone = row.alone().zip(self.median(ours)).map(|(most, value)| {
                let shown = row.show(most);
                format!("≤ {shown}: {}", judged(value <= most))
            });
            let ratio = self.ratio(python, ours);
            let beside = row
                .beside_python()
                .zip(ratio)
                .map(|(least, ratio)| format!("≥ {least:.0}: {}", judged(ratio >= least)));
            let cells = [
                row.to_string(),
                self.shown(ours),
                alone.unwrap_or_default(),
                self.shown(python),
                ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}")),
                beside.unwrap_or_default(),
            ];
            line(text, &cells);
        }
    }

    fn delivery_table(&self, text: &mut String) {
        let key = |pace, health| (Row::Delivery(pace, health), Peer::Ours);
        if self.median(key(Pace::AtOnce, Health::Healthy)).is_none() {
            return;
        }
        let most = Health::MAY_COST;
        let _ = writeln!(
            text,
            "\nOne run of 200 events through kai-worker, in brackets how many times as long as with a \
             healthy receiver (aim: ≤ {most}):\n\n\
             | | healthy | down | answers after 3 s |\n| --- | --- | --- | --- |"
        );
        for pace in Pace::ALL {
            let healthy = key(pace, Health::Healthy);
            let mut cells = vec![pace.to_string(), self.shown(healthy)];
            for health in [Health::Down, Health::Late] {
                let ill = key(pace, health);
                let shown = self.shown(ill);
                cells.push(self.ratio(ill, healthy).map_or(shown.clone(), |ratio| {
                    format!("{shown} ({ratio:.2}: {})", judged(ratio <= most))
                }));
            }
            line(text, &cells);
        }
    }

    fn median(&self, of: (Row, Peer)) -> Option<f64> {
        median(self.samples.get(&of)?.values().copied())
    }

    /// The median of the rounds' ratios.
    fn ratio(&self, of: (Row, Peer), to: (Row, Peer)) -> Option<f64> {
        let to = self.samples.get(&to)?;
        median(self.samples.get(&of)?.iter().filter_map(|(round, value)| {
            let other = to.get(round)?;
            Some(value / other)
        }))
    }

    fn shown(&self, of: (Row, Peer)) -> String {
        self.median(of)
            .map_or("–".to_owned(), |value| of.0.show(value))
    }
}

fn judged(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
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
    use crate::row::Streaming;

    fn row_of(report: &Report, name: &str) -> String {
        let text = report.markdown();
        let row = text.lines().find(|line| line.contains(name));
        row.unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    #[test]
    fn ratios_are_of_what_was_measured_in_one_round() {
        let mut report = Report::default();
        // A machine that becomes slower and slower: the medians alone would mislead.
        for (round, ours) in [(1, 0.1), (2, 0.2), (3, 1.0)] {
            report.add(round, Peer::Ours, Row::Median(8), ours);
            report.add(round, Peer::Python, Row::Median(8), ours * 9.0);
        }
        // A worker that was not measured in a round does not count in it.
        report.add(4, Peer::Ours, Row::Median(8), 50.0);
        assert_eq!(
            row_of(&report, "8 side"),
            "| 200-event run, 8 side by side, median | 600 ms |  | 1,800 ms | 9.00 | ≥ 8: met |"
        );
    }

    #[test]
    fn aims_are_met_or_missed() {
        let mut report = Report::default();
        report.add(1, Peer::Ours, Row::Ready, 0.4);
        report.add(1, Peer::Ours, Row::EventCost(Streaming::Off), 12e-6);
        assert_eq!(
            row_of(&report, "ready"),
            "| start of the process to ready | 400 ms | ≤ 300 ms: missed | – | – |  |"
        );
        assert!(row_of(&report, "no callback").contains("| 12.0 µs | ≤ 20.0 µs: met |"));
    }

    #[test]
    fn an_ill_receiver_is_compared_with_a_healthy_one() {
        let mut report = Report::default();
        for (health, took) in [
            (Health::Healthy, 0.1),
            (Health::Down, 0.105),
            (Health::Late, 5.0),
        ] {
            report.add(1, Peer::Ours, Row::Delivery(Pace::AtOnce, health), took);
        }
        assert_eq!(
            row_of(&report, "at once"),
            "| answer all at once | 100 ms | 105 ms (1.05: met) | 5,000 ms (50.00: missed) |"
        );
    }

    #[test]
    fn medians() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0].into_iter()), Some(2.5));
        assert_eq!(median(std::iter::empty()), None);
    }
}
