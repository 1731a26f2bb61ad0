//! "More" without a number: of two things, which has more, and more of something than another row has.

use rust_decimal::Decimal;

use super::{Reader, Time};
use crate::offline::cue::{Comparison, Cue, Function};
use crate::offline::intent::{Filter, Measure, Rival, Test};
use crate::offline::quantity::Dates;
use crate::offline::schema::{ColumnId, TableId};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Takes "more inhabitants than Eastfield", "more spectators than the average stadium": a number
    /// of the listed things against that of another one, or against the mean.
    pub(super) fn more_of(&mut self) {
        for at in 0..self.slots.len() {
            let Some(Cue::More { greater }) = self.cue(at) else {
                continue;
            };
            let Some(column) = self.column(at + 1).filter(|c| self.schema.is_measure(*c)) else {
                continue;
            };
            let Some((last, rival)) = self.rival_of(at + 2, column) else {
                continue;
            };
            for place in at..=last {
                self.take(place);
            }
            let comparison = if greater {
                Comparison::Greater
            } else {
                Comparison::Less
            };
            let test = Test::Against {
                comparison,
                times: Decimal::ONE,
                rival,
            };
            self.intent.filters.push(Filter { column, test });
        }
    }

    /// What a column is compared with: the row that a name tells, or the mean; and where that ends.
    fn rival_of(&self, at: usize, column: ColumnId) -> Option<(usize, Rival)> {
        match self.term(at)? {
            Term::Values(named, values)
                if named.table == column.table && self.schema.is_label(*named) =>
            {
                let test = Test::OneOf {
                    values: values.clone(),
                    negated: false,
                };
                let filter = Filter {
                    column: *named,
                    test,
                };
                Some((at, Rival::Row(Box::new(filter))))
            }
            Term::Cue(Cue::Aggregate(Function::Average)) => {
                let own = self.table(at + 1) == Some(column.table);
                Some((at + usize::from(own), Rival::Mean(Vec::new())))
            }
            _ => None,
        }
    }

    /// Whether the question asks which of several has more.
    pub(super) fn asks_for_more(&self) -> bool {
        let more = |slot: &super::Slot| matches!(slot.term, Term::Cue(Cue::More { .. }));
        self.slots.iter().any(more)
    }

    /// Takes "more in 2024 or in 2025": two years side by side, a row for each.
    pub(super) fn years_side_by_side(&mut self) {
        if !self.asks_for_more() && !self.says_contrast() {
            return;
        }
        let years: Vec<(usize, i32)> = (0..self.slots.len())
            .filter_map(|at| match self.term(at) {
                Some(Term::Quantity(quantity)) if self.is_open(at) => Some((at, quantity.year()?)),
                _ => None,
            })
            .collect();
        let [(first, a), (second, b)] = years.as_slice() else {
            return;
        };
        let joined = (first + 1..*second).any(|at| {
            matches!(
                self.cue(at),
                Some(Cue::Or | Cue::And | Cue::Contrast | Cue::To)
            )
        });
        let (early, late) = (*a.min(b), *a.max(b));
        // Years that are apart would bring those between them along.
        if !joined || late - early != 1 {
            return;
        }
        let (Some(from), Some(until)) = (Dates::year(early), Dates::year(late)) else {
            return;
        };
        for at in *first..=*second {
            if matches!(self.term(at), Some(Term::Cue(_) | Term::Quantity(_))) {
                self.take(at);
            }
        }
        self.times.push(Time::Test(Comparison::AtLeast, from));
        self.times.push(Time::Test(Comparison::AtMost, until));
        self.times.push(Time::Year);
        self.contrast = true;
    }

    fn says_contrast(&self) -> bool {
        let contrasts = |slot: &super::Slot| matches!(slot.term, Term::Cue(Cue::Contrast));
        self.slots.iter().any(contrasts)
    }

    /// "more customers in A or in B?": how many there are of each, the larger number first.
    pub(super) fn which_has_more(&mut self) {
        let side_by_side = self.contrast && self.times.contains(&Time::Year);
        if !self.asks_for_more() || !(self.several_values().is_some() || side_by_side) {
            return;
        }
        if self.intent.measures.is_empty() && self.found.is_empty() {
            let Some(measure) = self.compared_figure() else {
                return;
            };
            self.intent.measures.push(measure);
        }
        self.contrast = true;
        for at in 0..self.slots.len() {
            if matches!(
                self.cue(at),
                Some(Cue::More { .. } | Cue::Or | Cue::CompareBefore(_))
            ) {
                self.take(at);
            }
        }
    }

    /// What there is more of: the first thing that is named, or that the values belong to.
    fn compared_figure(&mut self) -> Option<Measure> {
        let filtered = self.several_values().map(|column| column.table);
        let named = (0..self.slots.len()).find_map(|at| Some((at, self.table(at)?)));
        let fits =
            |table: TableId| filtered.is_none_or(|owner| self.schema.way(table, owner).is_some());
        if let Some((at, table)) = named.filter(|(_, table)| fits(*table)) {
            self.take(at);
            return Some(Measure::Rows(table));
        }
        let beside = self.context.first().map(|(_, table)| *table);
        beside.or(filtered).map(Measure::Rows)
    }

    /// The column of which the question names several values.
    pub(super) fn several_values(&self) -> Option<ColumnId> {
        self.intent
            .filters
            .iter()
            .find_map(|filter| match &filter.test {
                Test::OneOf {
                    values,
                    negated: false,
                } if values.len() > 1 => Some(filter.column),
                _ => None,
            })
    }
}
