//! Numbers that are about a thing as a whole: its key, its size, its only figure.

use rust_decimal::Decimal;

use super::Reader;
use super::numbers::Bound;
use crate::offline::cue::{Comparison, Cue, Degree};
use crate::offline::intent::Test;
use crate::offline::quantity::Quantity;
use crate::offline::schema::{ColumnId, Kind};
use crate::offline::terms::Term;
use crate::offline::units::NUMBERED;

impl Reader<'_> {
    /// Takes "patient number 42", "store 103": the thing that has this key.
    pub(super) fn thing_of_number(&mut self, at: usize, bound: Bound) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        let Some(Term::Table(table)) = self.term(before).cloned() else {
            return false;
        };
        let piece = |index: usize| self.slots.get(index).map_or(0, |slot| slot.piece);
        let between = self
            .pieces
            .get(piece(before) + 1..piece(at))
            .unwrap_or_default();
        let said = between
            .iter()
            .any(|piece| NUMBERED.contains(&piece.text.to_lowercase().as_str()));
        let number = bound.number().filter(|quantity| {
            quantity.plain
                && quantity.value.fract().is_zero()
                && (said || (between.is_empty() && quantity.year().is_none()))
        });
        let key = match self.schema.key(table).as_slice() {
            [key] if self.kind(*key) == Kind::Number => Some(*key),
            _ => None,
        };
        let (Some(number), Some(key)) = (number, key) else {
            return false;
        };
        if !said && matches!(self.term(at + 1), Some(Term::Table(_) | Term::Column(_))) {
            return false;
        }
        self.take(at);
        let others = self.slots.iter().enumerate().any(|(index, slot)| {
            index != before && matches!(slot.term, Term::Table(other) if other != table)
        });
        if others {
            self.take_as_context(before);
        }
        self.filter(key, Test::Compare(Comparison::Equal, number.value));
        true
    }

    /// "larger than 50 hectares": of a column named before, or of the quality of the listed things.
    pub(super) fn compare_quality(
        &mut self,
        at: usize,
        last: usize,
        comparison: Comparison,
        degree: Degree,
        bound: Bound,
    ) {
        let small = |cue| matches!(cue, Cue::That | Cue::Have | Cue::At | Cue::Year);
        let left = self.before(at, small).and_then(|index| self.column(index));
        let quality = || {
            let head = self.head_table(at)?;
            // "doctors earning over 9000" of doctors who only have a fee.
            let only = || match (degree, self.schema.measures(head).as_slice()) {
                (Degree::Quality("salary" | "price"), [only]) => Some(*only),
                _ => None,
            };
            self.quality(head, degree)
                .map(|(column, _)| column)
                .or_else(only)
        };
        if let Some(column) = left.filter(|column| self.fits(*column, bound)) {
            let comparison = self.turned(comparison, degree, column);
            self.compare(at, last, &[(comparison, bound)]);
            return;
        }
        let Some(column) = quality().filter(|column| self.fits(*column, bound)) else {
            return;
        };
        let comparison = self.turned(comparison, degree, column);
        let test = match (self.kind(column), bound.dates(), bound.number()) {
            (Kind::Date | Kind::Year, Some(dates), _) => Test::Dated(comparison, dates),
            (_, _, Some(quantity)) => {
                Test::Compare(comparison, self.in_unit_of(column, quantity.value, last))
            }
            _ => return,
        };
        for index in at..=last {
            self.take(index);
        }
        self.filter(column, test);
    }

    /// "doctors earning over 9000": the only number that the things before have.
    pub(super) fn only_measure(&self, before: usize, number: Quantity) -> Option<ColumnId> {
        let verb = before.checked_sub(1).and_then(|index| self.cue(index));
        if number.plain && !matches!(verb, Some(Cue::Verb | Cue::Relation)) {
            return None;
        }
        let table = (0..before).rev().find_map(|index| match self.term(index) {
            Some(Term::Table(table)) => Some(*table),
            _ => None,
        })?;
        match self.schema.measures(table).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// A number in the column's own unit: "40 million" of a column in millions is 40.
    pub(super) fn scaled(&self, column: ColumnId, quantity: Quantity) -> Decimal {
        const SCALES: &[(&str, i64)] = &[
            ("musd", 1_000_000),
            ("meur", 1_000_000),
            ("midr", 1_000_000),
            ("million", 1_000_000),
            ("juta", 1_000_000),
            ("jt", 1_000_000),
            ("kusd", 1_000),
            ("thousand", 1_000),
            ("ribu", 1_000),
            ("billion", 1_000_000_000),
            ("miliar", 1_000_000_000),
        ];
        let parts = &self.schema.column(column).parts.parts;
        let scale = SCALES.iter().find(|(word, _)| {
            parts
                .iter()
                .any(|(unit, _)| unit.word.keys.iter().any(|key| key == word))
        });
        match scale.map(|(_, factor)| Decimal::from(*factor)) {
            Some(factor) if !quantity.plain && quantity.value >= factor => {
                quantity.value.checked_div(factor).unwrap_or(quantity.value)
            }
            _ => quantity.value,
        }
    }
}
