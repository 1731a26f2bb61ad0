//! Numbers in the question: comparisons, ranges, limits and years, each with what it is about.

use rust_decimal::Decimal;

use super::{Reader, Time};
use crate::offline::cue::{Comparison, Cue, Degree, Function};
use crate::offline::intent::{Measure, Test};
use crate::offline::quantity::{Dates, Quantity};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

/// A number or a date that something is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bound {
    Number(Quantity),
    Day(Dates),
}

impl Bound {
    /// The days, if it is a time.
    pub(super) fn dates(self) -> Option<Dates> {
        match self {
            Self::Number(quantity) => Dates::year(quantity.year()?),
            Self::Day(dates) => Some(dates),
        }
    }

    /// The number, if it is one.
    pub(super) fn number(self) -> Option<Quantity> {
        match self {
            Self::Number(quantity) => Some(quantity),
            Self::Day(_) => None,
        }
    }
}

/// What a number is compared with.
#[derive(Debug, Clone, Copy)]
enum Operand {
    Column(ColumnId),
    Measure(Measure),
    Time,
}

impl Reader<'_> {
    /// Takes every number together with what it says.
    pub(super) fn quantities(&mut self) {
        for at in 0..self.slots.len() {
            self.comparison(at);
        }
        for at in 0..self.slots.len() {
            self.bare_number(at);
        }
    }

    fn bound(&self, at: usize) -> Option<Bound> {
        match self.term(at) {
            Some(Term::Quantity(quantity)) if self.is_open(at) => Some(Bound::Number(*quantity)),
            Some(Term::Dates(dates)) if self.is_open(at) => Some(Bound::Day(*dates)),
            _ => None,
        }
    }

    /// The number that follows a place, small words and "the year" passed over.
    fn next_bound(&self, at: usize) -> Option<(usize, Bound)> {
        let next = (at + 1..self.slots.len()).find(|index| {
            !matches!(
                self.cue(*index),
                Some(Cue::Year | Cue::Month | Cue::At | Cue::That)
            )
        })?;
        Some((next, self.bound(next)?))
    }

    /// A comparison, range or limit that begins at a place.
    fn comparison(&mut self, at: usize) {
        let range = |reader: &Self, at: usize| {
            let (first_at, first) = reader.next_bound(at)?;
            let joined = matches!(reader.cue(first_at + 1), Some(Cue::And | Cue::To | Cue::Or));
            let (second_at, second) = joined.then(|| reader.next_bound(first_at + 1))??;
            Some((first_at, first, second_at, second))
        };
        match self.term(at).cloned() {
            Some(Term::Cue(Cue::Between)) if self.is_open(at) => {
                if let Some((_, first, last, second)) = range(self, at) {
                    self.compare(
                        at,
                        last,
                        &[(Comparison::AtLeast, first), (Comparison::AtMost, second)],
                    );
                }
            }
            Some(Term::Quantity(_) | Term::Dates(_)) if self.is_open(at) => {
                let Some(first) = self.bound(at) else { return };
                if let Some(Cue::CompareBefore(comparison)) = self.cue(at + 1) {
                    self.compare(at, at + 1, &[(comparison, first)]);
                } else if self.cue(at + 1) == Some(Cue::To)
                    && let Some((last, second)) = self.next_bound(at + 1)
                {
                    self.compare(
                        at,
                        last,
                        &[(Comparison::AtLeast, first), (Comparison::AtMost, second)],
                    );
                }
            }
            Some(Term::Cue(Cue::CompareBy(comparison, degree))) if self.is_open(at) => {
                if let Some((last, bound)) = self.next_bound(at) {
                    self.compare_quality(at, last, comparison, degree, bound);
                }
            }
            Some(Term::Cue(cue)) if self.is_open(at) => {
                let comparison = match cue {
                    Cue::Compare(comparison) => comparison,
                    // "minimal 3", "paling sedikit 3": no superlative, since a number follows.
                    Cue::Aggregate(Function::Minimum) => Comparison::AtLeast,
                    Cue::Aggregate(Function::Maximum) | Cue::To => Comparison::AtMost,
                    Cue::Superlative(s)
                        if s.degree == Degree::Number && s.behind && self.says_paling(at) =>
                    {
                        if s.descending {
                            Comparison::AtMost
                        } else {
                            Comparison::AtLeast
                        }
                    }
                    _ => return,
                };
                if let Some((last, bound)) = self.next_bound(at) {
                    let since_until = (self.cue(last + 1) == Some(Cue::To))
                        .then(|| self.next_bound(last + 1))
                        .flatten()
                        .filter(|_| comparison == Comparison::AtLeast);
                    match since_until {
                        Some((end, second)) => {
                            self.compare(
                                at,
                                end,
                                &[(comparison, bound), (Comparison::AtMost, second)],
                            );
                        }
                        None => self.compare(at, last, &[(comparison, bound)]),
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a superlative is in two words: "paling banyak 3", but not "terbanyak tahun 2022".
    fn says_paling(&self, at: usize) -> bool {
        let piece = self
            .slots
            .get(at)
            .and_then(|slot| self.pieces.get(slot.piece));
        let next_is_number = matches!(self.term(at + 1), Some(Term::Quantity(_)));
        next_is_number && piece.is_some_and(|piece| piece.text.to_lowercase().starts_with("paling"))
    }

    /// Applies a comparison that stands from `first` to `last` to what it is about.
    pub(super) fn compare(&mut self, first: usize, last: usize, tests: &[(Comparison, Bound)]) {
        let Some((_, bound)) = tests.first() else {
            return;
        };
        let negated = first
            .checked_sub(1)
            .filter(|before| self.cue(*before) == Some(Cue::Not) && tests.len() == 1);
        if negated.is_some()
            && tests
                .iter()
                .any(|(comparison, _)| *comparison == Comparison::Equal)
        {
            return;
        }
        let start = negated.unwrap_or(first);
        let Some((operand, used)) = self.operand(start, last, *bound) else {
            return;
        };
        for (comparison, bound) in tests {
            let comparison = if negated.is_some() {
                opposite(*comparison)
            } else {
                *comparison
            };
            match operand {
                Operand::Column(column) => {
                    let test = match (self.kind(column), bound.dates(), bound.number()) {
                        (Kind::Date | Kind::Year, Some(dates), _) => Test::Dated(comparison, dates),
                        (_, _, Some(quantity)) => {
                            let value = self.scaled(column, quantity);
                            Test::Compare(comparison, self.in_unit_of(column, value, last))
                        }
                        _ => return,
                    };
                    self.intent
                        .filters
                        .push(crate::offline::intent::Filter { column, test });
                }
                Operand::Measure(measure) => {
                    let Some(quantity) = bound.number() else {
                        return;
                    };
                    self.having(measure, comparison, quantity.value);
                }
                Operand::Time => {
                    let Some(dates) = bound.dates() else { return };
                    self.times.push(Time::Test(comparison, dates));
                }
            }
        }
        for at in (start..=last).chain(used) {
            // "per founding year since 2015": the column also groups.
            let groups = at
                .checked_sub(1)
                .is_some_and(|before| matches!(self.cue(before), Some(Cue::Each | Cue::By)));
            if !groups {
                self.take(at);
            }
        }
        // "12 bulan", "30 years": the unit of the number.
        if matches!(self.cue(last + 1), Some(Cue::Month | Cue::Year))
            && bound.number().is_some_and(|n| n.year().is_none())
        {
            self.take(last + 1);
        }
    }

    /// What a comparison from `first` to `last` is about, and the places of the words that say so.
    fn operand(&self, first: usize, last: usize, bound: Bound) -> Option<(Operand, Vec<usize>)> {
        let small = |cue| matches!(cue, Cue::That | Cue::Have | Cue::At | Cue::Year);
        let left = self.before(first, small);
        if let Some(at) = left
            && let Some(column) = self.column(at)
            && self.fits(column, bound)
        {
            return Some(
                self.aggregated(at, column)
                    .unwrap_or((Operand::Column(column), vec![at])),
            );
        }
        // What stands directly behind the number; only values that belong to it may come between.
        let right = (last + 1..self.slots.len())
            .find(|index| self.is_open(*index) && !matches!(self.cue(*index), Some(Cue::Distinct)));
        let plain = bound.number();
        if let (Some(at), Some(_)) = (right, plain) {
            if let Some(table) = self.table(at) {
                let (table, used) = match self.table(at + 1) {
                    Some(second) if self.language == crate::language::Language::English => {
                        (second, vec![at, at + 1])
                    }
                    _ => (table, vec![at]),
                };
                return Some((Operand::Measure(Measure::Rows(table)), used));
            }
            if let Some(column) = self.column(at) {
                if self.schema.is_measure(column) && bound.dates().is_none() {
                    return Some((Operand::Column(column), vec![at]));
                }
                if self.schema.column(column).categorical && !self.schema.is_measure(column) {
                    return Some((Operand::Measure(Measure::Different(column)), vec![at]));
                }
            }
        }
        if let (Some(at), Some(quantity)) = (left, plain)
            && let Some(table) = self.table(at)
            && let Some(found) = self.table_operand(at, table, quantity)
        {
            return Some(found);
        }
        if let Some(column) = plain
            .filter(|number| number.year().is_none())
            .and_then(|number| self.only_measure(first, number))
        {
            return Some((Operand::Column(column), Vec::new()));
        }
        bound
            .dates()
            .is_some()
            .then_some((Operand::Time, Vec::new()))
    }

    pub(super) fn fits(&self, column: ColumnId, bound: Bound) -> bool {
        match self.kind(column) {
            Kind::Number => self.schema.is_measure(column) && bound.number().is_some(),
            Kind::Year | Kind::Date => bound.dates().is_some(),
            _ => false,
        }
    }

    /// A column of which a function is taken before it is compared.
    fn aggregated(&self, at: usize, column: ColumnId) -> Option<(Operand, Vec<usize>)> {
        let before = self.before(at, |cue| matches!(cue, Cue::CountOrAmount))?;
        let Some(Cue::Aggregate(function)) = self.cue(before) else {
            return None;
        };
        let used = (before..=at).collect();
        Some((Operand::Measure(Measure::Of(function, column)), used))
    }

    /// A table to the left: the number of its rows, or what they amount to.
    fn table_operand(
        &self,
        at: usize,
        table: TableId,
        number: Quantity,
    ) -> Option<(Operand, Vec<usize>)> {
        let amount = self.schema.amount(table);
        let counter = at.checked_sub(1);
        let cue = counter.and_then(|index| self.cue(index));
        let large = !number.plain || number.value >= Decimal::ONE_THOUSAND;
        let mut used: Vec<usize> = vec![at];
        match (cue, amount) {
            (Some(Cue::Aggregate(function)), Some(column)) => {
                used.extend(counter);
                Some((Operand::Measure(Measure::Of(function, column)), used))
            }
            (Some(Cue::CountOrAmount), Some(column)) if large => {
                used.extend(counter);
                Some((Operand::Measure(Measure::Of(Function::Sum, column)), used))
            }
            (Some(Cue::Count | Cue::CountOrAmount | Cue::Aggregate(Function::Sum)), _)
                if self.head_before(counter?, table) =>
            {
                used.extend(counter);
                Some((Operand::Measure(Measure::Rows(table)), used))
            }
            // A year, not a number of things.
            _ if number.year().is_some() => None,
            (_, Some(column)) if large || !self.head_before(at, table) => {
                // "loans above 50 million" lists loans: the noun stays what the question is about.
                let used = if self.head_before(at, table) {
                    used
                } else {
                    Vec::new()
                };
                Some((Operand::Column(column), used))
            }
            _ if self.head_before(at, table) => {
                Some((Operand::Measure(Measure::Rows(table)), used))
            }
            _ => None,
        }
    }

    /// A number without a comparison: equal to what stands before it, a year, or a limit.
    fn bare_number(&mut self, at: usize) {
        let Some(bound) = self.bound(at) else { return };
        if self.thing_of_number(at, bound) {
            return;
        }
        let before = self.before(at, |cue| {
            matches!(cue, Cue::At | Cue::Year | Cue::Month | Cue::That)
        });
        if let Some(index) = before
            && let Some(column) = self.column(index)
            && self.fits(column, bound)
            && !self.is_limit(at)
            // "costs in 2023", "amount 2024" name a year, not a price.
            && (self.kind(column) != Kind::Number
                || (self.before(at, |_| false) == Some(index)
                    && (bound.dates().is_none() || self.schema.time(column.table).is_none())))
        {
            self.compare(at, at, &[(Comparison::Equal, bound)]);
            self.take_small_before(at);
            return;
        }
        if let Some(limit) = bound.number().and_then(Quantity::count)
            && self.is_limit(at)
        {
            self.take(at);
            self.intent.limit = Some(limit);
            for beside in [at.wrapping_sub(1), at + 1] {
                if let Some(Cue::Top { descending }) = self.cue(beside) {
                    self.take(beside);
                    self.descending = Some(descending);
                }
            }
            return;
        }
        if let Some(dates) = bound.dates() {
            self.times.push(Time::Test(Comparison::Equal, dates));
            self.take(at);
            self.take_small_before(at);
        }
    }

    /// Takes "in the year" before a number.
    fn take_small_before(&mut self, at: usize) {
        for index in (0..at).rev() {
            if !matches!(self.cue(index), Some(Cue::Year | Cue::Month | Cue::At)) {
                break;
            }
            self.take(index);
        }
    }

    /// Whether a number says how many rows are wanted.
    fn is_limit(&self, at: usize) -> bool {
        let is_top = |index: usize| matches!(self.cue(index), Some(Cue::Top { .. }));
        if at.checked_sub(1).is_some_and(is_top) || is_top(at + 1) {
            return true;
        }
        let next = self.after(at, |cue| matches!(cue, Cue::Superlative(_)));
        next.is_some_and(|index| match self.term(index) {
            Some(Term::Table(_)) => true,
            Some(Term::Column(column)) => {
                let ranked = matches!(self.cue(at + 1), Some(Cue::Superlative(_)));
                !self.schema.is_measure(*column) || ranked
            }
            _ => false,
        }) || matches!(self.cue(at + 1), Some(Cue::Superlative(_)))
    }
}

fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Greater => Comparison::AtMost,
        Comparison::AtLeast => Comparison::Less,
        Comparison::Less => Comparison::AtLeast,
        Comparison::AtMost => Comparison::Greater,
        Comparison::Equal => Comparison::Equal,
    }
}
