//! Arithmetic on a row: "quantity times price", "the difference between planned and actual", "the
//! days between ordered and shipped".

use super::Reader;
use crate::offline::cue::{Cue, Operator};
use crate::offline::schema::{ColumnId, Dated, Kind, Operation};
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Puts what is worked out from two columns of a row in their place.
    pub(super) fn arithmetic(&mut self) {
        let mut at = 0;
        while at < self.slots.len() {
            if let Some((first, last, column)) =
                self.between_two(at).or_else(|| self.one_after_other(at))
            {
                if let Some(slot) = self.slots.get_mut(first) {
                    slot.term = Term::Column(column);
                }
                self.slots.drain(first + 1..=last);
                at = first;
            }
            at += 1;
        }
        // "name plus city" adds nothing up.
        for slot in &mut self.slots {
            if slot.term == Term::Cue(Cue::Operator(Operator::Plus)) {
                slot.term = Term::Cue(Cue::And);
            }
        }
    }

    /// "quantity times price": where it begins and ends, and what it is.
    fn one_after_other(&self, at: usize) -> Option<(usize, usize, ColumnId)> {
        let (first, second) = (self.column(at)?, self.column(at + 2)?);
        let operation = match self.cue(at + 1)? {
            Cue::Operator(Operator::Times) | Cue::Fold => Operation::Times,
            Cue::Operator(Operator::Minus) | Cue::More { greater: false } => Operation::Minus,
            Cue::Operator(Operator::Plus) => Operation::Plus,
            Cue::Operator(Operator::Per) => Operation::Per,
            _ => return None,
        };
        let column = self.worked_out(operation, first, second)?;
        Some((at, at + 2, column))
    }

    /// "the difference between planned and actual".
    fn between_two(&self, at: usize) -> Option<(usize, usize, ColumnId)> {
        if self.cue(at) != Some(Cue::Operator(Operator::Difference)) {
            return None;
        }
        let is_small = |index: usize| matches!(self.cue(index), Some(Cue::Between | Cue::At));
        let place = at + 1 + usize::from(is_small(at + 1));
        let joined = matches!(self.cue(place + 1), Some(Cue::And | Cue::To | Cue::Have));
        let (first, second) = (self.column(place)?, self.column(place + 2)?);
        let column = self.worked_out(Operation::Minus, first, second)?;
        joined.then_some((at, place + 2, column))
    }

    /// The derived column, where the types of the two fit: numbers, or times for a difference.
    fn worked_out(
        &self,
        operation: Operation,
        first: ColumnId,
        second: ColumnId,
    ) -> Option<ColumnId> {
        let number = |column: ColumnId| self.schema.is_measure(column);
        let date = |column: ColumnId| {
            self.kind(column) == Kind::Date && self.schema.column(column).dated == Dated::Days
        };
        let operation = match operation {
            Operation::Minus if date(first) && date(second) => Operation::Days,
            other if number(first) && number(second) => other,
            _ => return None,
        };
        ColumnId::derive(operation, first, second)
    }
}
