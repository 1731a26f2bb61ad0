//! Comparisons with another figure of the database: a mean, another row's value, another column.

use rust_decimal::Decimal;

use super::Reader;
use crate::offline::cue::{Comparison, Cue, Degree, Function};
use crate::offline::intent::{Bound, Filter, Having, Measure, Rival, Test};
use crate::offline::quantity::Quantity;
use crate::offline::schema::{ColumnId, Kind};
use crate::offline::terms::Term;

/// A comparison in the question, up to what it compares with.
#[derive(Debug, Clone, Copy)]
struct Compared {
    at: usize,
    comparison: Comparison,
    degree: Option<Degree>,
    times: Decimal,
    /// The place behind "twice" and the like.
    rest: usize,
}

/// What is compared: a column of each row, or a figure over many.
#[derive(Debug, Clone)]
struct Left {
    column: ColumnId,
    function: Option<Function>,
    places: Vec<usize>,
}

impl Reader<'_> {
    /// Takes every comparison whose other side is no number.
    pub(super) fn rivals(&mut self) {
        for at in 0..self.slots.len() {
            let (comparison, degree) = match self.cue(at) {
                Some(Cue::Compare(comparison)) => (comparison, None),
                Some(Cue::CompareBy(comparison, degree)) => (comparison, Some(degree)),
                _ => continue,
            };
            let (times, rest) = self.times_at(at + 1);
            let compared = Compared {
                at,
                comparison,
                degree,
                times,
                rest,
            };
            match self.term(rest).cloned() {
                Some(Term::Cue(Cue::Aggregate(Function::Average))) => self.mean(compared),
                Some(Term::Values(column, values)) if self.schema.is_label(column) => {
                    self.row(compared, column, values);
                }
                Some(Term::Column(column)) if self.schema.is_measure(column) => {
                    self.other_column(compared, column);
                }
                _ => {}
            }
        }
    }

    /// "twice", "1.5 times": how often what follows is taken, and where it begins.
    fn times_at(&self, at: usize) -> (Decimal, usize) {
        match (self.term(at), self.cue(at + 1)) {
            (Some(Term::Cue(Cue::Times(tenths))), _) => {
                (Decimal::new(i64::from(*tenths), 1), at + 1)
            }
            (Some(Term::Quantity(Quantity { value, .. })), Some(Cue::Fold)) => (*value, at + 2),
            _ => (Decimal::ONE, at),
        }
    }

    /// "above the average", "more than the average manager": the mean over some of the rows.
    fn mean(&mut self, compared: Compared) {
        let mut filters = Vec::new();
        let mut named = None;
        let mut places: Vec<usize> = (compared.at..=compared.rest).collect();
        let mut tables = Vec::new();
        for index in compared.rest + 1..self.slots.len() {
            match self.term(index).cloned() {
                Some(Term::Values(column, values)) => {
                    let negated = false;
                    let test = Test::OneOf { values, negated };
                    filters.push(Filter { column, test });
                }
                Some(Term::Column(column)) if self.schema.is_measure(column) && named.is_none() => {
                    named = Some(column);
                }
                Some(Term::Table(table)) => tables.push(table),
                // "the average over all doctors"
                Some(Term::Cue(Cue::Compare(Comparison::Greater)))
                    if matches!(self.term(index + 1), Some(Term::Table(_))) => {}
                Some(
                    Term::Column(_)
                    | Term::Cue(
                        Cue::At
                        | Cue::Year
                        | Cue::Count
                        | Cue::CountOrAmount
                        | Cue::HowMuch
                        | Cue::Each
                        | Cue::Distinct,
                    ),
                ) => {}
                _ => break,
            }
            places.push(index);
        }
        let Some(left) = self.left(compared, named) else {
            return;
        };
        let fits = |table| {
            self.schema.way(left.column.table, table).is_some()
                || self.schema.way(table, left.column.table).is_some()
        };
        if !tables.into_iter().all(fits) || named.is_some_and(|named| named != left.column) {
            return;
        }
        places.extend(&left.places);
        for place in places {
            self.take(place);
        }
        let comparison = self.oriented(compared, left.column);
        match left.function {
            Some(function) => self.intent.having.push(Having {
                measure: Measure::Of(function, left.column),
                comparison,
                bound: Bound::Overall(compared.times),
            }),
            None => self.against(compared, left.column, Rival::Mean(filters)),
        }
    }

    /// "newer than the Baltic Star": the same column of the named row.
    fn row(&mut self, compared: Compared, column: ColumnId, values: Vec<String>) {
        let left = self.left(compared, None);
        let Some(left) =
            left.filter(|left| left.column.table == column.table && left.function.is_none())
        else {
            return;
        };
        let negated = false;
        let test = Test::OneOf { values, negated };
        for place in (compared.at..=compared.rest).chain(left.places) {
            self.take(place);
        }
        let rival = Rival::Row(Box::new(Filter { column, test }));
        self.against(compared, left.column, rival);
    }

    /// "more than twice its cost": another column of the same row.
    fn other_column(&mut self, compared: Compared, column: ColumnId) {
        let left = self.left(compared, None);
        let Some(left) = left.filter(|left| {
            left.column != column && left.column.table == column.table && left.function.is_none()
        }) else {
            return;
        };
        for place in (compared.at..=compared.rest).chain(left.places) {
            self.take(place);
        }
        self.against(compared, left.column, Rival::Column(column));
    }

    fn against(&mut self, compared: Compared, column: ColumnId, rival: Rival) {
        let test = Test::Against {
            comparison: self.oriented(compared, column),
            times: compared.times,
            rival,
        };
        self.intent.filters.push(Filter { column, test });
    }

    /// What is older has an earlier date.
    fn oriented(&self, compared: Compared, column: ColumnId) -> Comparison {
        match compared.degree {
            Some(degree) => self.turned(compared.comparison, degree, column),
            None => compared.comparison,
        }
    }

    /// A comparison of a quality as one of a column's values.
    pub(super) fn turned(
        &self,
        comparison: Comparison,
        degree: Degree,
        column: ColumnId,
    ) -> Comparison {
        let dated = matches!(self.kind(column), Kind::Date | Kind::Year);
        match comparison {
            Comparison::Greater if dated && degree == Degree::Age => Comparison::Less,
            Comparison::Less if dated && degree == Degree::Age => Comparison::Greater,
            other => other,
        }
    }

    /// What stands on the left of a comparison: a column named there, with its function; or the one
    /// that the right side names; or the quality that the comparison is about.
    fn left(&self, compared: Compared, named: Option<ColumnId>) -> Option<Left> {
        let small = |cue| {
            matches!(
                cue,
                Cue::That | Cue::Have | Cue::Verb | Cue::Relation | Cue::At | Cue::Year
            )
        };
        let comparable = |column: &ColumnId| {
            self.schema.is_measure(*column) || matches!(self.kind(*column), Kind::Date | Kind::Year)
        };
        let timed = |index: &usize| match self.term(*index) {
            Some(Term::Quantity(quantity)) => quantity.year().is_some(),
            Some(Term::Dates(_)) => true,
            _ => false,
        };
        let before = (0..compared.at)
            .rev()
            .filter(|index| !timed(index))
            .find(|index| self.is_open(*index) && !self.cue(*index).is_some_and(small));
        let column = before
            .and_then(|index| self.column(index))
            .filter(comparable);
        if let (Some(index), Some(column)) = (before, column) {
            let mut places = vec![index];
            let mut function = None;
            for place in (0..index).rev() {
                match self.term(place) {
                    Some(Term::Table(table)) if *table == column.table => {
                        if function.is_none() && !self.figure_before(place) {
                            break;
                        }
                        places.push(place);
                    }
                    Some(Term::Cue(Cue::CountOrAmount | Cue::Count)) => places.push(place),
                    Some(Term::Cue(Cue::Aggregate(found))) => {
                        function = Some(*found);
                        places.push(place);
                        break;
                    }
                    _ => break,
                }
            }
            return Some(Left {
                column,
                function,
                places,
            });
        }
        let spoken = (0..compared.at).any(|index| {
            self.column(index)
                .is_some_and(|column| self.schema.is_measure(column))
                || matches!(self.cue(index), Some(Cue::Aggregate(_)))
        });
        if spoken && compared.degree.is_none() {
            return None;
        }
        let table = self.head_table(compared.at)?;
        let by_quality = || {
            self.quality(table, compared.degree?)
                .map(|(column, _)| column)
        };
        let only = || match self.schema.measures(table).as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let column = named
            .filter(|column| column.table == table)
            .or_else(by_quality)
            .or_else(|| only().filter(|_| compared.degree.is_none()))?;
        Some(Left {
            column,
            function: None,
            places: Vec::new(),
        })
    }

    fn figure_before(&self, at: usize) -> bool {
        at.checked_sub(1)
            .is_some_and(|before| matches!(self.cue(before), Some(Cue::Aggregate(_))))
    }
}
