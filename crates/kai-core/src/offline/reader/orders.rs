//! Orders told by what comes first: "biggest first", "from oldest to youngest", "dari yang termahal".

use super::Reader;
use crate::offline::cue::{Cue, Degree, Function, Operator, Superlative};
use crate::offline::intent::{Measure, RankBy, Ranking};
use crate::offline::schema::{ColumnId, Kind, TableId};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Takes the superlatives that only say where an order begins.
    pub(super) fn orders(&mut self) {
        for at in 0..self.slots.len() {
            let Some(Cue::Superlative(superlative)) = self.cue(at) else {
                continue;
            };
            if let Some((first, last)) = self.order_around(at) {
                let noun = (first..=last).find_map(|index| self.column(index));
                for index in first..=last {
                    if !matches!(self.term(index), Some(Term::Table(_))) {
                        self.take(index);
                    }
                }
                self.sorted = true;
                self.begins_with.get_or_insert((superlative, noun));
            }
        }
    }

    /// Where a phrase about an order begins and ends, if the superlative belongs to one.
    fn order_around(&self, at: usize) -> Option<(usize, usize)> {
        let is_first = |index: usize| self.cue(index) == Some(Cue::Top { descending: true });
        let noun = matches!(self.term(at + 1), Some(Term::Column(_) | Term::Table(_)));
        if is_first(at + 1) && self.limit_of(at + 1).is_none() {
            return Some((at, at + 1));
        }
        if noun && is_first(at + 2) {
            return Some((at, at + 2));
        }
        if let Some(begin) = self.begins_at_noun(at) {
            return Some((begin, at));
        }
        let mut before = at.checked_sub(1)?;
        if self.cue(before) == Some(Cue::That) {
            before = before.checked_sub(1)?;
        }
        let opens = matches!(
            self.cue(before),
            Some(Cue::From | Cue::Sort | Cue::Direction { .. })
        );
        // "from the cheapest base rate up to the dearest": the noun of both stands with the first.
        let mut second = at + 1 + usize::from(noun && self.cue(at + 2) == Some(Cue::To));
        let start = second;
        while matches!(self.cue(second), Some(Cue::To | Cue::That)) {
            second += 1;
        }
        let pair = second > start && matches!(self.cue(second), Some(Cue::Superlative(_)));
        if pair && (opens || self.cue(before) == Some(Cue::At)) {
            let sorted = before
                .checked_sub(1)
                .filter(|index| matches!(self.cue(*index), Some(Cue::Sort)));
            return Some((sorted.unwrap_or(before), second));
        }
        let sort = self.cue(before) == Some(Cue::Sort);
        // "mulai dari yang paling baru dibuka": the date that the age is told by.
        let dated = self
            .column(at + 1)
            .is_some_and(|column| matches!(self.kind(column), Kind::Date | Kind::Year));
        let starts = self.cue(before) == Some(Cue::From);
        if starts && dated && self.after(at + 1, |_| false).is_none() {
            return Some((before, at + 1));
        }
        (opens && !noun && !sort).then_some((before, at))
    }

    /// "mulai dari suku bunga yang terendah": where the words begin that say where the order does.
    fn begins_at_noun(&self, at: usize) -> Option<usize> {
        let noun = self.before(at, |cue| cue == Cue::That)?;
        self.column(noun)?;
        let begin = noun.checked_sub(1)?;
        let piece = self
            .slots
            .get(begin)
            .and_then(|slot| self.pieces.get(slot.piece))?;
        let text = piece.text.to_lowercase();
        let begins = ["mulai", "start", "begin"]
            .iter()
            .any(|word| text.starts_with(word));
        begins.then_some(begin)
    }

    /// The number right behind a place, so that "first 5" stays a limit.
    fn limit_of(&self, at: usize) -> Option<u64> {
        match self.term(at + 1) {
            Some(Term::Quantity(quantity)) if self.is_open(at + 1) => quantity.count(),
            _ => None,
        }
    }

    /// Finds what an order told by its beginning is by: what the phrase names, a figure, a column
    /// that the question speaks of, or what the quality is in the things that are listed.
    pub(super) fn order_by_first(&mut self) {
        let Some((superlative, noun)) = self.begins_with else {
            return;
        };
        if let Some(ranking) = self.intent.ranking {
            self.descending = Some(self.falls(superlative, ranking.by));
            return;
        }
        let figure = self
            .found
            .iter()
            .find(|found| !found.silent)
            .map(|found| found.measure);
        let quality = || {
            let table = self.head_table(self.slots.len())?;
            self.quality(table, superlative.degree)
        };
        let (by, descending) = if let Some(column) = noun {
            let by = RankBy::Column(column);
            (by, self.falls(superlative, by))
        } else if let Some(measure) =
            figure.filter(|_| matches!(superlative.degree, Degree::Number | Degree::Size))
        {
            (RankBy::Measure(measure), superlative.descending)
        } else if let Some(column) = self.spoken_of(superlative.degree) {
            let by = RankBy::Column(column);
            (by, self.falls(superlative, by))
        } else if let Some((column, rises)) = quality() {
            (RankBy::Column(column), superlative.descending == rises)
        } else {
            self.unresolved = true;
            return;
        };
        self.rank(Ranking { by, descending });
    }

    /// The last column that the question names and that has the quality's kind.
    fn spoken_of(&self, degree: Degree) -> Option<ColumnId> {
        let fits = |column: ColumnId| match degree {
            Degree::Age | Degree::Quality("service") => {
                matches!(self.kind(column), Kind::Date | Kind::Year)
            }
            _ => self.schema.is_measure(column),
        };
        self.slots.iter().rev().find_map(|slot| match slot.term {
            Term::Column(column) if fits(column) => Some(column),
            _ => None,
        })
    }

    /// The table that is named last before a place, or else anywhere.
    pub(super) fn head_table(&self, before: usize) -> Option<TableId> {
        let table = |slot: &super::Slot| match slot.term {
            Term::Table(table) => Some(table),
            _ => None,
        };
        let near = self.slots.iter().take(before).rev().find_map(table);
        near.or_else(|| self.slots.iter().find_map(table))
    }

    /// The place of "the difference between", right before a place.
    fn difference_before(&self, at: usize) -> Option<usize> {
        let before = self.before(at, |cue| matches!(cue, Cue::Between | Cue::At))?;
        let is_difference = self.cue(before) == Some(Cue::Operator(Operator::Difference));
        is_difference.then_some(before)
    }

    /// Takes "the highest and the lowest fee": both ends of one column's values.
    pub(super) fn both_ends(&mut self, at: usize, superlative: Superlative) -> bool {
        let and = self.cue(at + 1) == Some(Cue::And);
        let Some(Cue::Superlative(other)) = self.cue(at + 2).filter(|_| and) else {
            return false;
        };
        if other.descending == superlative.descending {
            return false;
        }
        let column = |index: Option<usize>| {
            index
                .and_then(|index| Some((index, self.column(index)?)))
                .filter(|(_, column)| {
                    self.schema.is_measure(*column)
                        || matches!(self.kind(*column), Kind::Date | Kind::Year)
                })
        };
        // "the smallest and the largest order": what orders amount to.
        let size = |index: Option<usize>| {
            let place = index?;
            let (column, _) = self.quality(self.table(place)?, superlative.degree)?;
            (superlative.degree != Degree::Age).then_some((place, column))
        };
        let found = column(Some(at + 3))
            .or_else(|| column(at.checked_sub(1)))
            .or_else(|| size(Some(at + 3)))
            .or_else(|| size(at.checked_sub(1)));
        let Some((place, column)) = found else {
            return false;
        };
        if let Some(difference) = self.difference_before(at.min(place)) {
            // "the difference between the highest and the lowest fee"
            for index in difference..=at + 2 {
                self.take(index);
            }
            self.take(place);
            self.found.push(super::Found {
                measure: Measure::Spread(column),
                at: place,
                silent: false,
            });
            return true;
        }
        for (index, superlative) in [(at, superlative), (at + 2, other)] {
            let function = if self.falls(superlative, RankBy::Column(column)) {
                Function::Maximum
            } else {
                Function::Minimum
            };
            self.take(index);
            self.found.push(super::Found {
                measure: Measure::Of(function, column),
                at: place,
                silent: false,
            });
        }
        self.take(at + 1);
        self.take(place);
        true
    }
}
