//! Doubts about figures: a number or a sum, a sum of what does not add up, a count of one.

use chrono::Datelike;

use super::{Case, Doubt};
use crate::offline::cue::{Cue, Function};
use crate::offline::intent::{Measure, Test};
use crate::offline::schema::{Dated, Kind};
use crate::offline::terms::Term;

impl Case<'_> {
    /// The figure that may as well be meant, where a word asks for a number or for a sum.
    pub(in crate::offline) fn other_figure(&self) -> Option<Measure> {
        let Doubt::CountOrSum(table) = self.count_or_sum()? else {
            return None;
        };
        let sum = Measure::Of(Function::Sum, self.schema.amount(table)?);
        let counted = self.intent.measures.first() == Some(&Measure::Rows(table));
        Some(if counted { sum } else { Measure::Rows(table) })
    }

    /// "Total transfers": of what has an amount, that is a sum and no number; "jumlah transfer" may
    /// be either.
    fn count_or_sum(&self) -> Option<Doubt> {
        let total = self.terms.iter().position(|(_, term)| {
            matches!(
                term,
                Term::Cue(Cue::Aggregate(Function::Sum) | Cue::CountOrAmount)
            )
        })?;
        let either = matches!(
            self.terms.get(total),
            Some((_, Term::Cue(Cue::CountOrAmount)))
        );
        let behind = self.terms.get(total + 1..).unwrap_or_default();
        let object = behind.iter().find_map(|(_, term)| match term {
            Term::Cue(Cue::Aggregate(_) | Cue::Count | Cue::CountOrAmount)
            | Term::Column(_)
            | Term::Table(_)
            | Term::Values(..) => Some(term),
            _ => None,
        });
        let object = match object? {
            // "jumlah transaksi" is a number of them.
            Term::Table(table) if !either => *table,
            Term::Values(column, _) => column.table,
            _ => return None,
        };
        let amount = self.schema.amount(object)?;
        // What is told only by its unit is no amount for certain.
        let certain = !either && self.schema.column(amount).parts.means("amount");
        let in_doubt = match self.intent.measures.as_slice() {
            [Measure::Rows(table)] => *table == object,
            [Measure::Of(Function::Sum, column)] => *column == amount && !certain,
            _ => false,
        };
        (in_doubt && !self.schema.is_mass(object)).then_some(Doubt::CountOrSum(object))
    }

    /// Figures that say nothing.
    pub(super) fn figures(&self) -> Vec<Doubt> {
        let mut doubts: Vec<Doubt> = self.count_or_sum().into_iter().collect();
        for measure in &self.intent.measures {
            match measure {
                Measure::Of(Function::Sum, column) if !self.schema.adds_up(*column) => {
                    doubts.push(Doubt::NotAddedUp(*column));
                }
                Measure::Rows(table) => {
                    let one = self.intent.filters.iter().any(|filter| {
                        filter.column.table == *table
                            && self.schema.is_label(filter.column)
                            && matches!(&filter.test, Test::OneOf { values, negated: false } if values.len() == 1)
                    });
                    doubts.extend(one.then_some(Doubt::OneCounted(*table)));
                }
                _ => {}
            }
        }
        let counts = self.says(|cue| matches!(cue, Cue::Count | Cue::CountOrAmount));
        let other = self.intent.having.iter().find_map(|having| {
            let Measure::Rows(table) = having.measure else {
                return None;
            };
            let summed = |measure: &Measure| {
                matches!(measure, Measure::Of(Function::Sum, column) if column.table == table)
            };
            (!counts && self.intent.measures.iter().any(summed)).then_some(table)
        });
        doubts.extend(other.map(Doubt::OtherBound));
        let much = self
            .pieces
            .iter()
            .any(|piece| piece.text.eq_ignore_ascii_case("how much"));
        if let ([Measure::Rows(table)], true) = (self.intent.measures.as_slice(), much) {
            doubts.push(Doubt::CountedMuch(*table));
        }
        for filter in &self.intent.filters {
            let Test::Dated(_, dates) = filter.test else {
                continue;
            };
            let column = self.schema.column(filter.column);
            let whole = |date: chrono::NaiveDate| match column.kind {
                Kind::Year => date.ordinal() == 1,
                _ => column.dated == Dated::Days || date.day() == 1,
            };
            if !(whole(dates.from) && whole(dates.until)) {
                doubts.push(Doubt::PartOfYear(filter.column));
            }
        }
        doubts
    }
}
