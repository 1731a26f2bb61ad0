//! What can be computed from rows: sums, averages, differences, shares, and how often something occurs.

use rust_decimal::Decimal;

use super::numbers::{Reading, Written, written};
use super::sources::{Line, Rows};

/// So many rows are compared at most. With more, some difference would explain any number.
const FEW: usize = 12;

/// In so few rows each is compared with each other one; of more, only those that stand out, and those that
/// the sentence names. The pairs of twelve numbers have a ratio near every whole percentage.
const VERY_FEW: usize = 3;

/// Of how many rows together, from the first on, the share may be told.
const TOGETHER: &[usize] = &[2, 3, 4, 5, 10];

/// The numbers that the rows explain. All of them are without sign: "fell by 5" is a difference of -5.
#[derive(Debug, Default)]
pub(super) struct Derived {
    values: Vec<Decimal>,
    shares: Vec<Decimal>,
    factors: Vec<Decimal>,
}

impl Derived {
    /// What follows from the rows by themselves. `listed` is how many rows the answer shows.
    pub(super) fn of(results: &[Rows], listed: u64) -> Self {
        let mut derived = Self::default();
        // All of something.
        derived.shares.push(Decimal::ONE_HUNDRED);
        let mut singles = Vec::new();
        for rows in results {
            derived.add([rows.count]);
            if let Some(rest) = rows.count.checked_sub(listed.into()) {
                derived.add([rest]);
            }
            for times in &rows.occurrences {
                derived.add([*times]);
                derived.share(*times, rows.count);
            }
            for column in &rows.columns {
                derived.column(column, rows.is_whole);
            }
            if rows.lines.len() <= VERY_FEW {
                for line in &rows.lines {
                    derived.pairs(&line.numbers());
                }
            }
            if let [line] = rows.lines.as_slice() {
                singles.extend(line.numbers());
            }
        }
        singles.truncate(FEW);
        derived.pairs(&singles);
        derived
    }

    /// What follows from comparing the rows that a sentence names with each other, and the numbers of each.
    pub(super) fn of_named(results: &[Rows], sentence: &str) -> Self {
        let mut derived = Self::default();
        let said = written(sentence);
        let sentence = sentence.to_lowercase();
        for rows in results.iter().filter(|rows| rows.lines.len() > VERY_FEW) {
            let is_named = |line: &&Line| {
                let mut names = line.names.iter();
                names.any(|name| sentence.contains(name))
                    || line.numbers().iter().any(|number| says(&said, *number))
            };
            let named: Vec<&Line> = rows.lines.iter().filter(is_named).take(FEW).collect();
            for line in &named {
                derived.pairs(&line.numbers());
            }
            for column in 0..rows.columns.len() {
                let cell = |line: &&Line| line.cells.get(column).copied().flatten();
                derived.pairs(&named.iter().filter_map(cell).collect::<Vec<_>>());
            }
        }
        derived.sort();
        derived
    }

    /// Adds numbers that may be said as they are.
    pub(super) fn add(&mut self, numbers: impl IntoIterator<Item = Decimal>) {
        self.values
            .extend(numbers.into_iter().map(|number| number.abs()));
    }

    /// Makes it ready to be asked.
    pub(super) fn sort(&mut self) {
        for numbers in [&mut self.values, &mut self.shares, &mut self.factors] {
            numbers.sort_unstable();
            numbers.dedup();
        }
    }

    /// Whether the number is one of these, as exactly as it is written. Where a column holds millions,
    /// "512 million" may be 512 there.
    pub(super) fn explains(&self, number: &Written, is_scaled: bool) -> bool {
        let near = |numbers: &[Decimal], reading: &Reading| {
            let slack = if number.is_rounded {
                reading.rough_unit()
            } else {
                reading
                    .unit
                    .checked_div(Decimal::TWO)
                    .unwrap_or(reading.unit)
            };
            let value = reading.value.abs();
            let (Some(low), Some(high)) = (value.checked_sub(slack), value.checked_add(slack))
            else {
                return false;
            };
            let first = numbers.partition_point(|known| *known < low);
            numbers.get(first).is_some_and(|known| *known <= high)
        };
        let unscaled: &[Reading] = if is_scaled { &number.unscaled } else { &[] };
        number.readings.iter().chain(unscaled).any(|reading| {
            near(&self.values, reading)
                || number.is_share && near(&self.shares, reading)
                || number.is_factor && near(&self.factors, reading)
        })
    }

    /// What follows from one column.
    fn column(&mut self, column: &[Decimal], is_whole: bool) {
        self.add(column.iter().copied());
        // A ratio may be told as a percentage.
        let hundred = Decimal::ONE_HUNDRED;
        let ratios = column.iter().filter(|value| value.abs() <= Decimal::TWO);
        self.shares
            .extend(ratios.filter_map(|ratio| ratio.abs().checked_mul(hundred)));
        if is_whole {
            let mut sum = Decimal::ZERO;
            let mut first = Vec::new();
            for value in column {
                let Some(next) = sum.checked_add(*value) else {
                    return;
                };
                sum = next;
                first.push(sum);
            }
            self.add([sum]);
            // The first two together, the first three together.
            self.add(first.iter().copied());
            let together = TOGETHER.iter().filter_map(|rows| first.get(rows - 1));
            for part in column.iter().chain(together) {
                self.share(*part, sum);
            }
            let count = Decimal::from(column.len() as u64);
            self.add(sum.checked_div(count));
            self.add(median(column));
        }
        if column.len() <= VERY_FEW {
            self.pairs(column);
            return;
        }
        for pair in [column.get(..2), column.get(column.len() - 2..)] {
            self.pairs(pair.unwrap_or_default());
        }
        let ends = [column.first(), column.last()];
        let extremes = [column.iter().max(), column.iter().min()];
        for pair in [ends, extremes] {
            let pair: Vec<Decimal> = pair.into_iter().flatten().copied().collect();
            self.pairs(&pair);
        }
    }

    /// Sums, differences, shares and ratios of each two.
    fn pairs(&mut self, numbers: &[Decimal]) {
        for (at, a) in numbers.iter().enumerate() {
            for b in numbers.iter().skip(at + 1) {
                let difference = a.checked_sub(*b);
                self.add(difference);
                self.add(a.checked_add(*b));
                for (part, whole) in [(a, b), (b, a)] {
                    self.share(*part, *whole);
                    if let Some(difference) = difference {
                        self.share(difference, *whole);
                    }
                    self.factors
                        .extend(part.checked_div(*whole).map(|factor| factor.abs()));
                }
            }
        }
    }

    fn share(&mut self, part: Decimal, whole: Decimal) {
        let share = part
            .checked_div(whole)
            .and_then(|share| share.checked_mul(Decimal::ONE_HUNDRED));
        self.shares.extend(share.map(|share| share.abs()));
    }
}

/// Whether one of the numbers is this one, as exactly as it is written.
fn says(numbers: &[Written], value: Decimal) -> bool {
    let value = value.abs();
    let same = |reading: &Reading| {
        let gap = reading.value.checked_sub(value);
        gap.is_some_and(|gap| gap.abs() + gap.abs() <= reading.unit)
    };
    numbers
        .iter()
        .any(|number| number.readings.iter().any(same))
}

fn median(column: &[Decimal]) -> Option<Decimal> {
    let mut sorted = column.to_vec();
    sorted.sort_unstable();
    let upper = sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(*upper);
    }
    let lower = sorted.get((sorted.len() / 2).checked_sub(1)?)?;
    lower.checked_add(*upper)?.checked_div(Decimal::TWO)
}
