//! Values in the question, with the words that say whose they are and whether they are meant.

use super::Reader;
use crate::language::Language;
use crate::offline::cue::Comparison;
use crate::offline::cue::Cue;
use crate::offline::intent::Test;
use crate::offline::schema::ColumnId;
use crate::offline::terms::Term;

impl Reader<'_> {
    /// Takes every value, with its qualifier ("status aktif", "the province of Bali"), its
    /// alternatives ("Bali or Banten") and its negation.
    pub(super) fn values(&mut self) {
        let mut at = 0;
        while at < self.slots.len() {
            let open = self.is_open(at);
            let Some(Term::Values(column, values)) = self.term(at).filter(|_| open).cloned() else {
                at += 1;
                continue;
            };
            let first = self.take_qualifier(at, column);
            self.take(at);
            let negated = self.take_negation(first);
            let (last, mut all) = self.take_alternatives(at, column);
            all.splice(0..0, values);
            let test = if !negated && all.len() > 1 && self.says_both(first, last) {
                Test::AllOf(all)
            } else {
                Test::OneOf {
                    values: all,
                    negated,
                }
            };
            self.filter(column, test);
            at = last + 1;
        }
    }

    /// Whether the values from one place to another must all hold: "both A and B", "A and also B".
    fn says_both(&self, first: usize, last: usize) -> bool {
        const BOTH: &[&str] = &[
            "both",
            "and also",
            "but also",
            "dan juga",
            "serta juga",
            "sekaligus",
            "as well as",
            "maupun",
        ];
        let piece = |index: usize| self.slots.get(index).map_or(0, |slot| slot.piece);
        let between = self
            .pieces
            .get(piece(first).saturating_sub(3)..=piece(last));
        between
            .unwrap_or_default()
            .iter()
            .any(|piece| BOTH.contains(&piece.text.to_lowercase().as_str()))
    }

    /// Takes the word that only says whose the value is; the place where the phrase begins.
    fn take_qualifier(&mut self, at: usize, column: ColumnId) -> usize {
        let names = |reader: &Self, index: usize| match reader.term(index) {
            Some(Term::Column(other)) => *other == column,
            // "that are not consumer cooperatives" names the thing a second time.
            Some(Term::Table(table)) => {
                let repeated = index
                    .checked_sub(1)
                    .is_some_and(|i| reader.cue(i) == Some(Cue::Not));
                *table == column.table && (reader.schema.is_label(column) || repeated)
            }
            _ => false,
        };
        let is_link = |cue| matches!(cue, Cue::That | Cue::Compare(Comparison::Equal));
        // "jenis koperasi Simpan Pinjam": the owner between the two is already taken.
        if let Some(before) = self
            .before(at, is_link)
            .filter(|index| self.is_open(*index) && names(self, *index))
        {
            for index in before..at {
                if self.is_open(index) {
                    self.take_as_context(index);
                }
            }
            return before;
        }
        let after = at + 1;
        let english = self.language == Language::English;
        let is_column = matches!(self.term(after), Some(Term::Column(_)));
        // A column that a number follows belongs to the number.
        let has_number = matches!(
            self.term(after + 1),
            Some(Term::Quantity(_) | Term::Cue(Cue::Compare(_) | Cue::Between))
        );
        if self.is_open(after) && names(self, after) && (is_column || english) && !has_number {
            self.take_as_context(after);
        }
        at
    }

    /// Takes the values of the same column that "and", "or" or a comma adds; where they end.
    fn take_alternatives(&mut self, at: usize, column: ColumnId) -> (usize, Vec<String>) {
        let mut last = at;
        let mut all = Vec::new();
        loop {
            let mut index = last + 1;
            let more = self.asks_for_more();
            let joins = |cue| {
                matches!(cue, Cue::And | Cue::Or | Cue::Contrast | Cue::To)
                    || (more && matches!(cue, Cue::CompareBefore(_)))
            };
            while self.cue(index).is_some_and(joins) {
                index += 1;
            }
            let joined = index > last + 1;
            // "in Harbour or in Northgate"
            while joined && matches!(self.cue(index), Some(Cue::At | Cue::More { .. })) {
                index += 1;
            }
            let mut qualifier = None;
            if matches!(self.term(index), Some(Term::Table(t)) if *t == column.table)
                || matches!(self.term(index), Some(Term::Column(c)) if *c == column)
            {
                qualifier = Some(index);
                index += 1;
            }
            match self.term(index) {
                Some(Term::Values(other, values)) if joined && *other == column => {
                    all.extend(values.clone());
                    for taken in last + 1..index {
                        let is_contrast = self.cue(taken) == Some(Cue::Contrast);
                        self.contrast |= is_contrast;
                        self.take(taken);
                    }
                    if let Some(qualifier) = qualifier {
                        self.context.push((qualifier, column.table));
                    }
                    self.take(index);
                    last = index;
                }
                _ => return (last, all),
            }
        }
    }
}
